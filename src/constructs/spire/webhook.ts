import { Construct } from 'constructs';
import type { Platform } from '../../model/platform.js';
import { SPIRE_GROUP, SPIRE_VERSION } from '../../model/spire.js';
import { object } from '../object.js';
import { SPIRE_WEBHOOK } from './controller-manager-config.js';

/** In the order in which the API server keeps them: another one would be a difference at every comparison. */
const KINDS = ['clusterfederatedtrustdomain', 'clusterspiffeid'] as const;

/**
 * The controller manager's webhook, without `caBundle`: that is its own and changes with SPIRE's CA. It must exist
 * before the controller manager starts, which looks it up, and so before anything answers. It is `Ignore`: what must
 * hold of registrations is held by admission without a server (`../admission/spire-registrations.ts`), and an outage
 * of SPIRE keeps no registration from being corrected.
 * Source: spire-controller-manager, config/webhook/manifests.yaml; pkg/webhookmanager.
 */
export class SpireWebhook extends Construct {
  constructor(scope: Construct, id: string, { spire }: Platform) {
    super(scope, id);
    object(this, 'configuration', {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      name: SPIRE_WEBHOOK.configuration,
      content: {
        webhooks: KINDS.map((kind) => ({
          name: `v${kind}.kb.io`,
          admissionReviewVersions: ['v1'],
          clientConfig: {
            service: {
              name: SPIRE_WEBHOOK.service,
              namespace: spire.namespace,
              path: `/validate-spire-spiffe-io-v1alpha1-${kind}`,
              port: 443,
            },
          },
          failurePolicy: 'Ignore',
          matchPolicy: 'Equivalent',
          namespaceSelector: {},
          objectSelector: {},
          sideEffects: 'None',
          timeoutSeconds: 1,
          rules: [
            {
              apiGroups: [SPIRE_GROUP],
              apiVersions: [SPIRE_VERSION],
              operations: ['CREATE', 'UPDATE'],
              resources: [`${kind}s`],
              scope: '*',
            },
          ],
        })),
      },
    });
  }
}
