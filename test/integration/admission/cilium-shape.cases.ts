import { describe, expect, it } from 'vitest';
import { LABELS, NAMESPACES } from '../../../src/model/names.js';
import { ciliumPolicy, endpoint } from './fixture.js';
import { outcome, users } from './install.js';

const endpointSelector = { matchLabels: { 'k8s:portarium.io/role': 'agent', 'k8s:portarium.io/workspace': 'ws-acme' } };
const front = endpoint(NAMESPACES.controlPlane, { [LABELS.component]: 'api-server' });
const dnsServer = endpoint('a-agents', { [LABELS.component]: 'agent-dns-ws-acme', [LABELS.workspace]: 'ws-acme' });
const tcp = (...ports: readonly string[]) => ({ ports: ports.map((port) => ({ port, protocol: 'TCP' })) });
const asking = (...dns: readonly object[]) => ({ ...tcp('53', '1053'), rules: { dns } });
const FRONT_NAME = { matchName: `api-server.${NAMESPACES.controlPlane}.svc.cluster.local` };

const created = (
  spec: Readonly<Record<string, unknown>>,
  labels: Readonly<Record<string, string>> = {},
): Promise<string> =>
  outcome(
    users['ws-acme-deployer'].create(ciliumPolicy({ labels, spec: { endpointSelector, ...spec } }), { dryRun: true }),
  );
const egress = (rule: unknown, labels: Readonly<Record<string, string>> = {}): Promise<string> =>
  created({ egress: [rule] }, labels);
const NO_EDGE = "opens what is no edge of ws-acme's matrix";
const NAMED = 'Each egress rule must name its ports and its peers by toEndpoints, toCIDR, toFQDNs alone';

export function ciliumShapeCases(): void {
  describe('a CiliumNetworkPolicy among agents', () => {
    it('opens edges of the matrix, and DNS by exact names', async () => {
      expect(await egress({ toEndpoints: [front], toPorts: [tcp('443', '8443', '50051')] })).toBe('');
      expect(await egress({ toEndpoints: [dnsServer], toPorts: [asking(FRONT_NAME)] })).toBe('');
      const prometheus = endpoint(NAMESPACES.observability, { [LABELS.component]: 'prometheus' });
      expect(await created({ ingress: [{ fromEndpoints: [prometheus], toPorts: [tcp('9464')] }] })).toBe('');
    });

    it('denies freely', async () => {
      expect(await created({ egress: [{}], egressDeny: [{ toEntities: ['all'] }] })).toBe('');
    });

    it.each([
      ['every destination on a port', { toPorts: [tcp('443')] }, NO_EDGE],
      ['every destination on a port, by an empty list', { toEndpoints: [], toPorts: [tcp('443')] }, NO_EDGE],
      ['every port', { toEndpoints: [front] }, NAMED],
      ['every port, by an empty list', { toEndpoints: [front], toPorts: [] }, NAMED],
      ['every port, by a rule without ports', { toEndpoints: [front], toPorts: [{}] }, NAMED],
      ['a range of ports', { toEndpoints: [front], toPorts: [{ ports: [{ port: '443', endPort: 9000 }] }] }, NAMED],
      ['entities', { toEntities: ['world'], toPorts: [tcp('443')] }, NAMED],
      ['CIDR sets', { toCIDRSet: [{ cidr: '8.8.8.0/24' }], toPorts: [tcp('443')] }, NAMED],
      [
        'services',
        { toServices: [{ k8sService: { serviceName: 'x', namespace: 'y' } }], toPorts: [tcp('443')] },
        NAMED,
      ],
      ['nodes', { toNodes: [{}], toPorts: [tcp('443')] }, NAMED],
      ['groups', { toGroups: [{}], toPorts: [tcp('443')] }, NAMED],
      ['ICMP', { icmps: [{ fields: [{ type: 8 }] }] }, NAMED],
      ['addresses', { toCIDR: ['8.8.8.0/24'], toPorts: [tcp('443')] }, NO_EDGE],
      ['public names', { toFQDNs: [{ matchName: 'api.hubspot.com' }], toPorts: [tcp('443')] }, NO_EDGE],
      ['every endpoint', { toEndpoints: [{}], toPorts: [tcp('443')] }, NO_EDGE],
      ['a whole namespace', { toEndpoints: [endpoint(NAMESPACES.controlPlane, {})], toPorts: [tcp('443')] }, NO_EDGE],
      [
        'endpoints of any namespace',
        { toEndpoints: [{ matchLabels: { 'k8s:portarium.io/component': 'api-server' } }], toPorts: [tcp('443')] },
        NO_EDGE,
      ],
      ['another port', { toEndpoints: [front], toPorts: [tcp('22')] }, NO_EDGE],
      ['the bearer’s port', { toEndpoints: [front], toPorts: [tcp('8444')] }, NO_EDGE],
      ['any protocol', { toEndpoints: [front], toPorts: [{ ports: [{ port: '443' }] }] }, NO_EDGE],
      [
        'a listener',
        { toEndpoints: [front], toPorts: [{ ...tcp('443'), listener: { name: 'l', envoyConfig: { name: 'e' } } }] },
        NAMED,
      ],
      ['DNS without names', { toEndpoints: [dnsServer], toPorts: [tcp('53', '1053')] }, NO_EDGE],
      ['DNS by an empty list of names', { toEndpoints: [dnsServer], toPorts: [asking()] }, NO_EDGE],
      [
        'DNS by a pattern',
        { toEndpoints: [dnsServer], toPorts: [asking({ matchPattern: '*' })] },
        'DNS rules name exact names',
      ],
      [
        'DNS of a public name',
        { toEndpoints: [dnsServer], toPorts: [asking({ matchName: 'api.hubspot.com' })] },
        'DNS rules name exact names',
      ],
    ])('without the label opens never opens %s', async (_, rule, words) => {
      expect(await egress(rule)).toContain(words);
    });

    it.each([
      ['every pod', {}],
      [
        'pods of another workspace',
        { matchLabels: { ...endpointSelector.matchLabels, 'k8s:portarium.io/workspace': 'ws-globex' } },
      ],
      ['labels of any source', { matchLabels: { 'portarium.io/role': 'agent', 'portarium.io/workspace': 'ws-acme' } }],
    ])('opens nothing for %s', async (_, subject) => {
      const spec = { endpointSelector: subject, egress: [{ toEndpoints: [front], toPorts: [tcp('443')] }] };
      expect(await created(spec)).toContain(NO_EDGE);
    });

    it('isolates what it selects, and is one policy for pods', async () => {
      const off = { enableDefaultDeny: { egress: false } };
      expect(await created({ egress: [{}], ...off })).toContain('enableDefaultDeny must not be false');
      expect(await created({ egress: [{}], enableDefaultDeny: { egress: true, ingress: true } })).toBe('');
      const { spec, ...rest } = ciliumPolicy();
      expect(await outcome(users['ws-acme-deployer'].create({ ...rest, specs: [spec] }, { dryRun: true }))).toContain(
        'Write one policy an object, in "spec"',
      );
      expect(await created({ egress: [{}], nodeSelector: {} })).not.toBe('');
    });

    it('lets in nobody else', async () => {
      const ingress = (rule: unknown): Promise<string> => created({ ingress: [rule] });
      expect(await ingress({ fromEntities: ['world'], toPorts: [tcp('9464')] })).toContain(
        'Each ingress rule must name',
      );
      expect(await ingress({ toPorts: [tcp('9464')] })).toContain(NO_EDGE);
      expect(await ingress({ fromEndpoints: [front], toPorts: [tcp('22')] })).toContain(NO_EDGE);
    });

    it('with opens=egress opens declared systems of record by exact name, on their ports', async () => {
      const opened = (rule: unknown): Promise<string> => egress(rule, { [LABELS.opens]: 'egress' });
      const name = (matchName: string) => [{ matchName }];
      expect(await opened({ toFQDNs: name('api.hubspot.com'), toPorts: [tcp('443')] })).toBe('');
      expect(await opened({ toFQDNs: name('erp.example.com'), toPorts: [tcp('443', '8443')] })).toBe('');
      expect(await opened({ toEndpoints: [dnsServer], toPorts: [asking({ matchName: 'api.hubspot.com' })] })).toBe('');
      const words = 'Only declared systems of record are opened, on their own ports';
      expect(await opened({ toFQDNs: name('api.hubspot.com'), toPorts: [tcp('8443')] })).toContain(words);
      expect(await opened({ toFQDNs: name('evil.example.com'), toPorts: [tcp('443')] })).toContain(words);
      const either = new RegExp(`${NO_EDGE}|${words}`);
      expect(await opened({ toFQDNs: [{ matchPattern: '*.hubspot.com' }], toPorts: [tcp('443')] })).toMatch(either);
      expect(await opened({ toFQDNs: name('api.hubspot.com'), toPorts: [tcp('53')] })).toMatch(either);
      expect(await opened({ toFQDNs: name('api.hubspot.com') })).toContain(NAMED);
      expect(
        await opened({ toEndpoints: [dnsServer], toPorts: [asking({ matchName: 'evil.example.com' })] }),
      ).toContain('Only the names of the front, the collector, Vault and declared systems of record may be asked for');
    });
  });
}
