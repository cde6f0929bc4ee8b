import type { Cluster, ObjectRef } from '../../../bridge/cluster.js';
import { permitted, refused, type Attempt, type Family, type Scene } from './attempt.js';
import { ACME } from './objects.js';

type Send = Attempt['send'];

const agent = ({ pods }: Scene): ObjectRef => podRef(ACME.namespace, pods.agent);
const apiServer = ({ pods }: Scene): ObjectRef => podRef('portarium-control-plane', pods.apiServer);
const podRef = (namespace: string, name: string): ObjectRef => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace },
});

const relabel =
  (of: (scene: Scene) => ObjectRef, labels: Readonly<Record<string, string | null>>): Send =>
  (as, scene) =>
    as.mergePatch(of(scene), { metadata: { labels } }, { dryRun: true });

/** `pods/status` writes labels too. */
const relabelThroughStatus: Send = async (as, scene) => {
  const live = await as.get(agent(scene));
  const labels = { ...live.metadata.labels, 'portarium.io/role': 'operator' };
  const body = { ...live, metadata: { ...live.metadata, labels } };
  return as.subresource('PUT', agent(scene), 'status', { body, query: { dryRun: 'All' } });
};

/** CONNECT has no dry run; behind a refusal there is no connection either. */
const connect =
  (method: 'GET' | 'POST', name: string, query: Readonly<Record<string, string>> = {}): Send =>
  (as, scene) =>
    as.subresource(method, agent(scene), name, { query });

const proxyToService = (as: Cluster): Promise<unknown> => {
  const metadata = { name: 'agent-dns-ws-acme', namespace: ACME.namespace };
  return as.subresource('GET', { apiVersion: 'v1', kind: 'Service', metadata }, 'proxy');
};

const debug: Send = async (as, scene) => {
  const live = await as.get(agent(scene));
  const ephemeralContainers = [
    {
      name: 'debug',
      image: 'registry.example.com/debug:1',
      securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
    },
  ];
  const body = { ...live, spec: { ...(live['spec'] as object), ephemeralContainers } };
  return as.subresource('PUT', agent(scene), 'ephemeralcontainers', { body, query: { dryRun: 'All' } });
};

const binding = ({ pods }: Scene) => ({
  apiVersion: 'v1',
  kind: 'Binding',
  metadata: { name: pods.agent, namespace: ACME.namespace },
  target: { apiVersion: 'v1', kind: 'Node', name: 'lab-node-2' },
});

const LABELS = 'portarium-guard-label-changes';
const ACCESS = 'portarium-guard-interactive-access';
const BINDINGS = 'portarium-guard-bindings';

export const running: Family = {
  title: 'running pods',
  attempts: [
    permitted('mallory', 'another label on sales-bot', relabel(agent, { team: 'sales' })),
    refused(LABELS, 'mallory', 'sales-bot without its role', relabel(agent, { 'portarium.io/role': null })),
    refused(LABELS, 'mallory', 'sales-bot in another role, through its status', relabelThroughStatus),
    refused(
      LABELS,
      'mallory',
      'the api-server’s pod as the worker',
      relabel(apiServer, { 'portarium.io/component': 'worker' }),
    ),
    permitted('breakglass', 'a debug container beside sales-bot', debug),
    refused(ACCESS, 'mallory', 'a debug container beside sales-bot', debug),
    refused(ACCESS, 'mallory', 'exec into sales-bot', connect('POST', 'exec', { command: 'id', stdout: 'true' })),
    refused(ACCESS, 'mallory', 'attach to sales-bot', connect('POST', 'attach', { stdout: 'true' })),
    refused(ACCESS, 'mallory', 'a forwarded port of sales-bot', connect('POST', 'portforward', { ports: '9464' })),
    refused(ACCESS, 'mallory', 'sales-bot through the API server’s proxy', connect('GET', 'proxy')),
    refused(ACCESS, 'mallory', 'the agents’ DNS through the API server’s proxy', proxyToService),
    refused(BINDINGS, 'mallory', 'sales-bot bound to a node by hand', (as, scene) =>
      as.subresource('POST', agent(scene), 'binding', { body: binding(scene), query: { dryRun: 'All' } }),
    ),
    refused(BINDINGS, 'mallory', 'the same through the older resource', (as, scene) =>
      as.create(binding(scene), { dryRun: true }),
    ),
  ],
};
