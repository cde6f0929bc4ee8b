import { Construct } from 'constructs';
import { ONBOARDING } from '../../model/names.js';
import { MAX_PENDING } from '../../model/onboarding.js';
import { definition } from './definition.js';
import { dnsLabel, fields, orEmpty, set } from './schema.js';

/**
 * The kind Onboarding: the one object `front` in namespace portarium-policy names the workspaces that are served before
 * they have a WorkspacePolicy, in shadow. The list only shrinks. Who may write it is up to
 * `../admission/onboarding-admission.ts`.
 * Source: design, section 7.
 */
export class OnboardingDefinition extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    definition(this, 'definition', {
      kind: 'Onboarding',
      plural: 'onboardings',
      description: 'The workspaces that the front serves in shadow before they have a policy.',
      spec: {
        ...fields({
          pending: {
            ...orEmpty(set(dnsLabel, MAX_PENDING)),
            'x-kubernetes-validations': [
              {
                rule: 'self.all(id, id in oldSelf)',
                message: 'only shrinks: a workspace that is not on it any more needs a WorkspacePolicy to be served.',
              },
            ],
          },
        }),
        // Emptied by server-side apply, its only list takes the whole spec with it.
        default: { pending: [] },
      },
      rules: [
        {
          rule: `self.metadata.name == "${ONBOARDING}"`,
          message: `metadata.name must be ${ONBOARDING}: there is one.`,
        },
      ],
      columns: [{ name: 'Pending', type: 'string', jsonPath: '.spec.pending' }],
    });
  }
}
