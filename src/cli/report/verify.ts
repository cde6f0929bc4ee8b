import type { Command } from 'commander';
import { verifyFolder } from '../../report/index.js';
import { EXIT } from '../exit-codes.js';
import { readFileFor } from '../kept.js';
import { createOutput } from '../output.js';
import { readTree } from './files.js';
import { thisTool } from './tool.js';

interface VerifyOptions {
  readonly publicKey: string;
  readonly json?: boolean;
}

export function verifySubcommand(report: Command): void {
  report
    .command('verify')
    .argument('<dir>', 'folder of the report')
    .summary('whether a report is what was signed, and follows from its evidence')
    .description(
      'Needs neither network nor cluster. Finds every changed, added and removed file, and makes the report anew from its evidence. Exit code 0 when it holds, 5 when it does not.',
    )
    .requiredOption('--public-key <file>', 'key of who made the report: an Ed25519 public key as PEM')
    .option('--json', 'answer as one JSON document')
    .action((dir: string, options: VerifyOptions, command: Command) => {
      const output = createOutput(command.optsWithGlobals<VerifyOptions>().json ?? false);
      const key = readFileFor(options.publicKey, '--public-key');
      const { problems, held, report: found } = verifyFolder(readTree(dir, 'DIR'), key, thisTool().version);
      for (const problem of problems) output.line(`x ${problem}`);
      for (const fact of held) output.line(`- ${fact}`);
      if (problems.length === 0 && found !== undefined) {
        const { subject, period, verdict, headline } = found;
        output.line(`${subject.workspaceId}, ${period.from} to ${period.until}: ${verdict}. ${headline}`);
      } else output.line('This report cannot be believed.');
      output.result({ believed: problems.length === 0, problems, held, verdict: found?.verdict });
      process.exitCode = problems.length === 0 ? EXIT.ok : EXIT.policy;
    });
}
