import type { Field } from '../../kube-object.js';
import type { Direction, Policy, Rule, Side, Subject } from '../policy.js';
import { readEndpointSelector } from './endpoint-selector.js';
import type { CiliumFacts } from './facts.js';
import { readPeers, SECTIONS } from './peers.js';
import { readPorts } from './ports.js';

/** What was read of a policy of Cilium, and what of it is not decided here. */
export interface CiliumPolicies {
  readonly policies: readonly Policy[];
  readonly unsure: readonly string[];
}

/**
 * Reads a CiliumNetworkPolicy or CiliumClusterwideNetworkPolicy (cilium.io/v2): `spec` and each of `specs`. One about
 * nodes (`nodeSelector`) selects no pod, and is left out.
 *
 * @throws UnreadableObjectError for what the API server or the agent would refuse
 */
export function readCiliumPolicy(object: Field, facts: CiliumFacts): CiliumPolicies {
  const clusterwide = object.at('kind').text() === 'CiliumClusterwideNetworkPolicy';
  const metadata = object.at('metadata');
  const own = clusterwide ? undefined : (metadata.at('namespace').optionalText() ?? 'default');
  const name = `${object.at('kind').text()} ${own === undefined ? '' : `${own}/`}${metadata.at('name').text()}`;
  const specs = [
    ...(object.at('spec').absent ? [] : [{ spec: object.at('spec'), path: 'spec' }]),
    ...object
      .at('specs')
      .items()
      .map((spec, i) => ({ spec, path: `specs[${i}]` })),
  ];
  if (specs.length === 0) object.at('spec').fail('needs spec or specs');
  const read = specs.map(({ spec, path }) => readSpec(spec, { name, path, own, facts }));
  return { policies: read.flatMap(({ policies }) => policies), unsure: read.flatMap(({ unsure }) => unsure) };
}

interface Context {
  readonly name: string;
  readonly path: string;
  readonly own: string | undefined;
  readonly facts: CiliumFacts;
}

function readSpec(spec: Field, context: Context): CiliumPolicies {
  spec.only(
    ...['endpointSelector', 'nodeSelector', 'ingress', 'ingressDeny', 'egress', 'egressDeny'],
    ...['enableDefaultDeny', 'labels', 'description', 'log'],
  );
  const selector = spec.at('endpointSelector');
  if (selector.absent) {
    if (spec.at('nodeSelector').absent) selector.fail('expected endpointSelector or nodeSelector');
    return { policies: [], unsure: [] };
  }
  const { own, name } = context;
  const { namespaces, pods, unsure } = readEndpointSelector(selector, own);
  const subject: Subject = { namespaces, pods };
  const [ingress, egress] = [readSide(spec, 'Ingress', context), readSide(spec, 'Egress', context)];
  return {
    policies: [
      {
        object: name,
        subject,
        tier: { name: 'normal' },
        sides: { ...(ingress.side && { Ingress: ingress.side }), ...(egress.side && { Egress: egress.side }) },
      },
    ],
    unsure: [...(unsure === undefined ? [] : [`endpointSelector ${unsure}`]), ...ingress.unsure, ...egress.unsure],
  };
}

/** A direction is isolated where it has rules, unless `enableDefaultDeny` says otherwise (trap S15). */
function readSide(
  spec: Field,
  direction: Direction,
  context: Context,
): { readonly side: Side | undefined; readonly unsure: readonly string[] } {
  const key = direction.toLowerCase();
  const allow = readRules(spec, key, direction, 'Accept', context);
  const deny = readRules(spec, `${key}Deny`, direction, 'Deny', context);
  const rules = [...deny, ...allow];
  const chosen = spec.at('enableDefaultDeny').only('ingress', 'egress').at(key);
  const isolates = chosen.absent ? rules.length > 0 : chosen.value === true;
  return {
    side: rules.length > 0 || isolates ? { isolates, rules: rules.map(({ rule }) => rule) } : undefined,
    unsure: rules.flatMap(({ rule, unsure }) => unsure.map((text) => `${rule.field} ${text}`)),
  };
}

function readRules(
  spec: Field,
  key: string,
  direction: Direction,
  action: Rule['action'],
  { name, path, own, facts }: Context,
): readonly { readonly rule: Rule; readonly unsure: readonly string[] }[] {
  return spec
    .at(key)
    .items()
    .map((field, i) => {
      field.only(...SECTIONS[direction], 'toPorts', 'icmps', 'authentication');
      const { peers, unsure } = readPeers(field, SECTIONS[direction], { own, action, facts });
      const { narrowedBy, ...ports } = readPorts(field);
      const required = field.at('authentication').at('mode').value === 'required' ? ['authentication'] : [];
      const narrowed = [...(narrowedBy === undefined ? [] : [narrowedBy]), ...required].join(' and ');
      const rule: Rule = {
        ...{ policy: name, field: `${path}.${key}[${i}]`, action, peers, ...ports },
        ...(narrowed !== '' && { narrowedBy: narrowed }),
      };
      return { rule, unsure };
    });
}
