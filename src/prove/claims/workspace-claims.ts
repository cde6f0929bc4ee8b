import { atLeast, LEVELS, modesAt } from '../../model/levels.js';
import type { Level } from '../../model/levels.js';
import { platformNamespaces } from '../../model/platform.js';
import type { Workspace } from '../../model/workspace.js';
import type { PodClass } from '../classes/pod-class.js';
import type { KubeObject } from '../kube-object.js';
import { admissible } from './admissible.js';
import { guardsInForce } from './admissible-guards.js';
import { hostNetworkExamples } from './admissible-host.js';
import { mutationsNotEvaluated } from './admissible-mutation.js';
import { proveCredentials } from './credentials.js';
import type { SecretRef } from './credentials-stores.js';
import { proveIdentity } from './identity.js';
import { proofOf } from './prove.js';
import type { Proof } from './prove.js';
import { proveWorkspaceNetwork } from './workspace-proof.js';
import type { WorkspaceNetworkInput } from './workspace-proof.js';
import { proveWriteAccess } from './write-access.js';

export interface WorkspaceInput extends Omit<WorkspaceNetworkInput, 'admissible' | 'hostNetwork' | 'mutations'> {
  /** Every workspace of the platform whose stack is known: some may share a namespace. */
  readonly workspaces: readonly Workspace[];
  /** The platform's objects as they are to be: what is like them is in force, what differs is not. */
  readonly rendered: readonly KubeObject[];
  /** Of the agents' namespaces, without their data; absent where nobody listed them. */
  readonly secrets?: readonly SecretRef[];
}

/** All five claims about one workspace (design: definition of proved). */
export function proveWorkspace(input: WorkspaceInput): Proof {
  const { platform, workspace, objects, complete, rendered } = input;
  const guards = guardsInForce(rendered, objects);
  const { namespace } = workspace;
  const pods = (name: string): readonly PodClass[] =>
    admissible(
      {
        workspaces: platform.workspaces,
        agents: input.workspaces.flatMap(({ id, agents }) =>
          agents.map((agent) => ({ workspace: id, serviceAccount: agent.name })),
        ),
        agentDns: platform.agentDns.mode === 'agent-dns',
        guards,
      },
      name,
    );
  const places = { workspaces: platform.workspaces, platformNamespaces: platformNamespaces(platform) };
  const level = levelOf(input);
  const [packets, deputies] = proveWorkspaceNetwork({
    ...input,
    admissible: pods,
    hostNetwork: hostNetworkExamples(objects, [{ name: namespace, guarded: true }], guards, pods),
    mutations: mutationsNotEvaluated(objects, [namespace, ...places.platformNamespaces]),
  });
  return proofOf(`${workspace.id} at ${level}`, packets.rows, [
    packets,
    proveCredentials({
      ...{ objects, namespaces: [namespace], guards, level },
      ...(input.secrets && { secrets: input.secrets }),
      ...(platform.vault === undefined && { vault: 'none' as const }),
    }),
    proveIdentity({ ...places, objects, complete, guards, level, rendered, trustDomain: platform.trustDomain }),
    deputies,
    proveWriteAccess({ ...places, objects, complete, guards, level }),
  ]);
}

/** The highest level all of whose controls are enforced: what is relaxed besides is not claimed. */
const levelOf = ({ modes }: Pick<WorkspaceInput, 'modes'>): Level =>
  LEVELS.findLast((level) => atLeast(modes, modesAt(level))) ?? 'routing';
