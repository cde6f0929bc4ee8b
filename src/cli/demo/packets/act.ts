import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { addresses } from '../../../../lab/data-plane/addresses.js';
import { LEVELS, modesAt, ROLLBACK_TARGETS, type Level, type RollbackTarget } from '../../../model/levels.js';
import type { Check } from '../../../model/check.js';
import { CliError, EXIT } from '../../exit-codes.js';
import { table, type Output } from '../../output.js';
import { settled } from '../effects.js';
import { rollBack } from './relaxing.js';
import { Samples } from './samples.js';
import { sendProbes } from './send.js';
import { showProbes, wrong } from './show.js';

const program = (path: string): readonly string[] => [
  process.execPath,
  fileURLToPath(new URL(`../../../${path}`, import.meta.url)),
];
const PROGRAMS = { authorizer: program('authorizer/main.js'), startGate: program('start-gate/main.js') };

const SYSTEM_OF_RECORD = { id: 'sor', protocol: 'tcp', address: addresses.systemOfRecord, port: 443 } as const;
/** How long the network layer and sidecars may take to follow, milliseconds. */
const PATIENCE = 20_000;

/**
 * The samples once more, on a lab of its own whose node is Cilium's: the probes of `enforce verify` from an agent's pod at
 * every level, and how soon each rollback lets a packet through. What is not as it must be ends the demo.
 */
export async function playOnPackets(stacks: string, output: Output): Promise<void> {
  output.line(
    '\n── On real packets: Cilium on network namespaces; Envoys, authorizer, OpenFGA and CoreDNS in their pods’ own\n',
  );
  const samples = await Samples.start({ stacks, programs: PROGRAMS, onProgress: (line) => output.progress(line) });
  try {
    await samples.up(samples.workspace('ws-globex', 'routing'));
    for (const level of LEVELS) {
      await samples.up(samples.workspace('ws-acme', level));
      await follow(samples);
      const checks = await probed(samples, level);
      showProbes(level, checks, output, level === 'routing' || level === 'enforced');
    }
    const rows: (readonly string[])[] = [];
    for (const to of Object.keys(ROLLBACK_TARGETS) as RollbackTarget[]) rows.push(await timed(samples, to));
    const head = ['ROLLBACK', 'FIRST PACKET TO A SYSTEM OF RECORD', 'LAST ONE'];
    output.line(`\n${table([head, ...rows], '  ')}`);
    showProbes('enforced', await probed(samples, 'enforced'), output, false);
  } finally {
    await samples.stop();
  }
}

/** Waits for rollouts to end, and runs what has new pods. */
async function follow(samples: Samples): Promise<void> {
  const admin = await samples.as();
  for (const { namespace } of samples.platform.workspaces) await settled(admin, namespace);
  await samples.workloads.follow();
}

/** Probes until all is as it must be, for so long as the network may take, and returns what came of them at last. */
async function probed(samples: Samples, level: Level): Promise<readonly Check[]> {
  const { platform, workloads } = samples;
  const deadline = performance.now() + PATIENCE;
  for (;;) {
    const checks = await sendProbes({
      cluster: await samples.as(),
      platform,
      workspace: samples.workspace('ws-acme', level).workspace,
      modes: modesAt(level),
      places: { agents: workloads.pod('ws-acme') },
      token: await workloads.token('ws-acme'),
    });
    if (wrong(checks).length === 0 || performance.now() > deadline) return checks;
  }
}

/** Rolls back and comes back while an agent tries without a pause. */
async function timed(samples: Samples, to: RollbackTarget): Promise<readonly string[]> {
  const agent = samples.workloads.pod('ws-acme');
  const watching = await agent.watch({ probes: [SYSTEM_OF_RECORD], timeoutMilliseconds: 500, everyMilliseconds: 20 });
  const through = () => watching.results().filter(({ outcome }) => outcome === 'answered');
  const opened = await rollBack(samples, to);
  const deadline = performance.now() + PATIENCE;
  while (through().length === 0) {
    if (performance.now() > deadline) {
      throw new CliError(EXIT.policy, `rollback --to ${to}: no packet came through within ${PATIENCE / 1000} s`);
    }
    await sleep(20);
  }
  const asked = await opened.close();
  const ms = (value: number): string => `${Math.round(value)} ms`;
  await sleep(1000);
  const all = (await watching.stop()).filter(({ outcome }) => outcome === 'answered');
  await follow(samples);
  return [
    `--to ${to}`,
    `${ms(Math.min(...all.map(({ until }) => until)) - opened.approved)} after approval`,
    `${ms(Math.max(...all.map(({ from }) => from)) - asked)} after closing was asked for`,
  ];
}
