import { NAMESPACES } from '../names.js';
import { agentNamespaces, enforcing, ofWorkload, queryCommand, risen, type Alert, type Scope } from './alert.js';

/** What cannot be seen, and would look like nothing. */
export function blindSpotAlerts(scope: Scope): readonly Alert[] {
  const { names, time, hubble } = scope;
  const knownToday = `present_over_time(${names.directRatio}[${time('1d')}])`;
  const ours = [...Object.values(NAMESPACES), agentNamespaces(scope)].join('|');
  const losing: Alert = {
    alert: 'PortariumHubbleLosingEvents',
    severity: 'warning',
    component: 'blind-spots',
    expr: `${risen(scope, names.lostEvents, 'source', '10m')} > 0`,
    keepFiringFor: '15m',
    summary: 'Hubble loses events of {{ $labels.source }}',
    description: 'What the network records is incomplete: that it saw no flow proves nothing for this time.',
    command: 'kubectl -n kube-system exec ds/cilium -- hubble status',
  };
  return [
    {
      alert: 'PortariumRatioMissing',
      severity: 'critical',
      component: 'blind-spots',
      // A number equals itself, NaN does not.
      expr: `(max by (workspace_id) (${enforcing(scope)}) and on (workspace_id) ${knownToday})
unless on (workspace_id)
(${names.directRatio} == ${names.directRatio})`,
      for: '10m',
      summary: 'Nobody knows the ratio of direct calls of {{ $labels.workspace_id }} any more',
      description:
        'Neither SDK nor network says any more whether agents of {{ $labels.workspace_id }} go around the front. It was known within the last day.',
      command: queryCommand(scope, names.directSeen),
    },
    {
      // Where agents have no SDK and the network no Hubble this is so for good: a page each night would be silenced.
      alert: 'PortariumRatioNeverKnown',
      severity: 'warning',
      component: 'blind-spots',
      expr: `max by (workspace_id) (${enforcing(scope)})
unless on (workspace_id)
${knownToday}`,
      for: '1h',
      summary: 'The ratio of direct calls of {{ $labels.workspace_id }} has not been known for a day, or never',
      description:
        'Neither SDK nor network counts calls of {{ $labels.workspace_id }}. That its agents do not go around the front rests on the proof and the probes alone, and the gate stays inconclusive.',
      command: queryCommand(scope, names.directSeen),
    },
    {
      alert: 'PortariumPolicyUnknown',
      severity: 'critical',
      component: 'blind-spots',
      expr: `max by (workspace_id) (${names.inventory}{level="unknown"})`,
      for: '10m',
      summary: 'No replica of the front says which policy is in force for {{ $labels.workspace_id }}',
      description:
        'The workspace is in the config, but has no policy in the cluster, or the front is down. It is watched as if enforced.',
      command: 'enforce status --stack {{ $labels.workspace_id }}',
    },
    {
      alert: 'PortariumWorkspaceNotInInventory',
      severity: 'warning',
      component: 'blind-spots',
      expr: `count by (workspace_id) (${names.sorCalls}{workspace_id!="unknown"})
unless on (workspace_id) ${names.inventory}`,
      for: '10m',
      summary: 'Workspace {{ $labels.workspace_id }} reports calls, but is not in the platform’s config',
      description: 'No alert about direct calls covers it.',
      command: 'kubectl -n portarium-policy get workspacepolicies',
    },
    {
      alert: 'PortariumFrontNotScraped',
      severity: 'critical',
      component: 'blind-spots',
      expr: `absent(${names.policies})`,
      for: '5m',
      summary: 'No metrics of the front arrive',
      description: 'Bypass attempts, denials and routed calls cannot be seen.',
      command: 'kubectl -n portarium-control-plane get pods,podmonitors',
    },
    {
      alert: 'PortariumScrapeFailing',
      severity: 'warning',
      component: 'blind-spots',
      expr: ofWorkload(`min by (namespace, job) (${names.up}{namespace=~"${ours}"}) == 0`),
      for: '5m',
      summary: 'A pod of {{ $labels.job }} in {{ $labels.workload_namespace }} cannot be scraped',
      description: 'What this pod counts is lost until it can be.',
      command: 'kubectl -n {{ $labels.workload_namespace }} get pods -o wide',
    },
    ...(hubble ? [losing] : []),
  ];
}
