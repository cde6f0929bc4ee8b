import type { Cluster } from '../cluster.js';
import type { Peer, Rule } from '../policies/policy.js';
import { selects } from '../selector.js';
import type { Labels, Selector } from '../selector.js';
import { firstAbove } from './pod-classes.js';
import type { PodClass } from './pod-classes.js';

/**
 * Which classes a rule may be about, found without asking about each: by label, namespace and address. Never too few;
 * whether it is about one is then asked of the evaluator. Undefined: about anyone.
 */
export type Candidates = (rule: Rule) => readonly number[] | undefined;

export function classIndex(cluster: Cluster, classes: readonly PodClass[]): Candidates {
  const pods = labelIndex(classes.map(({ pods: [pod] }) => pod!.labels));
  const inNamespace = groupIndexes(classes.map(({ pods: [pod] }) => pod!.namespace));
  const names = [...new Set([...inNamespace.keys(), ...cluster.namespaces.keys()])];
  const nameLabel = (name: string): Labels => new Map([['kubernetes.io/metadata.name', name]]);
  const namespaces = labelIndex(names.map((name) => cluster.namespaces.get(name) ?? nameLabel(name)));
  const addresses = addressIndex(classes);

  const inNamespaces = memo((selector: Selector) =>
    namespaces(selector).flatMap((i) => inNamespace.get(names[i]!) ?? []),
  );
  const withLabels = memo(pods);
  const onHostNetwork = classes.flatMap(({ pods: [pod] }, i) => (pod!.hostNetwork ? [i] : []));
  const ofPeer = (peer: Peer): readonly number[] => {
    switch (peer.kind) {
      case 'pods': {
        const placed = inNamespaces(peer.namespaces);
        if (peer.pods.length === 0) return placed;
        const labelled = withLabels(peer.pods);
        return placed.length < labelled.length ? placed : labelled;
      }
      case 'addresses':
        return addresses(peer);
      case 'nodes':
      case 'kube-apiserver':
        return onHostNetwork;
      case 'world':
      case 'names':
        return [];
    }
  };
  return ({ peers }) => peers?.flatMap(ofPeer);
}

/** Which of the label sets a selector picks, by the rarest label that it demands. */
function labelIndex(all: readonly Labels[]): (selector: Selector) => readonly number[] {
  const byLabel = new Map<string, number[]>();
  all.forEach((labels, i) => {
    for (const label of labels) push(byLabel, label.join('='), i);
  });
  const everyone = all.map((_, i) => i);
  return (selector) => {
    const demanded = selector
      .filter(({ operator }) => operator === 'In')
      .map(({ key, values }) => [...values].flatMap((value) => byLabel.get(`${key}=${value}`) ?? []));
    const fewest = demanded.reduce((best, found) => (found.length < best.length ? found : best), everyone);
    return fewest.filter((i) => selects(selector, all[i]!));
  };
}

/** Classes by the addresses of their pods, sorted, so that a range is a slice. */
function addressIndex(classes: readonly PodClass[]): (peer: Peer & { kind: 'addresses' }) => number[] {
  const sorted = ([4, 6] as const).map((family) => {
    const entries = classes.flatMap(({ pods }, i) =>
      pods.flatMap((pod) => pod.addresses.filter((a) => a.family === family).map(({ value }) => ({ value, i }))),
    );
    entries.sort((a, b) => (a.value < b.value ? -1 : 1));
    return { family, values: entries.map(({ value }) => value), of: entries.map(({ i }) => i) };
  });
  return ({ addresses }) =>
    sorted.flatMap(({ family, values, of }) =>
      addresses[family].flatMap(({ from, end }) =>
        of.slice(firstAbove(values, from - 1n), firstAbove(values, end - 1n)),
      ),
    );
}

function groupIndexes(keys: readonly string[]): ReadonlyMap<string, number[]> {
  const groups = new Map<string, number[]>();
  keys.forEach((key, i) => push(groups, key, i));
  return groups;
}

function push(groups: Map<string, number[]>, key: string, value: number): void {
  const group = groups.get(key);
  if (group === undefined) groups.set(key, [value]);
  else group.push(value);
}

/** One answer for equal selectors: most policies of a cluster say the same about namespaces. */
function memo<T>(find: (selector: Selector) => T): (selector: Selector) => T {
  const known = new Map<string, T>();
  return (selector) => {
    const key = JSON.stringify(selector.map(({ values, ...rest }) => ({ ...rest, values: [...values] })));
    if (!known.has(key)) known.set(key, find(selector));
    return known.get(key)!;
  };
}
