import { describe, expect, it } from 'vitest';
import { readCluster } from '../../src/prove/index.js';
import type { KubeObject } from '../../src/prove/index.js';
import { object, pod } from './objects.js';

const owned = (kind: string, name: string, owner: { kind: string; name: string }): KubeObject =>
  object('apps/v1', kind, { metadata: { name, namespace: 'a', ownerReferences: [{ ...owner, controller: true }] } });
const workload = (...objects: KubeObject[]): string | undefined => readCluster(objects).pods[0]?.workload;

describe('the workload of a pod is', () => {
  it('the pod itself, when nothing controls it', () => {
    expect(workload(pod('solo'))).toBe('a/solo[Pod]');
  });

  it('its Deployment, through the ReplicaSet', () => {
    const replica = pod('bot-5d9-x', { owner: { kind: 'ReplicaSet', name: 'bot-5d9' } });
    expect(workload(replica, owned('ReplicaSet', 'bot-5d9', { kind: 'Deployment', name: 'bot' }))).toBe(
      'a/bot[Deployment]',
    );
  });

  it('its Deployment, when the ReplicaSet between was not read but the pod carries its hash', () => {
    const owner = { kind: 'ReplicaSet', name: 'bot-5d9' };
    const hashed = pod('x', { owner, labels: { 'pod-template-hash': '5d9' } });
    const deployment = object('apps/v1', 'Deployment', { metadata: { name: 'bot', namespace: 'a' } });
    expect(workload(hashed, deployment)).toBe('a/bot[Deployment]');
    expect(workload(pod('x', { owner }), deployment)).toBe('a/bot-5d9[ReplicaSet]');
    expect(workload(hashed)).toBe('a/bot-5d9[ReplicaSet]');
  });

  it('its CronJob, through the Job', () => {
    const owner = { kind: 'Job', name: 'nightly-1' };
    expect(workload(pod('x', { owner }), owned('Job', 'nightly-1', { kind: 'CronJob', name: 'nightly' }))).toBe(
      'a/nightly[CronJob]',
    );
  });

  it('a static pod itself, not the node that owns it', () => {
    expect(workload(pod('etcd-n1', { owner: { kind: 'Node', name: 'n1' } }))).toBe('a/etcd-n1[Pod]');
  });

  it('found even when owners go in a circle', () => {
    const circle = [owned('A', 'x', { kind: 'B', name: 'y' }), owned('B', 'y', { kind: 'A', name: 'x' })];
    expect(workload(pod('p', { owner: { kind: 'A', name: 'x' } }), ...circle)).toBe('a/y[B]');
  });
});
