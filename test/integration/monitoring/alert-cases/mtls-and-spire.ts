import { PORTS } from '../../../../src/model/edges.js';
import { SILENT, type Case } from './case.js';

const failed = (what: string): string =>
  `envoy_listener_ssl_${what}{namespace="portarium-control-plane",pod="api-server-0",envoy_listener_address="0.0.0.0_8443"}`;
const without = (port: number): string =>
  `envoy_listener_ssl_no_certificate{namespace="portarium-control-plane",pod="api-server-0",envoy_listener_address="0.0.0.0_${port}"}`;
const front = { workload_namespace: 'portarium-control-plane' };
const listener = { ...front, envoy_listener_address: `0.0.0.0_${PORTS.front.target}` };
const spire = { workload_namespace: 'portarium-spire' };
const daemons = (what: string): string =>
  `kube_daemonset_status_${what}{namespace="portarium-spire",daemonset="spire-agent"}`;
const rotation = (status: string): string =>
  `spire_agent_agent_svid_rotate{namespace="portarium-spire",pod="spire-agent-x",status="${status}"}`;

export const MTLS: readonly Case[] = [
  {
    alert: 'PortariumMtlsHandshakeFailureSpike',
    shows: '9 a minute over all reasons, then 11',
    series: {
      [failed('connection_error')]: '0+3x30 93+4x30 213x60',
      [failed('fail_verify_error')]: '0+3x30 93+4x30 213x60',
      [failed('fail_verify_san')]: '0+2x120',
      [failed('fail_verify_no_cert')]: '0+1x120',
    },
    at: { 30: SILENT, 37: SILENT, 41: [front], 70: [front], 78: SILENT },
  },
  {
    alert: 'PortariumMtlsHandshakeFailureSpike',
    shows: 'a pod that has but one of the reasons',
    series: { [failed('fail_verify_error')]: '0+11x30' },
    at: { 4: SILENT, 12: [front] },
  },
  {
    alert: 'PortariumMtlsHandshakeFailureSpike',
    shows: 'a restart of Envoy',
    traits: ['restart'],
    series: { [failed('connection_error')]: '900x20 0x20' },
    at: { 22: SILENT, 30: SILENT },
  },
  {
    alert: 'PortariumMtlsHandshakeFailureSpike',
    shows: 'a scrape gap',
    traits: ['gap'],
    series: { [failed('connection_error')]: '0+2x20 _x15 70+2x30' },
    at: { 20: SILENT, 37: SILENT, 50: SILENT },
  },
  {
    alert: 'PortariumUnauthenticatedMtlsConnection',
    shows: 'one client without a certificate where one is demanded',
    series: { [without(PORTS.front.target)]: '0x20 1x60' },
    at: { 19: SILENT, 21: [listener], 44: [listener], 50: SILENT },
  },
  {
    alert: 'PortariumUnauthenticatedMtlsConnection',
    shows: 'clients without a certificate where none is demanded',
    series: { [without(9999)]: '0+1x60', [without(PORTS.front.target)]: '0x60' },
    at: { 30: SILENT },
  },
  {
    alert: 'PortariumSvidExpiringSoon',
    shows: 'a certificate with less than 15 minutes left, until it is renewed',
    series: {
      'envoy_listener_ssl_certificate_expiration_unix_time_seconds{namespace="portarium-control-plane",pod="api-server-0",envoy_listener_address="0.0.0.0_8443",envoy_tls_certificate="a"}':
        '1000x10 9000x20',
    },
    at: { 1: SILENT, 2: [{ ...front, pod: 'api-server-0' }], 12: SILENT },
  },
];

export const SPIRE: readonly Case[] = [
  {
    alert: 'PortariumSpireCaExpiringSoon',
    shows: 'a CA with less than four hours left, until there is another',
    series: {
      'spire_server_manager_x509_ca_rotate_expiration{namespace="portarium-spire",pod="spire-server-0"}':
        '15000x20 90000x20',
    },
    at: { 10: SILENT, 14: SILENT, 17: [{ ...spire, pod: 'spire-server-0' }], 22: SILENT },
  },
  {
    alert: 'PortariumSpireAgentNotReady',
    shows: 'one node without an agent that is ready',
    series: {
      [daemons('desired_number_scheduled')]: '3x40',
      [daemons('number_ready')]: '3x5 2x10 3x20',
      'kube_daemonset_status_desired_number_scheduled{namespace="kube-system",daemonset="kindnet"}': '3x40',
      'kube_daemonset_status_number_ready{namespace="kube-system",daemonset="kindnet"}': '0x40',
    },
    at: { 5: SILENT, 9: SILENT, 12: [{ ...spire, daemonset: 'spire-agent' }], 18: SILENT },
  },
  {
    alert: 'PortariumSpireAgentRotationFailing',
    shows: 'the first rotation that fails',
    traits: ['first increase'],
    series: { [rotation('Unavailable')]: '_x19 1x80', [rotation('OK')]: '0+1x100' },
    at: { 18: SILENT, 21: [{ ...spire, pod: 'spire-agent-x' }], 55: SILENT },
  },
  {
    alert: 'PortariumSpireAgentRotationFailing',
    shows: 'one long ago',
    series: { [rotation('Unavailable')]: '3x80' },
    at: { 50: SILENT },
  },
  {
    alert: 'PortariumSpireAbsent',
    shows: 'agents without a server, until there is one',
    traits: ['absent'],
    series: { 'spire_agent_uptime_in_ms{pod="a"}': '1x40', 'spire_server_uptime_in_ms{pod="s"}': '_x10 1x30' },
    at: { 4: SILENT, 6: [{}], 12: SILENT },
  },
  {
    alert: 'PortariumSpireAbsent',
    shows: 'a server without agents',
    traits: ['absent'],
    series: { 'spire_server_uptime_in_ms{pod="s"}': '1x40' },
    at: { 4: SILENT, 6: [{}] },
  },
];
