import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster, LiveObject } from '../../bridge/cluster.js';
import type { Control } from '../../model/levels.js';
import { CliError, EXIT } from '../exit-codes.js';

/** How the names of the objects begin by which ws-acme opens a control that the network layer holds. */
export const OPENING: Partial<Readonly<Record<Control, readonly string[]>>> = {
  egress: ['agent-dns-ws-acme-open-egress', 'agents-ws-acme-open-egress'],
  mtls: ['agents-ws-acme-open-mtls', 'api-server-ws-acme-open-mtls'],
};

/** `relaxation`: open in the name of that one, since what an earlier one opened is open already. */
export type Wanted = { readonly effect: 'closed' } | { readonly effect: 'open'; readonly relaxation?: string };

const POLL = 50;
const LIMIT = 120_000;

/**
 * Resolves with the time at which the API server first shows the control's effect. It is polled beside the command that
 * brings it about, not after it, and asks for the opening policies alone.
 */
export async function effectAt(
  cluster: Cluster,
  control: Control,
  wanted: () => Wanted | undefined,
  signal: AbortSignal,
): Promise<number> {
  const deadline = performance.now() + LIMIT;
  const ref = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy' };
  const labels = `portarium.io/workspace=ws-acme,portarium.io/opens=${control}`;
  while (performance.now() < deadline) {
    const now = wanted();
    if (now !== undefined) {
      const found = await cluster.list(ref, { labels, signal });
      if (shows(now, OPENING[control] ?? [], found)) return performance.now();
    }
    await sleep(POLL, undefined, { signal });
  }
  throw new CliError(EXIT.policy, `the API server did not show ${control} ${wanted()?.effect ?? ''} within 120 s`);
}

/** Whether the opening policies that were found are what is wanted: all of them, or none. */
export function shows(
  wanted: Wanted,
  opening: readonly string[],
  found: readonly Pick<LiveObject, 'metadata'>[],
): boolean {
  if (wanted.effect === 'closed') return found.length === 0;
  return opening.every((name) =>
    found.some(
      ({ metadata }) =>
        metadata.name.startsWith(name) &&
        (wanted.relaxation === undefined || metadata.labels?.['portarium.io/relaxation'] === wanted.relaxation),
    ),
  );
}

interface Rollout {
  readonly metadata: { readonly generation?: number };
  readonly spec: { readonly replicas?: number };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly updatedReplicas?: number;
    readonly availableReplicas?: number;
  };
}

/** Waits until every Deployment of the namespace runs the pods of its current template and no others. */
export async function settled(cluster: Cluster, namespace: string): Promise<void> {
  const deadline = performance.now() + LIMIT;
  for (;;) {
    const [deployments, pods] = await Promise.all([
      cluster.list({ apiVersion: 'apps/v1', kind: 'Deployment', namespace }),
      cluster.list({ apiVersion: 'v1', kind: 'Pod', namespace }),
    ]);
    const going = pods.filter(({ metadata }) => metadata.deletionTimestamp !== undefined).length;
    const behind = deployments.filter((deployment) => !isSettled(deployment as unknown as Rollout));
    if (going === 0 && behind.length === 0) return;
    if (performance.now() > deadline) {
      const names = behind.map(({ metadata }) => metadata.name).join(', ');
      throw new CliError(EXIT.error, `pods in ${namespace} are still being replaced after 120 s: ${names}`);
    }
    await sleep(100);
  }
}

const isSettled = ({ metadata, spec, status = {} }: Rollout): boolean => {
  const { replicas = 1 } = spec;
  return (
    status.observedGeneration === metadata.generation &&
    [status.replicas, status.updatedReplicas, status.availableReplicas].every((count = 0) => count === replicas)
  );
};
