import { openEdges } from '../../model/edges.js';
import type { Edge } from '../../model/edges.js';
import { join, meet } from '../../model/levels.js';
import type { Modes } from '../../model/levels.js';
import type { Platform } from '../../model/platform.js';
import { platformEdges } from '../../model/platform-edges.js';
import { publicCidrs } from '../../model/public-addresses.js';
import { workspaceEdges } from '../../model/workspace-edges.js';
import type { Workspace } from '../../model/workspace.js';
import type { PodClass } from '../classes/pod-class.js';
import type { KubeObject } from '../kube-object.js';
import type { NotEvaluated } from '../not-evaluated.js';
import { remember } from '../remember.js';
import type { ClaimVerdict, CounterExample } from './claim.js';
import { proveDeputies } from './deputies.js';
import type { Intent } from './intent.js';
import { intentOf } from './intent.js';
import { knownEdges } from './matrix.js';
import { provePackets } from './packets.js';
import { proofReader } from './read-for-proof.js';
import type { ReadForProof } from './read-for-proof.js';
import type { PacketsVerdict } from './packets.js';
import { notClaimed } from './prove.js';
import type { PlannedUpdate } from './steps.js';
import { brokenSteps } from './steps.js';

/** A workspace, and the facts that decide what is meant to be open. */
export interface Workplace {
  readonly platform: Platform;
  readonly workspace: Workspace;
}

/** An update as the objects that are there after each of its steps, with the modes at both ends. */
export interface Update {
  readonly name: string;
  readonly states: readonly { readonly after: string; readonly objects: readonly KubeObject[] }[];
  readonly before: Modes;
  readonly after: Modes;
}

export interface WorkspaceNetworkInput extends Workplace {
  readonly modes: Modes;
  /** Of the platform and of this workspace, as rendered or as they are live. */
  readonly objects: readonly KubeObject[];
  /** What of the objects could not be read. */
  readonly notEvaluated: readonly NotEvaluated[];
  /** The objects are all that a cluster has: what no policy isolates is open, and not merely unknown. */
  readonly complete: boolean;
  readonly admissible: (namespace: string) => readonly PodClass[];
  /** Ways past every policy: pods in the network of their node, guards that are not in force. */
  readonly pastPolicies: readonly CounterExample[];
  /** Mutating admission that may change what the claim is about. */
  readonly mutations: readonly NotEvaluated[];
  readonly updates: readonly Update[];
  /** Where several sets of objects are proved: what is equal in them is worked out once. @default one of its own */
  readonly read?: ReturnType<typeof proofReader>;
}

/** What is meant to be open for a workspace's pods, as the edge matrix says for these modes. */
export function workspaceIntent({ platform, workspace }: Workplace, modes: Modes): Intent {
  return intentOf(openEdges(workspaceEdges(platform, workspace), modes), [workspace.namespace], addressesOf(platform));
}

/** Where Cilium holds names no address stands for them. */
const addressesOf = (platform: Platform): readonly string[] | undefined =>
  platform.network.cilium ? undefined : publicCidrs(platform);

/** Claims P and D of a workspace, at its level and at each step of its updates. */
export function proveWorkspaceNetwork(input: WorkspaceNetworkInput): readonly [PacketsVerdict, ClaimVerdict] {
  const { platform, modes, objects, complete, admissible } = input;
  const { read = proofReader() } = input;
  const { intentFor, edgesFor } = MEANT(platform)(input.workspace);
  const { policies, notEvaluated } = read(objects);
  const intent = intentFor(modes);
  const unsettled = [...notEvaluated, ...input.notEvaluated, ...input.mutations];
  const packets = provePackets({
    ...{ policies, intent, admissible },
    notEvaluated: unsettled,
    pastPolicies: input.pastPolicies,
  });
  return [
    input.updates.length === 0 ? packets : withSteps(packets, input, read, intentFor),
    modes.egress === 'enforce'
      ? proveDeputies({ policies, notEvaluated: unsettled, intent, edges: edgesFor(modes), complete })
      : notClaimed('D', 'while egress is in shadow or relaxed agents reach systems of record directly'),
  ];
}

/** What is meant to be open, whatever the objects are: one answer for all modes that open the same edges. */
const MEANT = remember((platform: Platform) =>
  remember((workspace: Workspace) => {
    const own = workspaceEdges(platform, workspace);
    const matrix = [...own, ...platformEdges(platform)];
    return {
      intentFor: byOpenEdges(own, (modes) => workspaceIntent({ platform, workspace }, modes)),
      edgesFor: byOpenEdges(matrix, (modes) => knownEdges(openEdges(matrix, modes), addressesOf(platform))),
    };
  }),
);

function byOpenEdges<Answer>(edges: readonly Edge[], answer: (modes: Modes) => Answer): (modes: Modes) => Answer {
  const known = new Map<string, { readonly value: Answer }>();
  return (modes) => {
    const key = JSON.stringify(openEdges(edges, modes).map(({ id }) => id));
    const found = known.get(key) ?? { value: answer(modes) };
    known.set(key, found);
    return found.value;
  };
}

function withSteps(
  claim: PacketsVerdict,
  input: WorkspaceNetworkInput,
  read: (objects: readonly KubeObject[]) => ReadForProof,
  intentFor: (modes: Modes) => Intent,
): PacketsVerdict {
  const updates = input.updates.map((update): PlannedUpdate => ({
    name: update.name,
    states: update.states.map(({ after, objects }) => ({ after, ...read(objects) })),
    atMost: intentFor(meet(update.before, update.after)),
    atLeast: intentFor(join(update.before, update.after)),
  }));
  const { steps, broken, open } = brokenSteps(updates, input.admissible);
  // What is a hole before and after an update as well is told once.
  const known = new Set(claim.counterExamples.map(holeOf));
  const counterExamples = broken.flatMap(({ update, after, counterExample }) => {
    const hole = holeOf(counterExample);
    if (known.has(hole)) return [];
    known.add(hole);
    return [{ ...counterExample, summary: `in ${update}, after “${after}”: ${counterExample.summary}` }];
  });
  const reasons = [...new Set([...claim.reasons, ...open])];
  const inconclusive = claim.verdict === 'proved' && reasons.length > 0;
  return {
    ...claim,
    verdict: counterExamples.length > 0 ? 'refuted' : inconclusive ? 'inconclusive' : claim.verdict,
    reasons,
    argument: [
      ...claim.argument,
      `each of ${steps} steps of ${updates.length} updates keeps it, between what both ends open`,
    ],
    counterExamples: [...claim.counterExamples, ...counterExamples],
  };
}

const holeOf = ({ cause, because, summary }: CounterExample): string =>
  JSON.stringify(because.length > 0 ? because : [cause, summary]);
