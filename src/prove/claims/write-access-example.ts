import type { CounterExample } from './claim.js';
import { notInForce } from './settle.js';
import type { Right } from './write-access-match.js';

/** One for each subject and binding, with the one request that shows it as a SubjectAccessReview. */
export function strangersExamples(rights: readonly Right[], guards: ReadonlySet<string>): readonly CounterExample[] {
  const byBinding = Map.groupBy(rights, ({ grant }) =>
    JSON.stringify([grant.subject, grant.binding.object, grant.namespace]),
  );
  return [...byBinding.values()].map((all) => exampleOf(all, guards));
}

function exampleOf(all: readonly Right[], guards: ReadonlySet<string>): CounterExample {
  const [right] = all;
  const { grant, thing, principal } = right!;
  const who = `${grant.subject.kind === 'Group' ? 'the group' : 'the user'} ${grant.subject.name}`;
  const others = new Set(all.map((each) => each.thing.name)).size - 1;
  const missing = (principal?.within ?? thing.heldBy).filter((name) => !guards.has(name));
  return {
    cause: 'write-access',
    summary:
      `${who} may ${right!.verb} ${right!.resource}${placeOf(right!)} (${thing.name}), and so ${thing.worth}` +
      (others > 0 ? `; and ${others} more such things` : ''),
    objects: [reviewOf(right!)],
    because: [grant.binding, grant.role, ...missing.map(notInForce)],
    fix:
      missing.length > 0
        ? `Set portarium:guards to deny and deploy the platform’s stack: ${missing.join(', ')} would take this back. Or take the right away.`
        : `Take the right away: take ${grant.subject.name} out of ${grant.binding.object}, or the rule out of ${grant.role.object}.`,
  };
}

const namespaceOf = ({ grant, thing }: Right): string | undefined =>
  thing.namespaces === 'cluster' ? undefined : (grant.namespace ?? thing.namespaces[0]);

function placeOf(right: Right): string {
  const namespace = namespaceOf(right);
  return namespace === undefined ? '' : ` in ${namespace}`;
}

/** What `kubectl create -f` answers with whether it is so. */
function reviewOf(right: Right): object {
  const { grant, verb, group, resource, name } = right;
  const [plain, subresource] = resource.split('/');
  const namespace = namespaceOf(right);
  return {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    spec: {
      ...(grant.subject.kind === 'Group'
        ? { user: 'anyone', groups: [grant.subject.name] }
        : { user: grant.subject.name }),
      resourceAttributes: {
        verb,
        group,
        resource: plain,
        ...(subresource !== undefined && { subresource }),
        ...(namespace !== undefined && { namespace }),
        ...(name !== undefined && { name }),
      },
    },
  };
}
