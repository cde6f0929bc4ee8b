import { createPrivateKey, createPublicKey } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { renderStack } from '../bridge/render.js';
import { canonicalJson } from '../model/canonical.js';
import { policyHash } from '../model/policy.js';
import {
  attest,
  filesOf,
  makeReport,
  NAMES,
  printPdf,
  tryChromium,
  type Observed,
  type Report,
  type Subject,
} from '../report/index.js';
import { digestOf, type Files } from '../report/folder.js';
import type { Subject as Verified } from '../verify/live-checks.js';
import { clusterOptions, connect, type ClusterOptions } from './cluster.js';
import { CliError, EXIT, EXIT_OF } from './exit-codes.js';
import { readFileFor } from './kept.js';
import { createOutput, duration, table, type Output } from './output.js';
import { checkFree, readTree, writeTree } from './report/files.js';
import { observe, sharingWith } from './report/observe.js';
import { thisTool } from './report/tool.js';
import { openWorkspace } from './stack.js';
import { verifySubcommand } from './report/verify.js';

export interface ReportOptions extends ClusterOptions {
  readonly stack?: string;
  readonly stacks: string;
  readonly evidence?: string;
  readonly evidenceKey?: string;
  readonly from?: Date;
  readonly until?: Date;
  readonly cluster: boolean;
  readonly out?: string;
  readonly signingKey?: string;
  readonly pdf: 'auto' | 'required' | 'none';
  readonly json?: boolean;
}

const DAY = 86_400_000;
const DEFAULT_DAYS = 7;

const parseTime = (text: string): Date => {
  const time = new Date(text);
  if (!/^\d{4}-\d{2}-\d{2}T.*Z$/.test(text) || Number.isNaN(time.getTime())) {
    throw new InvalidArgumentError('Expected a time in UTC, for example 2026-11-28T00:00:00Z.');
  }
  return time;
};

export function reportCommand(program: Command): void {
  const report = clusterOptions(program.command('report'))
    .summary('the compliance report of one workspace, from evidence and the live cluster')
    .description(
      'Runbook Phase 4 step 6: one report per workspace from kept results of prove, verify, gate and audit, and from what the cluster says. What is missing, unsigned or about something else never counts as pass. Exit code 0 when everything passes, 5 when anything fails, 10 when something could not be settled.',
    )
    .option('--stack <name>', 'the workspace’s stack, as in stacks/Pulumi.<name>.yaml')
    .option('--stacks <dir>', 'folder of the stack files', 'stacks')
    .option('--evidence <dir>', 'folder with what prove, verify, gate and audit have kept')
    .option(
      '--evidence-key <file>',
      'public key that must have signed the evidence, as PEM; by default that of --signing-key',
    )
    .option(
      '--from <time>',
      `begin of the period, ISO 8601 in UTC; by default ${DEFAULT_DAYS} days before its end`,
      parseTime,
    )
    .option('--until <time>', 'end of the period; by default now', parseTime)
    .option('--no-cluster', 'do not read the live cluster: what only it knows is then inconclusive')
    .option('--out <dir>', 'folder for the report; it must be new or empty')
    .option('--signing-key <file>', 'sign the report: an Ed25519 private key as PEM')
    .addOption(
      new Option('--pdf <when>', 'print report.pdf with Chromium (CHROME_PATH, or on PATH)')
        .choices(['auto', 'required', 'none'])
        .default('auto'),
    )
    .option('--json', 'answer as one JSON document')
    .action(async (options: ReportOptions) => {
      const output = createOutput(options.json ?? false);
      const made = await makeReportFolder(options, output);
      process.exitCode = EXIT_OF[made.verdict];
    });
  verifySubcommand(report);
}

/** Makes the report’s folder and says what it found. Nothing is written before everything is made. */
export async function makeReportFolder(options: ReportOptions, output: Output): Promise<Report> {
  const started = performance.now();
  const { evidence: evidenceDir, out, signingKey, pdf } = options;
  if (evidenceDir === undefined)
    throw new CliError(
      EXIT.usage,
      'give --evidence DIR, the folder with what prove, verify, gate and audit have kept.',
    );
  if (out === undefined) throw new CliError(EXIT.usage, 'give --out DIR, a new folder for the report.');
  checkFree(out);
  const subject = subjectOf(options);
  const key = signingKey === undefined ? undefined : readFileFor(signingKey, '--signing-key');
  const evidenceKey = evidenceKeyOf(options, key);
  const evidence = [...readTree(evidenceDir, '--evidence')].map(([file, bytes]) => ({ file, bytes }));
  const observed = options.cluster ? await observedIn(options, subject) : undefined;
  const madeAt = new Date();
  const until = options.until ?? madeAt;
  const from = options.from ?? new Date(until.getTime() - DEFAULT_DAYS * DAY);
  if (from >= until) throw new CliError(EXIT.usage, '--from must be before --until.');
  if (until > madeAt) throw new CliError(EXIT.usage, '--until is in the future, and nothing is known of it.');
  const manifests = manifestsOf(subject);
  const report = makeReport(
    {
      subject: described(subject),
      period: { from: from.toISOString(), until: until.toISOString() },
      madeAt: madeAt.toISOString(),
      tool: thisTool(),
      manifests: Object.fromEntries([...manifests].map(([name, bytes]) => [name, digestOf(bytes)])),
      ...(evidenceKey !== undefined && { evidenceKey }),
      ...(observed !== undefined && { observed }),
    },
    evidence,
  );
  const files = filesOf(report, evidence, manifests);
  output.progress(`report made in ${duration(performance.now() - started)}`);
  await printed(report, files, pdf, output);
  if (key !== undefined) files.set(NAMES.attestation, attest(report, files, key));
  writeTree(out, files);
  show(report, out, files, output);
  return report;
}

function subjectOf({ stack, stacks }: ReportOptions): Verified {
  if (stack === undefined) throw new CliError(EXIT.usage, 'give --stack NAME, the stack of a workspace.');
  return openWorkspace(stack, stacks);
}

function evidenceKeyOf({ evidenceKey }: ReportOptions, signingKey: string | undefined): string | undefined {
  const pem = evidenceKey === undefined ? signingKey : readFileFor(evidenceKey, '--evidence-key');
  if (pem === undefined) return undefined;
  const key = pem === signingKey ? createPublicKey(createPrivateKey(pem)) : createPublicKey(pem);
  if (key.asymmetricKeyType !== 'ed25519') {
    throw new CliError(
      EXIT.usage,
      `the key for evidence is ${key.asymmetricKeyType ?? 'of no known type'}. Allowed: ed25519, as PEM (openssl genpkey -algorithm ed25519).`,
    );
  }
  return key.export({ type: 'spki', format: 'pem' }).toString();
}

async function observedIn(options: ReportOptions, subject: Verified): Promise<Observed> {
  const cluster = await connect(options);
  try {
    return await observe(cluster, subject);
  } finally {
    cluster.close();
  }
}

/** What the stacks render, as one canonical JSON list each: by its hash a reader knows the config. */
function manifestsOf({ platform, workspace }: Verified): Files {
  const stacks = [
    { name: platform.stack, config: { kind: 'platform', platform } },
    { name: workspace.stack, config: { kind: 'workspace', platform, workspace } },
  ] as const;
  return new Map(
    stacks.map(({ name, config }) => [
      `manifests/${name}.json`,
      Buffer.from(`${canonicalJson(renderStack(config))}\n`),
    ]),
  );
}

const described = ({ platform, workspace, workspaces }: Verified): Subject => ({
  stack: workspace.stack,
  workspaceId: workspace.id,
  namespace: workspace.namespace,
  platformStack: platform.stack,
  level: workspace.level,
  policyHash: policyHash(platform, workspace),
  agents: workspace.agents.map(({ name }) => name).sort(),
  systemsOfRecord: workspace.systemsOfRecord
    .flatMap(({ host, ports }) => ports.map((port) => `${host}:${port}`))
    .sort(),
  sharing: sharingWith(workspace, workspaces).map(({ id, level }) => ({ workspaceId: id, level })),
});

const HOW_TO_GET_ONE =
  'No PDF was made: there is no Chromium. Install one (Debian: apt install chromium), or name it by CHROME_PATH; report.html prints the same from any browser.';

async function printed(
  report: Report,
  files: Map<string, Uint8Array>,
  when: ReportOptions['pdf'],
  output: Output,
): Promise<void> {
  if (when === 'none') return;
  const chromium = tryChromium(process.env);
  if (chromium === undefined) {
    if (when === 'required') throw new CliError(EXIT.error, `${HOW_TO_GET_ONE} Nothing was written.`);
    return output.progress(HOW_TO_GET_ONE);
  }
  const started = performance.now();
  const html = Buffer.from(files.get(NAMES.html) ?? []).toString('utf8');
  files.set(NAMES.pdf, await printPdf(html, report.madeAt, chromium));
  output.progress(`PDF printed in ${duration(performance.now() - started)}`);
}

function show(
  { subject, period, verdict, headline, reasons, sections }: Report,
  out: string,
  files: Files,
  output: Output,
): void {
  const signed = files.has(NAMES.attestation);
  output.line(`${subject.workspaceId}, ${period.from} to ${period.until}: ${verdict}. ${headline}\n`);
  output.line(
    table(
      sections.map((section) => [section.title, section.verdict, section.summary]),
      '  ',
    ),
  );
  for (const { verdict: of, text } of reasons) output.line(`  ${of === 'fail' ? 'x' : '?'} ${text}`);
  output.line(
    `\n${out}: ${[...files.keys()].filter((name) => !name.includes('/')).join(', ')}${signed ? '' : '; NOT SIGNED: give --signing-key'}`,
  );
  output.result({
    ...{ verdict, headline, period, reasons, out, signed },
    sections: sections.map(({ id, verdict: of, summary }) => ({ id, verdict: of, summary })),
    files: Object.fromEntries([...files].map(([name, bytes]) => [name, digestOf(bytes)])),
  });
}
