import { Construct } from 'constructs';
import { SPIRE_GROUP, SPIRE_VERSION } from '../../model/spire.js';
import { object } from '../object.js';

type Schema = Readonly<Record<string, unknown>>;

const text: Schema = { type: 'string' };
const flag: Schema = { type: 'boolean' };
const count: Schema = { type: 'integer' };
const texts: Schema = { type: 'array', items: text };
const fields = (properties: Readonly<Record<string, Schema>>, required: readonly string[] = []): Schema => ({
  type: 'object',
  ...(required.length > 0 && { required: [...required] }),
  properties,
});

const labelSelector: Schema = {
  ...fields({
    matchLabels: { type: 'object', additionalProperties: text },
    matchExpressions: {
      type: 'array',
      items: fields({ key: text, operator: text, values: { ...texts, 'x-kubernetes-list-type': 'atomic' } }, [
        'key',
        'operator',
      ]),
      'x-kubernetes-list-type': 'atomic',
    },
  }),
  'x-kubernetes-map-type': 'atomic',
};

interface Kind {
  readonly kind: string;
  readonly plural: string;
  readonly spec: Schema;
  readonly status: Schema;
  readonly columns?: readonly { readonly name: string; readonly jsonPath: string }[];
}

/** Fields and types of spire-controller-manager's api/v1alpha1. */
export const SPIRE_KINDS: readonly Kind[] = [
  {
    kind: 'ClusterSPIFFEID',
    plural: 'clusterspiffeids',
    spec: fields(
      {
        spiffeIDTemplate: text,
        namespaceSelector: labelSelector,
        podSelector: labelSelector,
        workloadSelectorTemplates: texts,
        dnsNameTemplates: texts,
        autoPopulateDNSNames: flag,
        federatesWith: texts,
        ttl: text,
        jwtTtl: text,
        hint: text,
        className: text,
        fallback: flag,
        admin: flag,
        downstream: flag,
      },
      ['spiffeIDTemplate'],
    ),
    status: fields({
      stats: fields({
        namespacesSelected: count,
        namespacesIgnored: count,
        podsSelected: count,
        podEntryRenderFailures: count,
        entriesMasked: count,
        entriesToSet: count,
        entryFailures: count,
      }),
    }),
  },
  {
    kind: 'ClusterStaticEntry',
    plural: 'clusterstaticentries',
    spec: fields(
      {
        spiffeID: text,
        parentID: text,
        selectors: texts,
        dnsNames: texts,
        federatesWith: texts,
        x509SVIDTTL: text,
        jwtSVIDTTL: text,
        hint: text,
        className: text,
        admin: flag,
        downstream: flag,
        storeSVID: flag,
      },
      ['spiffeID', 'parentID', 'selectors'],
    ),
    status: fields({ rendered: flag, masked: flag, set: flag }, ['rendered', 'masked', 'set']),
  },
  {
    kind: 'ClusterFederatedTrustDomain',
    plural: 'clusterfederatedtrustdomains',
    spec: fields(
      {
        trustDomain: { ...text, pattern: '[a-z0-9._-]{1,255}' },
        bundleEndpointURL: text,
        bundleEndpointProfile: fields(
          { type: { ...text, enum: ['https_spiffe', 'https_web'] }, endpointSPIFFEID: text },
          ['type'],
        ),
        trustDomainBundle: text,
        className: text,
      },
      ['trustDomain', 'bundleEndpointURL', 'bundleEndpointProfile'],
    ),
    status: { type: 'object' },
    columns: [
      { name: 'Trust Domain', jsonPath: '.spec.trustDomain' },
      { name: 'Endpoint URL', jsonPath: '.spec.bundleEndpointURL' },
    ],
  },
];

/**
 * The kinds that the controller manager reads, written out here with every default of the API server. They are kept:
 * with one of them every registration of its kind would go.
 */
export class SpireDefinitions extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    for (const { kind, plural, spec, status, columns } of SPIRE_KINDS) {
      object(this, plural, {
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'CustomResourceDefinition',
        name: `${plural}.${SPIRE_GROUP}`,
        keep: 'definition',
        content: {
          spec: {
            group: SPIRE_GROUP,
            scope: 'Cluster',
            names: { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase() },
            conversion: { strategy: 'None' },
            versions: [
              {
                name: SPIRE_VERSION,
                served: true,
                storage: true,
                schema: {
                  openAPIV3Schema: {
                    ...fields({ apiVersion: text, kind: text, metadata: { type: 'object' }, spec, status }, [
                      'metadata',
                      'spec',
                    ]),
                  },
                },
                subresources: { status: {} },
                ...(columns && {
                  additionalPrinterColumns: columns.map((column) => ({ ...column, type: 'string' })),
                }),
              },
            ],
          },
        },
      });
    }
  }
}
