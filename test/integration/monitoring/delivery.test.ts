import { createServer, type Server } from 'node:http';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { startAlertmanager, type LabAlertmanager } from '../../../lab/alertmanager.js';
import { startPrometheus, type LabPrometheus } from '../../../lab/prometheus.js';
import { alertmanagerFragment } from '../../../src/constructs/monitoring/alertmanager.js';
import { ruleGroups } from '../../../src/constructs/monitoring/rule-groups.js';
import { Cluster, CONDITIONS } from './conditions.js';
import { monitoredPlatform } from './platform.js';

/** Every duration of rules and routes is divided by it: ten minutes are a second. */
const FACTOR = 600;

interface Sent {
  readonly receiver: string;
  readonly status: 'firing' | 'resolved';
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

const platform = monitoredPlatform();
const groups = ruleGroups(
  { ...platform, workspaces: [...platform.workspaces, { id: 'ws-far', namespace: 'portarium-agents-far' }] },
  FACTOR,
);
const WATCHDOG = 'PortariumWatchdog';
const alerts = groups
  .flatMap(({ rules }) => rules)
  .filter(({ alert }) => alert !== undefined && alert !== WATCHDOG)
  .map(({ alert, labels }) => ({ alert: alert!, severity: labels!['severity']! }));
const of = (...severities: readonly string[]): readonly string[] =>
  alerts
    .filter(({ severity }) => severities.includes(severity))
    .map(({ alert }) => alert)
    .sort();
/** Who is told what when everything is broken. */
const EVERYTHING = {
  'portarium-heartbeat': [],
  'portarium-pager': of('critical'),
  'portarium-ticket': of('critical', 'warning'),
  'portarium-nobody': of('info'),
};

const dir = mkdtempSync(join(tmpdir(), 'delivery-'));
const sent: Sent[] = [];
const cluster = new Cluster();
let server: Server;
let prometheus: LabPrometheus;
let alertmanager: LabAlertmanager;

beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.method === 'GET') return void response.end(cluster.exposition());
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { receiver, alerts } = JSON.parse(Buffer.concat(chunks).toString()) as {
        receiver: string;
        alerts: Omit<Sent, 'receiver'>[];
      };
      sent.push(...alerts.map((alert) => ({ ...alert, receiver })));
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const webhook = { url: `http://${address}/` };
  const { route, receivers, ...inhibit } = alertmanagerFragment(() => webhook, FACTOR);
  // What is for nobody is told here as well, so that it is seen to have come so far.
  const observed = receivers.map((each) => ({ webhook_configs: [{ send_resolved: true, ...webhook }], ...each }));
  alertmanager = await startAlertmanager({
    config: stringify({
      route: { receiver: 'others', ...route },
      receivers: [{ name: 'others' }, ...observed],
      ...inhibit,
    }),
  });
  const rules = join(dir, 'rules.yml');
  writeFileSync(rules, stringify({ groups }));
  prometheus = await startPrometheus({
    config: stringify({
      global: { scrape_interval: '100ms', scrape_timeout: '100ms', evaluation_interval: '100ms' },
      rule_files: [rules],
      alerting: { alertmanagers: [{ static_configs: [{ targets: [alertmanager.address] }] }] },
      scrape_configs: [{ job_name: 'lab', honor_labels: true, static_configs: [{ targets: [address] }] }],
    }),
    args: ['--query.lookback-delta=1s', '--rules.alert.resend-delay=200ms'],
  });
});
afterAll(async () => {
  await prometheus?.stop();
  await alertmanager?.stop();
  server?.close();
  rmSync(dir, { recursive: true, force: true });
});

/** Names of alerts by receiver; those that are resolved have fired before at the same one. */
function told(status: Sent['status']): Readonly<Record<string, readonly string[]>> {
  const fired = (alert: Sent, before: number): boolean =>
    sent.slice(0, before).some((each) => each.status === 'firing' && isSame(each, alert));
  const counted = sent.filter((alert, at) => alert.status === status && (status === 'firing' || fired(alert, at)));
  const names = (receiver: string): readonly string[] =>
    [...new Set(counted.filter((alert) => alert.receiver === receiver).map(({ labels }) => labels['alertname']!))]
      .filter((name) => name !== WATCHDOG)
      .sort();
  return Object.fromEntries(Object.keys(EVERYTHING).map((receiver) => [receiver, names(receiver)]));
}
const isSame = (one: Sent, other: Sent): boolean =>
  one.receiver === other.receiver && one.labels['alertname'] === other.labels['alertname'];

/** The workspaces of which it is told. */
const paged = (name: string): readonly string[] => {
  const labels = sent.map((alert) => alert.labels).filter(({ alertname }) => alertname === name);
  return [...new Set(labels.map(({ workspace_id }) => workspace_id!))].sort();
};

async function firing(): Promise<readonly string[]> {
  const answer = await fetch(`${prometheus.url}/api/v1/alerts`);
  const { data } = (await answer.json()) as {
    data: { alerts: { state: string; labels: Readonly<Record<string, string>> }[] };
  };
  return data.alerts.filter(({ state }) => state === 'firing').map(({ labels }) => labels['alertname']!);
}

test('every alert but the watchdog has a condition that is simulated', () => {
  expect(Object.keys(CONDITIONS).sort()).toEqual(alerts.map(({ alert }) => alert).sort());
});

test('a simulated condition of each alert arrives at its receivers, and its end too', async () => {
  const heartbeat = () => sent.some(({ receiver }) => receiver === 'portarium-heartbeat');
  await expect.poll(heartbeat, { timeout: 15_000 }).toBe(true);
  // On a cold start some are missing for a moment.
  await expect.poll(firing, { timeout: 15_000 }).toEqual([WATCHDOG]);
  sent.length = 0;
  cluster.break();
  await expect.poll(() => told('firing'), { timeout: 30_000 }).toEqual(EVERYTHING);
  // The one by its SDK, the other by the network.
  await expect.poll(() => paged('PortariumDirectSorCall'), { timeout: 15_000 }).toEqual(['ws-acme', 'ws-far']);
  cluster.mend();
  await expect.poll(() => told('resolved'), { timeout: 40_000 }).toEqual(EVERYTHING);
  await expect.poll(firing, { timeout: 15_000 }).toEqual([WATCHDOG]);
  for (const { annotations } of sent) {
    expect(annotations['summary']).not.toMatch(/\{\{|<error|<no value>/);
    expect(annotations['runbook_url']).toMatch(/^https:/);
  }
}, 120_000);
