import { describe, expect, test } from 'vitest';
import { loadStacks } from '../../src/config/load.js';
import { lineOf, refusalOf, stacksWith } from './stacks.js';

const GRAFANA = 'grafanaUrl: https://grafana.example.com';
const RUNBOOK = 'runbookUrl: https://docs.example.com/portarium/runbook';
const beside = (text: string) => ['platform', GRAFANA, `${text}\n    ${GRAFANA}`] as const;

describe('monitoring', () => {
  test('has names of series, labels and a Secret of its own', () => {
    const dir = stacksWith(
      beside(
        'metricNames: { sorCalls: sdk_calls_total }\n    ruleLabels: { release: kps }\n    alertReceiversSecret: pagers',
      ),
    );
    expect(loadStacks({ dir }).platform.monitoring).toMatchObject({
      metricNames: { sorCalls: 'sdk_calls_total' },
      ruleLabels: { release: 'kps' },
      alertReceiversSecret: 'pagers',
    });
  });

  test.each([
    ['metricNames: { sorCall: a }', 'metricNames', /^unknown key "sorCall"\. Allowed: .* Did you mean "sorCalls"\?$/],
    [
      'metricNames: { sorCalls: "sdk-calls" }',
      'metricNames.sorCalls',
      /^"sdk-calls" is not the name of a metric\. Allowed: letters, digits, "_" and ":"\.$/,
    ],
    ['ruleLabels: { "a b": c }', 'ruleLabels', /^{"a b":"c"} are not labels\. /],
    ['alertReceiversSecret: Pagers', 'alertReceiversSecret', /^"Pagers" is not a DNS-1123 label\. /],
  ])('refuses %s', (text, path, message) => {
    const where = `${lineOf('platform', GRAFANA)}: monitoring.${path}: `;
    const refused = refusalOf(beside(text));
    expect(refused.slice(0, where.length)).toBe(where);
    expect(refused.slice(where.length)).toMatch(message);
  });

  test.each([
    [RUNBOOK, 'runbookUrl'],
    [GRAFANA, 'grafanaUrl'],
  ])('has no alerts without %s', (line, key) => {
    expect(refusalOf(['platform', `    ${line}\n`, ''])).toBe(
      `${lineOf('platform', 'portarium:monitoring')}: monitoring.${key}: alerts name a runbook and a dashboard, so prometheusRules needs it. An https:// address.`,
    );
  });
});
