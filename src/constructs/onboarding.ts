import { Construct } from 'constructs';
import { API_VERSION, NAMESPACES, ONBOARDING } from '../model/names.js';
import type { Platform } from '../model/platform.js';
import { object } from './object.js';

/**
 * The one Onboarding object: which workspaces are served before they have a policy, in shadow. Rendered even when nobody
 * is pending, since a list that is not there could still be made with anybody on it.
 * Source: design, section 7.
 */
export class Onboarding extends Construct {
  constructor(scope: Construct, id: string, { pending }: Platform) {
    super(scope, id);
    object(this, 'front', {
      apiVersion: API_VERSION,
      kind: 'Onboarding',
      name: ONBOARDING,
      namespace: NAMESPACES.policy,
      keep: 'policy',
      content: { spec: { pending: [...pending] } },
    });
  }
}
