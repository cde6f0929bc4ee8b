import { agentNamespaces, risen, type Alert, type Scope } from './alert.js';

/** What the front decides, and whether it can. */
export function policyAlerts(scope: Scope): readonly Alert[] {
  const { names, time, seconds, hubble } = scope;
  const audited = `${names.policyVerdicts}{action="audit",direction="egress",source_namespace=~"${agentNamespaces(scope)}"}`;
  const network: readonly Alert[] = [
    {
      alert: 'PortariumAuditModeVerdicts',
      severity: 'info',
      component: 'policy',
      expr: `${risen(scope, audited, 'source_namespace', '15m')} > 0`,
      keepFiringFor: '15m',
      summary: 'Flows from {{ $labels.source_namespace }} pass that enforcing egress would drop',
      description: 'While this goes on, raising the level to `enforced` would break these agents.',
      command: 'hubble observe --from-namespace {{ $labels.source_namespace }} --verdict AUDIT --since 30m',
    },
    {
      alert: 'PortariumEgressDrops',
      severity: 'info',
      component: 'policy',
      expr: `sum by (instance) (increase(${names.drops}{reason="Policy denied",direction=~"(?i)egress"}[${time('5m')}])) / 5 > 10`,
      for: '5m',
      keepFiringFor: '10m',
      summary: 'More than 10 packets a minute of {{ $labels.instance }} are denied egress',
      description: 'Policies work; some pod of this node keeps trying, agents or others.',
      command: 'hubble observe --verdict DROPPED --since 10m',
    },
  ];
  return [
    {
      alert: 'PortariumPolicyBypassAttempt',
      runbook: true,
      severity: 'critical',
      component: 'policy',
      expr: `${names.newBypassAttempts} > 0`,
      keepFiringFor: '15m',
      summary: 'Policy bypass attempt in {{ $labels.workspace_id }}',
      description: 'A call came with the SVID, token, agent or workspace of another. It was refused, at every level.',
      command:
        'kubectl -n portarium-control-plane logs deploy/api-server -c authorizer --since 30m | grep \'"bypass":true\'',
    },
    {
      alert: 'PortariumNewToolDenied',
      runbook: true,
      severity: 'warning',
      component: 'policy',
      expr: `${names.newToolDenials}
unless on (workspace_id, tool)
present_over_time(${names.newToolDenials}[${time('7d')}] offset ${time('15m')})`,
      keepFiringFor: '1h',
      summary: 'Tool {{ $labels.tool }} denied for the first time in 7 days in {{ $labels.workspace_id }}',
      description:
        'An agent calls a tool that its allowlist does not have: a change of the agent, or somebody’s attempt.',
      command: 'enforce allowlist history --stack {{ $labels.workspace_id }}',
    },
    {
      alert: 'PortariumShadowDenials',
      severity: 'info',
      component: 'policy',
      expr: `${risen(scope, `${names.decisions}{decision="would_deny"}`, 'workspace_id, control', '15m')} > 0`,
      keepFiringFor: '15m',
      summary: '{{ $labels.control }} would deny calls of {{ $labels.workspace_id }}',
      description: 'In shadow they pass. Raising the level would break them.',
      command: 'kubectl -n portarium-control-plane logs deploy/api-server -c authorizer --since 30m | grep would_deny',
    },
    {
      alert: 'PortariumPolicyUnreadable',
      severity: 'warning',
      component: 'policy',
      expr: `max(${names.invalidPolicies}) > 0`,
      for: '5m',
      summary: 'The front cannot read the newest version of a WorkspacePolicy or Relaxation',
      description: 'It goes on with the last one that it could read, without any leniency of it.',
      command: 'kubectl -n portarium-policy get workspacepolicies,relaxations -o yaml',
    },
    {
      alert: 'PortariumCannotDecide',
      severity: 'warning',
      component: 'policy',
      expr: `sum(${risen(scope, names.cannotDecide, 'pod', '10m')}) > 0`,
      keepFiringFor: '10m',
      summary: 'The front lacks what it needs to decide about calls',
      description: 'They are answered 503, or pass where the control is in shadow.',
      command:
        'kubectl -n portarium-control-plane logs deploy/api-server -c authorizer --since 30m | grep CannotDecide',
    },
    {
      alert: 'PortariumPolicyContactLost',
      severity: 'warning',
      component: 'policy',
      expr: `max by (pod) (${names.policyContact}) > ${seconds('30s')}`,
      for: '2m',
      summary: 'Replica {{ $labels.pod }} of the front has lost the API server',
      description: 'It enforces on, ignores every Relaxation, and hears of no new policy.',
      command: 'kubectl -n portarium-control-plane logs {{ $labels.pod }} -c authorizer --since 30m',
    },
    ...(hubble ? network : []),
  ];
}
