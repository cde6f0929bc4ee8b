import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startLab, type Lab } from '../../../lab/cluster.js';
import { Cluster } from '../../../src/bridge/cluster.js';
import { enforce } from '../../cli/run.js';

describe('reach on a real API server', () => {
  let lab: Lab;
  let admin: Cluster;
  const template = (app: string): object => ({
    metadata: { labels: { app } },
    spec: { containers: [{ name: app, image: 'example/app:1' }] },
  });
  const deployment = (name: string, replicas: number) => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'shop' },
    spec: { replicas, selector: { matchLabels: { app: name } }, template: template(name) },
  });

  beforeAll(async () => {
    lab = await startLab();
    admin = await Cluster.connect({ kubeconfig: lab.kubeconfig });
    await admin.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
    await admin.apply(deployment('web', 2));
    await admin.apply(deployment('asleep', 0));
    await admin.apply({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'shop', namespace: 'shop' },
      spec: {
        podSelector: {},
        policyTypes: ['Ingress', 'Egress'],
        ingress: [{ from: [{ podSelector: { matchLabels: { app: 'web' } } }], ports: [{ port: 80 }] }],
        egress: [{ to: [{ podSelector: {} }] }],
      },
    });
  });
  afterAll(async () => {
    admin?.close();
    await lab?.stop();
  });

  test('lists live workloads, and those that are scaled to 0, of all that the cluster serves', async () => {
    await expect
      .poll(async () => (await admin.list({ apiVersion: 'v1', kind: 'Pod', namespace: 'shop' })).length, {
        timeout: 30_000,
      })
      .toBe(2);
    const { code, stdout, stderr } = await enforce('reach', '--cluster', '--kubeconfig', lab.kubeconfig, '--json');
    const rows = JSON.parse(stdout) as { src: string; dst: string }[];
    expect(rows.filter(({ src, dst }) => `${src} ${dst}`.includes('shop/'))).toEqual([
      {
        src: 'shop/web[Deployment]',
        dst: 'shop/asleep[Deployment]',
        connections: [{ protocol: 'TCP', ports: [[80, 80]] }],
      },
    ]);
    expect(stderr).toContain('note: no rule by ipBlock is counted for');
    expect(stderr).not.toContain('API group');
    expect(code).toBe(0);
  });

  test('says where it may not read', async () => {
    const { code, stderr } = await enforce('reach', '--cluster', '--kubeconfig', '/nonexistent');
    expect(stderr).toContain('/nonexistent');
    expect(code).toBe(1);
  });
});
