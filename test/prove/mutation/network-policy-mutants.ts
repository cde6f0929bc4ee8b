import type { KubeObject } from '../../../src/model/kube-object.js';
import type { Path } from '../claims/stack.js';
import { at, deleted, edits, entries, type Mutant } from './mutant.js';
import { selectorMutants } from './selector-mutants.js';

/** Every NetworkPolicy deleted, and everything in it deleted or altered, one at a time. */
export function networkPolicyMutants(of: KubeObject): readonly Mutant[] {
  const edit = edits(of);
  const sides = [
    { rules: ['spec', 'egress'], peers: 'to' },
    { rules: ['spec', 'ingress'], peers: 'from' },
  ];
  return [
    deleted('policy deleted', of),
    ...selectorMutants(of, 'subject', ['spec', 'podSelector']),
    ...entries(of, ['spec', 'policyTypes']).map((each) => edit('policyTypes: entry removed', each)),
    edit('policyTypes removed', ['spec', 'policyTypes']),
    ...sides.flatMap(({ rules, peers }) => [
      edit('rule added', [...rules, entries(of, rules).length], {}),
      ...entries(of, rules).flatMap((rule) => [
        edit('rule deleted', rule),
        edit('rule: peers emptied', [...rule, peers], []),
        edit('rule: ports emptied', [...rule, 'ports'], []),
        ...entries(of, [...rule, peers]).flatMap((peer) => peerMutants(of, peer)),
        ...entries(of, [...rule, 'ports']).flatMap((port) => portMutants(of, port)),
      ]),
    ]),
  ];
}

function peerMutants(of: KubeObject, peer: Path): readonly Mutant[] {
  const edit = edits(of);
  const block = [...peer, 'ipBlock'];
  if (at(of, block) !== undefined) {
    const six = String(at(of, [...block, 'cidr'])).includes(':');
    return [
      edit('ipBlock removed', peer),
      edit('ipBlock widened', [...block, 'cidr'], six ? '::/0' : '0.0.0.0/0'),
      edit('ipBlock elsewhere', [...block, 'cidr'], six ? '2001:db8::/32' : '198.51.100.0/24'),
    ];
  }
  return [
    edit('peer removed', peer),
    edit('peer: everybody', peer, { namespaceSelector: {} }),
    edit('peer: namespaceSelector removed', [...peer, 'namespaceSelector']),
    edit('peer: podSelector removed', [...peer, 'podSelector']),
    ...selectorMutants(of, 'peer namespaces', [...peer, 'namespaceSelector']),
    ...selectorMutants(of, 'peer pods', [...peer, 'podSelector']),
  ];
}

function portMutants(of: KubeObject, port: Path): readonly Mutant[] {
  const edit = edits(of);
  const number = Number(at(of, [...port, 'port']));
  return [
    edit('port removed', port),
    edit('port: another number', [...port, 'port'], number + 7),
    edit('port: range', [...port, 'endPort'], number + 7),
    edit('port: every number', [...port, 'port']),
    edit('port: another protocol', [...port, 'protocol'], 'SCTP'),
  ];
}
