import { typeOf, workspaceOf } from '../model/authorization/ids.js';
import type { Tuple } from '../model/authorization/tuple.js';

/** What a workspace's stack owns of a store: everything on the workspace itself, and on its agents and credentials. */
const OWNED = ['workspace', 'agent', 'credential'];

/**
 * Whether a tuple is a workspace's stack's to write and to delete. Tuples on runs and approvals never are, whoever wrote
 * them. One that puts an object of another workspace into this one is: nothing ever desires it, and it opens that object.
 */
export const isInSlice =
  (workspaceId: string) =>
  ({ user, object }: Tuple): boolean =>
    OWNED.includes(typeOf(object)) && (workspaceOf(object) === workspaceId || user === `workspace:${workspaceId}`);
