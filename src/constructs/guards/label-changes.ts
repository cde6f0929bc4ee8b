import { Construct } from 'constructs';
import { LABELS } from '../../model/names.js';
import type { Platform } from '../../model/platform.js';
import { literal } from './cel.js';
import { Guard, type GuardFamilyProps } from './guard.js';
import { peersOf } from './peer-labels.js';
import { guardedNamespaces } from './scope.js';

/** The labels by which policies know pods of the platform and of workspaces. */
const IDENTITY = [LABELS.agent, LABELS.component, LABELS.role, LABELS.workspace].sort();

/** The keys that are fixed for a pod's life where some are selected by others than `IDENTITY`. */
function keysOf(platform: Platform): Readonly<Record<string, readonly string[]>> {
  const guarded = new Set(guardedNamespaces(platform));
  const keys = new Map<string, Set<string>>();
  for (const { namespace, labels } of peersOf(platform)) {
    const known = keys.get(namespace) ?? new Set(guarded.has(namespace) ? IDENTITY : []);
    keys.set(namespace, new Set([...known, ...Object.keys(labels)]));
  }
  return Object.fromEntries([...keys].map(([namespace, set]) => [namespace, [...set].sort()]));
}

/**
 * What a policy selects a pod by is fixed when the pod is made: neither changed, removed nor added later. Both `pods`
 * and `pods/status` write labels; `pods/ephemeralcontainers` and `pods/resize` do not (measured on 1.36), and
 * `pods/binding` is left to the scheduler by `Scheduling`.
 *
 * Makes `portarium-guard-label-changes`. Closes B2 and B3 for running pods.
 */
export class LabelChanges extends Construct {
  constructor(scope: Construct, id: string, { platform }: GuardFamilyProps) {
    super(scope, id);
    const changed = 'variables.after[?key] != variables.before[?key]';
    const why =
      'by which network policies select pods, are fixed for the life of a pod. Delete the pod and let its workload make a new one.';
    const keys = keysOf(platform);
    new Guard(this, 'guard', {
      mode: platform.guards,
      name: 'label-changes',
      requests: [{ operations: ['UPDATE'], resources: ['pods', 'pods/status'] }],
      bindings: [{ namespaces: [...new Set([...guardedNamespaces(platform), ...Object.keys(keys)])].sort() }],
      variables: {
        before: 'oldObject.metadata.?labels.orValue({})',
        after: 'object.metadata.?labels.orValue({})',
        changed: `${literal(keys)}[?request.namespace].orValue(${literal(IDENTITY)}).filter(key, ${changed})`,
      },
      refusals: [
        {
          expression: 'variables.changed.size() == 0',
          message: `The labels ${why}`,
          messageExpression: `"The labels " + variables.changed.join(", ") + ", ${why}"`,
        },
      ],
    });
  }
}
