import { describe, expect, it } from 'vitest';
import { reach, reachedBy, reachTable } from '../../src/prove/index.js';
import type { KubeObject } from '../../src/prove/index.js';
import { egress, ingress, namespace, object, pod, policy } from './objects.js';

const SOURCE = { namespace: 'a', name: 'agent' };
const agent = pod('agent', { ips: ['10.0.0.1'], hostIP: '172.18.0.2' });
const deny = policy('deny', { policyTypes: ['Ingress', 'Egress'] });
const toNodes = policy('nodes', egress({ to: [{ ipBlock: { cidr: '172.18.0.0/16' } }], ports: [{ port: 10250 }] }));

describe('reach', () => {
  it('collapses pods to their workload and gives each row what at least one of them accepts', () => {
    const replica = (name: string, fields: object): KubeObject =>
      pod(name, {
        namespace: 'portarium-control-plane',
        owner: { kind: 'ReplicaSet', name: 'api-server-5d9' },
        ...fields,
      });
    const objects = [
      agent,
      object('apps/v1', 'ReplicaSet', {
        metadata: {
          name: 'api-server-5d9',
          namespace: 'portarium-control-plane',
          ownerReferences: [{ kind: 'Deployment', name: 'api-server', controller: true }],
        },
      }),
      replica('api-server-5d9-x', { ports: [{ name: 'https', containerPort: 8443 }] }),
      replica('api-server-5d9-y', { ports: [{ name: 'https', containerPort: 9443 }] }),
      policy('p', egress({ to: [{ namespaceSelector: {} }], ports: [{ port: 'https' }] })),
    ];
    expect(reach(objects, SOURCE).rows).toEqual([
      {
        to: 'portarium-control-plane/api-server[Deployment]',
        connections: [
          {
            protocol: 'TCP',
            ports: [
              [8443, 8443],
              [9443, 9443],
            ],
          },
        ],
      },
    ]);
  });

  it('is plain data, fit for JSON', () => {
    const answer = reach([agent, pod('other'), toNodes], SOURCE);
    expect(JSON.parse(JSON.stringify(answer))).toEqual(answer);
  });

  it('leaves out pods that have ended, and counts those without an address by their labels', () => {
    const found = reach(
      [agent, pod('done', { phase: 'Succeeded' }), pod('dead', { phase: 'Failed' }), pod('soon', { phase: 'Pending' })],
      SOURCE,
    );
    expect(found.rows.map(({ to }) => to)).toEqual(['a/soon[Pod]', '0.0.0.0/0', '::/0']);
    expect(found.notes).toContain('1 other pod(s) without an address yet: rules by ipBlock are not counted for them.');
  });

  it('has a row for other replicas of the own workload, but none for the pod itself', () => {
    const replica = (name: string): KubeObject => pod(name, { owner: { kind: 'StatefulSet', name: 'bot' } });
    const source = { namespace: 'a', name: 'bot-0' };
    const inside = policy('p', egress({ to: [{ podSelector: {} }] }));
    expect(reach([replica('bot-0'), inside], source).rows).toEqual([]);
    expect(reach([replica('bot-0'), replica('bot-1'), inside], source).rows.map(({ to }) => to)).toEqual([
      'a/bot[StatefulSet]',
    ]);
  });

  it('gives a range of many pieces a readable name and keeps them', () => {
    const except = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '169.254.0.0/16', '127.0.0.0/8'];
    const world = (...holes: string[]): object =>
      policy('p', egress({ to: [{ ipBlock: { cidr: '0.0.0.0/0', except: holes } }], ports: [{ port: 443 }] }));
    const [row] = reach([agent, world(...except) as KubeObject], SOURCE).rows;
    expect(row).toMatchObject({
      to: 'public IPv4 (50 ranges)',
      connections: [{ protocol: 'TCP', ports: [[443, 443]] }],
    });
    expect(row?.cidrs).toHaveLength(50);
    expect(row?.cidrs?.slice(0, 3)).toEqual(['0.0.0.0/5', '8.0.0.0/7', '11.0.0.0/8']);
    const [mixed] = reach([agent, world('192.168.0.0/16') as KubeObject], SOURCE).rows;
    expect(mixed?.to).toBe('IPv4, public and private (16 ranges)');
  });

  it('says that NetworkPolicy does not decide about the own node', () => {
    expect(reach([agent, deny], SOURCE)).toEqual({
      workload: 'a/agent[Pod]',
      isolated: true,
      rows: [],
      notEvaluated: [],
      complete: true,
      notes: ['Traffic with its own node (172.18.0.2) is not subject to NetworkPolicy.'],
    });
  });

  it('is not complete for a pod with a second network, which no NetworkPolicy governs', () => {
    const attached = pod('agent', { annotations: { 'k8s.v1.cni.cncf.io/networks': 'storage' } });
    expect(reach([attached, deny], SOURCE)).toMatchObject({
      complete: false,
      notEvaluated: [{ kind: 'Pod', namespace: 'a', name: 'agent' }],
    });
  });

  it('names the pods there are when it is asked for one there is not', () => {
    expect(() => reach([agent], { namespace: 'a', name: 'agnet' })).toThrow('no running pod a/agnet; pods in a: agent');
    expect(() => reach([pod('agent', { phase: 'Failed' })], SOURCE)).toThrow('no running pod a/agent; pods in a: none');
  });
});

describe("a pod on its node's network", () => {
  const node = pod('proxy', { namespace: 'b', labels: { app: 'proxy' }, ips: ['172.18.0.3'], hostNetwork: true });

  it('as a source is isolated by nothing, and the answer says so', () => {
    const found = reach([node, policy('deny', egress(), 'b')], { namespace: 'b', name: 'proxy' });
    expect(found.isolated).toBe(false);
    expect(found.notes).toEqual(["It shares its node's network: no policy is certain to isolate it."]);
    expect(found.rows.map(({ to }) => to)).toEqual(['0.0.0.0/0', '::/0']);
  });

  it('as a destination is its node: ipBlock selects it under both readings', () => {
    for (const ipBlockSelectsPods of [true, false]) {
      const { rows } = reach([agent, node, toNodes], SOURCE, { ipBlockSelectsPods });
      expect(rows[0]).toMatchObject({ to: 'b/proxy[Pod]', hostNetwork: true });
      expect(reachTable(rows)).toContain('b/proxy[Pod] (host network)  TCP 10250');
    }
  });

  it('leaves the address of its node among the addresses, where other processes of the node listen', () => {
    const toNode = policy('p', egress({ to: [{ ipBlock: { cidr: '172.18.0.3/32' } }] }));
    expect(reach([agent, node, toNode], SOURCE).rows.map(({ to }) => to)).toEqual(['b/proxy[Pod]', '172.18.0.3/32']);
  });

  it('as a destination is also what its labels say, and its own ingress policies protect nothing', () => {
    const byLabel = policy(
      'p',
      egress({ to: [{ namespaceSelector: {}, podSelector: { matchLabels: { app: 'proxy' } } }] }),
    );
    const { rows } = reach([agent, node, byLabel, policy('in', ingress(), 'b')], SOURCE);
    expect(rows.map(({ to }) => to)).toEqual(['b/proxy[Pod]']);
  });
});

describe('reachedBy', () => {
  it('is reach in reverse, with the ports of the pod itself', () => {
    const server = pod('server', {
      ips: ['10.0.0.2'],
      labels: { app: 'server' },
      ports: [{ name: 'web', containerPort: 8080 }],
    });
    const rule = { from: [{ podSelector: {} }, { ipBlock: { cidr: '192.0.2.0/24' } }], ports: [{ port: 'web' }] };
    const objects = [
      namespace('a'),
      agent,
      server,
      pod('stranger', { namespace: 'b' }),
      policy('in', { ...ingress(rule), podSelector: { matchLabels: { app: 'server' } } }),
    ];
    expect(reachTable(reachedBy(objects, { namespace: 'a', name: 'server' }).rows)).toBe(
      ['FROM          PORTS', 'a/agent[Pod]  TCP 8080', '192.0.2.0/24  TCP 8080'].join('\n'),
    );
  });
});
