import type { VaultEvidence } from '../../model/vault-evidence.js';
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
import type { ClaimVerdict } from './claim.js';
import { proveCredentials } from './credentials.js';
import type { SecretRef } from './credentials-stores.js';
import { proveIdentity } from './identity.js';
import type { PacketsVerdict } from './packets.js';
import { proofOf } from './prove.js';
import { proofReader } from './read-for-proof.js';
import { guard, guardsMissing } from './settle.js';
import type { Proof } from './prove.js';
import { proveWorkspaceNetwork } from './workspace-proof.js';
import type { WorkspaceNetworkInput } from './workspace-proof.js';
import { proveWriteAccess } from './write-access.js';

export interface WorkspaceInput extends Omit<WorkspaceNetworkInput, 'admissible' | 'pastPolicies' | 'mutations'> {
  /** Every workspace of the platform whose stack is known: some may share a namespace. */
  readonly workspaces: readonly Workspace[];
  /** The platform's objects as they are to be: what is like them is in force, what differs is not. */
  readonly rendered: readonly KubeObject[];
  /** Of the agents' namespaces, without their data; absent where nobody listed them. */
  readonly secrets?: readonly SecretRef[];
  /** What Vault gives to agents; absent where nobody looked. */
  readonly vault?: VaultEvidence;
}

/** All five claims about one workspace (design: definition of proved). */
export function proveWorkspace(input: WorkspaceInput): Proof {
  const [packets, deputies] = proveNetwork(input);
  const [credentials, identity, writeAccess] = proveStanding(input);
  const claims = [packets, credentials, identity, deputies, writeAccess];
  const level = levelOf(input);
  return proofOf(`${input.workspace.id} at ${level}`, packets.rows, claims, level);
}

/** By what packets get past every policy without these guards, each as the end of “without it, …”. */
export const PACKET_GUARDS: Readonly<Record<string, string>> = {
  [guard('privileges')]: 'a pod may open raw sockets and send as others (bypasses B1, B11)',
  [guard('agent-annotations')]: 'a pod may ask for a network interface that no policy governs (bypass B20)',
  [guard('platform-annotations')]: 'a pod of the platform may ask for a network that agents are on (bypass B20)',
  [guard('resource-claims')]: 'a pod may claim a device that is a network interface (bypass B20)',
  [guard('mesh-labels')]: 'a mesh may carry an agent’s packets past the policies about them (bypass B19)',
  [guard('agent-tolerations')]: 'an agent may stand on a node whose network enforces nothing (bypass B21)',
};

/** What claims P and D need beside policies: which pods admission lets be. No network policy changes it. */
export type NetworkFacts = Pick<WorkspaceNetworkInput, 'admissible' | 'pastPolicies' | 'mutations' | 'read'>;

/** Claims P and D: what policies, guards and namespaces let pass. */
export const proveNetwork = (
  input: WorkspaceInput,
  facts: NetworkFacts = networkFacts(input),
): readonly [PacketsVerdict, ClaimVerdict] => proveWorkspaceNetwork({ ...input, ...facts });

export function networkFacts({ platform, workspace, workspaces, objects, rendered }: WorkspaceInput): NetworkFacts {
  const guards = guardsInForce(rendered, objects);
  const { namespace } = workspace;
  const pods = (name: string): readonly PodClass[] =>
    admissible(
      {
        workspaces: platform.workspaces,
        agents: workspaces.flatMap(({ id, agents }) =>
          agents.map((agent) => ({ workspace: id, serviceAccount: agent.name })),
        ),
        agentDns: platform.agentDns.mode === 'agent-dns',
        guards,
      },
      name,
    );
  return {
    admissible: pods,
    pastPolicies: [
      ...hostNetworkExamples(objects, [{ name: namespace, guarded: true }], guards, pods),
      ...Object.entries(PACKET_GUARDS)
        .filter(([name]) => !guards.has(name))
        .map(([name, summary]) => guardsMissing([name], `without the guard ${name}, ${summary}`)),
    ],
    mutations: mutationsNotEvaluated(objects, [namespace, ...platformNamespaces(platform)]),
    read: proofReader(),
  };
}

/** Claims C, I and W: who holds what, is whom and may change what; no network policy matters to them. */
export function proveStanding(input: WorkspaceInput): readonly [ClaimVerdict, ClaimVerdict, ClaimVerdict] {
  const { platform, workspace, objects, complete, rendered } = input;
  const guards = guardsInForce(rendered, objects);
  const level = levelOf(input);
  const places = { workspaces: platform.workspaces, platformNamespaces: platformNamespaces(platform) };
  return [
    proveCredentials({
      ...{ objects, namespaces: [workspace.namespace], guards, level },
      ...(input.secrets && { secrets: input.secrets }),
      ...(input.vault && { vault: input.vault }),
      ...(platform.vault === undefined && { vault: 'none' as const }),
    }),
    proveIdentity({ ...places, objects, complete, guards, level, rendered, trustDomain: platform.trustDomain }),
    proveWriteAccess({ ...places, objects, complete, guards, level }),
  ];
}

/** The highest level all of whose controls are enforced: what is relaxed besides is not claimed. */
const levelOf = ({ modes }: Pick<WorkspaceInput, 'modes'>): Level =>
  LEVELS.findLast((level) => atLeast(modes, modesAt(level))) ?? 'routing';
