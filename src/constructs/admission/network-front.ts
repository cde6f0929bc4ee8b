import { Construct } from 'constructs';
import { deployersOf, GROUPS, LABELS } from '../../model/names.js';
import { label, literal } from '../guards/cel.js';
import { AdmissionPolicy, type AdmissionProps } from './admission-policy.js';
import { FRONT_NAMESPACE, frontControls } from './allowed-edges.js';
import { mayDeploy, WORKSPACE_DEPLOYER } from './callers.js';
import { labelled } from './network-owner.js';
import { networkObjects } from './network-requests.js';

const ofRequest = (key: string): string => `request.operation == "DELETE" ? ${label(key, 'oldObject')} : ${label(key)}`;

/**
 * Beside the control plane a workspace's deployers may write what opens the front's bearer listener to their own
 * workspace, and nothing else: neither the platform's own policies nor what another workspace opens. By RBAC they may
 * write every network policy there (`../principals.ts`), so this refuses whatever the platform's guards are.
 * What such an object may say is up to `network-front-shape.ts`, and when it may be there to `network-opens.ts`.
 * Makes `portarium-network-front`.
 */
export class NetworkFront extends Construct {
  constructor(scope: Construct, id: string, { platform }: AdmissionProps) {
    super(scope, id);
    const controls = frontControls(platform);
    new AdmissionPolicy(this, 'admission', {
      name: 'portarium-network-front',
      requests: networkObjects('CREATE', 'UPDATE', 'DELETE'),
      bindings: [{ namespaces: [FRONT_NAMESPACE] }],
      conditions: { deployer: WORKSPACE_DEPLOYER },
      variables: { workspace: ofRequest(LABELS.workspace), opens: ofRequest(LABELS.opens) },
      refusals: [
        {
          expression: `variables.opens in ${literal(controls)} && ${mayDeploy('variables.workspace')}`,
          message: `Beside the control plane ${deployersOf('<workspace>')} may write what opens ${controls.join(', ')} to that workspace (${LABELS.opens}, ${LABELS.workspace}) and nothing else; the rest is ${GROUPS.platformDeployers}'.`,
        },
        ...labelled,
      ],
    });
  }
}
