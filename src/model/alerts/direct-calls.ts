import { enforcing, type Alert, type Scope } from './alert.js';

/** Calls that went around the front, and figures that are 0 because nobody counts. */
export function directCallAlerts(scope: Scope): readonly Alert[] {
  const { names, time, hubble } = scope;
  const reachedWorld: Alert = {
    alert: 'PortariumAgentReachedWorld',
    severity: 'critical',
    component: 'direct-calls',
    expr: `${names.newFlows} > 0 and on (source_namespace) ${enforcing(scope)}`,
    keepFiringFor: '15m',
    summary: 'Flows out of the cluster from {{ $labels.source_namespace }}, where egress is enforced',
    description:
      'The network let packets of agents pass to the world. What the SDKs say of calls does not matter here.',
    command:
      'hubble observe --from-namespace {{ $labels.source_namespace }} --to-identity world --verdict FORWARDED --since 30m',
  };
  return [
    {
      alert: 'PortariumDirectSorCall',
      runbook: true,
      severity: 'critical',
      component: 'direct-calls',
      expr: `(
    max by (workspace_id) (${names.directSeen}) > 0
  or
    max by (workspace_id) (${names.directRatio}) > 0
)
and on (workspace_id) ${enforcing(scope)}`,
      keepFiringFor: '15m',
      summary: 'Direct SoR call in enforced workspace {{ $labels.workspace_id }}',
      description:
        'An agent of {{ $labels.workspace_id }} reached a system of record without the control plane: no policy, no approval, no evidence.',
      command: 'enforce verify --stack {{ $labels.workspace_id }}',
    },
    ...(hubble ? [reachedWorld] : []),
    {
      alert: 'PortariumCallAccountingStalled',
      severity: 'warning',
      component: 'direct-calls',
      expr: `(sum by (workspace_id) (rate(${names.heartbeats}[${time('15m')}])) > 0)
unless on (workspace_id)
(sum by (workspace_id) (increase(${names.sorCalls}[${time('6h')}])) > 0)`,
      for: '15m',
      summary: 'Agents of {{ $labels.workspace_id }} live, but no call of theirs has been counted for 6 hours',
      description: 'A ratio of 0 proves nothing while nothing is counted: idle agents, or accounting that is broken.',
      command: 'kubectl -n portarium-control-plane logs deploy/api-server -c authorizer --since 1h',
    },
  ];
}
