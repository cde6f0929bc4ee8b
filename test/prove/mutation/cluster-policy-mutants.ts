import type { KubeObject } from '../../../src/model/kube-object.js';
import type { Path } from '../claims/stack.js';
import { at, deleted, edits, entries, type Mutant } from './mutant.js';
import { selectorMutants } from './selector-mutants.js';

/** Every ClusterNetworkPolicy deleted, and its tier, priority, subject, rules, peers and ports altered, one at a time. */
export function clusterPolicyMutants(of: KubeObject): readonly Mutant[] {
  const edit = edits(of);
  return [
    deleted('policy deleted', of),
    edit('tier: Baseline', ['spec', 'tier'], 'Baseline'),
    edit('priority: first', ['spec', 'priority'], 0),
    edit('priority: last', ['spec', 'priority'], 1000),
    ...selectorMutants(of, 'subject', ['spec', 'subject', 'namespaces']),
    edit('subject: of pods', ['spec', 'subject'], {
      pods: { namespaceSelector: at(of, ['spec', 'subject', 'namespaces']), podSelector: NOBODY },
    }),
    ...entries(of, ['spec', 'egress']).flatMap((rule) => ruleMutants(of, rule)),
    ...['egress', 'ingress'].flatMap((side) => {
      const end = side === 'egress' ? 'to' : 'from';
      const rule = { action: 'Accept', [end]: [{ namespaces: {} }] };
      const rules = (at(of, ['spec', side]) as unknown[] | undefined) ?? [];
      return [
        edit('rule added last', ['spec', side], [...rules, rule]),
        edit('rule added first', ['spec', side], [rule, ...rules]),
      ];
    }),
  ];
}

const NOBODY = { matchLabels: { 'example.com/team': 'sales' } };

function ruleMutants(of: KubeObject, rule: Path): readonly Mutant[] {
  const edit = edits(of);
  const peers = entries(of, [...rule, 'to']);
  const actions = ['Accept', 'Deny', 'Pass'].filter((action) => action !== at(of, [...rule, 'action']));
  return [
    edit('rule deleted', rule),
    ...actions.map((action) => edit(`action: ${action}`, [...rule, 'action'], action)),
    ...(at(of, [...rule, 'protocols']) === undefined ? [] : [edit('rule: ports removed', [...rule, 'protocols'])]),
    ...entries(of, [...rule, 'protocols']).flatMap((port) => portMutants(of, port)),
    ...peers.flatMap((peer) => [
      ...(peers.length > 1 ? [edit('peer removed', peer)] : []),
      edit('peer: everybody', peer, { namespaces: {} }),
      ...selectorMutants(of, 'peer namespaces', [...peer, 'namespaces']),
      ...selectorMutants(of, 'peer namespaces', [...peer, 'pods', 'namespaceSelector']),
      ...selectorMutants(of, 'peer pods', [...peer, 'pods', 'podSelector']),
      ...entries(of, [...peer, 'networks']).flatMap((network) => [
        ...((at(of, [...peer, 'networks']) as unknown[]).length > 1 ? [edit('network removed', network)] : []),
        edit('network elsewhere', network, String(at(of, network)).includes(':') ? '2001:db8::/32' : '198.51.100.0/24'),
      ]),
    ]),
  ];
}

function portMutants(of: KubeObject, port: Path): readonly Mutant[] {
  const edit = edits(of);
  const [[protocol, { destinationPort }]] = Object.entries(at(of, port) as Ports) as [[string, Ports[string]]];
  const { number } = destinationPort;
  return [
    ...((at(of, port.slice(0, -1)) as unknown[]).length > 1 ? [edit('port removed', port)] : []),
    edit('port: another number', port, { [protocol]: { destinationPort: { number: number + 7 } } }),
    edit('port: range', port, { [protocol]: { destinationPort: { range: { start: number, end: number + 7 } } } }),
    edit('port: another protocol', port, { sctp: { destinationPort } }),
  ];
}

type Ports = Readonly<Record<string, { readonly destinationPort: { readonly number: number } }>>;
