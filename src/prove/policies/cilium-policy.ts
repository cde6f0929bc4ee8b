import type { Field } from '../kube-object.js';
import { namespaceNamed } from '../selector.js';
import { readCiliumRule } from './cilium-rule.js';
import { holdsForPods, readEndpointSelector } from './cilium-selector.js';
import type { Direction, Policy, Rule, Side, Subject } from './policy.js';
import type { Note } from './read.js';
import type { References } from './references.js';
import { unknownFields } from './unknown.js';

const DIRECTIONS = [
  ['Ingress', 'ingress', 'from'],
  ['Egress', 'egress', 'to'],
] as const;

const KNOWN = [
  ...['endpointSelector', 'nodeSelector', 'ingress', 'ingressDeny', 'egress', 'egressDeny'],
  ...['enableDefaultDeny', 'description', 'labels', 'log'],
];

/**
 * Reads a cilium.io/v2 CiliumNetworkPolicy or CiliumClusterwideNetworkPolicy as Cilium 1.20 does, each of `specs[]` as a
 * policy of its own. Policies for nodes (`nodeSelector`) are not about pods and are left out.
 *
 * @throws UnreadableObjectError for what Cilium would refuse
 */
export function readCiliumPolicy(object: Field, references: References, note: Note): readonly Policy[] {
  const metadata = object.at('metadata');
  const kind = object.at('kind').text();
  const clusterwide = kind === 'CiliumClusterwideNetworkPolicy';
  const namespace = clusterwide ? undefined : (metadata.at('namespace').optionalText() ?? 'default');
  const id = `${kind} ${namespace === undefined ? '' : `${namespace}/`}${metadata.at('name').text()}`;
  const specs = object.at('specs').items();
  const all: [Field, string][] = [
    ...(object.at('spec').absent ? [] : [[object.at('spec'), 'spec'] as [Field, string]]),
    ...specs.map((spec, i): [Field, string] => [spec, `specs[${i}]`]),
  ];
  if (all.length === 0) object.at('spec').fail('expected spec or specs');
  return all.flatMap(([spec, path]) => readSpec(spec, path, { id, namespace, references, note }) ?? []);
}

interface Context {
  readonly id: string;
  readonly namespace: string | undefined;
  readonly references: References;
  readonly note: Note;
}

function readSpec(spec: Field, path: string, context: Context): Policy | undefined {
  for (const field of unknownFields(spec, KNOWN)) context.note(`${path}.${field} is not known`);
  const [endpoints, nodes] = [spec.at('endpointSelector'), spec.at('nodeSelector')];
  if (endpoints.absent === nodes.absent) spec.fail('expected exactly one of endpointSelector, nodeSelector');
  if (endpoints.absent) return undefined;
  const subject = readSubject(endpoints, context.namespace);
  if (subject === undefined) return undefined;
  if (subject.unknown !== undefined) context.note(`${path}.endpointSelector: ${subject.unknown}`);
  const certain = subject.unknown === undefined;
  const sides = DIRECTIONS.map(([direction, field, side]): [Direction, Side | undefined] => [
    direction,
    readSide(spec, path, field, side, certain, context),
  ]);
  return {
    object: context.id,
    subject: { namespaces: subject.namespaces, pods: subject.pods },
    tier: { name: 'normal' },
    sides: Object.fromEntries(sides.filter(([, side]) => side !== undefined)),
  };
}

/**
 * A direction without rules is left alone; with rules, be they denials alone, it is isolated unless `enableDefaultDeny`
 * says otherwise (trap S15).
 *
 * @param certain whether the selector is understood; if not, the policy may select fewer pods, and only opens
 */
function readSide(
  spec: Field,
  path: string,
  direction: 'ingress' | 'egress',
  side: 'from' | 'to',
  certain: boolean,
  { id, namespace, references, note }: Context,
): Side | undefined {
  const rules = (['Deny', 'Accept'] as const).flatMap((action): Rule[] => {
    const key = action === 'Deny' ? `${direction}Deny` : direction;
    return spec
      .at(key)
      .items()
      .flatMap((rule, i) => {
        const head = { policy: id, field: `${path}.${key}[${i}]`, action };
        return readCiliumRule(rule, side, head, { namespace, references }, note);
      });
  });
  if (rules.length === 0) return undefined;
  const isolates = certain && spec.at('enableDefaultDeny').at(direction).value !== false;
  return { isolates, rules: certain ? rules : rules.filter(({ action }) => action === 'Accept') };
}

/** @returns undefined for a selector of no pods */
function readSubject(
  field: Field,
  namespace: string | undefined,
): (Subject & { readonly unknown?: string }) | undefined {
  const selector = readEndpointSelector(field, namespace);
  if (!holdsForPods(selector)) return undefined;
  const unknown = selector.unknown !== undefined && { unknown: selector.unknown };
  if (namespace === undefined) return { namespaces: selector.namespaces, pods: selector.pods, ...unknown };
  // A namespace named by label is replaced by the policy's own (ParseToCiliumRule of Cilium 1.20).
  const replaced = field.at('matchLabels').labels().has('k8s:io.kubernetes.pod.namespace');
  return {
    namespaces: [...namespaceNamed(namespace), ...(replaced ? [] : selector.namespaces)],
    pods: selector.pods,
    ...unknown,
  };
}
