import type { Field } from '../kube-object.js';
import { ALL_PORTS } from '../ports.js';
import type { Rule } from './policy.js';
import type { Note } from './read.js';

/**
 * A rule of which something is not understood: it may mean anything. An `Accept` counts as one for everything, a `Deny`
 * as one that denies nothing, so that what is called closed is closed.
 */
export function unknownRule(rule: Pick<Rule, 'policy' | 'field' | 'action'>, reason: string, note: Note): Rule {
  note(`${rule.field}: ${reason}`);
  return { ...rule, peers: undefined, ports: ALL_PORTS, namedPorts: [], narrowedBy: reason };
}

/** Fields of an object that are not among the known ones. An API server of a later version may know them. */
export function unknownFields(object: Field, known: readonly string[]): string[] {
  return Object.keys(object.value ?? {}).filter((key) => !known.includes(key));
}
