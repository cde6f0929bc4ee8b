import { Construct } from 'constructs';
import { definition } from './definition.js';
import { fields, sha256, text } from './schema.js';

/** An id of OpenFGA's. */
const ulid = text({ min: 26, max: 26, pattern: '^[0-9A-HJKMNP-TV-Z]{26}$' });

/**
 * The kind AuthorizationModel: where a model of OpenFGA is found that a WorkspacePolicy pins by the hash of its
 * canonical form, in namespace portarium-policy, named by that hash. An engine writes it after it has written the model;
 * the authorizer looks ids up by it. It never changes. Who may write it is up to
 * `../admission/authorization-model-admission.ts`.
 * Source: design, section 7.
 */
export class AuthorizationModelDefinition extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    definition(this, 'definition', {
      kind: 'AuthorizationModel',
      plural: 'authorizationmodels',
      description: 'Where OpenFGA has the authorization model with this hash.',
      spec: fields(
        { hash: sha256, storeId: ulid, modelId: ulid },
        {
          rules: [
            {
              rule: 'self == oldSelf',
              message:
                'an AuthorizationModel cannot be changed. Delete it while no WorkspacePolicy pins it, and deploy the platform’s stack.',
            },
          ],
        },
      ),
      rules: [
        {
          rule: 'self.metadata.name == self.spec.hash',
          message: 'metadata.name must be spec.hash: it is found by it.',
        },
      ],
      columns: [
        { name: 'Store', type: 'string', jsonPath: '.spec.storeId' },
        { name: 'Model', type: 'string', jsonPath: '.spec.modelId' },
      ],
    });
  }
}
