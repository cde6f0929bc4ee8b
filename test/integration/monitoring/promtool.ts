import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { promtool } from '../../../lab/alertmanager.js';
import type { RuleGroup } from '../../../src/constructs/monitoring/rule-groups.js';
import { HEALTHY } from './healthy.js';

/** One alert over time, in a cluster that is healthy but for these series; instants in minutes. */
export interface Case {
  readonly alert: string;
  readonly name: string;
  /** Instead of, or beside, the healthy ones. `undefined` takes one away. */
  readonly series?: Readonly<Record<string, string | undefined>>;
  /** Instants at which it does not fire, the resolved one last. */
  readonly silent: readonly number[];
  /** Instants at which it fires, for exactly these labels. @default never */
  readonly fires?: { readonly at: readonly number[]; readonly labels: Readonly<Record<string, string>> };
}

/**
 * Asks promtool, once, whether the rules behave as the cases say, and answers with the alerts of which they do not. Firing
 * is read from ALERTS, with every label but the routes'. Each alert has a file of its own with what is recorded and its
 * own rule, since promtool evaluates every rule of a file for every case.
 */
export async function wrongAlerts(groups: readonly RuleGroup[], cases: readonly Case[]): Promise<readonly string[]> {
  const dir = mkdtempSync(join(tmpdir(), 'promtool-'));
  try {
    const files = [...Map.groupBy(cases, ({ alert }) => alert)].map(([alert, own]) => {
      const rules = groups
        .map((group) => ({ ...group, rules: group.rules.filter((rule) => (rule.alert ?? alert) === alert) }))
        .filter((group) => group.rules.length > 0);
      writeFileSync(join(dir, `${alert}.rules.yml`), yaml({ groups: rules }));
      const tests = {
        rule_files: [`${alert}.rules.yml`],
        evaluation_interval: '1m',
        group_eval_order: rules.map(({ name }) => name),
        tests: own.map(testOf),
      };
      const file = join(dir, `${alert}.test.yml`);
      writeFileSync(file, yaml(tests));
      return file;
    });
    const { output } = await promtool('test', 'rules', ...files);
    const passed = [...output.matchAll(/Unit Testing:\s+\S+\/(\w+)\.test\.yml\s+SUCCESS/g)].map(([, alert]) => alert);
    const wrong = [...new Set(cases.map(({ alert }) => alert))].filter((alert) => !passed.includes(alert));
    if (wrong.length > 0 && process.env['PROMTOOL_OUTPUT']) process.stderr.write(output);
    return wrong;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

const yaml = (value: unknown): string => stringify(value, { aliasDuplicateObjects: false, lineWidth: 0 });

const OURS = 'alertstate,severity,team,component,namespace,phase4_step';

function testOf({ alert, name, series, silent, fires }: Case): unknown {
  const all: Readonly<Record<string, string | undefined>> = { ...HEALTHY, ...series };
  const expr = `sum without (${OURS}) (ALERTS{alertname="${alert}",alertstate="firing"})`;
  const labels = Object.entries({ alertname: alert, ...fires?.labels }).map(([label, value]) => `${label}="${value}"`);
  return {
    name: `${alert}: ${name}`,
    interval: '1m',
    input_series: Object.entries(all)
      .filter(([, values]) => values !== undefined)
      .map(([of, values]) => ({ series: of, values })),
    promql_expr_test: [
      ...silent.map((minute) => ({ expr, eval_time: `${minute}m`, exp_samples: [] })),
      ...(fires?.at ?? []).map((minute) => ({
        expr,
        eval_time: `${minute}m`,
        exp_samples: [{ labels: `{${labels.join(',')}}`, value: 1 }],
      })),
    ],
  };
}
