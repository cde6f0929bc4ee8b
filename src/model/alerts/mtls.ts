import { PORTS } from '../edges.js';
import { ofWorkload, queryCommand, risen, type Alert, type Scope } from './alert.js';

/** Handshakes that fail, one that succeeds and must not, certificates that end. */
export function mtlsAlerts(scope: Scope): readonly Alert[] {
  const { names, seconds } = scope;
  return [
    {
      alert: 'PortariumMtlsHandshakeFailureSpike',
      runbook: true,
      severity: 'warning',
      component: 'mtls',
      expr: ofWorkload(`sum by (namespace) (${names.mtlsFailures}) / 5 > 10`),
      for: '5m',
      keepFiringFor: '10m',
      summary: '{{ $value | humanize }} failed mTLS handshakes a minute in {{ $labels.workload_namespace }}',
      description: 'Certificates that are missing, foreign, expired or another’s, or clients without TLS.',
      command: queryCommand(scope, names.mtlsFailures),
    },
    {
      alert: 'PortariumUnauthenticatedMtlsConnection',
      severity: 'critical',
      component: 'mtls',
      expr: ofWorkload(
        `${risen(scope, `${names.tlsWithoutCertificate}{envoy_listener_address=~".*_${PORTS.front.target}"}`, 'namespace, envoy_listener_address', '10m')} > 0`,
      ),
      keepFiringFor: '15m',
      summary: 'A client without a certificate got through {{ $labels.envoy_listener_address }}',
      description:
        'The listener that demands an SVID accepted a connection without one: its configuration is not ours.',
      command: 'enforce status',
    },
    {
      alert: 'PortariumSvidExpiringSoon',
      severity: 'warning',
      component: 'mtls',
      expr: ofWorkload(`min by (namespace, pod) (${names.certificateExpiry}) - time() < ${seconds('15m')}`),
      summary: 'The certificate of {{ $labels.pod }} ends in {{ $value | humanizeDuration }}',
      description: 'SPIRE renews SVIDs at half their time. Without a new one, calls of and to this pod fail.',
      command: 'kubectl -n portarium-spire logs ds/spire-agent --since 1h',
    },
  ];
}
