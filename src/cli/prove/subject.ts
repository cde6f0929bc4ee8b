import { renderStack } from '../../bridge/render.js';
import { loadStacks } from '../../config/load.js';
import { loadIntent } from '../../config/parse-intent.js';
import { loadVaultEvidence } from '../../config/parse-vault-evidence.js';
import { relax } from '../../model/levels.js';
import { defaultIntent } from '../../prove/claims/default-intent.js';
import { proveDeputies } from '../../prove/claims/deputies.js';
import { intentOf } from '../../prove/claims/intent.js';
import { knownEdges } from '../../prove/claims/matrix.js';
import { provePackets } from '../../prove/claims/packets.js';
import { notClaimed, proofOf, type Proof } from '../../prove/claims/prove.js';
import type { WorkspaceInput } from '../../prove/claims/workspace-claims.js';
import { hostNetworkExamples } from '../../prove/claims/admissible-host.js';
import { podsIn, type PodClass } from '../../prove/classes/pod-class.js';
import { inputOfCluster, type Input } from '../../prove/input/input.js';
import { readForProof } from '../../prove/claims/read-for-proof.js';
import { CliError, EXIT } from '../exit-codes.js';
import type { SecretRef } from '../../prove/claims/credentials-stores.js';
import { openStack } from '../open-stack.js';
import type { StackOptions } from '../stack.js';
import { updatesOf } from './updates.js';

/**
 * What the objects amount to for a namespace of agents of which no stack is at hand: claims P and D, against an intent
 * from a file or the one of design.md's names.
 *
 * @param complete the objects are all that a cluster has
 */
export function proveObjects(name: string, input: Input, complete: boolean, intentFile?: string): Proof {
  const { policies, notEvaluated } = input.reading(() => readForProof(input.objects));
  const file = intentFile === undefined ? undefined : loadIntent(intentFile);
  const intent = file
    ? { ...intentOf(file.edges, file.namespaces, undefined), exact: file.exact }
    : defaultIntent(policies, input.objects.flatMap(namespacesNamed));
  const unsettled = [...input.notEvaluated, ...notEvaluated];
  const edges = file ? knownEdges(file.edges, undefined) : [];
  const packets = provePackets({
    policies,
    notEvaluated: unsettled,
    intent,
    admissible: everyPod,
    pastPolicies: hostNetworkExamples(
      input.objects,
      intent.namespaces.map((namespace) => ({ name: namespace, guarded: false })),
      new Set(),
      everyPod,
    ),
  });
  return proofOf(name, packets.rows, [
    packets,
    proveDeputies({ policies, notEvaluated: unsettled, intent, edges, complete }),
    ...(['C', 'I', 'W'] as const).map((claim) => notClaimed(claim, WITHOUT_STACK)),
  ]);
}

const everyPod = (namespace: string): readonly PodClass[] => [podsIn(namespace)];

const WITHOUT_STACK =
  'objects alone do not say which agents there are and who may deploy them: name a stack with --stack';

const namespacesNamed = ({ kind, metadata }: Input['objects'][number]): readonly string[] =>
  [kind === 'Namespace' ? metadata?.name : metadata?.namespace].filter((name) => name !== undefined);

/**
 * What is proved of a workspace's stack at its level: as it renders, or as its objects are in the input.
 *
 * @param live the input is all that a cluster has, and these are its Secrets among agents, where they could be listed
 */
export function stackInput(
  options: StackOptions & { readonly vaultEvidence?: string },
  input?: Input,
  live?: { readonly secrets?: readonly SecretRef[] },
): WorkspaceInput {
  const open = openStack(options);
  if (open.config.kind === 'platform') {
    throw new CliError(
      EXIT.usage,
      `"${open.name}" is the platform’s stack. Agents live in workspaces: name one of theirs.`,
    );
  }
  const { platform, workspace } = open.config;
  const { workspaces } = loadStacks({ dir: options.stacks });
  const rendered = renderStack({ kind: 'platform', platform });
  const others = workspaces
    .filter(({ stack }) => stack !== workspace.stack)
    .flatMap((other) => renderStack({ kind: 'workspace', platform, workspace: other }));
  const standing = [...rendered, ...others];
  return {
    ...{ platform, workspace, workspaces, rendered },
    objects: input?.objects ?? [...standing, ...open.objects],
    notEvaluated: input?.notEvaluated ?? [],
    modes: relax(workspace.level, workspace.relaxing?.controls ?? []),
    complete: live !== undefined,
    ...(live?.secrets && { secrets: live.secrets }),
    ...(options.vaultEvidence !== undefined && { vault: loadVaultEvidence(options.vaultEvidence) }),
    updates: input === undefined ? updatesOf(options, workspace.level, standing) : [],
  };
}

/** Everything that the stacks render, the named one at the level asked for, with a pod for each workload. */
export function renderedInput({
  stack,
  stacks,
  level,
}: Partial<Pick<StackOptions, 'stack' | 'level'>> & Pick<StackOptions, 'stacks'>): Input {
  const { platform, workspaces } = loadStacks({ dir: stacks });
  return inputOfCluster([
    ...renderStack({ kind: 'platform', platform }),
    ...workspaces.flatMap((workspace) =>
      level !== undefined && (stack === undefined || stack === workspace.stack)
        ? openStack({ stack: workspace.stack, stacks, level }).objects
        : renderStack({ kind: 'workspace', platform, workspace }),
    ),
  ]);
}
