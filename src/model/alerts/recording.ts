import { agentNamespaces, risen, type Recording, type Scope } from './alert.js';

/**
 * A series for each workspace of the config that enforces. Its level is the one of the policy in force, so that a rule
 * never takes a level for granted; `unknown` where no replica of the front says, which counts as enforced.
 */
export const inventory = ({ names, workspaces }: Scope): readonly Recording[] =>
  workspaces.map(({ id, namespace, pending }) => ({
    record: names.inventory,
    expr: `max by (level) (${names.policyInfo}{workspace_id="${id}"})
or on ()
label_replace(vector(1), "level", "${pending ? 'pending' : 'unknown'}", "", "")`,
    labels: { workspace_id: id, source_namespace: namespace },
  }));

/** In this order: each may read those before it. */
export function recordings(scope: Scope): readonly Recording[] {
  const { names, time } = scope;
  const agents = `source_namespace=~"${agentNamespaces(scope)}"`;
  const passed = `${names.flowsToWorld}{${agents},verdict!~"DROPPED|ERROR"}`;
  const failures = (name: string, reason: string): string =>
    `label_replace(increase(${name}[${time('5m')}]), "reason", "${reason}", "", "")`;
  const network = `max by (workspace_id) (${names.inventory} * on (source_namespace) group_left () ${names.newFlows})`;
  return [
    {
      record: names.newDirectCalls,
      expr: risen(scope, `${names.sorCalls}{routed="false"}`, 'workspace_id', '10m'),
    },
    {
      record: names.newFlows,
      expr: `${risen(scope, passed, 'source_namespace', '10m')}
or
0 * count by (source_namespace) (${names.flowsToWorld}{${agents}})`,
    },
    {
      record: names.directSeen,
      // The same call may be in both, so that their sum would count it twice.
      expr: `max by (workspace_id) (
    label_replace(${names.newDirectCalls}, "seen_by", "sdk", "", "")
  or
    label_replace(${network}, "seen_by", "network", "", "")
)`,
    },
    {
      record: names.directRatio,
      // Without the front’s own count, direct calls are all there is; none of either is a ratio that nobody knows.
      expr: `${names.directSeen} / clamp_min(
  ${names.directSeen} + on (workspace_id) sum by (workspace_id) (increase(${names.sorCalls}{routed="true"}[${time('10m')}])), 1e-9
)
or
(${names.directSeen} > bool 0) == 1`,
    },
    {
      record: names.newBypassAttempts,
      expr: risen(scope, names.bypassAttempts, 'workspace_id', '10m'),
    },
    {
      // Kept for a week, and few: what reads them every minute does not read a week of counters.
      record: names.newToolDenials,
      expr: `${risen(scope, names.toolDenied, 'workspace_id, tool', '15m')} > 0`,
    },
    {
      record: names.mtlsFailures,
      // Each by itself: a sum of all would lose a pod that lacks one of them.
      expr: `sum by (namespace, reason) (
    ${failures(names.tlsConnectionErrors, 'connection_error')}
  or
    ${failures(names.tlsNoClientCertificate, 'no_client_certificate')}
  or
    ${failures(names.tlsUntrusted, 'untrusted_or_expired')}
  or
    ${failures(names.tlsWrongSan, 'wrong_spiffe_id')}
)`,
    },
  ];
}
