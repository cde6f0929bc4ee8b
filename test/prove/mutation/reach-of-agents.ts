import type { KubeObject } from '../../../src/model/kube-object.js';
import { readCluster } from '../../../src/prove/cluster.js';
import { matrix } from '../../../src/prove/rows/matrix.js';
import { AGENT_NAMESPACES } from '../claims/stack.js';
import { pod } from '../objects.js';

/**
 * Who reaches whom among pods that exist, by the concrete evaluation of pairs and not by the classes of claim P: pods of
 * each agent, of each component, of strangers beside them with fewer labels and elsewhere with the same ones, and every
 * address. Only what agents of the namespace have a part in.
 */
export function reachOfAgents(objects: readonly KubeObject[], namespace: string): string {
  const policies = objects.filter(({ kind }) => kind.endsWith('NetworkPolicy'));
  const rows = matrix(readCluster([...policies, ...PODS]));
  return JSON.stringify(rows.filter((row) => [row.src, row.dst].some((end) => end.startsWith(`${namespace}/`))));
}

const component = (name: string): Record<string, string> => ({ 'portarium.io/component': name });
const agent = (workspace: string, name: string): Record<string, string> => ({
  'portarium.io/role': 'agent',
  'portarium.io/workspace': workspace,
  'portarium.io/agent': name,
});
const dns = (workspace: string): Record<string, string> => ({
  ...component(`agent-dns-${workspace}`),
  'portarium.io/workspace': workspace,
});

const [ACME, GLOBEX] = AGENT_NAMESPACES as [string, string];

const ENDS: readonly (readonly [string, Record<string, string>])[] = [
  ...['sales-bot', 'report-reader', 'invoice-clerk'].map((name) => [ACME, agent('ws-acme', name)] as const),
  [ACME, dns('ws-acme')],
  [GLOBEX, agent('ws-globex', 'support-bot')],
  [GLOBEX, dns('ws-globex')],
  ...['api-server', 'openfga', 'spire-server', 'elsewhere'].map(
    (name) => ['portarium-control-plane', component(name)] as const,
  ),
  ...['otel-collector', 'prometheus', 'elsewhere'].map((name) => ['portarium-observability', component(name)] as const),
  ...['worker', 'elsewhere'].map((name) => ['portarium-execution', component(name)] as const),
  ['portarium-spire', component('spire-agent')],
  ['kube-system', { 'k8s-app': 'kube-dns' }],
  ['kube-system', {}],
  ['vault', { 'app.kubernetes.io/name': 'vault' }],
  ['vault', {}],
  ['ingress', { 'app.kubernetes.io/name': 'ingress-gateway' }],
  ['databases', { 'app.kubernetes.io/name': 'postgres' }],
  ['example', {}],
  ['example', component('api-server')],
  ['example', agent('ws-acme', 'sales-bot')],
  ['elsewhere', component('otel-collector')],
];

const PODS = ENDS.map(([namespace, labels], i) =>
  pod(`pod-${i}`, { namespace, labels, ips: [`10.244.0.${i + 1}`], hostIP: '10.0.0.9' }),
);
