import { describe, expect, it } from 'vitest';
import { Cluster } from '../../../src/bridge/cluster.js';
import { readSurroundings } from '../../../src/verify/probes/surroundings.js';
import { fakeApi } from '../../bridge/fake-api.js';
import { ACME } from '../../model/examples.js';

const KINDS = [
  { kind: 'Pod', name: 'pods', namespaced: true },
  { kind: 'Node', name: 'nodes', namespaced: false },
  { kind: 'Service', name: 'services', namespaced: true },
];

interface Live {
  readonly nodes?: readonly object[];
  readonly fronts?: readonly object[];
  readonly others?: readonly object[];
}

/** Answers by what is selected; what is selected otherwise is 404. */
const cluster = ({ nodes = [], fronts = [], others = [] }: Live) =>
  new Cluster(
    fakeApi(({ path }) => {
      const { pathname, searchParams } = new URL(path, 'https://api');
      const labels = searchParams.get('labelSelector');
      const items = (found: readonly object[]) => ({ body: { items: found, metadata: {} } });
      if (pathname === '/api/v1') return { body: { resources: KINDS } };
      if (pathname === '/api/v1/nodes') return items(nodes);
      if (
        pathname === '/api/v1/namespaces/portarium-control-plane/pods' &&
        labels === 'portarium.io/component=api-server'
      )
        return items(fronts);
      if (pathname === '/api/v1/pods' && labels === 'portarium.io/role=agent,portarium.io/workspace!=ws-acme')
        return items(others);
      if (pathname === '/api/v1/namespaces/default/services/kubernetes') {
        return { body: { spec: { clusterIP: '10.96.0.1' } } };
      }
      return undefined;
    }),
  );
const pod = (...ips: readonly string[]) => ({ metadata: { name: 'p' }, status: { podIPs: ips.map((ip) => ({ ip })) } });
const node = {
  metadata: { name: 'n' },
  status: {
    addresses: [
      { type: 'Hostname', address: 'n' },
      { type: 'InternalIP', address: '10.0.0.4' },
      { type: 'InternalIP', address: 'fd00::4' },
    ],
  },
};
const resolve = (host: string) =>
  host === 'api.hubspot.com'
    ? Promise.resolve(['104.16.1.1', '2606:4700::1'])
    : Promise.reject(new Error(`getaddrinfo ENOTFOUND ${host}`));

describe('surroundings', () => {
  it('are addresses of both families: of nodes, of the front, of other workspaces’ agents, of systems of record', async () => {
    const live = { nodes: [node], fronts: [pod('10.244.0.9', 'fd01::9')], others: [pod('10.244.1.7')] };
    const { surroundings, checks } = await readSurroundings(cluster(live), ACME, resolve);
    expect(surroundings).toEqual({
      nodes: ['10.0.0.4', 'fd00::4'],
      fronts: ['10.244.0.9', 'fd01::9'],
      otherAgents: ['10.244.1.7'],
      apiService: '10.96.0.1',
      hosts: { 'api.hubspot.com': ['104.16.1.1', '2606:4700::1'] },
      nonce: expect.stringMatching(/^portarium-[0-9a-f]{12}$/) as string,
    });
    expect(checks).toEqual([
      {
        name: 'probe system of record erp.example.com',
        verdict: 'inconclusive',
        note: 'its addresses are not known here: getaddrinfo ENOTFOUND erp.example.com',
        findings: [],
      },
    ]);
  });

  it('that are missing are inconclusive by name, since no probe stands for them', async () => {
    const { checks } = await readSurroundings(cluster({}), { ...ACME, systemsOfRecord: [] }, resolve);
    expect(checks.map(({ name, verdict, note }) => [name, verdict, note])).toEqual([
      ['probe node', 'inconclusive', 'no node has an address'],
      ['probe api-server past its sidecar', 'inconclusive', 'no pod of the api-server has an address'],
      ['probe another workspace’s agent', 'inconclusive', 'no agent of another workspace runs'],
    ]);
  });

  it('never have the same part of a name twice', async () => {
    const nonce = async () => (await readSurroundings(cluster({}), ACME, resolve)).surroundings.nonce;
    expect(await nonce()).not.toBe(await nonce());
  });
});
