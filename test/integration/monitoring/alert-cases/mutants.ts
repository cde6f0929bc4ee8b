import type { Rule } from '../../../../src/constructs/monitoring/rule-groups.js';

/** One change of an alert that its cases must notice; undefined where the rule has nothing to change. */
export interface Mutation {
  readonly changes: string;
  /** Whether the alert's first case, which goes from silent to firing and back, is enough to notice. */
  readonly first?: boolean;
  /** Alerts that mean the same when they are changed so, and why. */
  readonly same?: Readonly<Record<string, string>>;
  readonly of: (rule: Rule) => Rule | undefined;
}

/** Of each comparison with a number but the one that `risen` is made with, by its place in the expression. */
const comparison = /([<>]|==) (\d+(?:\.\d+)?)(?![\w.]|\)\s+or\s+clamp_min)/g;
/** Of each label that a selector asks for; the regular expressions of namespaces count too. */
const matcher = /(\w+)(=~|!~|!=|=)"[^"]*"/g;

/** Zero has no share: by one, or where time is compared, by more than the minute between two evaluations. */
function moved(expr: string, sign: 1 | -1, limit: number): number {
  if (limit !== 0) return limit * (1 + sign * 0.2);
  return sign * (expr.includes('time()') ? 300 : 1);
}

const threshold =
  (index: number, sign: 1 | -1) =>
  (rule: Rule): Rule | undefined => {
    const found = [...rule.expr.matchAll(comparison)][index];
    if (found === undefined) return undefined;
    const [text, operator = '', limit] = found;
    const changed = `${operator} ${moved(rule.expr, sign, Number(limit))}`;
    return { ...rule, expr: replaced(rule.expr, found.index, text, changed) };
  };

/** Everywhere in the expression. */
const unasked =
  (index: number) =>
  (rule: Rule): Rule | undefined => {
    const inBraces = (at: number) => rule.expr.lastIndexOf('{', at) > rule.expr.lastIndexOf('}', at);
    const asked = [...rule.expr.matchAll(matcher)].filter((found) => inBraces(found.index)).map(([text]) => text);
    const text = [...new Set(asked)][index];
    if (text === undefined) return undefined;
    return { ...rule, expr: rule.expr.replaceAll(`${text},`, '').replaceAll(text, '') };
  };

const replaced = (expr: string, at: number, text: string, by: string): string =>
  expr.slice(0, at) + by + expr.slice(at + text.length);

const twice = (duration: string): string => duration.replace(/\d+/, (count) => String(2 * Number(count)));

const label =
  (name: string) =>
  (rule: Rule): Rule | undefined =>
    rule.labels?.[name] === undefined ? undefined : { ...rule, labels: { ...rule.labels, [name]: 'changed' } };

export const MUTATIONS: readonly Mutation[] = [
  ...[0, 1].flatMap((index): Mutation[] => [
    {
      changes: `comparison ${index + 1} by a fifth upwards, 0 to 1`,
      of: threshold(index, 1),
      ...(index === 0 && {
        same: { PortariumDirectSorCall: 'the ratio is above 0 wherever one direct call is seen; both are asked' },
      }),
    },
    { changes: `comparison ${index + 1} by a fifth downwards, 0 to -1`, of: threshold(index, -1) },
  ]),
  ...[0, 1, 2].map((index): Mutation => ({
    changes: `matcher ${index + 1} taken away`,
    of: unasked(index),
    ...(index === 0 && {
      same: {
        PortariumOpenFgaNeverDenies: 'where one check is denied the alert is silent, so all are allowed ones',
        PortariumDenyPolicyMissing: 'policies of other names get no workspace_id, so they match nothing',
      },
    }),
  })),
  {
    changes: 'no waiting',
    first: true,
    of: (rule) => (rule.for === undefined ? undefined : { ...rule, for: '0s' }),
  },
  {
    changes: 'twice the waiting',
    first: true,
    of: (rule) => (rule.for === undefined ? undefined : { ...rule, for: twice(rule.for) }),
  },
  {
    changes: 'nothing kept firing',
    first: true,
    of: (rule) => (rule.keep_firing_for === undefined ? undefined : { ...rule, keep_firing_for: '0s' }),
  },
  {
    changes: 'kept firing twice as long',
    first: true,
    of: (rule) =>
      rule.keep_firing_for === undefined ? undefined : { ...rule, keep_firing_for: twice(rule.keep_firing_for) },
  },
  ...['severity', 'team'].map((name): Mutation => ({
    changes: `label ${name}`,
    first: true,
    of: label(name),
  })),
];
