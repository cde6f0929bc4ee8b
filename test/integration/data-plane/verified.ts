import { sendProbes } from '../../../src/cli/demo/packets/send.js';
import { modesAt, type Level } from '../../../src/model/levels.js';
import type { Cast } from './cast.js';
import type { Samples } from './fixture.js';

/** What `enforce verify` makes of its probes, sent from an agent's pod and a pod outside: names that did not pass. */
export async function notPassed(
  samples: Samples,
  { pods }: Cast,
  level: Level,
): Promise<Readonly<Record<'fail' | 'inconclusive', readonly string[]>> & { readonly passed: number }> {
  const { workspace } = samples.workspace('ws-acme', level);
  const checks = await sendProbes({
    cluster: await samples.as(),
    platform: samples.platform,
    workspace,
    modes: modesAt(level),
    places: { agents: pods.agent, elsewhere: pods.outside },
    token: await samples.workloads.token('ws-acme'),
  });
  const those = (verdict: string): readonly string[] =>
    checks.filter((check) => check.verdict === verdict).map(({ name, note }) => `${name}: ${note}`);
  return { fail: those('fail'), inconclusive: those('inconclusive'), passed: those('pass').length };
}
