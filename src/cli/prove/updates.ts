import { planBetween } from '../../bridge/plan.js';
import { renderStack } from '../../bridge/render.js';
import { loadStack } from '../../config/load.js';
import { keyOf, type KubeObject } from '../../model/kube-object.js';
import { LEVELS, modesAt, type Level } from '../../model/levels.js';
import type { Update } from '../../prove/claims/workspace-proof.js';
import { decidesPolicies } from '../../prove/policies/read.js';
import type { StackOptions } from '../stack.js';

/**
 * Every update of a workspace's stack from its level to another and from another to its level, step by step in the
 * order of the engines. Steps that touch no network policy and nothing that one
 * points at change nothing that claim P is about and are left out.
 *
 * @param standing objects of other stacks, there all the time
 */
export function updatesOf(
  { stack, stacks }: Pick<StackOptions, 'stack' | 'stacks'>,
  level: Level,
  standing: readonly KubeObject[],
): readonly Update[] {
  const policies = (at: Level): readonly KubeObject[] =>
    renderStack(loadStack(stack, { dir: stacks, level: at })).filter(decidesPolicies);
  const others = standing.filter(decidesPolicies);
  const own = policies(level);
  return LEVELS.filter((other) => other !== level).flatMap((other) => {
    const there = policies(other);
    return [
      update(`${other} -> ${level}`, other, level, there, own, others),
      update(`${level} -> ${other}`, level, other, own, there, others),
    ];
  });
}

function update(
  name: string,
  from: Level,
  to: Level,
  before: readonly KubeObject[],
  after: readonly KubeObject[],
  standing: readonly KubeObject[],
): Update {
  const wanted = new Map(after.map((object) => [keyOf(object), object]));
  const now = new Map(before.map((object) => [keyOf(object), object]));
  const states = [{ after: 'start', objects: [...standing, ...now.values()] }];
  for (const { key, action } of planBetween(before, after)) {
    if (action === 'create' || action === 'update') now.set(key, wanted.get(key)!);
    else if (action === 'delete') now.delete(key);
    else continue;
    states.push({ after: `${action} ${key}`, objects: [...standing, ...now.values()] });
  }
  return { name, states, before: modesAt(from), after: modesAt(to) };
}
