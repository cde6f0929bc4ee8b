import { InvalidArgumentError, type Command } from 'commander';
import { auditResult, type AuditResult } from '../audit/index.js';
import { createOutput } from './output.js';
import { EXIT_OF } from './exit-codes.js';
import { gather, type AuditCommandOptions } from './audit/gather.js';
import { keepAudit } from './audit/keep.js';
import { lean } from './audit/lean.js';
import { show } from './audit/show.js';

const whole = (text: string): number => {
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new InvalidArgumentError('Expected a whole number from 1 on.');
  return Number(text);
};

const time = (text: string): string => {
  if (Number.isNaN(Date.parse(text)) || !/^\d{4}-\d{2}-\d{2}/.test(text))
    throw new InvalidArgumentError('Expected ISO 8601, for example 2026-11-01T00:00:00Z.');
  return new Date(text).toISOString();
};

export function auditCommand(program: Command): void {
  program
    .command('audit')
    .summary('whether a random sample of runs has a complete evidence chain')
    .description(
      'Runbook Phase 4 step 5.6: walks the whole evidence log of a workspace by its hash links, draws runs at random from the run store, and looks for the seven items of Phase 3 step 3 in the evidence of each. Exit code 0 when everything passes, 5 when anything fails, 10 when something could not be found out.',
    )
    .requiredOption('--stack <name>', 'the workspace’s stack, as in stacks/Pulumi.<name>.yaml')
    .option('--stacks <dir>', 'folder of the stack files', 'stacks')
    .option('--api <url>', 'read from the control plane')
    .option('--bearer-token-file <file>', 'its token: of this workspace, with a role that may read runs and evidence')
    .option('--ca-file <file>', 'authorities of its certificate, as PEM')
    .option('--cert-file <file>', 'client certificate, as PEM')
    .option('--key-file <file>', 'its key, as PEM')
    .option('--timeout <seconds>', 'for one answer', whole, 40)
    .option('--export <dir>', 'read runs*.ndjson and evidence*.ndjson (or .json) of this folder instead')
    .option('--runs-from <file>', 'draw from these runs instead: an independent source, lines of JSON or of ids')
    .option('--from <time>', 'runs created from then on', time)
    .option('--until <time>', 'runs created before', time)
    .option('--freeze <file>', 'only write the frame and say its hash, for an auditor to answer with a nonce')
    .option('--frame <file>', 'draw from a frame that was frozen')
    .option('--nonce <text>', 'of the auditor; the seed is SHA-256 of frame hash and nonce')
    .option('--sample <n>', 'runs to draw', whole, 100)
    .option('--least <n>', 'runs of each agent and each tier, at least', whole, 1)
    .option('--census', 'look at all runs, and report the sample besides', true)
    .option('--no-census', 'look at the sample, at each agent and tier, and at denied, bypassing and relaxed runs only')
    .option('--anchor <hash>', 'head of the log in an earlier audit')
    .option('--public-key <file>', 'key of the entries’ signatures, as PEM')
    .option('--out <dir>', 'keep the result in this folder, and beside it what it rests on')
    .option('--signing-key <file>', 'sign what is kept: an Ed25519 private key as PEM')
    .option('--json', 'answer as one JSON document')
    .action((options: AuditCommandOptions) => lean(() => audit(options)));
}

async function audit(options: AuditCommandOptions): Promise<void> {
  const output = createOutput(options.json ?? false);
  const from = new Date();
  const gathered = await gather(options, output);
  if (gathered === undefined) return;
  const { stack, workspaceId, source, inputs } = gathered;
  const head = { from: from.toISOString(), until: new Date().toISOString(), stack, workspaceId, source };
  const result: AuditResult = auditResult(head, inputs);
  show(result, output);
  if (options.out !== undefined) keepAudit(result, inputs, options.out, options.signingKey, output);
  output.result(result);
  process.exitCode = EXIT_OF[result.verdict];
}
