import { describe, expect, it } from 'vitest';
import { renderPath, suggest, tryNearest } from '../../src/config/messages.js';
import { lineOf, refusalOf, type Edit } from './stacks.js';

const at = (stack: string, text: string, message: string): string => `${lineOf(stack, text)}: ${message}`;

/** The same for the line after the one that holds `text`. */
const below = (stack: string, text: string, message: string): string =>
  at(stack, text, message).replace(/\d+(?=: )/, (line) => String(Number(line) + 1));

/** What is wrong, the edits that make it so, and all that is said about it. */
const wrong: readonly (readonly [what: string, edits: readonly Edit[], said: string])[] = [
  [
    'an unknown key, with the nearest known one',
    [['ws-acme', 'image: registry.example.com/acme/sales-bot:1.4.2', 'imgae: registry.example.com/acme/sales-bot:1']],
    [
      at('ws-acme', 'name: sales-bot', 'agents[0].image: missing: an image with a tag or digest.'),
      at(
        'ws-acme',
        'sales-bot:1.4.2',
        'agents[0]: unknown key "imgae". Allowed: name, type, risk, image, replicas, owner, listens. Did you mean "image"?',
      ),
    ].join('\n'),
  ],
  [
    'an unknown key at the top',
    [['platform', 'portarium:network:', 'portarium:netwrok:']],
    at(
      'platform',
      'portarium:network:',
      'unknown key "netwrok". Allowed: kind, guards, trustDomain, requireDigests, monitoring, spire, cluster, network, agentDns, front, tokens, sidecar, openfga, collector, ingressGateway, vault, execution, peers, workspaces, pending. Did you mean "network"?',
    ),
  ],
  [
    'one audience for people and agents',
    [['platform', 'peopleAudience: portarium-people', 'peopleAudience: portarium']],
    at(
      'platform',
      'portarium:tokens:',
      'tokens: people and agents need different audiences, or an agent could use a person’s token.',
    ),
  ],
  [
    'keys that are not fetched by TLS',
    [['platform', 'jwksUri: https:', 'jwksUri: http:']],
    at(
      'platform',
      'jwksUri:',
      'tokens.jwksUri: "http://id.example.com/realms/portarium/protocol/openid-connect/certs" is not an https address. For example "https://id.example.com/realms/portarium"; no user, query or fragment.',
    ),
  ],
  [
    'a level that does not exist',
    [['ws-acme', 'level: routing', 'level: enforce']],
    at(
      'ws-acme',
      'level: routing',
      'enforcement.level: "enforce" is not allowed. Allowed: routing, authz, identity, allowlist, enforced. Did you mean "enforced"?',
    ),
  ],
  [
    'a tier that is misspelt',
    [['ws-acme', 'tier: HumanApprove', 'tier: HumanAprove']],
    at(
      'ws-acme',
      'tier: HumanApprove',
      'allowlist.allowedTools[0].tier: "HumanAprove" is not allowed. Allowed: Auto, Assisted, HumanApprove, ManualOnly. Did you mean "HumanApprove"?',
    ),
  ],
  [
    'a URL where a DNS name belongs',
    [['ws-acme', 'host: api.hubspot.com', 'host: https://api.hubspot.com']],
    at(
      'ws-acme',
      'host: api.hubspot.com',
      'systemsOfRecord[0].host: "https://api.hubspot.com" is not an exact DNS name. Lower-case labels joined by dots, no wildcard, no trailing dot, no IP address, for example "api.hubspot.com".',
    ),
  ],
  [
    'a wildcard host',
    [['ws-acme', 'host: api.hubspot.com', 'host: "*.hubspot.com"']],
    at(
      'ws-acme',
      'host: api.hubspot.com',
      'systemsOfRecord[0].host: "*.hubspot.com" is not an exact DNS name. Lower-case labels joined by dots, no wildcard, no trailing dot, no IP address, for example "api.hubspot.com".',
    ),
  ],
  [
    'a host of the cluster itself',
    [['ws-acme', 'host: api.hubspot.com', 'host: api-server.portarium-control-plane.svc.cluster.local']],
    at(
      'ws-acme',
      'host: api.hubspot.com',
      'systemsOfRecord[0].host: "api-server.portarium-control-plane.svc.cluster.local" is a name of the cluster (cluster.local). A system of record is outside of it.',
    ),
  ],
  [
    'a host twice',
    [['ws-acme', 'host: erp.example.com', 'host: api.hubspot.com']],
    at(
      'ws-acme',
      'host: erp.example.com',
      'systemsOfRecord[1].host: host "api.hubspot.com" is listed twice, first as systemsOfRecord[0].',
    ),
  ],
  [
    'a system of record twice',
    [['ws-acme', 'name: erp', 'name: hubspot']],
    at('ws-acme', 'name: erp', 'systemsOfRecord[1].name: "hubspot" is defined twice, first as systemsOfRecord[0].'),
  ],
  [
    'port 53 to the world',
    [['ws-acme', 'ports: [443] }', 'ports: [53] }']],
    at('ws-acme', 'ports: [443] }', 'systemsOfRecord[0].ports[0]: port 53 to the world is never opened.'),
  ],
  [
    'port 53 to the world for the workers',
    [['platform', 'api.zendesk.com]\n    ports: [443]', 'api.zendesk.com]\n    ports: [443, 53]']],
    below('platform', 'hosts: [api', 'execution.ports[1]: port 53 to the world is never opened.'),
  ],
  [
    'a port that is text',
    [['ws-acme', '[443, 8443]', '["443"]']],
    at('ws-acme', '[443, 8443]', 'systemsOfRecord[1].ports[0]: expected a port number, got "443".'),
  ],
  [
    'a port out of range',
    [['ws-acme', '[443, 8443]', '[65536]']],
    at('ws-acme', '[443, 8443]', 'systemsOfRecord[1].ports[0]: 65536 is not a port. Allowed: 1 to 65535.'),
  ],
  [
    'an agent twice',
    [['ws-acme', 'name: report-reader\n', 'name: sales-bot\n']],
    at(
      'ws-acme',
      'name: report-reader',
      'agents[1].name: agent "sales-bot" is defined twice, first as agents[0]. No two agents share a service account.',
    ),
  ],
  [
    'an agent that is called like an object of the workspace',
    [['ws-acme', 'name: report-reader\n', 'name: agents-ws-acme\n']],
    at(
      'ws-acme',
      'name: report-reader',
      'agents[1].name: "agents-ws-acme" is reserved. Not allowed: default, and names that begin with agents-, agent-dns, agent-deny-default, portarium-probe.',
    ),
  ],
  [
    'an agent whose service account would be every pod’s',
    [['ws-acme', 'name: report-reader\n', 'name: default\n']],
    at(
      'ws-acme',
      'name: report-reader',
      'agents[1].name: "default" is reserved. Not allowed: default, and names that begin with agents-, agent-dns, agent-deny-default, portarium-probe.',
    ),
  ],
  [
    'two workspaces that claim one service account',
    [['ws-globex', 'name: support-bot', 'name: sales-bot']],
    at(
      'ws-globex',
      'name: support-bot',
      `agents[0].name: service account "sales-bot" is claimed by workspace "ws-acme" already (${lineOf('ws-acme', 'name: sales-bot')}). Agent names are unique across workspaces.`,
    ),
  ],
  [
    'a tool twice',
    [['ws-acme', '"invoice:read"', '"invoice:create"']],
    at(
      'ws-acme',
      '"invoice:read"',
      'allowlist.allowedTools[1].tool: tool "invoice:create" is listed twice, first as allowlist.allowedTools[0]. A tool has one tier.',
    ),
  ],
  [
    'an allowlist of another workspace',
    [['ws-acme', 'workspaceId: ws-acme', 'workspaceId: ws-globex']],
    at(
      'ws-acme',
      'workspaceId: ws-acme',
      'allowlist.workspaceId: "ws-globex" is not this workspace. Allowed: ws-acme.',
    ),
  ],
  [
    'an image without a tag',
    [['ws-acme', 'registry.example.com/acme/sales-bot:1.4.2', 'registry.example.com:5000/acme/sales-bot']],
    at(
      'ws-acme',
      'sales-bot:1.4.2',
      'agents[0].image: "registry.example.com:5000/acme/sales-bot" is not an image with a tag or digest. For example "registry.example.com/acme/sales-bot:1.4.2"; ":latest" is not accepted.',
    ),
  ],
  [
    'a number that is none, and one too big',
    [['ws-acme', 'replicas: 2', 'replicas: two']],
    at('ws-acme', 'replicas: 2', 'agents[1].replicas: expected a number, got "two".'),
  ],
  [
    'an approver that is a pipeline',
    [['ws-acme', '[bob, carol]', '["system:serviceaccount:ci:deployer"]']],
    at(
      'ws-acme',
      '[bob, carol]',
      'workspace.approvers[0]: "system:serviceaccount:ci:deployer" is not a person’s user name. The name that the API server gets from the identity provider; pipelines and service accounts cannot approve.',
    ),
  ],
  [
    'no approver',
    [['ws-acme', '[bob, carol]', '[]']],
    at('ws-acme', '[bob, carol]', 'workspace.approvers: at least one person who may approve relaxations.'),
  ],
  [
    'a section that is missing',
    [['platform', '  portarium:collector:\n    clusterIP: 10.96.80.4\n', '']],
    at('platform', 'config:', 'collector: missing: an object of clusterIP.'),
  ],
  [
    'a workspace that the platform does not list',
    [['platform', '{ id: ws-acme,', '{ id: ws-acne,']],
    at(
      'ws-acme',
      'id: ws-acme',
      `workspace.id: workspace "ws-acme" is not listed in the platform’s "workspaces" (${lineOf('platform', 'portarium:workspaces')}). Allowed: ws-acne, ws-globex. Did you mean "ws-acne"?`,
    ),
  ],
  [
    'a workspace in another namespace than the platform’s',
    [['ws-acme', 'namespace: portarium-agents\n', 'namespace: portarium-agents-acme\n']],
    at(
      'ws-acme',
      'namespace: portarium-agents',
      'workspace.namespace: "portarium-agents-acme" is not where the platform places "ws-acme". Allowed: portarium-agents.',
    ),
  ],
  [
    'a workspace in a namespace of the platform',
    [['platform', 'namespace: portarium-agents }', 'namespace: portarium-execution }']],
    at(
      'platform',
      'namespace: portarium-agents }',
      'workspaces[0].namespace: "portarium-execution" belongs to the platform. Use a namespace of the workspace’s own, for example "portarium-agents-acme".',
    ),
  ],
  [
    'a workspace in the namespace of Vault',
    [['platform', 'namespace: portarium-agents }', 'namespace: vault }']],
    at(
      'platform',
      'namespace: portarium-agents }',
      'workspaces[0].namespace: "vault" belongs to the platform. Use a namespace of the workspace’s own, for example "portarium-agents-acme".',
    ),
  ],
  [
    'a workspace twice in the platform’s list',
    [['platform', 'id: ws-globex', 'id: ws-acme']],
    [
      at('platform', 'id: ws-globex', 'workspaces[1].id: workspace "ws-acme" is listed twice, first as workspaces[0].'),
    ].join('\n'),
  ],
  [
    'a level above routing while guards only audit',
    [
      ['platform', 'guards: deny', 'guards: audit'],
      ['ws-acme', 'level: routing', 'level: authz'],
    ],
    at(
      'ws-acme',
      'level: routing',
      `enforcement.level: "authz" needs the platform’s guards to be "deny", they are "audit" (${lineOf('platform', 'portarium:guards')}): admission that only warns can be walked around.`,
    ),
  ],
  [
    'a rollback to the level itself',
    [['ws-acme', 'level: routing', 'level: identity\n    rollback: { to: 2 }']],
    below(
      'ws-acme',
      'level: routing',
      'enforcement.rollback.to: rollback 2 goes down to level "identity", but the workspace is at "identity". Allowed: 3, full.',
    ),
  ],
  [
    'a rollback to a level above',
    [['ws-acme', 'level: routing', 'level: authz\n    rollback: { to: 1 }']],
    below(
      'ws-acme',
      'level: routing',
      'enforcement.rollback.to: rollback 1 goes down to level "allowlist", but the workspace is at "authz". Allowed: full.',
    ),
  ],
  [
    'a rollback from the lowest level',
    [['ws-acme', 'level: routing', 'level: routing\n    rollback: { to: full }']],
    below(
      'ws-acme',
      'level: routing',
      'enforcement.rollback.to: rollback full goes down to level "routing", but the workspace is at "routing". There is nothing to roll back.',
    ),
  ],
  [
    'a rollback to nowhere',
    [['ws-acme', 'level: routing', 'level: enforced\n    rollback: { to: 4 }']],
    below('ws-acme', 'level: routing', 'enforcement.rollback.to: 4 is not a rollback target. Allowed: 1, 2, 3, full.'),
  ],
  [
    'relaxing a control that is in shadow',
    [['ws-acme', 'level: routing', 'level: identity\n    relax: { controls: [authz, egress] }']],
    below(
      'ws-acme',
      'level: routing',
      'enforcement.relax.controls[1]: "egress" is in shadow at level "identity" already. Allowed: authz, mtls.',
    ),
  ],
  [
    'rollback and relax together',
    [['ws-acme', 'level: routing', 'level: enforced\n    rollback: { to: 1 }\n    relax: { controls: [mtls] }']],
    at('ws-acme', 'portarium:enforcement', 'enforcement: either "rollback" or "relax", not both.'),
  ],
  [
    'a cluster IP that two workspaces use',
    [['ws-acme', '10.96.53.1', '10.96.53.2']],
    at(
      'ws-globex',
      '10.96.53.2',
      'workspace.dns.clusterIP: cluster IP 10.96.53.2 is used by workspace "ws-acme" already.',
    ),
  ],
  [
    'a cluster IP that the front has',
    [['ws-acme', '10.96.53.1', '10.96.80.1']],
    at('ws-acme', '10.96.53.1', 'workspace.dns.clusterIP: cluster IP 10.96.80.1 is used by the front already.'),
  ],
  [
    'a cluster IP twice in the platform',
    [['platform', 'clusterIP: 10.96.80.4', 'clusterIP: 10.96.80.2']],
    at(
      'platform',
      'clusterIP: 10.96.80.4',
      'collector.clusterIP: cluster IP 10.96.80.2 is used by the front’s bearer listener already.',
    ),
  ],
  [
    'one cluster IP in two spellings',
    [
      ['platform', 'serviceCidrs: [10.96.0.0/16]', 'serviceCidrs: [10.96.0.0/16, "fd00:96::/108"]'],
      ['platform', 'clusterIP: 10.96.80.4', 'clusterIP: "fd00:96::1"'],
      ['ws-acme', '10.96.53.1', '"FD00:96:0::0:1"'],
    ],
    at('ws-acme', '10.96.53.1', 'workspace.dns.clusterIP: cluster IP FD00:96:0::0:1 is used by the collector already.'),
  ],
  [
    'a cluster IP outside of the service CIDRs',
    [
      ['platform', 'peopleClusterIP: 10.96.80.3', 'peopleClusterIP: "fd00::3"'],
      ['ws-acme', '10.96.53.1', '10.97.53.1'],
    ],
    [
      at(
        'platform',
        'peopleClusterIP',
        'front.peopleClusterIP: fd00::3 is not in the cluster’s service CIDRs. Allowed: 10.96.0.0/16.',
      ),
      at(
        'ws-acme',
        '10.96.53.1',
        'workspace.dns.clusterIP: 10.97.53.1 is not in the cluster’s service CIDRs. Allowed: 10.96.0.0/16.',
      ),
    ].join('\n'),
  ],
  [
    'a CIDR with host bits',
    [['platform', '10.244.0.0/16', '10.244.0.1/16']],
    at(
      'platform',
      '10.244.0.0/16',
      'cluster.podCidrs[0]: "10.244.0.1/16" is not a CIDR. It has bits beyond its prefix length. Did you mean "10.244.0.0/16"?',
    ),
  ],
  [
    'a CIDR of everything',
    [['platform', '192.0.2.10/32', '0.0.0.0/0']],
    at(
      'platform',
      '192.0.2.10/32',
      'peers[0].cidrs[0]: "0.0.0.0/0" is not a CIDR. An address, "/" and a prefix length, for example "10.0.0.0/16"; "/0" is never accepted.',
    ),
  ],
  [
    'an IPv4 range written as IPv6',
    [['platform', '192.0.2.10/32', '::ffff:192.0.2.0/120']],
    at(
      'platform',
      '192.0.2.10/32',
      'peers[0].cidrs[0]: "::ffff:192.0.2.0/120" is not a CIDR. An address, "/" and a prefix length, for example "10.0.0.0/16"; "/0" is never accepted.',
    ),
  ],
  [
    'an address with a zone, which no policy can hold',
    [['platform', 'clusterIP: 10.96.0.10', 'clusterIP: 10.96.0.10\n      nodeLocalAddress: "fe80::1%eth0"']],
    below(
      'platform',
      'clusterIP: 10.96.0.10',
      'cluster.dns.nodeLocalAddress: "fe80::1%eth0" is not an IP address. For example "10.96.0.10".',
    ),
  ],
  [
    'a selector that would select everything',
    [['platform', 'podLabels: { app.kubernetes.io/name: vault }', 'podLabels: {}']],
    at(
      'platform',
      'podLabels: { app.kubernetes.io/name: vault }',
      'vault.podLabels: at least one label, or it would select every pod.',
    ),
  ],
  [
    'a label that the API server would refuse',
    [['platform', 'podLabels: { app.kubernetes.io/name: vault }', 'podLabels: { "a b": c }']],
    at(
      'platform',
      'podLabels: { app.kubernetes.io/name: vault }',
      'vault.podLabels: {"a b":"c"} are not labels. A key is an optional DNS name and "/", then, like the value, at most 63 letters, digits, "-", "_" and ".".',
    ),
  ],
  [
    'a peer that is called like a component',
    [['platform', 'name: identity-provider', 'name: worker']],
    at(
      'platform',
      'name: identity-provider',
      'peers[0].name: peer "worker" is a component of the platform. Give each peer a name of its own.',
    ),
  ],
  [
    'a peer twice',
    [['platform', 'name: postgres\n', 'name: identity-provider\n']],
    at(
      'platform',
      'name: postgres',
      'peers[1].name: peer "identity-provider" is defined twice. Give each peer a name of its own.',
    ),
  ],
  [
    'a peer that is neither pods nor addresses',
    [['platform', '      cidrs: [192.0.2.10/32]\n', '']],
    at('platform', 'name: identity-provider', 'peers[0]: exactly one of "pods" and "cidrs".'),
  ],
  [
    'a peer of which it is not said whether it forwards',
    [['platform', 'forwards: false\n      reason: serves', 'reason: serves']],
    at('platform', 'name: identity-provider', 'peers[0].forwards: missing: true or false.'),
  ],
  [
    'DNS by Cilium without Cilium',
    [['platform', 'mode: agent-dns', 'mode: cilium']],
    at(
      'platform',
      'mode: agent-dns',
      'agentDns.mode: "cilium" needs network.cilium: true; without Cilium nothing restricts the names that agents ask cluster DNS for. Use "agent-dns".',
    ),
  ],
  [
    'YAML that is none, with its line',
    [['ws-acme', 'level: routing', 'level: "routing']],
    at('ws-acme', 'level: routing', 'not valid YAML: Missing closing "quote.'),
  ],
  [
    'a key twice',
    [['ws-acme', 'level: routing', 'level: routing\n    level: enforced']],
    below('ws-acme', 'level: routing', 'not valid YAML: Map keys must be unique.'),
  ],
  [
    'an alias, which another reader may take for something else',
    [['ws-acme', 'listens: [gateway, metrics]', 'listens: *both']],
    at('ws-acme', 'listens: [gateway', 'alias "*both" is not accepted. Write it out.'),
  ],
  [
    'a tag that nobody knows',
    [['ws-acme', 'listens: [gateway, metrics]', 'listens: !all [gateway]']],
    at('ws-acme', 'listens: [gateway', 'not valid YAML: Unresolved tag: !all.'),
  ],
  [
    'an unknown namespace of config keys',
    [['ws-acme', 'portarium:agents:', 'portariun:agents:']],
    at(
      'ws-acme',
      'portarium:agents:',
      'portariun:agents: unknown config namespace "portariun". Allowed: portarium, pulumi. Did you mean "portarium"?',
    ),
  ],
  [
    'a key with and without its namespace',
    [['ws-acme', 'portarium:kind: workspace', 'portarium:kind: workspace\n  kind: platform']],
    at('ws-acme', 'portarium:kind', 'kind: given twice, with and without prefix.'),
  ],
  [
    'a key that JavaScript takes for something else',
    [['ws-acme', 'portarium:kind: workspace', 'portarium:kind: workspace\n  portarium:__proto__: { kind: platform }']],
    at(
      'ws-acme',
      'portarium:workspace:',
      'unknown key "__proto__". Allowed: kind, workspace, enforcement, allowlist, blastRadius, separationOfDuties, policyIds, access, credentials, agents, systemsOfRecord.',
    ),
  ],
  [
    'no kind',
    [['ws-acme', '  portarium:kind: workspace\n', '']],
    at('ws-acme', 'config:', 'kind: missing. Allowed: platform, workspace.'),
  ],
  [
    'a kind that does not exist',
    [['ws-acme', 'portarium:kind: workspace', 'portarium:kind: worksapce']],
    at(
      'ws-acme',
      'portarium:kind',
      'kind: "worksapce" is not allowed. Allowed: platform, workspace. Did you mean "workspace"?',
    ),
  ],
  ['no config', [['ws-acme', 'config:', 'confg:']], 'Pulumi.ws-acme.yaml:1: config: missing: the map of config keys.'],
  [
    'two platform stacks',
    [['ws-globex', 'portarium:kind: workspace', 'portarium:kind: platform']],
    at('ws-globex', 'portarium:kind', 'kind: a second platform stack, beside "platform".'),
  ],
  [
    'no platform stack',
    [['platform', 'portarium:kind: platform', 'portarium:kind: workspace']],
    '<stacks>: kind: no stack of kind "platform". Every workspace stands on one.',
  ],
];

describe('a config is refused', () => {
  it.each(wrong)('for %s', (_what, edits, said) => {
    expect(refusalOf(...edits)).toBe(said);
  });

  it('for an authority that is no certificate', () => {
    const begin = 'certificateSecret: api-server-tls\n    certificateAuthority: |\n      -----BEGIN CERTIFICATE-----\n';
    const broken: Edit = ['platform', begin, `${begin}      AAAA\n`];
    expect(refusalOf(broken)).toMatch(
      /^Pulumi\.platform\.yaml:\d+: front\.certificateAuthority: .* is not PEM of certificate authorities\. One or more blocks/m,
    );
  });

  it('with all its problems at once', () => {
    const said = refusalOf(
      ['ws-acme', 'level: routing', 'level: none'],
      ['ws-acme', 'tier: HumanApprove', 'tier: Human'],
      ['ws-acme', 'risk: low', 'risk: lowest'],
    );
    expect(said.split('\n').map((line) => line.split(': ').slice(0, 2).join(': '))).toEqual([
      `${lineOf('ws-acme', 'level: routing')}: enforcement.level`,
      `${lineOf('ws-acme', 'tier: HumanApprove')}: allowlist.allowedTools[0].tier`,
      `${lineOf('ws-acme', 'risk: low')}: agents[1].risk`,
    ]);
  });
});

describe('a suggestion', () => {
  it('names the nearest allowed word, whatever its case', () => {
    expect(tryNearest('Routng', ['routing', 'authz'])).toBe('routing');
    expect(tryNearest('auhtz', ['routing', 'authz'])).toBe('authz');
  });

  it('is not made when nothing is near', () => {
    expect(tryNearest('open', ['routing', 'authz', 'enforced'])).toBeUndefined();
    expect(suggest('open', ['routing', 'authz'])).toBe('Allowed: routing, authz.');
    expect(suggest(7, ['routing'])).toBe('Allowed: routing.');
  });
});

describe('a path', () => {
  it('is written as config get --path takes it', () => {
    expect(renderPath(['agents', 1, 'listens', 0])).toBe('agents[1].listens[0]');
    expect(renderPath([])).toBe('');
  });
});
