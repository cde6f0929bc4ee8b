import { describe, expect, it } from 'vitest';
import { LABELS, NAMESPACES } from '../../../src/model/names.js';
import { publicCidrs } from '../../../src/model/public-addresses.js';
import {
  agentEgress,
  agents,
  API_SERVER,
  FRONT_PORTS,
  networkPolicy,
  openEgress,
  openMtls,
  platform,
  pods,
} from './fixture.js';
import { outcome, users } from './install.js';

const tcp = (...ports: readonly (number | string)[]) => ports.map((port) => ({ protocol: 'TCP', port }));
const created = (policy: ReturnType<typeof networkPolicy>): Promise<string> =>
  outcome(users['ws-acme-deployer'].create(policy, { dryRun: true }));
const egress = (rule: unknown): Promise<string> => created(agentEgress([rule]));
const NO_EDGE = "opens what is no edge of ws-acme's matrix";

export function networkShapeCases(): void {
  describe('a NetworkPolicy among agents', () => {
    it('opens edges of the matrix', async () => {
      expect(await egress({ to: [API_SERVER], ports: FRONT_PORTS })).toBe('');
      const collector = pods(NAMESPACES.observability, { [LABELS.component]: 'otel-collector' });
      expect(await egress({ to: [collector], ports: tcp(4317) })).toBe('');
      const dns = pods('a-agents', { [LABELS.component]: 'agent-dns-ws-acme', [LABELS.workspace]: 'ws-acme' });
      expect(await egress({ to: [dns], ports: [...tcp(53, 1053), { protocol: 'UDP', port: 53 }] })).toBe('');
    });

    it('may select fewer agents, and peers more narrowly', async () => {
      const narrow = pods(NAMESPACES.controlPlane, { [LABELS.component]: 'api-server', version: 'v2' });
      const subject = { matchLabels: { ...agents(), [LABELS.agent]: 'sales-bot' } };
      expect(await created(agentEgress([{ to: [narrow], ports: tcp(443) }], { spec: { podSelector: subject } }))).toBe(
        '',
      );
    });

    it.each([
      ['every destination (S2)', {}],
      ['every destination on a port (S1)', { ports: tcp(443) }],
      ['every destination on a port, by an empty list (S1)', { to: [], ports: tcp(443) }],
      ['every port (S8)', { to: [API_SERVER] }],
      ['every port, by an empty list (S8)', { to: [API_SERVER], ports: [] }],
      ['every port of a protocol (S8)', { to: [API_SERVER], ports: [{ protocol: 'TCP' }] }],
    ])('never opens %s', async (_, rule) => {
      expect(await egress(rule)).toContain('Each egress rule must name its peers ("to") and its port numbers');
    });

    const { namespaceSelector, podSelector } = API_SERVER;
    it.each([
      ['a whole namespace (network-policy.md 0.2)', { to: [{ namespaceSelector }], ports: tcp(443) }],
      ['every namespace (S4)', { to: [{ namespaceSelector: {}, podSelector }], ports: tcp(443) }],
      ['pods of the own namespace (S4)', { to: [{ podSelector }], ports: tcp(443) }],
      ['namespace and pods as two peers (S5)', { to: [{ namespaceSelector }, { podSelector }], ports: tcp(443) }],
      [
        'namespaces by a tenant’s label',
        { to: [{ namespaceSelector: { matchLabels: { team: 'portarium' } }, podSelector }], ports: tcp(443) },
      ],
      [
        'namespaces by exclusion (S6)',
        {
          to: [
            {
              namespaceSelector: {
                matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['x'] }],
              },
              podSelector,
            },
          ],
          ports: tcp(443),
        },
      ],
      [
        'another component',
        { to: [pods(NAMESPACES.controlPlane, { [LABELS.component]: 'openfga' })], ports: tcp(443) },
      ],
      ['another port', { to: [API_SERVER], ports: tcp(22) }],
      ['the bearer’s port', { to: [API_SERVER], ports: tcp(8444) }],
      ['a port of another edge', { to: [API_SERVER], ports: tcp(4317) }],
      ['a named port (S9)', { to: [API_SERVER], ports: tcp('https') }],
      ['a range of ports (S10)', { to: [API_SERVER], ports: [{ protocol: 'TCP', port: 443, endPort: 9000 }] }],
      ['another protocol', { to: [API_SERVER], ports: [{ protocol: 'UDP', port: 443 }] }],
      ['an address', { to: [{ ipBlock: { cidr: '8.8.8.8/32' } }], ports: tcp(443) }],
      ['cluster DNS', { to: [pods('kube-system', { 'k8s-app': 'kube-dns' })], ports: tcp(53) }],
      ['Vault', { to: [pods('vault', { app: 'vault' })], ports: tcp(8200) }],
      ['another workspace’s agents', { to: [pods('a-shared', agents('ws-globex'))], ports: tcp(443) }],
    ])('without the label opens never opens %s', async (_, rule) => {
      expect(await egress(rule)).toContain(`${NO_EDGE} without the label portarium.io/opens`);
    });

    it.each([
      ['every pod of the namespace', {}],
      ['pods without the workspace', { matchLabels: { [LABELS.role]: 'agent' } }],
      ['pods of another workspace', { matchLabels: agents('ws-globex') }],
      ['pods by an expression', { matchExpressions: [{ key: LABELS.role, operator: 'In', values: ['agent'] }] }],
    ])('opens nothing for %s', async (_, subject) => {
      const policy = agentEgress([{ to: [API_SERVER], ports: tcp(443) }], { spec: { podSelector: subject } });
      expect(await created(policy)).toContain(NO_EDGE);
    });

    it('lets in only the front, prometheus and, to the DNS server, agents', async () => {
      const ingress = (rule: unknown, subject: Record<string, string> = agents()): Promise<string> =>
        created(networkPolicy({ spec: { podSelector: { matchLabels: subject }, ingress: [rule] } }));
      const prometheus = pods(NAMESPACES.observability, { [LABELS.component]: 'prometheus' });
      const dns = { [LABELS.component]: 'agent-dns-ws-acme', [LABELS.workspace]: 'ws-acme' };
      expect(await ingress({ from: [prometheus], ports: tcp(9464) })).toBe('');
      expect(await ingress({ from: [API_SERVER], ports: tcp(18789) })).toBe('');
      expect(await ingress({ from: [pods('a-agents', agents())], ports: tcp(53, 1053) }, dns)).toBe('');
      expect(await ingress({ from: [pods('a-agents', agents())], ports: tcp(53, 1053) })).toContain(NO_EDGE);
      expect(await ingress({ from: [API_SERVER], ports: tcp(22) })).toContain(`The ingress of candidate ${NO_EDGE}`);
      expect(await ingress({ from: [pods('ingress', { app: 'gateway' })], ports: tcp(18789) })).toContain(NO_EDGE);
      expect(await ingress({})).toContain('Each ingress rule must name its peers ("from")');
    });

    it('with opens=mtls opens the bearer port and nothing else', async () => {
      // ws-globex is at `routing`: whether anything may be opened is another question.
      const globex = { namespace: 'a-shared', workspace: 'ws-globex' };
      const by = users['ws-globex-deployer'];
      expect(await outcome(by.create(openMtls(globex), { dryRun: true }))).toBe('');
      const labels = { [LABELS.opens]: 'mtls' };
      const wide = openEgress({ ...globex, labels });
      expect(await outcome(by.create(wide, { dryRun: true }))).toContain(
        "no edge of ws-globex's matrix with portarium.io/opens=mtls",
      );
    });

    describe('with opens=egress', () => {
      const opened = (rules: readonly unknown[], spec: object = {}): Promise<string> =>
        created(agentEgress(rules, { labels: { [LABELS.opens]: 'egress' }, spec: { ...spec } }));
      const to = (...cidrs: readonly string[]) => cidrs.map((cidr) => ({ ipBlock: { cidr } }));

      it('opens public addresses, Vault, and cluster DNS to the DNS server', async () => {
        expect(await opened([{ to: to(...publicCidrs(platform)), ports: tcp(443, 8443) }])).toBe('');
        expect(await opened([{ to: to('8.8.8.0/24', '2a00:1450::/32'), ports: tcp(443) }])).toBe('');
        expect(await opened([{ to: [pods('vault', { app: 'vault' })], ports: tcp(8200) }])).toBe('');
        const podSelector = { matchLabels: { [LABELS.component]: 'agent-dns-ws-acme', [LABELS.workspace]: 'ws-acme' } };
        const dns = [{ to: [pods('kube-system', { 'k8s-app': 'kube-dns' })], ports: tcp(53) }];
        expect(await opened(dns, { podSelector })).toBe('');
        expect(await opened(dns)).toContain(NO_EDGE);
      });

      it.each([
        ['everything', '0.0.0.0/0'],
        ['everything, with host bits (S12)', '1.2.3.4/0'],
        ['half of everything (S12)', '128.0.0.0/1'],
        ['everything of IPv6', '::/0'],
        ['everything of IPv4 as IPv6 (S12)', '::ffff:0:0/96'],
        ['the metadata service', '169.254.169.254/32'],
        ['pods', '10.244.3.0/24'],
        ['nodes', '172.31.0.5/32'],
        ['the API server', '10.96.0.1/32'],
        ['private addresses', '192.168.0.0/16'],
      ])('never opens %s', async (_, cidr) => {
        expect(await opened([{ to: to('8.8.8.0/24', cidr), ports: tcp(443) }])).not.toBe('');
      });

      it('never opens DNS to the world, UDP, a range, or what an exception hides', async () => {
        expect(await opened([{ to: to('8.8.8.0/24'), ports: tcp(53) }])).toContain(NO_EDGE);
        expect(await opened([{ to: to('8.8.8.0/24'), ports: [{ protocol: 'UDP', port: 443 }] }])).toContain(NO_EDGE);
        expect(
          await opened([{ to: to('8.8.8.0/24'), ports: [{ protocol: 'TCP', port: 443, endPort: 444 }] }]),
        ).toContain(NO_EDGE);
        const except = [{ ipBlock: { cidr: '8.0.0.0/8', except: ['8.8.8.0/24'] } }];
        expect(await opened([{ to: except, ports: tcp(443) }])).toContain(NO_EDGE);
      });

      it('opens no port that no declared system of record has', async () => {
        expect(await opened([{ to: to('8.8.8.0/24'), ports: tcp(9999) }])).toContain(
          'Addresses are opened on the ports of declared systems of record only',
        );
      });
    });

    it('opens for no other control', async () => {
      const policy = networkPolicy({ labels: { [LABELS.opens]: 'authz' } });
      expect(await created(policy)).toContain('portarium.io/opens must be egress or mtls');
    });
  });
}
