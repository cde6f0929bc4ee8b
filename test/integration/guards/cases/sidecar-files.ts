import type { KubeObject } from '../../../../src/model/kube-object.js';
import { deployersOf, LABELS, NAMESPACES } from '../../../../src/model/names.js';
import { create, patch, pathOf, type Attempt, type Case } from './case.js';

/** An agent's, live under this label. */
export const FILES: KubeObject = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'report-reader-envoy', namespace: 'g-agents', labels: { [LABELS.workspace]: 'g-acme' } },
  data: { 'envoy.json': '{}' },
};

const files = (namespace: string, name: string, workspace?: string): KubeObject => ({
  ...FILES,
  metadata: { name, namespace, ...(workspace !== undefined && { labels: { [LABELS.workspace]: workspace } }) },
});
const by = (attempt: Attempt, ...groups: readonly string[]): Attempt => ({
  ...attempt,
  by: 'admin',
  as: { user: 'somebody', groups: ['system:masters', ...groups] },
});
const live = pathOf('ConfigMap', 'g-agents', FILES.metadata.name);
const change = patch(live, { data: { 'envoy.json': '{"admin":{}}' } });
const CREATED = create(files('g-agents', 'sales-bot-envoy', 'g-acme'));

const refusal = (what: string, refused: Attempt, permitted: Attempt): Case => ({
  guard: 'sidecar-files',
  refusal: 0,
  what,
  refused,
  permitted,
});

export const sidecarFilesCases: readonly Case[] = [
  refusal('an agent’s sidecar by whoever may write ConfigMaps', CREATED, create(files('g-agents', 'sales-bot'))),
  refusal(
    'an agent’s sidecar by the deployer of another workspace',
    by(CREATED, deployersOf('g-beta')),
    by(CREATED, deployersOf('g-acme')),
  ),
  refusal(
    'the Corefile of the agents’ DNS server by whoever may write ConfigMaps',
    create(files('g-agents', 'agent-dns-g-acme', 'g-acme')),
    by(create(files('g-agents', 'agent-dns-g-acme', 'g-acme')), deployersOf('g-acme')),
  ),
  refusal(
    'the Corefile of another workspace’s DNS server',
    by(create(files('g-agents', 'agent-dns-g-acme', 'g-acme')), deployersOf('g-beta')),
    by(create(files('g-agents', 'agent-dns-g-acme', 'g-acme')), 'portarium:platform-deployers'),
  ),
  refusal('another text for a sidecar', change, by(change, 'portarium:break-glass')),
  refusal(
    'another text for a sidecar, which is then one’s own',
    by(
      patch(live, { metadata: { labels: { [LABELS.workspace]: 'g-beta' } }, data: { 'envoy.json': '{"admin":{}}' } }),
      deployersOf('g-beta'),
    ),
    by(change, deployersOf('g-acme')),
  ),
  ...(
    [
      [NAMESPACES.controlPlane, 'api-server-envoy'],
      [NAMESPACES.controlPlane, 'api-server-authorizer'],
      [NAMESPACES.execution, 'worker-envoy'],
    ] as const
  ).flatMap(([namespace, name]) => [
    refusal(
      `${name} by whoever may write ConfigMaps`,
      create(files(namespace, name)),
      create(files(namespace, 'mine')),
    ),
    refusal(
      `${name} by the deployer of a workspace`,
      by(create(files(namespace, name, 'g-acme')), deployersOf('g-acme')),
      by(create(files(namespace, name)), 'portarium:platform-deployers'),
    ),
  ]),
];
