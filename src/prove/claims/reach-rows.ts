import { connectionsOf } from '../rows.js';
import type { Connection } from '../rows.js';
import { union } from '../ports.js';
import type { PortSet } from '../ports.js';
import { endName } from './end-name.js';
import type { Intent } from './intent.js';
import type { Violation } from './violations.js';

/** Whom the pods of a role may reach, or be reached by. Plain data, fit for JSON. */
export interface RoleReach {
  /** The role; `pods of no role` for the rest of an agents' namespace. */
  readonly role: string;
  readonly direction: 'reaches' | 'is reached by';
  readonly peer: string;
  readonly connections: readonly Connection[];
  /** Id in the edge matrix; absent for what is outside of it. */
  readonly edge?: string;
}

/** What is intended, and what may pass beyond it. @param violations as found with the same intent */
export function reachRows(intent: Intent, violations: readonly Violation[]): readonly RoleReach[] {
  const intended = intent.roles.flatMap(({ name, edges }) =>
    edges.map(({ id, direction, far, ports }) => row(name, direction, endName(far), ports, id)),
  );
  const beyond = violations.map(({ judged, far, ports }) => ({
    role: judged.role?.name ?? 'pods of no role',
    direction: judged.cell.direction,
    peer: endName(far),
    ports,
  }));
  const grouped = [...Map.groupBy(beyond, ({ ports: _, ...rest }) => JSON.stringify(rest)).values()];
  return [
    ...intended,
    ...grouped.map((same) => {
      const [{ role, direction, peer }] = same as [(typeof same)[number]];
      return row(role, direction, peer, union(...same.map(({ ports }) => ports)));
    }),
  ];
}

const row = (
  role: string,
  direction: 'Egress' | 'Ingress',
  peer: string,
  ports: PortSet,
  edge?: string,
): RoleReach => ({
  role,
  direction: direction === 'Egress' ? 'reaches' : 'is reached by',
  peer,
  connections: connectionsOf(ports),
  ...(edge !== undefined && { edge }),
});
