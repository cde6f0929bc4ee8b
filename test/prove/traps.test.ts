import { describe, expect, it } from 'vitest';
import { explain, reach, reachedBy, reachTable, serviceReach } from '../../src/prove/index.js';
import type { KubeObject } from '../../src/prove/index.js';
import { egress, ingress, namespace, object, pod, policy, service } from './objects.js';

/** The traps S1 to S15 of research/network-policy.md, section 1a: what each spelling truly means. */

const SOURCE = { namespace: 'a', name: 'agent' };
const agent = pod('agent', { ips: ['10.0.0.1', 'fd00::1'], labels: { role: 'agent' } });

/** The table of what the agent reaches, without its header, one space between columns. */
function table(objects: readonly KubeObject[], ipBlockSelectsPods = true): string[] {
  const { rows } = reach([agent, ...objects], SOURCE, { ipBlockSelectsPods });
  return rows.length === 0
    ? []
    : reachTable(rows)
        .split('\n')
        .slice(1)
        .map((line) => line.replace(/ {2,}/, ': '));
}

describe('S1: a rule without peers', () => {
  it.each([[{ to: [] }], [{}], [{ to: null }]])('%j allows every pod and every address of both families', (rule) => {
    const found = table([pod('other', { namespace: 'b' }), policy('p', egress({ ...rule, ports: [{ port: 53 }] }))]);
    expect(found).toEqual(['b/other[Pod]: TCP 53', '0.0.0.0/0: TCP 53', '::/0: TCP 53']);
  });
});

describe('S2: egress without rules', () => {
  it.each([[{ egress: [] }], [{}]])('%j with policyTypes Egress denies everything', (spec) => {
    expect(table([pod('other'), policy('p', { policyTypes: ['Egress'], ...spec })])).toEqual([]);
  });

  it('egress: [{}] allows everything', () => {
    expect(table([pod('other'), policy('p', egress({}))])).toEqual([
      'a/other[Pod]: everything',
      '0.0.0.0/0: everything',
      '::/0: everything',
    ]);
  });
});

describe('S3: policyTypes left out', () => {
  it('isolates ingress only, when there is no egress rule: a "deny" file leaves egress open', () => {
    for (const spec of [{}, { egress: [] }, { policyTypes: [] }]) {
      const objects = [agent, policy('deny', spec)];
      expect(reach(objects, SOURCE).isolated).toBe(false);
      expect(reachedBy(objects, SOURCE)).toMatchObject({ isolated: true, rows: [] });
    }
  });

  it('isolates both directions when there is an egress rule', () => {
    const objects = [agent, policy('p', { egress: [{ to: [{ ipBlock: { cidr: '192.0.2.0/24' } }] }] })];
    expect(table(objects)).toEqual(['192.0.2.0/24: everything']);
    expect(reachedBy(objects, SOURCE)).toMatchObject({ isolated: true, rows: [] });
  });

  it('makes rules of a direction that is not named count for nothing', () => {
    const types = { policyTypes: ['Ingress'], egress: [{ to: [{ ipBlock: { cidr: '192.0.2.0/24' } }] }] };
    expect(reach([agent, policy('p', types)], SOURCE).isolated).toBe(false);
  });
});

describe('S4: empty and absent selectors', () => {
  const world = [
    namespace('a', { team: 'a' }),
    namespace('b', { team: 'b' }),
    pod('x', { labels: { app: 'x' } }),
    pod('y'),
    pod('x', { namespace: 'b', labels: { app: 'x' } }),
    pod('y', { namespace: 'b' }),
  ];
  it.each<[object, string]>([
    [{ podSelector: {} }, 'a/x a/y'],
    [{ podSelector: { matchLabels: { app: 'x' } } }, 'a/x'],
    [{ namespaceSelector: {} }, 'a/x a/y b/x b/y'],
    [{ namespaceSelector: {}, podSelector: {} }, 'a/x a/y b/x b/y'],
    [{ namespaceSelector: {}, podSelector: { matchLabels: { app: 'x' } } }, 'a/x b/x'],
    [{ namespaceSelector: { matchLabels: { team: 'b' } } }, 'b/x b/y'],
    [{ namespaceSelector: { matchLabels: { team: 'b' } }, podSelector: {} }, 'b/x b/y'],
    [{ namespaceSelector: { matchLabels: { team: 'b' } }, podSelector: { matchLabels: { app: 'x' } } }, 'b/x'],
  ])('%j as a peer selects %s', (peer, selected) => {
    const { rows } = reach([agent, ...world, policy('p', egress({ to: [peer] }))], SOURCE);
    expect(rows.map(({ to }) => to.replace('[Pod]', '')).join(' ')).toBe(selected);
  });

  it('a subject without podSelector is the whole namespace, and never another one', () => {
    const deny = object('networking.k8s.io/v1', 'NetworkPolicy', {
      metadata: { name: 'deny', namespace: 'a' },
      spec: { policyTypes: ['Egress'] },
    });
    expect(reach([agent, deny], SOURCE).isolated).toBe(true);
    expect(reach([...world, deny], { namespace: 'b', name: 'x' }).isolated).toBe(false);
  });

  it('a namespace without an object carries just its name as a label', () => {
    const byName = { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'c' } } };
    expect(table([pod('z', { namespace: 'c' }), policy('p', egress({ to: [byName] }))])).toEqual([
      'c/z[Pod]: everything',
    ]);
  });
});

describe('S5: one dash or two', () => {
  const others = [
    namespace('b', { team: 'b' }),
    pod('x', { labels: { app: 'x' } }),
    pod('x', { namespace: 'b', labels: { app: 'x' } }),
    pod('y', { namespace: 'b' }),
  ];
  const namespaceSelector = { matchLabels: { team: 'b' } };
  const podSelector = { matchLabels: { app: 'x' } };

  it('two selectors in one peer must both hold', () => {
    const found = table([...others, policy('p', egress({ to: [{ namespaceSelector, podSelector }] }))]);
    expect(found).toEqual(['b/x[Pod]: everything']);
  });

  it('two selectors as two peers are alternatives', () => {
    const found = table([...others, policy('p', egress({ to: [{ namespaceSelector }, { podSelector }] }))]);
    expect(found).toEqual(['a/x[Pod]: everything', 'b/x[Pod]: everything', 'b/y[Pod]: everything']);
  });
});

describe('S6: NotIn and DoesNotExist', () => {
  it.each([
    { key: 'tier', operator: 'NotIn', values: ['secret'] },
    { key: 'tier', operator: 'DoesNotExist' },
  ])('$operator also selects what lacks the label, in namespaces made by anyone', (expression) => {
    const found = table([
      pod('stranger', { namespace: 'new' }),
      pod('vault', { namespace: 'b' }),
      namespace('b', { tier: 'secret' }),
      policy('p', egress({ to: [{ namespaceSelector: { matchExpressions: [expression] } }] })),
    ]);
    expect(found).toEqual(['new/stranger[Pod]: everything']);
  });
});

describe('S7: several policies', () => {
  it('add up: one more policy only widens what the first allows', () => {
    const narrow = policy('narrow', egress({ to: [{ ipBlock: { cidr: '192.0.2.0/24' } }], ports: [{ port: 443 }] }));
    expect(table([narrow])).toEqual(['192.0.2.0/24: TCP 443']);
    expect(table([narrow, policy('deny', egress())])).toEqual(['192.0.2.0/24: TCP 443']);
    const chart = policy('chart', egress({ to: [{ ipBlock: { cidr: '192.0.2.128/25' } }], ports: [{ port: 80 }] }));
    expect(table([narrow, chart])).toEqual(['192.0.2.0/25: TCP 443', '192.0.2.128/25: TCP 80, 443']);
    expect(table([narrow, policy('open', egress({}))])).toEqual(['0.0.0.0/0: everything', '::/0: everything']);
  });

  it('both sides must allow: egress of the source and ingress of the destination', () => {
    const objects = [
      pod('server', { labels: { app: 'server' } }),
      policy('out', {
        ...egress({ ports: [{ port: 80 }, { port: 443 }] }),
        podSelector: { matchLabels: { role: 'agent' } },
      }),
      policy('in', {
        ...ingress({ ports: [{ port: 443 }, { port: 22 }] }),
        podSelector: { matchLabels: { app: 'server' } },
      }),
    ];
    expect(table(objects)[0]).toBe('a/server[Pod]: TCP 443');
  });
});

describe('S8: what a port leaves out', () => {
  it.each<[string, object | undefined, string]>([
    ['no protocol is TCP alone', [{ port: 80 }], 'TCP 80'],
    ['no port is all ports of the protocol', [{ protocol: 'UDP' }], 'UDP all ports'],
    ['nothing at all is all of TCP', [{}], 'TCP all ports'],
    ['an empty list is everything, SCTP and ICMP too', [], 'everything'],
    ['no list is everything', undefined, 'everything'],
    [
      'all three protocols are not ICMP',
      [{}, { protocol: 'UDP' }, { protocol: 'SCTP' }],
      'TCP all ports; UDP all ports; SCTP all ports',
    ],
  ])('%s', (_, ports, expected) => {
    expect(table([pod('other'), policy('p', egress({ to: [{ podSelector: {} }], ports }))])).toEqual([
      `a/other[Pod]: ${expected}`,
    ]);
  });
});

describe('S9: a named port', () => {
  const rule = policy(
    'p',
    egress({ to: [{ podSelector: {} }, { ipBlock: { cidr: '192.0.2.0/24' } }], ports: [{ port: 'https' }] }),
  );

  it('is whatever number the destination pod gives the name, so the pod chooses', () => {
    const found = table([
      pod('honest', { ports: [{ name: 'https', containerPort: 8443 }] }),
      pod('other', { ports: [{ name: 'https', containerPort: 22 }] }),
      pod('udp', { ports: [{ name: 'https', containerPort: 9, protocol: 'UDP' }] }),
      pod('without'),
      rule,
    ]);
    expect(found).toEqual(['a/honest[Pod]: TCP 8443', 'a/other[Pod]: TCP 22']);
  });

  it('opens nothing towards addresses, which have no names', () => {
    expect(table([rule])).toEqual([]);
  });

  it('of a sidecar counts, of an init container that ends does not', () => {
    const withInit = (restartPolicy?: string): KubeObject =>
      object('v1', 'Pod', {
        metadata: { name: 'front', namespace: 'a' },
        spec: { initContainers: [{ restartPolicy, ports: [{ name: 'https', containerPort: 8443 }] }], containers: [] },
      });
    expect(table([withInit('Always'), rule])).toEqual(['a/front[Pod]: TCP 8443']);
    expect(table([withInit(), rule])).toEqual([]);
  });
});

describe('S10: endPort', () => {
  it('is part of the range', () => {
    const rule = egress({ to: [{ podSelector: {} }], ports: [{ port: 8000, endPort: 8080 }] });
    expect(table([pod('other'), policy('p', rule)])).toEqual(['a/other[Pod]: TCP 8000-8080']);
  });

  it('with a name, without a port, or below it is refused', () => {
    const refused =
      (port: object): (() => unknown) =>
      () =>
        table([policy('p', egress({ ports: [port] }))]);
    const where = 'NetworkPolicy a/p: spec.egress[0].ports[0].endPort:';
    expect(refused({ port: 'https', endPort: 90 })).toThrow(`${where} needs a numeric port beside it`);
    expect(refused({ endPort: 90 })).toThrow(`${where} needs a numeric port beside it`);
    expect(refused({ port: 80, endPort: 79 })).toThrow(`${where} must not be less than port, which is 80`);
  });
});

describe('S11: ipBlock and pods', () => {
  const objects = [
    pod('other', { ips: ['10.0.0.2'] }),
    policy('p', egress({ to: [{ ipBlock: { cidr: '10.0.0.0/24' } }] })),
  ];

  it('selects the pods it covers in one reading, which is also the union of both', () => {
    expect(table(objects)).toEqual(['a/other[Pod]: everything', '10.0.0.0/24: everything']);
    expect(reach([agent, ...objects], SOURCE)).toEqual(
      reach([agent, ...objects], SOURCE, { ipBlockSelectsPods: true }),
    );
  });

  it('selects no pod in the other, though the addresses around it stay open', () => {
    expect(table(objects, false)).toEqual(['10.0.0.0/24: everything']);
    const packet = { destination: '10.0.0.2', protocol: 'TCP', port: 1 } as const;
    expect(explain([agent, ...objects], SOURCE, packet, { ipBlockSelectsPods: false }).verdict).toBe('denied');
    expect(explain([agent, ...objects], SOURCE, { ...packet, destination: '10.0.0.3' }).verdict).toBe('allowed');
  });

  it('goes by family: a range of IPv4 says nothing about the IPv6 address of the same pod', () => {
    const dual = [pod('other', { ips: ['10.0.0.2', 'fd00::2'] }), objects[1]!];
    const into = policy('in', ingress({ from: [{ ipBlock: { cidr: 'fd00::/64' } }] }));
    // Egress lets only IPv4 out, ingress only IPv6 in: no packet passes.
    expect(table([...dual, into])).toEqual(['10.0.0.0/24: everything']);
  });

  it('that covers nothing but a pod is no row of addresses', () => {
    expect(table([objects[0]!, policy('p', egress({ to: [{ ipBlock: { cidr: '10.0.0.2/32' } }] }))])).toEqual([
      'a/other[Pod]: everything',
    ]);
  });
});

describe('S12: except and split ranges', () => {
  it('except takes away inside its own peer only', () => {
    const hole = { ipBlock: { cidr: '0.0.0.0/0', except: ['10.0.0.0/8'] } };
    const probe = (...peers: object[]): string =>
      explain([agent, policy('p', egress({ to: peers }))], SOURCE, {
        destination: '10.1.1.1',
        protocol: 'TCP',
        port: 1,
      }).verdict;
    expect(probe(hole)).toBe('denied');
    expect(probe(hole, { ipBlock: { cidr: '10.1.0.0/16' } })).toBe('allowed');
  });

  it.each([
    [['0.0.0.0/1', '128.0.0.0/1'], ['0.0.0.0/0']],
    [['1.2.3.4/0'], ['0.0.0.0/0']],
    [['::/0'], ['::/0']],
    [['::ffff:0:0/96'], ['0.0.0.0/0', '::ffff:0:0/96']],
  ])('%j is recognised as %j', (cidrs, expected) => {
    const to = cidrs.map((cidr) => ({ ipBlock: { cidr } }));
    expect(table([policy('p', egress({ to }))])).toEqual(expected.map((cidr) => `${cidr}: everything`));
  });

  it('except outside its cidr, or as large as it, is refused', () => {
    for (const except of ['11.0.0.0/8', '10.0.0.0/8', '::/0']) {
      const rule = egress({ to: [{ ipBlock: { cidr: '10.0.0.0/8', except: [except] } }] });
      expect(() => table([policy('p', rule)])).toThrow(
        'NetworkPolicy a/p: spec.egress[0].to[0].ipBlock.except[0]: must lie within cidr, and be smaller',
      );
    }
  });
});

describe('S13: Services', () => {
  const backend = pod('server', { labels: { app: 'server' }, ips: ['10.0.0.2'] });
  const api = service('api', {
    selector: { app: 'server' },
    clusterIP: '10.96.0.1',
    ports: [{ port: 443, targetPort: 8443 }],
  });
  const ports = (rule: object): object | undefined =>
    serviceReach([agent, backend, api, policy('p', egress(rule))], SOURCE, { namespace: 'a', name: 'api' }).ports[0];

  it('policies see the port of the backend: a rule for the port of the Service opens nothing', () => {
    expect(ports({ to: [{ podSelector: {} }], ports: [{ port: 443 }] })).toMatchObject({ reachable: false });
    expect(ports({ to: [{ podSelector: {} }], ports: [{ port: 8443 }] })).toMatchObject({ reachable: true });
  });

  it('a rule that opens the virtual address is told apart: some planes decide before translation', () => {
    const rule = { to: [{ ipBlock: { cidr: '10.96.0.0/12' } }], ports: [{ port: 443 }] };
    expect(ports(rule)).toMatchObject({ reachable: false, virtualAddressAllowed: true });
  });

  it('an ExternalName and a Service without selector are not evaluated', () => {
    for (const spec of [
      { type: 'ExternalName', externalName: 'x.example', selector: { app: 'server' } },
      { ports: [{ port: 1 }] },
    ]) {
      const found = serviceReach([agent, service('out', spec)], SOURCE, { namespace: 'a', name: 'out' });
      expect(found.complete).toBe(false);
      expect(found.notEvaluated[0]).toMatchObject({ kind: 'Service', namespace: 'a', name: 'out' });
    }
  });
});

describe('other kinds of policy', () => {
  it.each([
    ['policy.networking.k8s.io/v1beta1', 'ClusterNetworkPolicy'],
    ['cilium.io/v2', 'CiliumLocalRedirectPolicy'],
    ['crd.projectcalico.org/v1', 'GlobalNetworkPolicy'],
  ])('%s %s makes the answer incomplete, and a packet "not evaluated"', (apiVersion, kind) => {
    const objects = [agent, policy('deny', egress()), object(apiVersion, kind, { metadata: { name: 'x' } })];
    const { complete, notEvaluated } = reach(objects, SOURCE);
    expect(complete).toBe(false);
    expect(notEvaluated).toEqual([{ kind, name: 'x', reason: `${apiVersion} is not evaluated` }]);
    expect(explain(objects, SOURCE, { destination: '8.8.8.8', protocol: 'UDP', port: 53 })).toMatchObject({
      verdict: 'not evaluated',
      networkPolicy: 'denied',
    });
  });
});
