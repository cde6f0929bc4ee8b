import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { stringify } from 'yaml';
import { loadStacks } from '../config/load.js';
import { alertmanagerFragment } from '../constructs/monitoring/alertmanager.js';
import { dashboardJson } from '../constructs/monitoring/dashboard.js';
import { ruleGroups } from '../constructs/monitoring/rule-groups.js';
import { CliError, EXIT } from './exit-codes.js';
import { createOutput } from './output.js';

/** Where a plain Alertmanager finds the URL of a receiver; it reads no environment in its configuration. */
const urlOf = (receiver: string) => ({ url: `https://receivers.example.com/${receiver}` });

export function monitoringCommand(program: Command): void {
  program
    .command('monitoring')
    .summary('write alert rules, routes and dashboard for a monitoring without operator; needs no server')
    .description(
      'Writes rules.yml (Prometheus), alertmanager.yml (a fragment: put your URLs in) and dashboard.json (Grafana).',
    )
    .requiredOption('--out <dir>', 'folder to write to')
    .option('--stacks <dir>', 'folder of the stack files', 'stacks')
    .option('--json', 'answer as one JSON document')
    .action(({ out, stacks, json }: { out: string; stacks: string; json?: boolean }) => {
      const output = createOutput(json ?? false);
      const { platform } = loadStacks({ dir: stacks });
      for (const key of ['runbookUrl', 'grafanaUrl'] as const) {
        if (platform.monitoring[key] !== undefined) continue;
        throw new CliError(
          EXIT.usage,
          `monitoring.${key} is not in the platform’s config, and every alert names it. Set it to an https:// address.`,
        );
      }
      const files = {
        'rules.yml': stringify({ groups: ruleGroups(platform) }, { lineWidth: 0, aliasDuplicateObjects: false }),
        'alertmanager.yml': stringify(alertmanagerFragment(urlOf), { lineWidth: 0, aliasDuplicateObjects: false }),
        'dashboard.json': dashboardJson(platform),
      };
      mkdirSync(out, { recursive: true });
      for (const [name, text] of Object.entries(files)) writeFileSync(join(out, name), text);
      output.line(`${Object.keys(files).join(', ')} in ${out}`);
      output.result({ out, files: Object.keys(files) });
    });
}
