import type { Construct } from 'constructs';
import { API_GROUP, API_VERSION } from '../../model/names.js';
import { object } from '../object.js';
import type { Rule, Schema } from './schema.js';

export interface DefinitionProps {
  readonly kind: string;
  readonly plural: string;
  readonly description: string;
  readonly spec: Schema;
  /** A subresource of its own, so that writing it needs its own right. @default - none */
  readonly status?: Schema;
  /** Rules that also see `self.metadata.name`. */
  readonly rules: readonly Rule[];
  readonly columns: readonly {
    readonly name: string;
    readonly type: 'string' | 'date';
    readonly jsonPath: string;
    readonly priority?: number;
  }[];
}

/**
 * The CustomResourceDefinition of a namespaced kind of group enforcement.portarium.io. Every default that the API
 * server would fill in is written out, so that the live object can be compared exactly.
 */
export function definition(scope: Construct, id: string, props: DefinitionProps): void {
  const { kind, plural, description, spec, status, rules, columns } = props;
  object(scope, id, {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    name: `${plural}.${API_GROUP}`,
    keep: 'definition',
    content: {
      spec: {
        group: API_GROUP,
        scope: 'Namespaced',
        names: { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase() },
        conversion: { strategy: 'None' },
        versions: [
          {
            name: API_VERSION.slice(API_GROUP.length + 1),
            served: true,
            storage: true,
            schema: {
              openAPIV3Schema: {
                type: 'object',
                description,
                required: ['spec'],
                properties: {
                  apiVersion: { type: 'string' },
                  kind: { type: 'string' },
                  metadata: { type: 'object' },
                  spec,
                  ...(status && { status }),
                },
                // The API server drops an empty list.
                ...(rules.length > 0 && { 'x-kubernetes-validations': [...rules] }),
              },
            },
            ...(status && { subresources: { status: {} } }),
            additionalPrinterColumns: [
              ...columns,
              { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
            ],
          },
        ],
      },
    },
  });
}
