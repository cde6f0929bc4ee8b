import type { Cluster } from './cluster.js';
import type { Isolation } from './isolation.js';
import { resolvePorts } from './pod.js';
import type { Pod } from './pod.js';
import type { Rule } from './policies/policy.js';
import { ALL_PORTS, intersect, isEmpty, NO_PORTS, subtract, union } from './ports.js';
import type { PortSet } from './ports.js';
import { covers } from './rules.js';
import type { End, Reading } from './rules.js';

/** Where the question stands: what one pod is told about one other end. */
export interface Question {
  readonly cluster: Cluster;
  /** The pod whose side it is. */
  readonly subject: Pod;
  readonly end: End;
  /** The pod on which named ports are resolved, if the destination is one. */
  readonly destination: Pod | undefined;
  readonly reading: Reading;
}

/** Told of every rule that had a say, and on which ports. */
export type Trace = (rule: Rule, ports: PortSet) => void;

interface Standing {
  readonly undecided: PortSet;
  /** Sent on by `Pass`: the tier below decides, the rest of this one does not. */
  readonly passed: PortSet;
  readonly allowed: PortSet;
}

/**
 * What one side allows towards one end, by ports of the destination: the tiers in turn, admin, normal, baseline
 * (policy.networking.k8s.io/v1alpha2, `spec.tier`). Whatever may be allowed counts as allowed: by a rule that something
 * unmodelled narrows, and by any order of policies with one priority.
 */
export function decide(isolation: Isolation | undefined, question: Question, trace?: Trace): PortSet {
  if (isolation === undefined) return ALL_PORTS;
  const start: Standing = { undecided: ALL_PORTS, passed: NO_PORTS, allowed: NO_PORTS };
  const admin = isolation.admin.reduce((now, group) => walk(now, group, question, trace), start);
  const left = subtractDenied(isolation.denies, below(admin), question, trace);
  const accepted = acceptedOf(isolation.accepts, left, question, trace);
  const allowed = joined(admin.allowed, accepted);
  if (isolation.isolates) return allowed;
  const rest: Standing = { undecided: subtract(left, accepted), passed: NO_PORTS, allowed };
  const last = isolation.baseline.reduce((now, group) => walk(now, group, question, trace), rest);
  return joined(last.allowed, below(last));
}

/** What goes on to the tier below. */
const below = ({ undecided, passed }: Standing): PortSet => joined(undecided, passed);

const joined = (a: PortSet, b: PortSet): PortSet => (a === NO_PORTS ? b : b === NO_PORTS ? a : union(a, b));

/**
 * One group of policies with the same priority. Each says what it would if asked first; any of them may be, so what one
 * allows may be allowed (trap S14). A group is mostly one policy: then its rules decide in their order.
 */
function walk(now: Standing, group: readonly (readonly Rule[])[], question: Question, trace?: Trace): Standing {
  if (isEmpty(now.undecided)) return now;
  const each = group.map((rules) => firstMatches(rules, now.undecided, question, trace));
  return {
    allowed: each.reduce((all, { allowed }) => joined(all, allowed), now.allowed),
    passed: each.reduce((all, { passed }) => joined(all, passed), now.passed),
    undecided: each.reduce((all, { undecided }) => intersect(all, undecided), now.undecided),
  };
}

function firstMatches(rules: readonly Rule[], ports: PortSet, question: Question, trace?: Trace): Standing {
  let [undecided, passed, allowed] = [ports, NO_PORTS, NO_PORTS];
  for (const rule of rules) {
    const decided = matching(rule, undecided, question);
    if (decided === undefined) continue;
    trace?.(rule, decided);
    if (rule.action === 'Accept') allowed = joined(allowed, decided);
    if (rule.action === 'Pass') passed = joined(passed, decided);
    // What is narrowed may not hold: then the next rules decide.
    if (rule.narrowedBy !== undefined) continue;
    undecided = subtract(undecided, decided);
  }
  return { undecided, passed, allowed };
}

function subtractDenied(denies: readonly Rule[], ports: PortSet, question: Question, trace?: Trace): PortSet {
  return denies.reduce((left, rule) => {
    const decided = matching(rule, left, question);
    if (decided === undefined) return left;
    trace?.(rule, decided);
    return subtract(left, decided);
  }, ports);
}

function acceptedOf(accepts: readonly Rule[], ports: PortSet, question: Question, trace?: Trace): PortSet {
  const accepted: PortSet[] = [];
  for (const rule of accepts) {
    const decided = matching(rule, ports, question);
    if (decided === undefined) continue;
    trace?.(rule, decided);
    if (decided === ALL_PORTS && trace === undefined) return ALL_PORTS;
    accepted.push(decided);
  }
  return accepted.length === 0 ? NO_PORTS : union(...accepted);
}

/** The ports among these on which a rule holds; undefined for none. A denial that is narrowed holds for nothing certain. */
function matching(rule: Rule, ports: PortSet, question: Question): PortSet | undefined {
  if (rule.action === 'Deny' && rule.narrowedBy !== undefined) return undefined;
  if (!covers(question.cluster, rule, question.subject, question.end, question.reading)) return undefined;
  const decided = intersect(ports, portsOf(rule, question.destination));
  return isEmpty(decided) ? undefined : decided;
}

/** All ports a rule names, on this destination. */
export function portsOf(rule: Rule, destination: Pod | undefined): PortSet {
  return rule.namedPorts.length === 0 ? rule.ports : union(rule.ports, resolvePorts(rule.namedPorts, destination));
}
