import type { Command } from 'commander';
import { approveSubcommand } from './allowlist/approve.js';
import { checkSubcommand } from './allowlist/check.js';
import { historySubcommand } from './allowlist/history.js';

export function allowlistCommand(program: Command): void {
  const allowlist = program
    .command('allowlist')
    .summary('what agents may do: approve a change, read the record back, try a call offline')
    .description(
      'What a workspace’s agents may do is its policy: allowlist, blast radius, separation of duties, policies, agents, systems of record and approvers, known by its hash. Above routing it changes only as a member of portarium:allowlist-admins has approved it.',
    );
  approveSubcommand(allowlist);
  historySubcommand(allowlist);
  checkSubcommand(allowlist);
}
