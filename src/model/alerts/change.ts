import type { Alert, Scope } from './alert.js';

/** What differs from what was approved, or is open longer than it may be. */
export function changeAlerts({ names, seconds }: Scope): readonly Alert[] {
  return [
    {
      alert: 'PortariumDenyPolicyMissing',
      severity: 'critical',
      component: 'change',
      expr: `max by (workspace_id, source_namespace) (${names.inventory})
unless on (workspace_id, source_namespace)
label_replace(
  label_replace(${names.networkPolicies}{networkpolicy=~"agent-deny-default-.+"}, "workspace_id", "$1", "networkpolicy", "agent-deny-default-(.+)"),
  "source_namespace", "$1", "namespace", "(.*)"
)`,
      for: '2m',
      summary: 'The deny baseline of {{ $labels.workspace_id }} is not there in {{ $labels.source_namespace }}',
      description:
        'Agents of {{ $labels.workspace_id }} may reach anything, or kube-state-metrics does not report NetworkPolicies.',
      command: 'kubectl -n {{ $labels.source_namespace }} get networkpolicies',
    },
    {
      alert: 'PortariumDrift',
      severity: 'warning',
      component: 'change',
      expr: `max by (workspace_id) (${names.driftResources}) > 0`,
      for: '2m',
      summary: '{{ $value }} live objects of {{ $labels.workspace_id }} are not as approved',
      description: 'Changed, missing, or of no stack. Which ones, verify says.',
      command: 'enforce verify --stack {{ $labels.workspace_id }}',
    },
    {
      alert: 'PortariumDriftUnknown',
      severity: 'warning',
      component: 'change',
      expr: `(time() - max by (workspace_id) (${names.driftChecked}) > ${seconds('26h')})
or
(max by (workspace_id) (${names.driftSuccess}) == 0)
or
(max by (workspace_id) (${names.inventory}{level!="pending"}) unless on (workspace_id) ${names.driftSuccess})`,
      for: '30m',
      summary: 'Nobody knows whether the objects of {{ $labels.workspace_id }} are as approved',
      description: 'The watch for drift does not run, or cannot list something.',
      command: 'enforce verify --stack {{ $labels.workspace_id }} --watch',
    },
    {
      alert: 'PortariumBreakGlassTooLong',
      severity: 'critical',
      component: 'change',
      expr: `time() - max by (workspace_id, control) (${names.relaxationExpiry}) > 0`,
      for: '5m',
      summary: '{{ $labels.control }} of {{ $labels.workspace_id }} is still rendered open, past its Relaxation',
      description:
        'The Relaxation has ended; the front enforces again, but the objects of the stack have not been closed.',
      command: 'enforce status --stack {{ $labels.workspace_id }}',
    },
    {
      alert: 'PortariumBreakGlassOpen',
      severity: 'info',
      component: 'change',
      expr: `max by (workspace_id, control) (${names.relaxationExpiry}) - time() > 0`,
      summary:
        '{{ $labels.control }} of {{ $labels.workspace_id }} is relaxed for {{ $value | humanizeDuration }} more',
      description: 'An incident’s Relaxation, asked for by one person and approved by another.',
      command: 'kubectl -n portarium-policy get relaxations',
    },
  ];
}
