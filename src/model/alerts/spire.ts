import { NAMESPACES } from '../names.js';
import { ofWorkload, risen, type Alert, type Scope } from './alert.js';

export function spireAlerts(scope: Scope): readonly Alert[] {
  const { names, seconds } = scope;
  const agent = '{daemonset="spire-agent"}';
  return [
    {
      alert: 'PortariumSpireCaExpiringSoon',
      severity: 'critical',
      component: 'spire',
      expr: ofWorkload(`min by (namespace, pod) (${names.spireCaExpiry}) - time() < ${seconds('4h')}`),
      for: '5m',
      summary: 'The CA of {{ $labels.pod }} ends in {{ $value | humanizeDuration }}',
      description: 'With it, every SVID ends that it signed, and mTLS with them.',
      command: 'kubectl -n {{ $labels.workload_namespace }} logs {{ $labels.pod }} -c spire-server --since 1h',
    },
    {
      alert: 'PortariumSpireAgentNotReady',
      severity: 'warning',
      component: 'spire',
      expr: ofWorkload(`${names.daemonSetDesired}${agent} - ${names.daemonSetReady}${agent} > 0`),
      for: '5m',
      summary: '{{ $value }} nodes are without a SPIRE agent that is ready',
      description: 'Pods that start there get no SVID, those that run none after the next rotation.',
      command: 'kubectl -n {{ $labels.workload_namespace }} get pods -o wide',
    },
    {
      alert: 'PortariumSpireAgentRotationFailing',
      severity: 'warning',
      component: 'spire',
      expr: ofWorkload(`${risen(scope, `${names.spireAgentRotations}{status!="OK"}`, 'namespace, pod', '30m')} > 0`),
      summary: 'SPIRE agent {{ $labels.pod }} cannot renew its own SVID',
      description: 'When it ends, the agent serves nobody on its node.',
      command: 'kubectl -n {{ $labels.workload_namespace }} logs {{ $labels.pod }} --since 1h',
    },
    {
      alert: 'PortariumSpireAbsent',
      severity: 'critical',
      component: 'spire',
      expr: `absent(${names.spireServerUptime}) or absent(${names.spireAgentUptime})`,
      for: '5m',
      summary: 'No SPIRE server, or no SPIRE agent, reports',
      description: 'SVIDs are not renewed, or nobody sees whether they are.',
      command: `kubectl -n ${NAMESPACES.spire} get pods,podmonitors`,
    },
  ];
}
