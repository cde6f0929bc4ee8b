import { SILENT, type Case } from './case.js';

const handled = (code: string, service = 'openfga.v1.OpenFGAService'): string =>
  `grpc_server_handled_total{grpc_service="${service}",grpc_method="Check",grpc_code="${code}",grpc_type="unary",pod="o"}`;
const bucket = (le: string, method = 'Check'): string =>
  `openfga_request_duration_ms_bucket{grpc_service="openfga.v1.OpenFGAService",grpc_method="${method}",pod="o",le="${le}"}`;
const checks = (allowed: boolean): string => `openfga_check_result_count{allowed="${allowed}",pod="o"}`;

export const OPENFGA: readonly Case[] = [
  {
    alert: 'PortariumOpenFgaErrors',
    shows: '0.9 % of errors, then 1.1 %, then none; what clients do wrong is none',
    series: {
      [handled('OK')]: '0+891x30 27619+889x30 55189+900x30',
      [handled('InvalidArgument')]: '0+100x95',
      [handled('Unavailable')]: '0+9x30 281+11x30 611x40',
      [handled('Internal', 'grpc.health.v1.Health')]: '0+50x95',
      [handled('OK', 'grpc.health.v1.Health')]: '0+200x95',
    },
    at: { 30: SILENT, 37: SILENT, 41: [{}], 70: SILENT },
  },
  {
    alert: 'PortariumOpenFgaErrors',
    shows: 'no traffic: 0 of 0',
    traits: ['NaN'],
    series: { [handled('OK')]: '7x40', [handled('Unavailable')]: '3x40' },
    at: { 20: SILENT, 40: SILENT },
  },
  {
    alert: 'PortariumOpenFgaSlow',
    shows: 'a 99th percentile of 189.8 ms, then of 209.8 ms, then no traffic; other methods do not count',
    series: {
      [bucket('170')]: '0x100',
      [bucket('190')]: '0+10x30 300x70',
      [bucket('210')]: '0+10x60 600x40',
      [bucket('+Inf')]: '0+10x60 600x40',
      [bucket('210', 'ListObjects')]: '0x100',
      [bucket('+Inf', 'ListObjects')]: '0+90x100',
    },
    at: { 30: SILENT, 40: SILENT, 47: [{}], 75: SILENT },
  },
  {
    alert: 'PortariumOpenFgaNeverDenies',
    shows: '900 checks, then 1080, all allowed, until one is denied',
    series: { [checks(true)]: '0+3x600', [checks(false)]: '0x420 1x180' },
    at: { 300: SILENT, 380: [{}], 423: SILENT },
  },
  {
    alert: 'PortariumOpenFgaNeverDenies',
    shows: 'the first denial ever',
    traits: ['first increase'],
    series: { [checks(true)]: '0+3x600', [checks(false)]: '_x420 1x180' },
    at: { 380: [{}], 423: SILENT },
  },
  {
    alert: 'PortariumOpenFgaUnreachable',
    shows: 'questions without answers, for a while',
    series: {
      'portarium_authorizer_openfga_seconds_count{answered="false",pod="api-server-0"}': '0x10 1+1x20 21x30',
      'portarium_authorizer_openfga_seconds_count{answered="true",pod="api-server-0"}': '0+9x60',
    },
    at: { 10: SILENT, 12: SILENT, 14: [{}], 40: SILENT },
  },
];
