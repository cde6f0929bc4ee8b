import { API_GROUP } from '../../../src/model/names.js';

const text = { type: 'string' };

/** As much of WorkspacePolicy's CRD as the guards read. */
export const workspacePolicyDefinition = (): object => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `workspacepolicies.${API_GROUP}` },
  spec: {
    group: API_GROUP,
    scope: 'Namespaced',
    names: { kind: 'WorkspacePolicy', plural: 'workspacepolicies', singular: 'workspacepolicy' },
    versions: [
      {
        name: 'v1alpha1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                'x-kubernetes-preserve-unknown-fields': true,
                properties: {
                  namespace: text,
                  agents: {
                    type: 'array',
                    items: {
                      type: 'object',
                      'x-kubernetes-preserve-unknown-fields': true,
                      properties: { name: text, serviceAccount: text },
                    },
                  },
                },
              },
            },
          },
        },
      },
    ],
  },
});
