import type { KubeObject } from '../kube-object.js';
import { readCluster } from '../cluster.js';
import type { NotEvaluated } from '../not-evaluated.js';
import type { Policy as Old, Rule as OldRule } from '../policy.js';
import type { Policy, Rule } from './policy.js';

const own = (namespace: string) => [
  { key: 'kubernetes.io/metadata.name', operator: 'In' as const, values: new Set([namespace]) },
];
const rule = (old: OldRule, object: string): Rule => ({
  policy: object,
  field: old.field,
  action: 'Accept',
  ports: old.ports,
  namedPorts: old.namedPorts,
  peers: old.peers?.map((peer) =>
    peer.kind === 'pods'
      ? { kind: 'pods', namespaces: peer.namespaces ?? own(old.namespace), pods: peer.pods }
      : { kind: 'addresses', addresses: peer.addresses, pods: 'reading', nodes: true },
  ),
});
export function readPolicies(objects: readonly KubeObject[]): {
  policies: Policy[];
  notEvaluated: readonly NotEvaluated[];
} {
  const cluster = readCluster(objects);
  const policies = [...cluster.policies.values()].flat().map((old: Old): Policy => {
    const object = `NetworkPolicy ${old.namespace}/${old.name}`;
    return {
      object,
      subject: { namespaces: own(old.namespace), pods: old.subject },
      tier: { name: 'normal' },
      sides: Object.fromEntries(
        Object.entries(old.rules).map(([direction, rules]) => [
          direction,
          { isolates: true, rules: rules.map((r) => rule(r, object)) },
        ]),
      ),
    };
  });
  return { policies, notEvaluated: cluster.notEvaluated };
}
