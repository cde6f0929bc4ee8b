import { InvalidArgumentError, type Command } from 'commander';
import { lookup } from 'node:dns/promises';
import { inconclusive, worst, type Check } from '../model/check.js';
import { look, type Subject } from '../verify/live-checks.js';
import { probesOf } from '../verify/probes/list.js';
import { probeChecks } from '../verify/probes/run.js';
import { readSurroundings } from '../verify/probes/surroundings.js';
import type { Modes } from '../model/levels.js';
import { policyHash } from '../model/policy.js';
import type { Cluster } from '../bridge/cluster.js';
import type { VerifyResult } from '../verify/result.js';
import { clusterOptions, connect, type ClusterOptions } from './cluster.js';
import { CliError, EXIT, EXIT_OF } from './exit-codes.js';
import { createOutput, type Output } from './output.js';
import { checkKept, checkSigning, writeKept } from './kept.js';
import { openWorkspace } from './stack.js';
import { listenAddress, type Listen } from './verify/listen.js';
import { show } from './verify/show.js';
import { watchLive } from './verify/watch.js';

export interface VerifyOptions extends ClusterOptions {
  readonly stack?: string;
  readonly stacks: string;
  readonly json?: boolean;
  readonly watch?: boolean;
  readonly skipProbes?: boolean;
  readonly elsewhere?: string;
  readonly out?: string;
  readonly signingKey?: string;
  readonly check?: string;
  readonly publicKey?: string;
  readonly metricsAddress: Listen;
}

const address = (text: string): Listen => {
  const found = listenAddress(text);
  if (found === undefined) throw new InvalidArgumentError('Expected HOST:PORT, for example 127.0.0.1:9465.');
  return found;
};

export function verifyCommand(program: Command): void {
  clusterOptions(program.command('verify'))
    .summary('whether what is live is what was rendered, guarded and closed')
    .description(
      'Runbook Phase 4 step 5 on the live cluster: whole objects, policies of others, guards by what they refuse, and probes beside positive controls. Exit code 0 when everything passes, 5 when anything fails, 10 when something could not be found out.',
    )
    .option('--stack <name>', 'the workspace’s stack, as in stacks/Pulumi.<name>.yaml')
    .option('--stacks <dir>', 'folder of the stack files', 'stacks')
    .option('--skip-probes', 'send no probes; they count as inconclusive')
    .option(
      '--elsewhere <namespace>',
      'also probe from nodes and from pods of this namespace, which must admit the host’s network',
    )
    .option('--out <dir>', 'keep the result in this folder')
    .option('--signing-key <file>', 'sign what is kept: an Ed25519 private key as PEM')
    .option('--watch', 'go on watching for drift, and export it')
    .option('--metrics-address <host:port>', 'where --watch serves /metrics', address, {
      host: '127.0.0.1',
      port: 9465,
    })
    .option('--check <file>', 'say whether a kept result is what the key signed, and nothing else')
    .option('--public-key <file>', 'the key for --check, as PEM')
    .option('--json', 'answer as one JSON document; with --watch, one a line')
    .action(async (options: VerifyOptions) => {
      const output = createOutput(options.json ?? false);
      if (options.check !== undefined) return checkKept(options.check, options.publicKey, output);
      const subject = subjectOf(options);
      checkSigning(options);
      const cluster = await connect(options);
      try {
        if (options.watch) await watchLive(cluster, subject, options);
        else await once(cluster, subject, options, output);
      } finally {
        cluster.close();
      }
    });
}

function subjectOf({ stack, stacks }: VerifyOptions): Subject {
  if (stack === undefined)
    throw new CliError(EXIT.usage, 'give --stack NAME, the stack of a workspace, or --check FILE.');
  return openWorkspace(stack, stacks);
}

async function once(cluster: Cluster, subject: Subject, options: VerifyOptions, output: Output): Promise<void> {
  const from = new Date();
  const { username } = await cluster.whoAmI();
  const { checks: live, expected } = await look(cluster, subject);
  const probes = options.skipProbes
    ? [inconclusive('probes', 'left out by --skip-probes')]
    : await probed(cluster, subject, expected?.modes, options.elsewhere);
  const checks = [...live, ...probes];
  const result: VerifyResult = {
    kind: 'enforce verify',
    version: 1,
    from: from.toISOString(),
    until: new Date().toISOString(),
    server: cluster.server,
    by: username,
    stack: subject.workspace.stack,
    workspaceId: subject.workspace.id,
    ...(expected?.level && { level: expected.level }),
    policyHash: policyHash(subject.platform, subject.workspace),
    verdict: worst(checks.map(({ verdict }) => verdict)),
    checks,
  };
  show(result, output);
  if (options.out !== undefined) writeKept(result, options.out, options.signingKey, output);
  output.result(result);
  process.exitCode = EXIT_OF[result.verdict];
}

async function probed(
  cluster: Cluster,
  subject: Subject,
  modes: Modes | undefined,
  elsewhere: string | undefined,
): Promise<readonly Check[]> {
  const { platform, workspace } = subject;
  try {
    const resolve = async (host: string) => (await lookup(host, { all: true })).map(({ address: found }) => found);
    const { surroundings, checks } = await readSurroundings(cluster, workspace, resolve);
    if (modes === undefined) return [inconclusive('probes', 'what must be open is not known')];
    const probes = probesOf(platform, workspace, modes, surroundings);
    const run = { cluster, platform, workspace, probes, ...(elsewhere !== undefined && { elsewhere }) };
    return [...checks, ...(await probeChecks(run))];
  } catch (error) {
    return [inconclusive('probes', error instanceof Error ? error.message : String(error))];
  }
}
