import type { KubeObject } from '../../../src/model/kube-object.js';
import type { Path } from '../claims/stack.js';
import { at, deleted, edits, entries, type Mutant } from './mutant.js';
import { selectorMutants } from './selector-mutants.js';

const SIDES = ['egress', 'egressDeny', 'ingress', 'ingressDeny'] as const;

/** Every policy of Cilium deleted, and everything in it deleted or altered, one at a time. */
export function ciliumPolicyMutants(of: KubeObject): readonly Mutant[] {
  const edit = edits(of);
  return [
    deleted('policy deleted', of),
    ...selectorMutants(of, 'subject', ['spec', 'endpointSelector']),
    ...['egress', 'ingress']
      .filter((side) => at(of, ['spec', 'enableDefaultDeny', side]) === true)
      .map((side) => edit('default deny off', ['spec', 'enableDefaultDeny', side], false)),
    ...SIDES.flatMap((side) => {
      const end = side.startsWith('egress') ? 'to' : 'from';
      const rules = ['spec', side];
      return [
        ...(side.endsWith('Deny')
          ? []
          : [
              edit('rule added', rules, [
                ...((at(of, rules) as unknown[] | undefined) ?? []),
                { [`${end}Entities`]: ['all'] },
              ]),
            ]),
        ...entries(of, rules).flatMap((rule) => ruleMutants(of, rule, end)),
      ];
    }),
  ];
}

function ruleMutants(of: KubeObject, rule: Path, end: string): readonly Mutant[] {
  const edit = edits(of);
  const section = (name: string): Path => [...rule, end + name];
  const given = ['Endpoints', 'Entities', 'CIDR', 'FQDNs'].map(section).filter((path) => at(of, path) !== undefined);
  return [
    edit('rule deleted', rule),
    ...given.flatMap((path) => [
      edit('rule: peers removed', path),
      ...entries(of, path).map((peer) => edit('peer removed', peer)),
    ]),
    ...entries(of, section('Endpoints')).flatMap((peer) => [
      edit('peer: everybody', peer, {}),
      ...selectorMutants(of, 'peer', peer),
    ]),
    ...entries(of, section('Entities')).map((peer) => edit('peer: another entity', peer, 'world-ipv6')),
    ...entries(of, section('CIDR')).map((peer) => edit('peer: another range', peer, '198.51.100.0/24')),
    ...entries(of, section('FQDNs')).flatMap((peer) => [
      edit('peer: another name', peer, { matchName: 'files.example.org' }),
      edit('peer: every name', peer, { matchPattern: '*' }),
    ]),
    ...(at(of, [...rule, 'toPorts']) === undefined ? [] : [edit('rule: ports removed', [...rule, 'toPorts'])]),
    ...entries(of, [...rule, 'toPorts']).flatMap((item) => [
      ...entries(of, [...item, 'ports']).flatMap((port) => portMutants(of, port)),
      ...nameMutants(of, item),
    ]),
  ];
}

function portMutants(of: KubeObject, port: Path): readonly Mutant[] {
  const edit = edits(of);
  const number = Number(at(of, [...port, 'port']));
  return [
    edit('port removed', port),
    edit('port: another number', [...port, 'port'], String(number + 7)),
    edit('port: range', [...port, 'endPort'], number + 7),
    edit('port: every number', [...port, 'port'], '0'),
    edit('port: another protocol', [...port, 'protocol'], 'SCTP'),
  ];
}

function nameMutants(of: KubeObject, item: Path): readonly Mutant[] {
  const edit = edits(of);
  const names = entries(of, [...item, 'rules', 'dns']);
  return names.length === 0
    ? []
    : [
        edit('names of DNS removed', [...item, 'rules']),
        ...names.map((name) => edit('name of DNS: every', name, { matchPattern: '*' })),
      ];
}
