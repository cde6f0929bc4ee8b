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
import { CONDITIONS, exposition } from './conditions.js';
import { monitoredPlatform } from './platform.js';

/** Every duration of rules and routes is divided by it: ten minutes are a second. */
const FACTOR = 600;

interface Sent {
  readonly receiver: string;
  readonly status: 'firing' | 'resolved';
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

const dir = mkdtempSync(join(tmpdir(), 'delivery-'));
const sent: Sent[] = [];
let broken = false;
let server: Server;
let prometheus: LabPrometheus;
let alertmanager: LabAlertmanager;

beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.method === 'GET') return void response.end(exposition(Date.now() / 1000, broken));
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
  const { route, receivers, ...inhibit } = alertmanagerFragment(() => ({ url: `http://${address}/` }), FACTOR);
  alertmanager = await startAlertmanager({
    config: stringify({
      route: { receiver: 'others', ...route },
      receivers: [{ name: 'others' }, ...receivers],
      ...inhibit,
    }),
  });
  const rules = join(dir, 'rules.yml');
  writeFileSync(rules, stringify({ groups: ruleGroups(monitoredPlatform(), FACTOR) }));
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

const names = (status: Sent['status'], receiver = /./): readonly string[] =>
  [
    ...new Set(
      sent
        .filter((alert) => alert.status === status && receiver.test(alert.receiver))
        .map(({ labels }) => labels['alertname']!),
    ),
  ].sort();
const expected = [...CONDITIONS].sort();

test('a simulated condition of each alert arrives at a receiver, and its end too', async () => {
  await expect.poll(() => names('firing', /heartbeat/), { timeout: 15_000 }).toEqual(['PortariumWatchdog']);
  await new Promise((resolve) => setTimeout(resolve, 3000));
  // What may not be there on a cold start: nothing but the watchdog is told where all is well.
  sent.length = 0;
  broken = true;
  await expect.poll(() => names('firing', /pager|ticket/), { timeout: 30_000 }).toEqual(expected);
  broken = false;
  await expect.poll(() => names('resolved', /pager|ticket/), { timeout: 40_000 }).toEqual(expected);
  for (const { annotations } of sent) {
    expect(annotations['summary']).not.toMatch(/\{\{|<error|<no value>/);
    expect(annotations['runbook_url']).toMatch(/^https:/);
  }
}, 120_000);
