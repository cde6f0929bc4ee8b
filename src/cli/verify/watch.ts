import type { Cluster, Resource } from '../../bridge/cluster.js';
import { connection } from '../../bridge/cluster-connection.js';
import { renderStack } from '../../bridge/render.js';
import { apiServerOf } from '../../verify/api-server.js';
import type { Check } from '../../model/check.js';
import { policyKinds } from '../../verify/foreign.js';
import { lookForDrift, type Subject } from '../../verify/live-checks.js';
import { drifted, DriftMetrics } from '../../verify/metrics.js';
import { watchDrift } from '../../verify/watch.js';
import type { VerifyOptions } from '../verify.js';
import { serveMetrics } from './listen.js';
import { findingLines } from './show.js';

/** Watches for drift until the process is told to end (SIGINT, SIGTERM): says what changes, and exports the figure. */
export async function watchLive(cluster: Cluster, subject: Subject, options: VerifyOptions): Promise<void> {
  const ending = new AbortController();
  const end = (): void => ending.abort();
  process.once('SIGINT', end).once('SIGTERM', end);
  const metrics = new DriftMetrics(subject.workspace.id);
  const server = await serveMetrics(() => metrics.text(), options.metricsAddress);
  const api = await connection({
    ...(options.kubeconfig !== undefined && { kubeconfig: options.kubeconfig }),
    ...(options.context !== undefined && { context: options.context }),
  });
  let before = '';
  try {
    await watchDrift({
      api: apiServerOf(api),
      kinds: await kindsOf(cluster, subject),
      signal: ending.signal,
      look: async (lost) => {
        const checks = [...(await lookForDrift(cluster, subject)).checks, ...ofLost(lost)];
        const known = checks.every(({ verdict }) => verdict !== 'inconclusive');
        if (known) metrics.known(drifted(checks));
        else metrics.unknown();
        const now = JSON.stringify(checks.filter(({ verdict }) => verdict !== 'pass'));
        if (now === before) return;
        before = now;
        say(checks, known, options.json ?? false);
      },
    });
  } finally {
    process.removeListener('SIGINT', end).removeListener('SIGTERM', end);
    ending.abort();
    server.close();
    api.close();
  }
}

/** Kinds of the stacks, every kind of network policy, and Services. Workloads' pods are looked at now and then. */
async function kindsOf(cluster: Cluster, { platform, workspace }: Subject): Promise<readonly Resource[]> {
  const objects = [
    ...renderStack({ kind: 'platform', platform }),
    ...renderStack({ kind: 'workspace', platform, workspace }),
  ];
  const kinds = new Map<string, Resource>();
  for (const { apiVersion, kind } of objects) {
    const found = await cluster.tryResource(apiVersion, kind);
    if (found !== undefined) kinds.set(`${apiVersion} ${kind}`, found);
  }
  for (const found of (await policyKinds(cluster)).kinds) kinds.set(`${found.apiVersion} ${found.kind}`, found);
  return [...kinds.values()];
}

const ofLost = (lost: ReadonlyMap<string, string>): readonly Check[] =>
  [...lost].map(([kind, why]) => ({ name: `watch of ${kind}`, verdict: 'inconclusive', note: why, findings: [] }));

function say(checks: readonly Check[], known: boolean, json: boolean): void {
  const at = new Date().toISOString();
  const wrong = checks.filter(({ verdict }) => verdict !== 'pass');
  const resources = known ? drifted(checks) : undefined;
  if (json) {
    process.stdout.write(`${JSON.stringify({ at, ...(resources !== undefined && { resources }), checks: wrong })}\n`);
    return;
  }
  process.stdout.write(`${at} ${resources === undefined ? 'inconclusive' : `${resources} objects have drifted`}\n`);
  for (const { name, verdict, note, findings } of wrong) {
    if (verdict === 'inconclusive') process.stdout.write(`  inconclusive  ${name}: ${note}\n`);
    for (const line of findings.flatMap(findingLines)) process.stdout.write(`  ${line}\n`);
  }
}
