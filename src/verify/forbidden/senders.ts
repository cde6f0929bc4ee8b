import { ApiError } from '../../bridge/api-error.js';
import type { Cluster } from '../../bridge/cluster.js';
import { Unsendable, VERIFIER, type Sender } from './request.js';

/** Bound to every right by the API server itself: what refuses its members is admission. */
const EVERY_RIGHT = 'system:masters';

/** In whose name requests can be sent. */
export interface Senders {
  /** Why only the caller's own name can be used; absent where any can. */
  readonly onlyOwn?: string;
  /** Throws Unsendable where it would take another's name. */
  of(sender?: Sender): Cluster;
}

/**
 * A cluster admin may act as anyone. Then requests are sent as `portarium:verify`, in `system:masters`, so that RBAC
 * refuses nothing, and in the groups that a request takes. Else they are sent in the caller's own name, those without
 * another principal's groups: no role that this program renders may impersonate anybody, since whoever may become a
 * member of such a group has the group's power.
 */
export async function sendersOf(caller: Cluster): Promise<Senders> {
  const as = ({ user = VERIFIER, groups = [] }: Sender = {}): Cluster =>
    caller.as({ user, groups: [EVERY_RIGHT, ...groups] });
  try {
    const { username, groups } = await as().whoAmI();
    if (username !== VERIFIER || !groups.includes(EVERY_RIGHT)) {
      return ownName(caller, `the API server takes the caller for ${username} all the same`);
    }
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return ownName(caller, error.message);
  }
  const known = new Map<string, Cluster>();
  return {
    of(sender = {}) {
      const key = JSON.stringify(sender);
      const cluster = known.get(key) ?? as(sender);
      known.set(key, cluster);
      return cluster;
    },
  };
}

const ownName = (caller: Cluster, why: string): Senders => ({
  onlyOwn: why,
  of(sender = {}) {
    const { user, groups = [] } = sender;
    if (user === undefined && groups.length === 0) return caller;
    throw new Unsendable(
      `it must be sent as a member of ${groups.join(' and ')}, and the caller may not impersonate one (cluster admins may)`,
    );
  },
});
