import { describe, expect, it } from 'vitest';
import { SERVICE_ACCOUNT } from '../../../src/prove/policies/policy.js';
import { readCluster } from '../../../src/prove/index.js';
import type { KubeObject } from '../../../src/prove/index.js';
import { inputOfCluster, inputOfFiles } from '../../../src/prove/input/input.js';
import { object, pod } from '../objects.js';

const template = {
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ ports: [{ name: 'web', containerPort: 80 }] }] },
};
const workload = (apiVersion: string, kind: string, fields: object = {}, metadata: object = {}): KubeObject =>
  object(apiVersion, kind, { metadata: { name: 'web', namespace: 'a', ...metadata }, spec: { template, ...fields } });
const pods = (...objects: KubeObject[]) =>
  readCluster(inputOfCluster(objects).objects).pods.map(({ workload, labels }) => [
    workload,
    Object.fromEntries([...labels].filter(([key]) => key !== SERVICE_ACCOUNT)),
  ]);

describe('a workload without pods counts with a pod of its template:', () => {
  it.each([
    ['apps/v1', 'Deployment'],
    ['apps/v1', 'StatefulSet'],
    ['apps/v1', 'DaemonSet'],
    ['apps/v1', 'ReplicaSet'],
    ['v1', 'ReplicationController'],
  ])('%s %s', (apiVersion, kind) => {
    expect(pods(workload(apiVersion, kind))).toEqual([[`a/web[${kind}]`, { app: 'web' }]]);
  });

  it('a Job, with the labels that its pods get', () => {
    expect(pods(workload('batch/v1', 'Job'))).toEqual([
      ['a/web[Job]', { app: 'web', 'job-name': 'web', 'batch.kubernetes.io/job-name': 'web' }],
    ]);
  });

  it('a CronJob', () => {
    const cron = object('batch/v1', 'CronJob', {
      metadata: { name: 'web', namespace: 'a' },
      spec: { jobTemplate: { spec: { template } } },
    });
    expect(pods(cron)).toEqual([['a/web[CronJob]', { app: 'web' }]]);
  });

  it('also when it is scaled to 0', () => {
    expect(pods(workload('apps/v1', 'Deployment', { replicas: 0 }))).toHaveLength(1);
  });

  it('not when a live pod belongs to it', () => {
    const live = pod('web-0', { labels: { app: 'other' }, owner: { kind: 'StatefulSet', name: 'web' } });
    expect(pods(workload('apps/v1', 'StatefulSet'), live)).toEqual([['a/web[StatefulSet]', { app: 'other' }]]);
    const ended = pod('web-0', { phase: 'Failed', owner: { kind: 'StatefulSet', name: 'web' } });
    expect(pods(workload('apps/v1', 'StatefulSet'), ended)).toEqual([['a/web[StatefulSet]', { app: 'web' }]]);
  });

  it('not twice, for a Deployment and its ReplicaSets of today and before', () => {
    const ownerReferences = [{ kind: 'Deployment', name: 'web', controller: true }];
    const replicaSet = (name: string) => workload('apps/v1', 'ReplicaSet', {}, { name, ownerReferences });
    expect(pods(workload('apps/v1', 'Deployment'), replicaSet('web-1'), replicaSet('web-2'))).toHaveLength(1);
    // A rollout of a kind that is not read is known by its ReplicaSet.
    expect(pods(replicaSet('web-1')).map(([name]) => name)).toEqual(['a/web[Deployment]']);
  });

  it('not for a Job that has ended', () => {
    const ended = object('batch/v1', 'Job', {
      metadata: { name: 'web', namespace: 'a' },
      spec: { template },
      status: { conditions: [{ type: 'Complete', status: 'True' }] },
    });
    expect(pods(ended)).toEqual([]);
  });

  it('never silently not: a kind that has a template and is not read is named', () => {
    expect(inputOfCluster([workload('argoproj.io/v1alpha1', 'Rollout')]).notEvaluated).toEqual([
      {
        kind: 'Rollout',
        namespace: 'a',
        name: 'web',
        reason: 'its pods are not known: argoproj.io/v1alpha1 is not read',
      },
    ]);
  });
});

describe('what is wrong in a template is reported where it stands', () => {
  const text = (port: string, metadata = ''): string =>
    `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  template:\n    metadata:\n      labels:\n        app: ${metadata || 'web'}\n    spec:\n      containers:\n      - ports:\n        - {name: web,\n           containerPort: ${port}}\n`;
  const read = (content: string) => {
    const input = inputOfFiles([{ name: 'web.yaml', text: content }]);
    return input.reading(() => readCluster(input.objects));
  };

  it('with file, line, object and field', () => {
    expect(() => read(text('http'))).toThrow(
      'web.yaml:13: Deployment web: spec.template.spec.containers[0].ports[0].containerPort: expected a port from 1 to 65535, found "http"',
    );
    expect(() => read(text('80', '1'))).toThrow(
      'web.yaml:8: Deployment web: spec.template.metadata.labels.app: expected text, found 1',
    );
    expect(() => read('apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: 1\n')).toThrow(
      'web.yaml:4: Deployment web: spec.template: expected a template of pods',
    );
    expect(read(text('80')).pods).toHaveLength(1);
  });
});
