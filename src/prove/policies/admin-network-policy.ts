import type { Field } from '../kube-object.js';
import { portRange } from '../ports.js';
import { namedOnAll, readPriority, readRangeOfPorts, readTiered, unionOf } from './cluster-network-policy.js';
import type { RuleForm } from './cluster-network-policy.js';
import type { Policy, Tier } from './policy.js';
import type { Note } from './read.js';
import type { References } from './references.js';

/** Behind every priority that a ClusterNetworkPolicy of the Baseline tier can have (0 to 1000). */
const LAST = 1001;

const FORM: RuleForm = {
  limit: 100,
  beyondPods: ['nodes', 'networks', 'domainNames'],
  portsField: 'ports',
  readPorts: (field) => {
    const listed = field.itemsUpTo(100);
    return listed.length === 0 ? undefined : unionOf(listed.map(readPort));
  },
  readAction: (field) => {
    const action = field.oneOf('Allow', 'Deny', 'Pass');
    return action === 'Allow' ? 'Accept' : action;
  },
};

const BASELINE: RuleForm = {
  ...FORM,
  beyondPods: ['nodes', 'networks'],
  readAction: (field) => (field.oneOf('Allow', 'Deny') === 'Allow' ? 'Accept' : 'Deny'),
};

/**
 * Reads an AdminNetworkPolicy or a BaselineAdminNetworkPolicy (policy.networking.k8s.io/v1alpha1), the predecessors of
 * ClusterNetworkPolicy, as what they mean in it.
 *
 * @throws UnreadableObjectError for what the API server would refuse
 */
export function readAdminNetworkPolicy(object: Field, references: References, note: Note): readonly Policy[] {
  const kind = object.at('kind').text();
  const baseline = kind === 'BaselineAdminNetworkPolicy';
  const spec = object.at('spec').only(...(baseline ? [] : ['priority']), 'subject', 'ingress', 'egress');
  const tier: Tier = baseline
    ? { name: 'baseline', priority: LAST }
    : { name: 'admin', priority: readPriority(spec.at('priority')) };
  const name = object.at('metadata').at('name');
  if (baseline && name.text() !== 'default') name.fail('there is one of these in a cluster, named "default"');
  return [readTiered(object, `${kind} ${name.text()}`, tier, baseline ? BASELINE : FORM, references, note)];
}

function readPort(field: Field): Parameters<typeof unionOf>[0][number] {
  field.only('portNumber', 'portRange', 'namedPort');
  if (field.absent || Object.keys(field.value as object).length !== 1) {
    field.fail('expected exactly one of portNumber, portRange, namedPort');
  }
  const [number, range, name] = [field.at('portNumber'), field.at('portRange'), field.at('namedPort')];
  if (!name.absent) return { named: namedOnAll(name.text()) };
  if (!number.absent)
    return { ports: portRange(readProtocol(number.only('protocol', 'port')), number.at('port').port()) };
  return { ports: readRangeOfPorts(range.only('protocol', 'start', 'end'), readProtocol(range)) };
}

const readProtocol = (field: Field): 'TCP' | 'UDP' | 'SCTP' =>
  field.at('protocol').absent ? 'TCP' : field.at('protocol').oneOf('TCP', 'UDP', 'SCTP');
