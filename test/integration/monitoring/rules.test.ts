import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { promtool } from '../../../lab/alertmanager.js';
import { ruleGroups } from '../../../src/constructs/monitoring/rule-groups.js';
import { HEALTHY } from './healthy.js';
import { monitoredPlatform } from './platform.js';

// When each alert fires, stays silent and resolves, and that each part of it matters: alert-cases.test.ts.
test('no alert but the watchdog fires where all is well', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'healthy-'));
  try {
    const groups = ruleGroups(monitoredPlatform());
    writeFileSync(join(dir, 'rules.yml'), yaml({ groups }));
    const tests = {
      rule_files: ['rules.yml'],
      evaluation_interval: '1m',
      group_eval_order: groups.map(({ name }) => name),
      tests: [
        {
          interval: '1m',
          input_series: Object.entries(HEALTHY).map(([series, values]) => ({ series, values })),
          promql_expr_test: [5, 35, 120].map((minute) => ({
            expr: 'sum by (alertname) (ALERTS{alertstate="firing"})',
            eval_time: `${minute}m`,
            exp_samples: [{ labels: '{alertname="PortariumWatchdog"}', value: 1 }],
          })),
        },
      ],
    };
    writeFileSync(join(dir, 'healthy.yml'), yaml(tests));
    const said = await promtool('test', 'rules', join(dir, 'healthy.yml'));
    expect(said).toEqual({ ok: true, output: expect.stringContaining('SUCCESS') });
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});

const yaml = (value: unknown): string => stringify(value, { aliasDuplicateObjects: false, lineWidth: 0 });
