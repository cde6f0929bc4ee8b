import { GROUPS, NAMESPACES } from '../../../../src/model/names.js';
import { OUTSIDE } from '../fixture.js';
import { patch, pathOf, type Attempt, type Case } from './case.js';

const live = (namespace: string): string => pathOf('Pod', namespace, 'live');

const connect = (path: string, method: Attempt['method'] = 'POST'): Case[] =>
  (['g-agents', NAMESPACES.controlPlane, NAMESPACES.spire] as const).map((namespace) => ({
    guard: 'interactive-access',
    refusal: 0,
    what: `${path.replace(/\?.*/, '')} in ${namespace}`,
    says: `may be used by the group ${GROUPS.breakGlass} only`,
    refused: { method, path: path.replace('LIVE', live(namespace)).replace('NS', namespace) },
    permitted: { method, path: path.replace('LIVE', live(namespace)).replace('NS', namespace), by: 'breakglass' },
  }));

const debug = (namespace: string, by?: string): Attempt => ({
  ...patch(
    `${live(namespace)}/ephemeralcontainers`,
    { spec: { ephemeralContainers: [{ name: 'debug', image: 'x', targetContainerName: 'main' }] } },
    by,
  ),
  type: 'application/strategic-merge-patch+json',
});

const binding = (as?: string): Attempt => ({
  method: 'POST',
  path: `${pathOf('Pod', 'g-agents', 'waiting')}/binding?dryRun=All`,
  body: {
    apiVersion: 'v1',
    kind: 'Binding',
    metadata: { name: 'waiting', namespace: 'g-agents' },
    target: { apiVersion: 'v1', kind: 'Node', name: 'lab-node-1' },
  },
  ...(as === undefined ? {} : { by: 'admin', as: { user: as, groups: ['system:masters'] } }),
});

const nodeProxy = (path: string, by?: string): Attempt => ({
  method: 'GET',
  path: `/api/v1/nodes/lab-node-1/proxy/${path}`,
  ...(by !== undefined && { by }),
});
const kubelet = (path: string, permitted = nodeProxy('metrics')): Case => ({
  guard: 'node-proxy',
  refusal: 0,
  what: `the kubelet’s ${path}`,
  refused: nodeProxy(path),
  permitted,
});

export const accessCases: readonly Case[] = [
  ...connect('LIVE/exec?command=sh&stdout=true'),
  ...connect('LIVE/attach?stdout=true'),
  ...connect('LIVE/portforward?ports=8080'),
  ...connect('LIVE/proxy/', 'GET'),
  ...connect('/api/v1/namespaces/NS/services/any/proxy/', 'GET'),
  {
    guard: 'interactive-access',
    refusal: 0,
    what: 'exec elsewhere',
    says: 'pods/exec may be used',
    refused: { method: 'POST', path: `${live('g-agents')}/exec?command=sh&stdout=true` },
    permitted: { method: 'POST', path: `${live(OUTSIDE)}/exec?command=sh&stdout=true` },
  },
  {
    guard: 'interactive-access',
    refusal: 0,
    what: 'an ephemeral container',
    says: 'pods/ephemeralcontainers may be used',
    refused: debug('g-agents'),
    permitted: debug('g-agents', 'breakglass'),
  },
  kubelet('exec/g-agents/live/main?command=sh'),
  kubelet('run/g-agents/live/main', nodeProxy('run/g-agents/live/main', 'breakglass')),
  kubelet('containerLogs/g-agents/live/main', nodeProxy('metrics/cadvisor')),
  kubelet('metrics%2F..%2Fexec/g-agents/live/main', nodeProxy('stats/summary')),
  kubelet('', nodeProxy('healthz')),
  {
    guard: 'bindings',
    refusal: 0,
    what: 'a pod bound by somebody else than the scheduler',
    refused: binding(),
    permitted: binding('system:kube-scheduler'),
  },
  {
    guard: 'bindings',
    refusal: 0,
    what: 'a pod bound through the older resource',
    refused: { ...binding(), path: '/api/v1/namespaces/g-agents/bindings?dryRun=All' },
    permitted: { ...binding('system:kube-scheduler'), path: '/api/v1/namespaces/g-agents/bindings?dryRun=All' },
  },
];
