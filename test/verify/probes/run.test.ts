import { describe, expect, it } from 'vitest';
import { Cluster } from '../../../src/bridge/cluster.js';
import type { ApiRequest } from '../../../src/bridge/cluster-connection.js';
import type { Probe } from '../../../src/verify/probes/probe.js';
import { probeChecks, type RunOptions } from '../../../src/verify/probes/run.js';
import { fakeApi } from '../../bridge/fake-api.js';
import { ACME, PLATFORM } from '../../model/examples.js';

const probes: readonly Probe[] = [
  { name: 'front', kind: 'tcp', target: { address: '10.0.0.1', port: 443 }, expect: 'allowed' },
  { name: 'sor', kind: 'tcp', target: { address: '192.0.2.1', port: 443 }, expect: 'denied', pairedWith: 'front' },
  { name: 'runs', kind: 'http', target: { address: 'https://10.0.0.1/' }, expect: 'allowed', as: 'agent' },
  {
    name: '8080',
    kind: 'tcp',
    target: { address: '10.244.0.9', port: 8080 },
    expect: 'denied',
    pairedWith: 'front',
    from: 'node',
  },
];
const node = (name: string, more: object = {}) => ({ metadata: { name }, spec: {}, ...more });
const said = (message?: string) => ({
  metadata: { name: 'pod' },
  status: {
    phase: 'Succeeded',
    containerStatuses: [{ state: { terminated: message === undefined ? {} : { message } } }],
  },
});
/** What a pod says of the two probes that any pod can send. */
const BOTH = JSON.stringify([
  ['connected', '', 3],
  ['timeout', '', 3000],
]);

interface Live {
  readonly nodes: readonly object[];
  readonly pod?: object;
  readonly refuses?: string;
}

async function run({ nodes, pod = said(BOTH), refuses }: Live, more: Partial<RunOptions> = {}) {
  const api = fakeApi(({ path, method }) => {
    const { pathname } = new URL(path, 'https://api');
    const list = (items: readonly object[]) => ({ body: { items, metadata: {} } });
    if (pathname === '/api/v1') {
      return {
        body: {
          resources: [
            { kind: 'Pod', name: 'pods', namespaced: true },
            { kind: 'Node', name: 'nodes' },
          ],
        },
      };
    }
    if (pathname === '/apis/batch/v1')
      return { body: { resources: [{ kind: 'Job', name: 'jobs', namespaced: true }] } };
    if (pathname === '/api/v1/nodes') return list(nodes);
    if (pathname.endsWith('/pods')) return list([pod]);
    if (pathname.includes('/jobs') && method === 'POST') {
      return refuses === undefined ? { status: 201 } : { status: 403, body: { message: refuses } };
    }
    return method === 'DELETE' ? { status: 200 } : undefined;
  });
  const options = { cluster: new Cluster(api), platform: PLATFORM, workspace: ACME, probes, patience: 50, ...more };
  const checks = await probeChecks(options);
  return { checks: checks.map(({ name, verdict, note }) => [name, verdict, note] as const), requests: api.requests };
}
const jobs = (requests: readonly ApiRequest[], method: string) =>
  requests.filter((request) => request.method === method && request.path.includes('/jobs'));

describe('a run', () => {
  it('sends from every node that can run agents, and judges each place by itself', async () => {
    const { checks, requests } = await run({
      nodes: [
        node('one'),
        node('two', { spec: { taints: [{ key: 'x', effect: 'PreferNoSchedule' }] } }),
        node('closed', { spec: { unschedulable: true } }),
        node('tainted', { spec: { taints: [{ key: 'x', effect: 'NoSchedule' }] } }),
      ],
    });
    const places = (verdict: string) => checks.filter((check) => check[1] === verdict).map(([name]) => name);
    expect(places('pass')).toEqual(
      ['one', 'two'].flatMap((on) => [`probe front, agents on ${on}`, `probe sor, agents on ${on}`]),
    );
    expect(places('fail')).toEqual([]);
    expect(jobs(requests, 'POST')).toHaveLength(2);
    expect(jobs(requests, 'DELETE')).toHaveLength(2);
  });

  it('leaves to agents what takes an agent, and to --elsewhere what is sent from there', async () => {
    const { checks } = await run({ nodes: [node('one')] });
    const note = (name: string) => checks.find((check) => check[0] === name)?.slice(1);
    expect(note('probe runs, agents on one')).toEqual([
      'inconclusive',
      expect.stringContaining('the probe is no agent: it has no SVID and no token'),
    ]);
    expect(note('probe 8080, node on one')).toEqual(['inconclusive', 'needs --elsewhere NAMESPACE']);
    const { requests } = await run({ nodes: [node('one')], pod: said('[["timeout","",1]]') }, { elsewhere: 'tools' });
    expect(jobs(requests, 'POST').map(({ path }) => new URL(path, 'https://api').pathname)).toContain(
      '/apis/batch/v1/namespaces/tools/jobs',
    );
  });

  it('of which one place reaches what it must not fails there alone', async () => {
    const open = JSON.stringify([
      ['connected', '', 3],
      ['connected', '', 4],
    ]);
    const { checks } = await run({ nodes: [node('one')], pod: said(open) });
    expect(checks.filter((check) => check[1] === 'fail').map(([name]) => name)).toEqual(['probe sor, agents on one']);
  });

  it.each<[string, Live, string]>([
    [
      'no node can run agents',
      { nodes: [node('closed', { spec: { unschedulable: true } })] },
      'no node can run agents',
    ],
    [
      'kwok plays the node',
      { nodes: [node('one', { metadata: { name: 'one', labels: { type: 'kwok' } } })] },
      'kwok plays it',
    ],
    ['the pod ended and said nothing', { nodes: [node('one')], pod: said() }, 'the pod ended and said nothing'],
    [
      'the pod does not start',
      { nodes: [node('one')], pod: { metadata: {}, status: { phase: 'Pending' } } },
      'did not run in time: Pending',
    ],
    ['the Job is refused', { nodes: [node('one')], refuses: 'no right' }, 'no right'],
    ['the pod answers for another list', { nodes: [node('one')], pod: said('[]') }, 'another list of probes'],
    ['the answer is no JSON', { nodes: [node('one')], pod: said('Killed') }, 'JSON'],
  ])('is inconclusive where %s', async (_, live, why) => {
    const { checks } = await run(live);
    expect(checks.filter((check) => check[1] !== 'inconclusive')).toEqual([]);
    expect(checks[0]![2]).toContain(why);
  });
});
