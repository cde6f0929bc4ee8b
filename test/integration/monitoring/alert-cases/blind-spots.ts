import { ENFORCED, inForce, noNumbers, SILENT, type Case } from './case.js';

const sdk = {
  'portarium_sor_calls_total{workspace_id="ws-acme",agent_id="sales-bot",routed="false"}': '_x90 0x60',
  'portarium_sor_calls_total{workspace_id="ws-acme",agent_id="sales-bot",routed="true"}': '_x90 0+1x60',
};
const missing = { workspace_id: 'ws-acme' };
const up = (namespace: string, instance: string): string =>
  `up{namespace="${namespace}",job="api-server",pod="${instance}",instance="${instance}"}`;

export const BLIND_SPOTS: readonly Case[] = [
  {
    alert: 'PortariumRatioMissing',
    shows: 'series that end, and come back; those of a workspace that does not enforce matter to nobody',
    traits: ['absent'],
    series: {
      ...ENFORCED,
      'portarium_sor_calls_total{workspace_id="ws-globex",agent_id="bot",routed="false"}': '0x20 stale',
      'portarium_sor_calls_total{workspace_id="ws-globex",agent_id="bot",routed="true"}': '0+1x20 stale',
      'portarium_sor_calls_total{workspace_id="ws-acme",agent_id="sales-bot",routed="false"}': '0x20 stale _x39 0x30',
      'portarium_sor_calls_total{workspace_id="ws-acme",agent_id="sales-bot",routed="true"}':
        '0+1x20 stale _x39 20+1x30',
    },
    at: { 15: SILENT, 30: SILENT, 33: [missing], 58: [missing], 65: SILENT },
  },
  {
    alert: 'PortariumRatioMissing',
    shows: 'a ratio that is not a number',
    traits: ['NaN'],
    series: { ...ENFORCED, 'portarium_direct_sor_ratio{workspace_id="ws-acme",job="sdk"}': `0x10 ${noNumbers(30)}` },
    at: { 10: SILENT, 19: SILENT, 25: [missing] },
  },
  {
    alert: 'PortariumRatioMissing',
    shows: 'a network that saw the agents send nothing',
    series: {
      ...ENFORCED,
      'hubble_flows_to_world_total{source_namespace="portarium-agents",source_workload="bot",verdict="DROPPED"}':
        '4x40',
      'portarium_sor_calls_total{workspace_id="ws-acme",agent_id="sales-bot",routed="true"}': '0+1x40',
    },
    at: { 15: SILENT, 40: SILENT },
  },
  {
    alert: 'PortariumRatioMissing',
    shows: 'neither SDK nor network all along, which is no page',
    series: ENFORCED,
    at: { 15: SILENT, 600: SILENT },
  },
  {
    alert: 'PortariumRatioNeverKnown',
    shows: 'neither SDK nor network, until there is an SDK',
    traits: ['absent'],
    series: { ...ENFORCED, ...sdk },
    at: { 59: SILENT, 61: [missing], 89: [missing], 95: SILENT },
  },
  {
    alert: 'PortariumRatioNeverKnown',
    shows: 'a ratio that was known within the day, which PortariumRatioMissing tells, and not after it',
    interval: 30,
    series: {
      [inForce('ws-acme', 'enforced')]: '1x70',
      [inForce('ws-beta', 'routing')]: '1x70',
      [inForce('ws-globex', 'routing')]: '1x70',
      'portarium_direct_sor_ratio{workspace_id="ws-acme",job="sdk"}': '0x2 stale',
    },
    at: { 60: SILENT, 1440: SILENT, 1620: [missing] },
  },
  {
    alert: 'PortariumPolicyUnknown',
    shows: 'a workspace of the config without a policy, until it has one',
    traits: ['absent'],
    series: {
      [inForce('ws-beta', 'routing')]: '1x60',
      [inForce('ws-globex', 'enforced')]: '1x60',
      [inForce('ws-acme', 'routing')]: '_x20 1x40',
    },
    at: {
      9: SILENT,
      11: [missing],
      22: SILENT,
    },
  },
  {
    alert: 'PortariumWorkspaceNotInInventory',
    shows: 'calls of a workspace that no config has, until they end; those of nobody are no workspace’s',
    series: {
      ...ENFORCED,
      'portarium_sor_calls_total{workspace_id="ws-acme",agent_id="a",routed="true"}': '0+1x60',
      'portarium_sor_calls_total{workspace_id="unknown",agent_id="unknown",routed="true"}': '0+1x60',
      'portarium_sor_calls_total{workspace_id="ws-rogue",agent_id="a",routed="false"}': '0+1x30 stale',
    },
    at: { 9: SILENT, 11: [{ workspace_id: 'ws-rogue' }], 33: SILENT },
  },
  {
    alert: 'PortariumFrontNotScraped',
    shows: 'no replica of the front, until there is one',
    traits: ['absent'],
    series: { 'portarium_authorizer_policies{pod="api-server-0"}': '_x10 3x20' },
    at: { 4: SILENT, 6: [{}], 12: SILENT },
  },
  {
    alert: 'PortariumScrapeFailing',
    shows: 'one pod of two that cannot be scraped',
    series: {
      [up('portarium-control-plane', 'a')]: '1x40',
      [up('portarium-control-plane', 'b')]: '1x5 0x10 1x20',
      [up('kube-system', 'c')]: '0x40',
    },
    at: {
      5: SILENT,
      9: SILENT,
      12: [{ workload_namespace: 'portarium-control-plane', job: 'api-server' }],
      18: SILENT,
    },
  },
  {
    alert: 'PortariumHubbleLosingEvents',
    shows: 'events that are lost, the first included',
    traits: ['first increase'],
    series: { 'hubble_lost_events_total{source="perf_event_ring_buffer"}': '_x9 1x60' },
    at: {
      8: SILENT,
      11: [{ source: 'perf_event_ring_buffer' }],
      33: [{ source: 'perf_event_ring_buffer' }],
      38: SILENT,
    },
  },
  {
    alert: 'PortariumHubbleLosingEvents',
    shows: 'none lost since long',
    series: { 'hubble_lost_events_total{source="observer_events_queue"}': '0x60' },
    at: { 20: SILENT, 60: SILENT },
  },
];
