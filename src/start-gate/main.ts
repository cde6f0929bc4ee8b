#!/usr/bin/env node
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { attempt } from './attempt.js';
import { rule } from './round.js';

const USAGE = `Usage: start-gate --denied ADDRESS:PORT … --reached ADDRESS:PORT … [--seconds 60]

  --denied   what no agent may reach: the gate stays shut while one of them answers
  --reached  what every agent reaches: the gate stays shut until one of them answers
  --seconds  how long it tries before it ends with exit code 1 and says why; the kubelet then starts it anew

An init container of agents: it ends with exit code 0 once the network denies what it must.
`;

/** So long that a lost first packet is sent once more. */
const SILENCE = 1500;
const PAUSE = 200;
const AGAIN = 10_000;

function options() {
  const many = { type: 'string', multiple: true } as const;
  const { values } = parseArgs({ options: { denied: many, reached: many, seconds: { type: 'string' } } });
  const { denied = [], reached = [], seconds = '60' } = values;
  for (const target of [...denied, ...reached]) {
    if (!/^(\[[0-9a-f:]+\]|[0-9.]+):\d+$/i.test(target)) throw new Error(`"${target}" is no ADDRESS:PORT.`);
  }
  if (denied.length === 0 || reached.length === 0) throw new Error('--denied and --reached are needed.');
  if (!(Number(seconds) > 0)) throw new Error(`--seconds ${seconds} is no positive number.`);
  return { denied, reached, seconds: Number(seconds) };
}

function log(message: string): void {
  process.stdout.write(`${new Date().toISOString()} start gate: ${message}\n`);
}

async function main(): Promise<number> {
  const { denied, reached, seconds } = options();
  const all = (targets: readonly string[]) => Promise.all(targets.map((target) => attempt(target, SILENCE)));
  const started = performance.now();
  const elapsed = (): number => performance.now() - started;
  let said = { because: '', at: 0 };
  for (;;) {
    const { open, because } = rule(...(await Promise.all([all(denied), all(reached)])));
    if (open) {
      log(`open after ${(elapsed() / 1000).toFixed(1)} s: ${because}`);
      return 0;
    }
    if (because !== said.because || elapsed() - said.at > AGAIN) {
      log(`shut: ${because}`);
      said = { because, at: elapsed() };
    }
    if (elapsed() > seconds * 1000) {
      log(
        `still shut after ${seconds} s, so that the agent has not been started: ${because}. ` +
          'The kubelet tries again. See whether the network layer enforces on this node, and whether the front runs.',
      );
      return 1;
    }
    await sleep(PAUSE);
  }
}

process.once('SIGTERM', () => process.exit(1));
try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`start-gate: ${(error as Error).message}\n\n${USAGE}`);
  process.exitCode = 2;
}
