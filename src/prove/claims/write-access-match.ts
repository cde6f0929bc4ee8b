import type { Principal } from './write-access-principals.js';
import type { Access, Protected } from './write-access-protected.js';
import type { Grant, PolicyRule } from './write-access-rbac.js';

/** A right that somebody has over a protected thing. */
export interface Right {
  readonly grant: Grant;
  readonly thing: Protected;
  /** Set where the right is meant for the subject. */
  readonly principal?: Principal;
  /** One request that it allows. */
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly name?: string;
}

/** What one granted rule allows of the protected things, one request for each thing. */
export const rightsOf = (grant: Grant, things: readonly Protected[]): readonly Right[] =>
  things.flatMap((thing) => {
    if (!reaches(grant, thing)) return [];
    const request = thing.access.map((access) => allowed(grant.rule, access)).find((found) => found !== undefined);
    if (request === undefined) return [];
    const principal = thing.principals.find(
      ({ subject }) => subject.kind === grant.subject.kind && subject.name === grant.subject.name,
    );
    return [{ grant, thing, ...(principal && { principal }), ...request }];
  });

/** A RoleBinding gives nothing of what has no namespace. */
const reaches = ({ namespace }: Grant, { namespaces }: Protected): boolean =>
  namespace === undefined || (namespaces !== 'cluster' && namespaces.includes(namespace));

/** RBAC's own matching of a rule: `*`, exact names, and a `*` before a subresource. */
function allowed(
  { verbs, apiGroups, resources, resourceNames }: PolicyRule,
  access: Access,
): Pick<Right, 'verb' | 'group' | 'resource' | 'name'> | undefined {
  if (!apiGroups.includes('*') && !apiGroups.includes(access.group)) return undefined;
  const resource = access.resources.find(
    (each) =>
      resources.includes('*') ||
      resources.includes(each) ||
      (each.includes('/') && resources.includes(`*${each.slice(each.indexOf('/'))}`)),
  );
  if (resource === undefined) return undefined;
  // What is created has no name yet where it is asked for, nor has a collection: such a rule never allows it.
  const named = resourceNames.length > 0;
  const nameless = (verb: string): boolean =>
    verb === 'deletecollection' || (verb === 'create' && !resource.includes('/'));
  const verb = access.verbs.find((each) => (verbs.includes('*') || verbs.includes(each)) && !(named && nameless(each)));
  const name = named
    ? resourceNames.find((each) => access.names === undefined || access.names.includes(each))
    : access.names?.[0];
  if (verb === undefined || (named && name === undefined)) return undefined;
  return { verb, group: access.group, resource, ...(name !== undefined && { name }) };
}
