import { risen, type Alert, type Scope } from './alert.js';

const FAILED = 'Internal|Unavailable|DeadlineExceeded|ResourceExhausted|Unknown';

export function openfgaAlerts(scope: Scope): readonly Alert[] {
  const { names, time } = scope;
  const handled = (more: string): string =>
    `sum(rate(${names.openfgaHandled}{grpc_service=~"openfga.*"${more}}[${time('5m')}]))`;
  const checks = (allowed: boolean): string => risen(scope, `${names.openfgaChecks}{allowed="${allowed}"}`, '', '6h');
  const command = 'kubectl -n portarium-control-plane logs deploy/openfga --since 30m';
  return [
    {
      alert: 'PortariumOpenFgaErrors',
      severity: 'warning',
      component: 'openfga',
      expr: `${handled(`,grpc_code=~"${FAILED}"`)} / ${handled('')} > 0.01`,
      for: '5m',
      summary: '{{ $value | humanizePercentage }} of OpenFGA’s answers are errors',
      description: 'Calls that depend on them are answered 503, or pass where `authz` is in shadow.',
      command,
    },
    {
      alert: 'PortariumOpenFgaSlow',
      severity: 'warning',
      component: 'openfga',
      expr: `histogram_quantile(0.99, sum by (le) (rate(${names.openfgaRequestMs}_bucket{grpc_method=~"(?i)check"}[${time('5m')}]))) > 200`,
      for: '10m',
      summary: 'One in a hundred checks of OpenFGA takes longer than {{ $value | humanize }} ms',
      description: 'Every call to the front waits for one.',
      command,
    },
    {
      alert: 'PortariumOpenFgaNeverDenies',
      severity: 'warning',
      component: 'openfga',
      expr: `(${checks(true)} > 1000) unless (${checks(false)} > 0)`,
      summary: 'OpenFGA has allowed {{ $value | humanize }} checks in 6 hours and denied none',
      description: 'A model or tuples that allow everything look like this.',
      command: 'enforce status',
    },
    {
      alert: 'PortariumOpenFgaUnreachable',
      severity: 'critical',
      component: 'openfga',
      expr: `sum(rate(${names.openfgaSeconds}_count{answered="false"}[${time('5m')}])) > 0`,
      for: '2m',
      summary: 'The front gets no answers from OpenFGA',
      description: 'Where `authz` is enforced, calls are answered 503; in shadow they pass unjudged.',
      command,
    },
  ];
}
