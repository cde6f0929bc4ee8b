import type { Cluster } from '../bridge/cluster.js';
import { differences } from '../bridge/compare.js';
import { readInventory } from '../bridge/inventory.js';
import { findStack, ownerOf } from '../bridge/ownership.js';
import { isPatch, keyOf, type KubeObject } from '../model/kube-object.js';
import { LABELS } from '../model/names.js';
import { checkOf, inconclusive, type Check, type Finding } from '../model/check.js';
import type { Expected } from './expected.js';

/**
 * Compares every live object of a stack with the rendered one, whole: appended rules, widened selectors, fields that
 * nobody declared and objects too many are findings (research G section 0: the engine's own diff sees none of them).
 * Throws what the cluster throws.
 */
export async function stackCheck(cluster: Cluster, { stack, objects, refusals }: Expected): Promise<Check> {
  const { objects: hint } = await readInventory(cluster, stack);
  const { live, extra, unpatch } = await findStack(cluster, stack, objects, { hint });
  const findings = [
    ...refusals.map((problem): Finding => ({ object: `stack ${stack}`, problem })),
    ...objects.flatMap((object) => ofObject(stack, object, live.get(keyOf(object)))),
    ...extra.map((object): Finding => ({
      object: keyOf(object),
      problem: 'carries the stack’s label, and the stack does not render it',
    })),
    ...unpatch.map((object): Finding => ({
      object: keyOf(object),
      problem: 'carries a patch that the stack does not render',
    })),
  ];
  const note = `${objects.length} objects compared whole, and every live one of the stack`;
  const absent = findings.filter(({ problem }) => problem === NOT_THERE);
  return absent.length > 0 && absent.length === findings.length
    ? inconclusive(nameOf(stack), `${note}; workloads of others that it patches are not there`, findings)
    : checkOf(nameOf(stack), findings, note);
}

/** Of a workload of others: what is not deployed yet is no drift, and nothing can be said of it. */
const NOT_THERE = 'is not there to be patched';

export const nameOf = (stack: string): string => `objects of ${stack}`;

/** Where one live object is not as rendered. */
export function ofObject(stack: string, rendered: KubeObject, live: KubeObject | undefined): readonly Finding[] {
  const object = keyOf(rendered);
  if (live === undefined) {
    return [{ object, problem: isPatch(rendered) ? NOT_THERE : 'is missing' }];
  }
  const owner = ownerOf(live);
  const stolen: readonly Finding[] =
    isPatch(rendered) || owner === stack
      ? []
      : [
          {
            object,
            field: `metadata.labels["${LABELS.stack}"]`,
            expected: stack,
            ...(owner !== undefined && { found: owner }),
            problem: 'is no longer the stack’s',
          },
        ];
  const different = differences(rendered, live)
    .filter(({ path }) => !stolen.some(({ field }) => field === path))
    .map(({ path, desired, live: found }): Finding => ({
      object,
      field: path,
      ...(desired !== undefined && { expected: desired }),
      ...(found !== undefined && { found }),
      problem: 'is not as rendered',
    }));
  return [...stolen, ...different];
}
