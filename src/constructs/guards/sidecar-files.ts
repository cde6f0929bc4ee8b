import { Construct } from 'constructs';
import { deployersOf, GROUPS, LABELS } from '../../model/names.js';
import { platformNamespaces } from '../../model/platform.js';
import { agentDns } from '../../model/workspace.js';
import { mayDeploy, OBJECT_IS_GOING } from '../admission/callers.js';
import { SIDECAR_FILES } from '../sidecars.js';
import { label, literal } from './cel.js';
import { Guard, type GuardFamilyProps } from './guard.js';
import { guardedNamespaces } from './scope.js';

/**
 * Whoever writes the files of a sidecar decides what it does with the pod's SVID, and at the front whether anything is
 * asked at all; whoever writes the agents' Corefile, which names they resolve. So the ConfigMaps that `Sidecars` holds pods
 * to, and those of the DNS servers, belong to who deploys them: among agents the deployers of the workspace that they are
 * labelled with, else the platform's. The front's certificate is its issuer's Secret, and left to RBAC.
 *
 * Makes `portarium-guard-sidecar-files`.
 */
export class SidecarFiles extends Construct {
  constructor(scope: Construct, id: string, { platform }: GuardFamilyProps) {
    super(scope, id);
    new Guard(this, 'guard', {
      mode: platform.guards,
      name: 'sidecar-files',
      requests: [{ operations: ['CREATE', 'UPDATE'], resources: ['configmaps'] }],
      // The names end alike, whichever agent's it is.
      conditions: {
        files: `object.metadata.name.endsWith(${literal(SIDECAR_FILES.agent(''))}) || object.metadata.name == ${literal(SIDECAR_FILES.authorizer)} || object.metadata.name.startsWith(${literal(agentDns(''))})`,
      },
      bindings: [{ namespaces: guardedNamespaces(platform) }],
      variables: {
        workspace:
          `request.namespace in ${literal(platformNamespaces(platform))} ? "" : ` +
          `request.operation == "CREATE" ? ${label(LABELS.workspace)} : ${label(LABELS.workspace, 'oldObject')}`,
      },
      refusals: [
        {
          expression: `${mayDeploy('variables.workspace')} || ${OBJECT_IS_GOING}`,
          message: `Only ${deployersOf('<workspace>')}, by its label ${LABELS.workspace}, ${GROUPS.platformDeployers} and ${GROUPS.breakGlass} write the files of a sidecar or of the agents' DNS server: they decide what it does in the pod's name. Change the stack and deploy it.`,
        },
      ],
    });
  }
}
