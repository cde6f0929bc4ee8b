import { describe, expect, it } from 'vitest';
import { loadStacks } from '../../src/config/load.js';
import { SPIRE } from '../support/spire.js';
import { committed, lineOf, refusalOf, stacksWith, type Edit } from './stacks.js';

const at = (text: string, message: string): string => `${lineOf('platform', text)}: ${message}`;

/** The `spire` of the committed stack as a whole, and what takes its place. */
const block = committed('platform').match(/ {2}portarium:spire:\n( {4}.*\n)+/)![0];
const MONITORING = committed('platform').match(/ {2}portarium:monitoring:\n( {4}.*\n)+/)![0];
const withSpire = (text: string): Edit => [
  'platform',
  block,
  `  portarium:spire:\n${text.replaceAll(/^/gm, '    ')}\n`,
];
const refusalOfSpire = (text: string): string =>
  refusalOf(withSpire(text)).replaceAll(/^Pulumi\.platform\.yaml:\d+: /gm, '');

describe('spire in the config', () => {
  it('has a default for everything', () => {
    const { platform } = loadStacks({ dir: stacksWith(['platform', block, ''], ['platform', MONITORING, '']) });
    expect({
      spire: platform.spire,
      monitoring: platform.monitoring,
      requireDigests: platform.requireDigests,
    }).toEqual(SPIRE);
  });

  const wrong: readonly (readonly [what: string, spire: string, said: string])[] = [
    [
      'a lifetime that the CA cannot meet',
      'caTtl: 24h\nx509Ttl: 5h\noutageTolerance: 25m',
      'spire.x509Ttl: 5h cannot be met with caTtl 24h: SVIDs live for a sixth of the CA’s lifetime at most, and never longer than 168h. Allowed: up to 4h.',
    ],
    [
      'a lifetime of more than a week',
      'caTtl: 8760h\nx509Ttl: 169h',
      'spire.x509Ttl: 169h cannot be met with caTtl 8760h: SVIDs live for a sixth of the CA’s lifetime at most, and never longer than 168h. Allowed: up to 168h.',
    ],
    [
      'an outage that is longer than what is left of an SVID',
      'outageTolerance: 28m',
      'spire.outageTolerance: 28m cannot be met with x509Ttl 1h: SVIDs are renewed at half of their lifetime, so 45 % of it is all that is sure to be left when the server goes down. Allowed: up to 27m.',
    ],
    [
      'the default tolerance of a shorter lifetime',
      'x509Ttl: 30m',
      'spire.outageTolerance: 25m cannot be met with x509Ttl 30m: SVIDs are renewed at half of their lifetime, so 45 % of it is all that is sure to be left when the server goes down. Allowed: up to 13m30s.',
    ],
    [
      'a duration that is none',
      'caTtl: 1d',
      'spire.caTtl: "1d" is not a duration. Whole hours, minutes and seconds, for example "1h", "25m" or "1h30m".',
    ],
    [
      'two servers with a file each',
      'replicas: 2',
      'spire.replicas: 2 servers need a datastore that they share; "sqlite" is a file of one. Use datastore.type: postgres, or replicas: 1.',
    ],
    [
      'a database that no policy lets the server reach',
      'datastore: { type: postgres, host: db.example.com, port: 5433 }',
      'spire.datastore.host: no network policy lets the server reach its database. Add to "peers" one with component: spire-server and ports: [5433].',
    ],
    [
      'a datastore that does not exist',
      'datastore: { type: postgress }',
      'spire.datastore.type: "postgress" is not allowed. Allowed: sqlite, postgres. Did you mean "postgres"?',
    ],
    [
      'a datastore without its type',
      'datastore: { host: db.example.com }',
      'spire.datastore.type: missing. Allowed: sqlite, postgres.',
    ],
    [
      'a field of another datastore',
      'datastore: { type: sqlite, host: db.example.com }',
      'spire.datastore: unknown key "host". Allowed: type.',
    ],
    [
      'a name that ends the connection string’s word',
      'datastore: { type: postgres, host: spire-postgres.databases.svc.cluster.local, user: "spire sslmode=disable" }',
      'spire.datastore.user: "spire sslmode=disable" is not a name for the database. For example "spire".',
    ],
    [
      'keys in memory alone',
      'keyManager: { type: memory }',
      'spire.keyManager.type: "memory" forgets the CA at every restart, and nobody else signs a new one. Set upstreamAuthority, or use disk.',
    ],
    [
      'agents newer than the server',
      'images: { server: "ghcr.io/spiffe/spire-server:1.14.1" }',
      'spire.images.agent: an agent of version 1.15.3 does not work with a server of version 1.14.1: agents are never newer than the server and at most one minor version older.',
    ],
    [
      'a namespace of nobody',
      'namespace: spire-server',
      'spire.namespace: "spire-server" is not allowed. Allowed: portarium-control-plane, portarium-spire-server.',
    ],
    [
      'a bridge without a node',
      'bridges: [{ name: north, namespace: bridges, serviceAccount: bridge }]',
      'spire.bridges[0]: exactly one of "nodeUid" and "nodeLabel".',
    ],
    [
      'a bridge by a label that a kubelet may give itself',
      'bridges: [{ name: north, namespace: bridges, serviceAccount: bridge, nodeLabel: { key: zone, value: north } }]',
      'spire.bridges[0].nodeLabel.key: "zone" is not a label that no kubelet can give itself. For example "node-restriction.kubernetes.io/bridge".',
    ],
    [
      'a bridge as an agent of a workspace',
      'bridges: [{ name: north, namespace: portarium-agents, serviceAccount: sales-bot, nodeUid: 5dbb7b21-65fe-11e9-b1b0-0800277ac80f }]',
      'spire.bridges[0].namespace: "portarium-agents" belongs to the platform or to a workspace; the identities of its pods are registered already, each as itself. Name workloads of other namespaces only.',
    ],
    [
      'a workload as the front',
      'workloads: [{ name: gateway, namespace: portarium-control-plane, serviceAccount: api-server, podLabels: { a: b } }]',
      'spire.workloads[0].namespace: "portarium-control-plane" belongs to the platform or to a workspace; the identities of its pods are registered already, each as itself. Name workloads of other namespaces only.',
    ],
    [
      'a workload of every pod',
      'workloads: [{ name: gateway, namespace: gateways, serviceAccount: gateway, podLabels: {} }]',
      'spire.workloads[0].podLabels: at least one label, or it would select every pod.',
    ],
    [
      'two of one name',
      'workloads: [{ name: x, namespace: a, serviceAccount: a, podLabels: { a: b } }]\nbridges: [{ name: x, namespace: b, serviceAccount: b, nodeUid: 5dbb7b21-65fe-11e9-b1b0-0800277ac80f }]',
      'spire.bridges[0].name: "x" is registered twice. Give each workload and bridge a name of its own.',
    ],
  ];
  it.each(wrong)('refuses %s', (_what, spire, said) => {
    expect(refusalOfSpire(spire)).toBe(said);
  });

  it('refuses Vault as the upstream CA where the platform has none', () => {
    const vault = committed('platform').match(/ {2}portarium:vault:\n( {4}.*\n)+/)![0];
    const refused = refusalOf(
      ['platform', vault, ''],
      withSpire('upstreamAuthority: { type: vault, address: "https://vault.example.com", caSecret: vault-ca }'),
    );
    expect(refused).toContain(
      'spire.upstreamAuthority.type: "vault" needs the platform’s "vault", which says where its pods are; no network policy lets the server reach it.',
    );
  });

  it('keeps the namespace of the server from workspaces, whether it is used or not', () => {
    expect(
      refusalOf(['platform', 'namespace: portarium-agents-globex }', 'namespace: portarium-spire-server }']),
    ).toContain('workspaces[1].namespace: "portarium-spire-server" belongs to the platform.');
  });
});

describe('digests that are required', () => {
  const require: Edit = [
    'platform',
    'portarium:guards: deny',
    'portarium:guards: deny\n  portarium:requireDigests: true',
  ];
  const said = (image: string): string =>
    `"${image}" names no digest, and the platform requires digests (requireDigests). Append "@sha256:…" of the image that was reviewed.`;

  it('are missed on every image of the platform, each with its path', () => {
    const refused = refusalOf(require);
    expect(refused.match(/: [\w.]+: (?="[^"]+" names no digest)/g)).toEqual([
      ': agentDns.image: ',
      ': sidecar.envoyImage: ',
      ': sidecar.authorizerImage: ',
      ...['server', 'agent', 'controllerManager', 'csiDriver', 'registrar'].map((name) => `: spire.images.${name}: `),
    ]);
    expect(refused).toContain(said('ghcr.io/spiffe/spire-server:1.15.3'));
  });

  it('are missed on an agent’s image in its workspace’s stack', () => {
    const digest = `@sha256:${'0'.repeat(64)}`;
    const platform = committed('platform');
    const images = [...platform.matchAll(/[\w]*[iI]mage: (\S+)/g)].map(([, image]) => image!);
    const edits = images.map((image): Edit => ['platform', image, `${image}${digest}`]);
    const spire = [
      ...['spire-server:1.15.3', 'spire-agent:1.15.3', 'spire-controller-manager:0.7.0', 'spiffe-csi-driver:0.2.7'],
    ].map((image) => `ghcr.io/spiffe/${image}${digest}`);
    const names = ['server', 'agent', 'controllerManager', 'csiDriver'];
    const lines = names.map((name, index) => `      ${name}: "${spire[index]}"`);
    const registrar = `      registrar: "registry.k8s.io/sig-storage/csi-node-driver-registrar:v2.15.0${digest}"`;
    const configured: Edit = [
      'platform',
      '    clusterName: portarium\n',
      `    clusterName: portarium\n    images:\n${[...lines, registrar].join('\n')}\n`,
    ];
    const refused = refusalOf(require, ...edits, configured);
    expect(refused.split('\n')).toContain(
      `${lineOf('ws-acme', 'sales-bot:1.4.2')}: agents[0].image: ${said('registry.example.com/acme/sales-bot:1.4.2')}`,
    );
    expect(refused).not.toContain('Pulumi.platform.yaml');
  });
});

it('a peer of the server is a peer like any other', () => {
  expect(refusalOf(['platform', 'component: spire-server', 'component: spire-servr'])).toBe(
    at(
      'component: spire-server',
      'peers[3].component: "spire-servr" is not allowed. Allowed: api-server, worker, otel-collector, openfga, prometheus, spire-server. Did you mean "spire-server"?',
    ),
  );
});
