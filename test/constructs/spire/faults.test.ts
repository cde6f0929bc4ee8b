/* eslint-disable @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-return -- objects of every kind are looked into */
import { describe, expect, it } from 'vitest';
import { spireFaults } from '../../../src/constructs/spire/faults/faults.js';
import type { KubeObject } from '../../../src/model/kube-object.js';
import { configOf, find, POSTGRES, renderSpire, specOf, type Json } from './fixture.js';

const UID = '5dbb7b21-65fe-11e9-b1b0-0800277ac80f';
const whole = renderSpire(
  {
    datastore: POSTGRES,
    replicas: 2,
    bridges: [{ name: 'north', namespace: 'bridges', serviceAccount: 'bridge', nodeUid: UID }],
  },
  { monitoring: { podMonitors: true } },
);

/** The same objects after a change of copies of them. */
type Change = (objects: KubeObject[]) => void;
function faultsAfter(change: Change): readonly string[] {
  const objects = structuredClone(whole) as KubeObject[];
  change(objects);
  return spireFaults(objects);
}

const without =
  (predicate: (object: KubeObject) => boolean): Change =>
  (objects) => {
    for (let index = objects.length - 1; index >= 0; index -= 1) {
      if (predicate(objects[index]!)) objects.splice(index, 1);
    }
  };
const spec =
  (kind: string, name: string, edit: (spec: Json) => void): Change =>
  (objects) =>
    edit(specOf(find(objects, kind, name)));
const config =
  (name: string, edit: (config: Json) => void): Change =>
  (objects) => {
    const map = find(objects, 'ConfigMap', name);
    const [file] = Object.keys(map['data'] as object);
    const changed = configOf(objects, name);
    edit(changed);
    (map['data'] as Record<string, string>)[file!] = JSON.stringify(changed);
  };
const server = (edit: (config: Json) => void) => config('spire-server', edit);
const agent = (edit: (config: Json) => void) => config('spire-agent', edit);
const manager = (edit: (config: Json) => void) => config('spire-controller-manager', edit);
const agentPod = (edit: (pod: Json) => void) => spec('DaemonSet', 'spire-agent', ({ template }) => edit(template.spec));
const rules =
  (kind: string, name: string, edit: (rules: Json[]) => Json[]): Change =>
  (objects) => {
    const role = find(objects, kind, name) as unknown as { rules: Json[] };
    role.rules = edit(role.rules);
  };
const psat = (conf: Json): Json => conf.plugins.NodeAttestor[0].k8s_psat.plugin_data.clusters[0].portarium;
const kubelet = (conf: Json): Json => conf.plugins.WorkloadAttestor[0].k8s.plugin_data;
const spiffeId = (edit: (spec: Json) => void) => spec('ClusterSPIFFEID', 'portarium-api-server', edit);

it('there is none in what is rendered', () => {
  expect(spireFaults(whole)).toEqual([]);
});

/** The faults of upstream's own manifests (research B, section 2), each made in ours. */
const UPSTREAM: readonly (readonly [what: string, change: Change, said: readonly string[]])[] = [
  [
    'an agent without a bundle to start from',
    agent(({ agent: each }) => delete each.trust_bundle_path),
    [
      'agents have no trust_bundle_path, without which they do not start.',
      'agents do not mount the ConfigMap portarium-spire/spire-bundle that the bundle is published to.',
    ],
  ],
  [
    'an agent without the token that it attests with',
    agentPod((pod) => (pod.volumes = pod.volumes.filter(({ name }: Json) => name !== 'token'))),
    [
      'no projected token of the agents’ pod is at "/var/run/secrets/tokens/spire-agent".',
      'the agents’ token is for nothing, the server takes ["spire-server"].',
    ],
  ],
  [
    'no rights for the agents',
    without(({ metadata }) => metadata.name === 'portarium-spire-agent'),
    ['the agents’ account may not read the kubelet’s list of pods.'],
  ],
  [
    'a right to nodes only',
    rules('ClusterRole', 'portarium-spire-agent', () => [{ apiGroups: [''], resources: ['nodes'], verbs: ['get'] }]),
    ['the agents’ account may not read the kubelet’s list of pods.'],
  ],
  [
    'a kubelet that nobody verifies',
    agent((conf) => (kubelet(conf).skip_kubelet_verification = true)),
    ['agents do not verify the kubelet.'],
  ],
  [
    'agents in a namespace that refuses them',
    (objects) => {
      const { labels } = find(objects, 'Namespace', 'portarium-spire').metadata as { labels: Record<string, string> };
      labels['pod-security.kubernetes.io/enforce'] = 'baseline';
    },
    [
      'spire-agent needs the host, and the namespace portarium-spire does not enforce "privileged" but "baseline".',
      'spiffe-csi-driver needs the host, and the namespace portarium-spire does not enforce "privileged" but "baseline".',
    ],
  ],
  [
    'an entry whose parent names no node',
    spec('ClusterStaticEntry', 'portarium-bridge-north', (each) => {
      each.parentID = 'spiffe://portarium.io/spire/agent/k8s_psat/portarium';
    }),
    [
      'portarium-bridge-north: no agent has the parent ID "spiffe://portarium.io/spire/agent/k8s_psat/portarium"; it ends in a node’s UID.',
    ],
  ],
  [
    'SQLite for more than one server',
    server(({ plugins }) => (plugins.DataStore[0].sql.plugin_data.database_type = 'sqlite3')),
    ['2 servers, each with an SQLite file of its own; they must share a database.'],
  ],
  [
    'images six versions behind',
    agentPod((pod) => (pod.containers[0].image = 'ghcr.io/spiffe/spire-agent:1.9.6')),
    [
      'an agent of version 1.9.6 does not work with a server of version 1.15.3: agents are never newer than the server and at most one minor version older.',
    ],
  ],
  [
    'another trust domain',
    server((conf) => (conf.server.trust_domain = 'portarium.robotics')),
    [
      'server, agents and controller manager have different trust domains: "portarium.robotics", "portarium.io", "portarium.io".',
      'portarium-bridge-north: no agent has the parent ID "spiffe://portarium.io/spire/agent/k8s_psat/portarium/5dbb7b21-65fe-11e9-b1b0-0800277ac80f"; it ends in a node’s UID.',
    ],
  ],
  [
    'something that waits for the agent’s socket before the agent',
    agentPod((pod) => (pod.initContainers = [{ name: 'fetch', image: 'ghcr.io/spiffe/spire-agent:1.15.3' }])),
    ['something runs before the agent in its pod; what asks for its socket there waits for ever.'],
  ],
  [
    'a type of plugin that does not exist',
    server(({ plugins }) => (plugins.BundleManager = [])),
    ['"BundleManager" is no type of plugin of SPIRE’s server, which stops at its start.'],
  ],
  [
    'somebody else who may act as a node’s agent',
    server((conf) => psat(conf).service_account_allow_list.push('portarium:robotics-gateway')),
    [
      'the server lets ["portarium-spire:spire-agent","portarium:robotics-gateway"] act as agents of nodes; it must be portarium-spire:spire-agent alone.',
    ],
  ],
  [
    'a bundle that the server may not publish',
    without(({ kind, metadata }) => kind === 'Role' && metadata.name === 'spire-bundle'),
    ['get', 'patch', 'create'].map((verb) => `the server’s account may not ${verb} configmaps.`),
  ],
  [
    'registrations without a controller manager',
    without(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'spire-controller-manager'),
    [
      'there are registrations and no controller manager that makes entries of them.',
      'server, agents and controller manager have different trust domains: "portarium.io", "portarium.io", nothing.',
    ],
  ],
  [
    'an identity by the pod’s label',
    spiffeId((each) => (each.spiffeIDTemplate = 'spiffe://portarium.io/{{ index .PodMeta.Labels "app" }}')),
    ['portarium-api-server makes SPIFFE IDs of something else than namespace and service account.'],
  ],
];

/** The other traps of the research, T1 to T18. */
const TRAPS: readonly (readonly [what: string, change: Change, said: readonly string[]])[] = [
  [
    'T1: the api-server’s namespace ignored',
    manager((conf) => conf.ignoreNamespaces.push('^portarium-control-plane$')),
    ['"^portarium-control-plane$" ignores portarium-control-plane, whose pods are registered.'],
  ],
  [
    'T2: a namespace ignored by a part of its name',
    manager((conf) => conf.ignoreNamespaces.push('spire')),
    ['"spire" ignores every namespace with that in its name; write "^spire$".'],
  ],
  [
    'T3: an interval in words',
    manager((conf) => (conf.gcInterval = '10s')),
    ['gcInterval is "10s"; it is a number of nanoseconds.'],
  ],
  [
    'T4: some kinds reconciled',
    manager((conf) => (conf.reconcile = { clusterSPIFFEIDs: true })),
    ['a "reconcile" block switches off every kind that it does not name.'],
  ],
  [
    'T5: entries without a prefix',
    manager((conf) => delete conf.entryIDPrefix),
    ['without entryIDPrefix the controller manager deletes every entry it did not make.'],
  ],
  [
    'T6: a registration without a class',
    spiffeId((each) => delete each.className),
    ['portarium-api-server has the class nothing, so the controller manager ignores it.'],
  ],
  [
    'T7: the agent’s socket elsewhere',
    agent((conf) => (conf.agent.socket_path = '/tmp/spire-agent/public/api.sock')),
    [
      'the agents’ socket is "/tmp/spire-agent/public/api.sock", workloads look for spire-agent.sock.',
      'the agents’ socket is in nothing of the node, not in /run/spire/agent-sockets.',
    ],
  ],
  [
    'T7: the CSI driver shows another directory',
    spec('DaemonSet', 'spiffe-csi-driver', ({ template }) => {
      template.spec.volumes.find(({ name }: Json) => name === 'sockets').hostPath.path = '/run/spire/sockets';
    }),
    ['the CSI driver shows "/run/spire/sockets" of the node, not /run/spire/agent-sockets.'],
  ],
  [
    'T8: a token for somebody else',
    agentPod((pod) => {
      const { projected } = pod.volumes.find(({ name }: Json) => name === 'token');
      projected.sources[0].serviceAccountToken.audience = 'vault';
    }),
    ['the agents’ token is for "vault", the server takes ["spire-server"].'],
  ],
  [
    'T8: a server that takes any token of the cluster',
    server((conf) => (psat(conf).audience = [])),
    ['the agents’ token is for "spire-server", the server takes [].'],
  ],
  [
    'T8: a cluster that the server does not know',
    agent((conf) => (conf.plugins.NodeAttestor[0].k8s_psat.plugin_data.cluster = 'other')),
    [
      'the server knows no cluster "other", by which the agents attest.',
      'the agents’ token is for "spire-server", the server takes nothing.',
      'the server lets nothing act as agents of nodes; it must be portarium-spire:spire-agent alone.',
      `portarium-bridge-north: no agent has the parent ID "spiffe://portarium.io/spire/agent/k8s_psat/portarium/${UID}"; it ends in a node’s UID.`,
    ],
  ],
  [
    'T10: the bundle’s ConfigMap rendered',
    (objects) =>
      objects.push({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'spire-bundle', namespace: 'portarium-spire' },
      }),
    ['the ConfigMap spire-bundle is rendered; it is the server’s, and agents do not start with an empty one.'],
  ],
  [
    'T10: a bundle in another form than it is read',
    agent((conf) => (conf.agent.trust_bundle_format = 'pem')),
    ['agents read the bundle as "pem", it is published as "spiffe".'],
  ],
  [
    'T10: a server believed without a bundle',
    agent((conf) => (conf.agent.insecure_bootstrap = true)),
    ['agents trust whatever server answers first (insecure_bootstrap).'],
  ],
  [
    'T11: the webhook’s caBundle rendered',
    (objects) => {
      const { webhooks } = find(objects, 'ValidatingWebhookConfiguration', 'portarium-spire-webhook') as Json;
      webhooks[0].clientConfig.caBundle = 'AAAA';
    },
    ['the webhook’s caBundle is rendered; it is the controller manager’s.'],
  ],
  [
    'T11: the webhooks in another order',
    (objects) => {
      const { webhooks } = find(objects, 'ValidatingWebhookConfiguration', 'portarium-spire-webhook') as Json;
      webhooks.reverse();
    },
    [
      'the webhooks are in another order than the API server keeps them: vclusterspiffeid.kb.io, vclusterfederatedtrustdomain.kb.io.',
    ],
  ],
  [
    'no webhook for the controller manager to start with',
    without(({ kind }) => kind === 'ValidatingWebhookConfiguration'),
    ['the controller manager looks for a webhook that is not rendered.'],
  ],
  [
    'T14: nothing that says which kubelet',
    agentPod((pod) => (pod.containers[0].env = [])),
    ['no KUBELET_ADDRESS tells an agent which kubelet is its own.'],
  ],
  [
    'the kubelet’s port that authenticates nobody',
    agent((conf) => (kubelet(conf).kubelet_read_only_port = 10255)),
    ['agents ask the kubelet’s read-only port, which authenticates nobody.'],
  ],
  [
    'T15: the server where the host may be entered',
    (objects) => {
      const namespace = find(objects, 'Namespace', 'portarium-control-plane');
      (namespace.metadata.labels as Record<string, string>)['pod-security.kubernetes.io/enforce'] = 'privileged';
    },
    ['the server stands in portarium-control-plane, which does not enforce "restricted".'],
  ],
  [
    'agents on the host’s network',
    agentPod((pod) => (pod.hostNetwork = true)),
    ['agents are on the host’s network, where no selector knows them.'],
  ],
  [
    'agents without the host’s processes',
    agentPod((pod) => delete pod.hostPID),
    ['agents cannot see who calls them without hostPID.'],
  ],
  [
    'agents with the whole host',
    agentPod((pod) => pod.volumes.push({ name: 'host', hostPath: { path: '/' } })),
    ['agents mount more of the host than the directory of their socket.'],
  ],
  [
    'an identity for every container of the pod',
    spiffeId((each) => (each.workloadSelectorTemplates = ['k8s:ns:{{ .PodMeta.Namespace }}'])),
    ['portarium-api-server is bound to no container, so every container of the pod gets the SVID.'],
  ],
  [
    'an identity for a namespace by a label that tenants set',
    spiffeId((each) => (each.namespaceSelector = { matchLabels: { team: 'platform' } })),
    ['portarium-api-server does not select its namespace by name.'],
  ],
  [
    'an identity for every pod',
    spiffeId((each) => (each.podSelector = {})),
    ['portarium-api-server selects every pod of its namespace.'],
  ],
  [
    'an identity with the server’s authority',
    spiffeId((each) => (each.admin = true)),
    ['portarium-api-server hands out the server’s own authority.'],
  ],
  [
    'a lifetime that the CA cannot meet',
    spiffeId((each) => (each.ttl = '5h')),
    ['portarium-api-server: a lifetime of 5h cannot be met; with ca_ttl 24h the longest is 4h.'],
  ],
  ['a JWT-SVID', spiffeId((each) => (each.jwtTtl = '5m')), ['portarium-api-server asks for JWT-SVIDs.']],
  [
    'JWT-SVIDs for everybody',
    server((conf) => delete conf.server.disable_jwt_svids),
    ['JWT-SVIDs are on; set disable_jwt_svids.'],
  ],
  [
    'a database that is encrypted and not verified',
    server(({ plugins }) => {
      const sql = plugins.DataStore[0].sql.plugin_data;
      sql.connection_string = sql.connection_string.replace('verify-full', 'require');
    }),
    ['the database is not verified; set sslmode=verify-full.'],
  ],
  [
    'agents that never come back after the CA is lost',
    agent((conf) => delete conf.agent.rebootstrap_mode),
    ['agents would not recover from the loss of the CA; set rebootstrap_mode.'],
  ],
  [
    'a server that may review no token',
    without(({ kind, metadata }) => kind === 'ClusterRoleBinding' && metadata.name === 'portarium-spire-server'),
    ['the server’s account may not create tokenreviews.'],
  ],
  [
    'a monitor of a port that no pod has',
    spec('PodMonitor', 'spire-server', ({ podMetricsEndpoints }) => (podMetricsEndpoints[1].port = 'prom-cm')),
    ['PodMonitor spire-server scrapes the port "prom-cm", which no pod has.'],
  ],
];

describe('a fault of upstream’s own manifests is seen:', () => {
  it.each(UPSTREAM)('%s', (_what, change, said) => {
    expect(faultsAfter(change)).toEqual(said);
  });
});

it('what is missing is said, not passed over', () => {
  const gone = faultsAfter(without(({ kind }) => ['StatefulSet', 'DaemonSet', 'ConfigMap'].includes(kind)));
  expect(gone).toEqual(
    expect.arrayContaining([
      'there is no configuration of the server.',
      'there is no configuration of the agents.',
      'no workload runs the server.',
      'no DaemonSet runs the agents.',
      'no DaemonSet runs the CSI driver.',
      'there are registrations and no controller manager that makes entries of them.',
    ]),
  );
  expect(faultsAfter(manager((conf) => delete conf.className))).toContain(
    'the controller manager acts on registrations of every class.',
  );
});

describe('a trap is seen:', () => {
  it.each(TRAPS)('%s', (_what, change, said) => {
    expect(faultsAfter(change)).toEqual(said);
  });
});
