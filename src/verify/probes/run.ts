import { setTimeout as sleep } from 'node:timers/promises';
import { randomBytes } from 'node:crypto';
import type { Cluster, LiveObject } from '../../bridge/cluster.js';
import type { Platform } from '../../model/platform.js';
import type { Workspace } from '../../model/workspace.js';
import { inconclusive, type Check } from '../../model/check.js';
import { judge } from './judge.js';
import { probeJob } from './job.js';
import type { Outcome, Place, Probe, ProbeResult } from './probe.js';

export interface RunOptions {
  readonly cluster: Cluster;
  readonly platform: Platform;
  readonly workspace: Workspace;
  readonly probes: readonly Probe[];
  /** Namespace for probes from elsewhere and from nodes; it must admit host-network pods for the latter. @default - they are not sent */
  readonly elsewhere?: string;
  /** How long a pod may take, milliseconds. @default 90000 */
  readonly patience?: number;
}

/** Sends the probes from every node that can run agents, and judges each run by itself. Never throws the cluster's errors: they make it inconclusive. */
export async function probeChecks(options: RunOptions): Promise<readonly Check[]> {
  const { cluster, probes, elsewhere } = options;
  const lists = new Map<Place, readonly Probe[]>();
  for (const from of ['agents', 'elsewhere', 'node'] as const) {
    const these = probes.filter((probe) => (probe.from ?? 'agents') === from);
    if (these.length > 0) lists.set(from, these);
  }
  let nodes: readonly LiveObject[];
  try {
    nodes = (await cluster.list({ apiVersion: 'v1', kind: 'Node' })).filter(runsAgents);
  } catch (error) {
    return [inconclusive('probes', said(error))];
  }
  if (nodes.length === 0) return [inconclusive('probes', 'no node can run agents, so none could be sent')];
  const checks = await Promise.all(
    nodes.flatMap((node) =>
      [...lists].map(async ([from, list]): Promise<readonly Check[]> => {
        const place = `${from} on ${node.metadata.name}`;
        if (from !== 'agents' && elsewhere === undefined) return unsent(list, place, 'needs --elsewhere NAMESPACE');
        try {
          return judged(list, place, await send(options, node, from, list));
        } catch (error) {
          return unsent(list, place, said(error));
        }
      }),
    ),
  );
  return checks.flat();
}

const said = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export const unsent = (probes: readonly Probe[], place: string, why: string): readonly Check[] =>
  probes.map(({ name }) => inconclusive(`probe ${name}, ${place}`, why));

/** One check a probe. */
export const judged = (probes: readonly Probe[], place: string, results: readonly ProbeResult[]): readonly Check[] =>
  judge(probes, results).map(({ probe, verdict, because }) => ({
    name: `probe ${probe.name}, ${place}`,
    verdict,
    note: `must be ${probe.expect}: ${because}`,
    findings: [],
  }));

interface NodeSpec {
  readonly unschedulable?: boolean;
  readonly taints?: readonly { readonly effect: string }[];
}

/** Agents tolerate nothing, so every taint that keeps pods away keeps them away. */
const runsAgents = (node: LiveObject): boolean => {
  const { unschedulable = false, taints = [] } = (node['spec'] ?? {}) as NodeSpec;
  return !unschedulable && taints.every(({ effect }) => effect === 'PreferNoSchedule');
};

const isPlayed = ({ metadata }: LiveObject): boolean =>
  metadata.annotations?.['kwok.x-k8s.io/node'] !== undefined || metadata.labels?.['type'] === 'kwok';

async function send(
  { cluster, platform, workspace, elsewhere, patience = 90_000 }: RunOptions,
  node: LiveObject,
  from: Place,
  probes: readonly Probe[],
): Promise<readonly ProbeResult[]> {
  if (isPlayed(node)) throw new Error('no pod really runs on this node: kwok plays it');
  const sendable = probes.filter(({ as }) => as === undefined);
  const namespace = from === 'agents' ? workspace.namespace : (elsewhere ?? '');
  const name = `portarium-probe-${randomBytes(4).toString('hex')}`;
  const job = probeJob({ platform, workspace, probes: sendable, node: node.metadata.name, name, from, namespace });
  await cluster.create(job);
  try {
    const message = await messageOf(cluster, namespace, name, performance.now() + patience);
    const results = read(message, sendable);
    const left = probes.filter(({ as }) => as !== undefined);
    return [
      ...results,
      ...left.map(({ name: probe }) => ({
        name: probe,
        outcome: 'unsupported' as const,
        detail: 'the probe is no agent: it has no SVID and no token',
        ms: 0,
      })),
    ];
  } finally {
    await cluster.delete(job);
  }
}

interface PodStatus {
  readonly phase?: string;
  readonly containerStatuses?: readonly {
    readonly state?: {
      readonly terminated?: { readonly message?: string };
      readonly waiting?: { readonly reason?: string; readonly message?: string };
    };
  }[];
}

/** The termination message of the Job's pod. Throws when there is none, or none in time. */
async function messageOf(cluster: Cluster, namespace: string, job: string, deadline: number): Promise<string> {
  for (let last = 'no pod'; ;) {
    const [pod] = await cluster.list(
      { apiVersion: 'v1', kind: 'Pod', namespace },
      { labels: `batch.kubernetes.io/job-name=${job}` },
    );
    const status = pod?.['status'] as PodStatus | undefined;
    const state = status?.containerStatuses?.[0]?.state;
    if (state?.terminated?.message !== undefined) return state.terminated.message;
    if (status?.phase === 'Succeeded' || status?.phase === 'Failed') {
      throw new Error('the pod ended and said nothing: nothing really runs on this node, or its image is another');
    }
    last = state?.waiting?.reason ?? status?.phase ?? last;
    if (performance.now() > deadline) throw new Error(`the pod did not run in time: ${last}`);
    await sleep(500);
  }
}

/** Results in the order of the probes. Throws what is no such message. */
function read(message: string, probes: readonly Probe[]): readonly ProbeResult[] {
  const results = JSON.parse(message) as readonly (readonly [Outcome, string, number])[];
  if (results.length !== probes.length) throw new Error('the pod answered for another list of probes');
  return probes.map(({ name }, index) => {
    const [outcome, detail, ms] = results[index] ?? ['unsupported', '', 0];
    return { name, outcome, detail, ms };
  });
}
