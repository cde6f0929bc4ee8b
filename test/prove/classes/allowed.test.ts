import { describe, expect, it } from 'vitest';
import { cellsOf, farEnds } from '../../../src/prove/classes/flows.js';
import { podsIn } from '../../../src/prove/classes/pod-class.js';
import { readForProof } from '../../../src/prove/claims/read-for-proof.js';
import { connectionsText } from '../../../src/prove/index.js';
import { connectionsOf } from '../../../src/prove/rows.js';
import { egress, object, policy } from '../objects.js';

const everywhere = [{ networks: ['0.0.0.0/0', '::/0'] }];
const tier = (name: string, priority: number, ...rules: readonly object[]) =>
  object('policy.networking.k8s.io/v1alpha2', 'ClusterNetworkPolicy', {
    metadata: { name },
    spec: { tier: name === 'baseline' ? 'Baseline' : 'Admin', priority, subject: { namespaces: {} }, egress: rules },
  });
const rule = (action: string, more: object = {}) => ({ action, to: everywhere, ...more });
const tcp = (number: number) => ({ protocols: [{ tcp: { destinationPort: { number } } }] });

/** What a pod in `a` may send to addresses, as text. */
function toAddresses(...objects: Parameters<typeof readForProof>[0]): readonly string[] {
  const { policies } = readForProof(objects);
  return cellsOf(policies, podsIn('a'), 'Egress').flatMap((cell) =>
    farEnds(cell).addresses.map(({ ports }) => connectionsText(connectionsOf(ports))),
  );
}

describe('what may be allowed, through the tiers', () => {
  it.each<[string, Parameters<typeof readForProof>[0], readonly string[]]>([
    ['nothing decides', [], ['everything']],
    [
      'an Admin denial beats every allowance',
      [tier('a', 1, rule('Deny', tcp(53))), policy('p', egress({ ports: [{ port: 53 }, { port: 443 }] }))],
      ['TCP 443'],
    ],
    ['an Admin allowance beats isolation', [tier('a', 1, rule('Accept', tcp(53))), policy('p', egress())], ['TCP 53']],
    ['the lower priority is asked first', [tier('b', 2, rule('Accept')), tier('a', 1, rule('Deny'))], []],
    [
      'Pass hands on what later rules of the tier would deny',
      [
        tier('a', 1, rule('Pass', tcp(53)), rule('Deny')),
        policy('p', egress({ ports: [{ port: 53 }, { port: 443 }] })),
      ],
      ['TCP 53'],
    ],
    [
      'Pass by a port’s name may not hold: the rest of the tier may decide',
      [
        tier('a', 1, rule('Pass', { protocols: [{ destinationNamedPort: 'dns' }] }), rule('Accept', tcp(53))),
        policy('p', egress()),
      ],
      ['TCP 53'],
    ],
    [
      'the baseline decides for whom nobody isolates',
      [tier('baseline', 1, rule('Deny', tcp(53)))],
      ['TCP 1-52, 54-65535; UDP all ports; SCTP all ports; other protocols'],
    ],
    ['and not for whom a policy does', [tier('baseline', 1, rule('Accept')), policy('p', egress())], []],
  ])('%s', (_, objects, expected) => {
    expect([...new Set(toAddresses(...objects))]).toEqual(expected);
  });

  it('Cilium’s denials beat its allowances and NetworkPolicy’s', () => {
    const cilium = object('cilium.io/v2', 'CiliumNetworkPolicy', {
      metadata: { name: 'c', namespace: 'a' },
      spec: {
        endpointSelector: {},
        egress: [{ toEntities: ['world'] }],
        egressDeny: [{ toCIDR: ['0.0.0.0/0', '::/0'], toPorts: [{ ports: [{ port: '53', protocol: 'ANY' }] }] }],
      },
    });
    expect(toAddresses(cilium, policy('p', egress({ ports: [{ port: 53 }] })))).toEqual([
      'TCP 1-52, 54-65535; UDP 1-52, 54-65535; SCTP 1-52, 54-65535; other protocols',
    ]);
  });
});
