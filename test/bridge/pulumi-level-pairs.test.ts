import { describe, expect, test } from 'vitest';
import { groupKind } from '../../src/bridge/order.js';
import { keyOf, type KubeObject } from '../../src/model/kube-object.js';
import { CONTROLS, LEVELS, rank, type Control, type Level } from '../../src/model/levels.js';
import { LABELS } from '../../src/model/names.js';
import { workspace, WORKSPACES } from './pulumi-fixtures.js';

/**
 * Fields whose change makes the provider delete and create anew, by `group/Kind`: `forceNew` in pulumi-kubernetes
 * 4.34, provider/pkg/provider/diff.go, for the kinds that stacks hold, with ConfigMaps and Secrets mutable. The name,
 * the namespace and the apiVersion of every kind beside them.
 */
const FORCES_REPLACE: Readonly<Record<string, readonly string[]>> = {
  '/Service': ['spec.clusterIP'],
  '/Secret': ['type'],
  'apps/Deployment': ['spec.selector'],
  'apps/DaemonSet': ['spec.selector'],
  'apps/StatefulSet': [
    'spec.selector',
    'spec.serviceName',
    'spec.podManagementPolicy',
    'spec.revisionHistoryLimit',
    'spec.volumeClaimTemplates',
  ],
  'batch/Job': ['spec.selector', 'spec.template', 'spec.completions', 'spec.parallelism'],
  'rbac.authorization.k8s.io/RoleBinding': ['roleRef'],
  'rbac.authorization.k8s.io/ClusterRoleBinding': ['roleRef'],
};

/** Of these the API server itself refuses any change, or a change that matters: none may be in a workspace's stack. */
const NEVER_IN_A_WORKSPACE = ['/Pod', '/PersistentVolume', '/PersistentVolumeClaim', '/ResourceQuota'];

const at = (object: KubeObject, path: string): unknown =>
  path.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], object);

const replaceKey = (object: KubeObject): string =>
  JSON.stringify([
    object.apiVersion,
    object.immutable,
    ...(FORCES_REPLACE[groupKind(object)] ?? []).map((path) => at(object, path)),
  ]);

interface State {
  readonly name: string;
  readonly level: Level;
  readonly relaxed: readonly Control[];
}

/** The five levels, and below each every set of controls that it enforces. */
const states: readonly State[] = LEVELS.flatMap((level) => {
  const enforced = CONTROLS.slice(0, rank(level));
  return subsets(enforced).map((relaxed) => ({
    name: relaxed.length === 0 ? level : `${level} without ${relaxed.join(', ')}`,
    level,
    relaxed,
  }));
});

describe.each(WORKSPACES)('%s', (stack) => {
  const rendered = new Map(
    states.map(({ name, level, relaxed }) => [
      name,
      new Map(workspace(stack, level, relaxed).map((object) => [keyOf(object), object])),
    ]),
  );
  const pairs = states.flatMap(({ name: from }) => states.map(({ name: to }) => ({ from, to })));

  test(`${states.length} states, five of them levels`, () => {
    expect(states.filter(({ relaxed }) => relaxed.length === 0).map(({ name }) => name)).toEqual([...LEVELS]);
    expect(states).toHaveLength(31);
  });

  test('no state holds a kind that cannot be changed in place', () => {
    const kinds = [...rendered.values()].flatMap((objects) => [...objects.values()].map(groupKind));
    expect(kinds.filter((kind) => NEVER_IN_A_WORKSPACE.includes(kind))).toEqual([]);
  });

  test('from every state to every other nothing is replaced', () => {
    for (const { from, to } of pairs) {
      const after = rendered.get(to)!;
      const replaced = [...rendered.get(from)!]
        .filter(([key, object]) => after.has(key) && replaceKey(after.get(key)!) !== replaceKey(object))
        .map(([key]) => key);
      expect({ from, to, replaced }).toEqual({ from, to, replaced: [] });
    }
  });

  test('from every state to every other only what opens something comes or goes', () => {
    for (const { from, to } of pairs) {
      const [before, after] = [rendered.get(from)!, rendered.get(to)!];
      const gone = [...before].filter(([key]) => !after.has(key));
      const come = [...after].filter(([key]) => !before.has(key));
      for (const [key, object] of [...gone, ...come]) {
        expect({ from, to, key, opens: object.metadata.labels?.[LABELS.opens] !== undefined }).toMatchObject({
          opens: true,
        });
        expect({ from, to, key, keep: object.metadata.labels?.[LABELS.keep] }).toMatchObject({ keep: undefined });
      }
    }
  });

  test('nothing that is kept differs between two states, but for the policy and its level', () => {
    for (const { from, to } of pairs) {
      const after = rendered.get(to)!;
      const changed = [...rendered.get(from)!]
        .filter(
          ([, object]) => object.metadata.labels?.[LABELS.keep] !== undefined && object.kind !== 'WorkspacePolicy',
        )
        .filter(([key, object]) => JSON.stringify(after.get(key)) !== JSON.stringify(object))
        .map(([key]) => key);
      expect({ from, to, changed }).toEqual({ from, to, changed: [] });
    }
  });

  test('a state is the same however it was reached: rendering depends on nothing before', () => {
    for (const { name, level, relaxed } of states) {
      expect(workspace(stack, level, relaxed)).toEqual([...rendered.get(name)!.values()]);
    }
  });
});

function subsets<T>(items: readonly T[]): readonly (readonly T[])[] {
  const [first, ...rest] = items;
  if (first === undefined) return [[]];
  const without = subsets(rest);
  return [...without, ...without.map((subset) => [first, ...subset])];
}
