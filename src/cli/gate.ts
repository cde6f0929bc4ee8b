import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { InvalidArgumentError, Option, type Command } from 'commander';
import {
  collect,
  CRITERIA,
  ENFORCEMENT_WINDOW,
  Evidence,
  GATES,
  NETWORK_SOURCES,
  resultOf,
  type Collecting,
  type Gate,
  type GateResult,
  type NetworkSource,
  type Subject,
} from '../gate/index.js';
import { worst } from '../model/check.js';
import { formatDuration, tryDuration } from '../model/duration.js';
import { EXIT_OF } from './exit-codes.js';
import { headerOption, type AccessOptions } from './gate/access.js';
import { askingOf } from './gate/asking.js';
import { showGate, showLine } from './gate/show.js';
import { writeKept } from './kept.js';
import { createOutput, type Output } from './output.js';

export interface GateOptions extends AccessOptions {
  readonly stack?: string;
  readonly all?: boolean;
  readonly stacks: string;
  readonly gate: Gate;
  /** Seconds. */
  readonly window: number;
  /** Seconds. */
  readonly interval: number;
  readonly minCalls: number;
  readonly networkSource?: NetworkSource;
  /** Milliseconds. */
  readonly timeout: number;
  readonly json?: boolean;
  readonly out?: string;
  readonly signingKey?: string;
  readonly watch?: boolean;
  /** Milliseconds. */
  readonly every: number;
}

/** `enforce gate`: may the workspace go on, by what a Prometheus has seen of it? */
export function gateCommand(program: Command): void {
  program
    .command('gate')
    .summary('may the workspace go on, by what a Prometheus has seen of it')
    .description(
      'The gates by metrics: routing, fewer than a tenth of the calls go past the front (runbook Phase 3 step 4); enforcement, none does for 48 hours and more (Phase 4 step 5, item 5). What is missing, stale, thin or contradictory is inconclusive. Exit code 0 for a pass, 5 for a fail, 10 for inconclusive.',
    )
    .option('--stack <name>', 'the workspace’s stack, as in stacks/Pulumi.<name>.yaml')
    .option('--all', 'every workspace of the stacks, in one pass')
    .option('--stacks <dir>', 'folder of the stack files', 'stacks')
    .addOption(new Option('--gate <gate>', 'which gate').choices(GATES).makeOptionMandatory())
    .option(
      '--window <duration>',
      'how far back, whole minutes; for enforcement 48h or more',
      minutes,
      ENFORCEMENT_WINDOW,
    )
    .option('--interval <duration>', 'how often the ratio is recorded, whole seconds', seconds, 60)
    .option('--min-calls <n>', 'calls below which none direct means too little', whole, CRITERIA.minCalls)
    .option(
      '--prometheus <url>',
      'the server: Prometheus, Thanos or Mimir, path prefix included; default: the config’s',
    )
    .option('--bearer-token-file <file>', 'token for it, read again for each request')
    .option('--username <name>', 'for basic authentication')
    .option('--password-file <file>', 'for basic authentication')
    .option('--ca-file <file>', 'authority that its certificate is of, as PEM')
    .option('--cert-file <file>', 'our certificate, as PEM')
    .option('--key-file <file>', 'key of our certificate, as PEM')
    .option('--header <header>', "a header more, for example 'X-Scope-OrgID: acme'; may be repeated", headerOption)
    .addOption(new Option('--network-source <source>', 'who records flows besides the SDKs').choices(NETWORK_SOURCES))
    .option('--timeout <duration>', 'for all queries together', milliseconds, 120_000)
    .option('--out <dir>', 'keep the result and every answer of the server in this folder')
    .option('--signing-key <file>', 'sign what is kept: an Ed25519 private key as PEM')
    .option('--watch', 'ask again until every workspace passes or one fails')
    .option('--every <duration>', 'how often --watch asks', milliseconds, 300_000)
    .option('--json', 'answer as one JSON document, with --all and --watch one a line')
    .action(gate);
}

async function gate(options: GateOptions): Promise<void> {
  const output = createOutput(options.json ?? false);
  const { asking, subjects } = askingOf(options);
  for (;;) {
    const results = await once(asking, subjects, options, output);
    const verdict = worst(results.map((result) => result.verdict));
    process.exitCode = EXIT_OF[verdict];
    if (!options.watch || verdict !== 'inconclusive') return;
    output.progress(`again in ${formatDuration(options.every)}`);
    await sleep(options.every);
  }
}

async function once(
  asking: Collecting,
  subjects: readonly Subject[],
  options: GateOptions,
  output: Output,
): Promise<readonly GateResult[]> {
  const from = new Date().toISOString();
  const { question, heard } = await collect(asking);
  const evidence = new Evidence(question, heard);
  const until = new Date().toISOString();
  const about = { from, until, server: asking.access.url, heard };
  const results = subjects.map((subject) => resultOf(evidence, { ...about, subject }));
  for (const result of results) {
    if (options.all) showLine(result, output);
    else showGate(result, output);
  }
  if (options.out !== undefined) {
    keepBodies(options.out, heard);
    for (const result of results) writeKept(result, options.out, options.signingKey, output);
  }
  if (output.json && (options.all || options.watch)) {
    for (const result of results) process.stdout.write(`${JSON.stringify(result)}\n`);
  } else for (const result of results) output.result(result);
  return results;
}

/** Each body in a file named by its hash, once, whatever results it is part of. */
function keepBodies(dir: string, heard: readonly { readonly sha256?: string; readonly body?: string }[]): void {
  const folder = join(dir, 'answers');
  mkdirSync(folder, { recursive: true });
  for (const { sha256, body } of heard) {
    if (sha256 !== undefined && body !== undefined) writeFileSync(join(folder, sha256), body);
  }
}

function minutes(text: string): number {
  const ms = milliseconds(text);
  if (ms % 60_000 !== 0) throw new InvalidArgumentError('Allowed: whole minutes, for example 48h.');
  return ms / 1000;
}

const seconds = (text: string): number => milliseconds(text) / 1000;

function milliseconds(text: string): number {
  const ms = tryDuration(text);
  if (ms === undefined) throw new InvalidArgumentError('Allowed: a duration, for example 48h, 5m or 90s.');
  return ms;
}

function whole(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('Allowed: a whole number, 1 or more.');
  return Number(text);
}
