import { ENFORCED, inForce, noNumbers, ROUTING, SILENT, type Case } from './case.js';

const direct =
  'portarium_sor_calls_total{workspace_id="ws-acme",agent_id="sales-bot",routed="false",pod="sales-bot-0"}';
const routed =
  'portarium_sor_calls_total{workspace_id="ws-acme",agent_id="sales-bot",routed="true",pod="api-server-0"}';
const flows = (namespace: string, verdict: string): string =>
  `hubble_flows_to_world_total{source_namespace="${namespace}",source_workload="bot",verdict="${verdict}"}`;
const acme = { workspace_id: 'ws-acme' };
const globex = { workspace_id: 'ws-globex' };
const agents = { source_namespace: 'portarium-agents' };

export const DIRECT_CALLS: readonly Case[] = [
  {
    alert: 'PortariumDirectSorCall',
    shows: 'one call among many',
    series: { ...ENFORCED, [direct]: '0x20 1x80', [routed]: '0+5x101' },
    at: { 19: SILENT, 21: [acme], 44: [acme], 50: SILENT },
  },
  {
    alert: 'PortariumDirectSorCall',
    shows: 'the first call ever, of a series that is born with it',
    traits: ['first increase'],
    series: { ...ENFORCED, [direct]: '_x19 1x80', [routed]: '0+5x101' },
    at: { 18: SILENT, 21: [acme], 60: SILENT },
  },
  {
    alert: 'PortariumDirectSorCall',
    shows: 'a restart of the SDK',
    traits: ['restart'],
    series: { ...ENFORCED, [direct]: '_x2 0+1x7 7x32 0x40', [routed]: '0+5x90' },
    at: { 36: SILENT, 42: SILENT, 60: SILENT },
  },
  {
    alert: 'PortariumDirectSorCall',
    shows: 'a call right after a restart',
    traits: ['restart'],
    series: { ...ENFORCED, [direct]: '0x20 0+1x7 7x32 0x5 1x40', [routed]: '0+5x120' },
    at: { 60: SILENT, 66: SILENT, 69: [acme] },
  },
  {
    alert: 'PortariumDirectSorCall',
    shows: 'half an hour without scrapes, and no call in it',
    traits: ['gap'],
    series: { ...ENFORCED, [direct]: '0x4 7x56 _x30 7x60', [routed]: '0+5x60 _x30 300+5x60' },
    at: { 55: SILENT, 92: SILENT, 95: SILENT, 120: SILENT },
  },
  {
    alert: 'PortariumDirectSorCall',
    shows: 'a call within half an hour without scrapes',
    traits: ['gap'],
    series: { ...ENFORCED, [direct]: '0x4 7x56 _x30 8x60', [routed]: '0+5x60 _x30 300+5x60' },
    at: { 60: SILENT, 93: [acme], 130: SILENT },
  },
  {
    alert: 'PortariumDirectSorCall',
    shows: 'workspaces that do not enforce yet',
    traits: ['not enforced'],
    series: { ...ROUTING, [direct]: '0+1x80', [routed]: '0+5x80' },
    at: { 21: SILENT, 60: SILENT },
  },
  {
    alert: 'PortariumDirectSorCall',
    shows: 'a workspace of which nobody knows whether it enforces',
    traits: ['absent'],
    series: { [direct]: '0x20 1x80', [routed]: '0+5x101' },
    at: { 19: SILENT, 21: [acme] },
  },
  {
    alert: 'PortariumDirectSorCall',
    shows: 'one that the network alone has seen',
    series: {
      [inForce('ws-globex', 'enforced')]: '1x100',
      [flows('portarium-agents-globex', 'FORWARDED')]: '0x20 1x80',
    },
    at: { 19: SILENT, 21: [globex], 60: SILENT },
  },
  {
    alert: 'PortariumDirectSorCall',
    shows: 'a ratio that somebody else computes, NaN at times',
    traits: ['NaN'],
    series: {
      ...ENFORCED,
      'portarium_direct_sor_ratio{workspace_id="ws-acme",job="sdk"}': `${noNumbers(11)} 0.2x5 ${noNumbers(40)}`,
    },
    at: { 9: SILENT, 12: [acme], 40: SILENT },
  },
  {
    alert: 'PortariumAgentReachedWorld',
    shows: 'one flow that the network let pass',
    series: { ...ENFORCED, [flows('portarium-agents', 'FORWARDED')]: '0x20 1x80' },
    at: { 19: SILENT, 21: [agents], 44: [agents], 50: SILENT },
  },
  {
    alert: 'PortariumAgentReachedWorld',
    shows: 'the first flow ever',
    traits: ['first increase'],
    series: { ...ENFORCED, [flows('portarium-agents', 'FORWARDED')]: '_x19 1x80' },
    at: { 18: SILENT, 21: [agents], 60: SILENT },
  },
  {
    alert: 'PortariumAgentReachedWorld',
    shows: 'flows that were dropped, of others, and of agents that are not enforced',
    traits: ['not enforced'],
    series: {
      ...ENFORCED,
      [flows('portarium-agents', 'DROPPED')]: '0+3x60',
      [flows('kube-system', 'FORWARDED')]: '0+3x60',
      [flows('portarium-agents-globex', 'FORWARDED')]: '0+3x60',
    },
    at: { 10: SILENT, 40: SILENT },
  },
  {
    alert: 'PortariumCallAccountingStalled',
    shows: 'agents that live and are not counted, until one call is',
    series: {
      'portarium_agent_heartbeats_total{workspace_id="ws-acme",agent_id="sales-bot"}': '0+1x600',
      [routed]: '0+1x10 10x440 11x100',
    },
    at: { 300: SILENT, 383: SILENT, 388: [acme], 460: SILENT },
  },
  {
    alert: 'PortariumCallAccountingStalled',
    shows: 'agents that do not live',
    traits: ['absent'],
    series: {
      'portarium_agent_heartbeats_total{workspace_id="ws-acme",agent_id="sales-bot"}': '7x420',
      [routed]: '7x420',
    },
    at: { 390: SILENT, 420: SILENT },
  },
];
