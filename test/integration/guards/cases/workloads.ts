import type { KubeObject } from '../../../../src/model/kube-object.js';
import { LABELS } from '../../../../src/model/names.js';
import { agentLabels, agentPod, dnsPod, OUTSIDE } from '../fixture.js';
import { create, type Case } from './case.js';

type Template = { readonly metadata: object; readonly spec: object };

const labels = agentLabels('g-acme', 'sales-bot');
const template = (changes: { labels?: object; spec?: object } = {}): Template => ({
  metadata: { labels: { app: 'x', ...(changes.labels ?? labels) } },
  spec: { ...(agentPod()['spec'] as object), ...changes.spec },
});
const selector = { matchLabels: { app: 'x' } };
const never = { restartPolicy: 'Never' };

/** One object of each kind that makes pods. */
export const workload = (kind: string, of: Template, namespace = 'g-agents'): KubeObject => {
  const metadata = { name: 'candidate', namespace };
  const job = { template: { ...of, spec: { ...of.spec, ...never } } };
  const specs: Readonly<Record<string, object>> = {
    Deployment: { selector, template: of },
    ReplicaSet: { selector, template: of },
    DaemonSet: { selector, template: of },
    StatefulSet: { selector, serviceName: 'x', template: of },
    Job: job,
    CronJob: { schedule: '0 0 * * *', jobTemplate: { spec: job } },
  };
  return { apiVersion: kind.endsWith('Job') ? 'batch/v1' : 'apps/v1', kind, metadata, spec: specs[kind] };
};

export const workloadCases: readonly Case[] = [
  {
    guard: 'workloads',
    refusal: 0,
    what: 'a DaemonSet',
    refused: create(workload('DaemonSet', template())),
    permitted: create(workload('DaemonSet', template(), OUTSIDE)),
  },
  ...['Deployment', 'ReplicaSet', 'StatefulSet', 'Job', 'CronJob'].flatMap((kind): Case[] => [
    {
      guard: 'workloads',
      refusal: 1,
      what: `a ${kind} without the workspace`,
      refused: create(workload(kind, template({ labels: { [LABELS.role]: 'agent', [LABELS.agent]: 'sales-bot' } }))),
      permitted: create(workload(kind, template())),
    },
    {
      guard: 'workloads',
      refusal: 2,
      what: `a ${kind} in the host’s network`,
      refused: create(workload(kind, template({ spec: { hostNetwork: true } }))),
      permitted: create(workload(kind, template({ spec: { hostNetwork: false } }))),
    },
  ]),
  {
    guard: 'workloads',
    refusal: 1,
    what: 'a Deployment without the role',
    refused: create(workload('Deployment', template({ labels: { [LABELS.workspace]: 'g-acme' } }))),
    permitted: create(
      workload('Deployment', { ...template(), metadata: { labels: { app: 'x', ...dnsPod().metadata.labels } } }),
    ),
  },
];
