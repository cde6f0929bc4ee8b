import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { readFolder } from '../src/prove/input/folder.js';
import { inputOfCluster, inputOfFiles, type Input } from '../src/prove/input/input.js';
import { readCluster, type KubeObject } from '../src/prove/index.js';
import { matrix, oneCidrARow } from '../src/prove/rows/matrix.js';

/** Pods to a workload, which has one policy, and to a namespace of the sample. */
const WORKLOAD = 5;
const NAMESPACE = 50;

/**
 * A cluster of namespaces with ten workloads of five pods and ten policies each: all is denied but DNS, the next
 * workload, a range of addresses outside, and the neighbouring namespace's last workload; every pod has an address.
 */
export function sampleCluster(pods: number): KubeObject[] {
  const objects: object[] = [];
  for (let i = 0; i < pods / NAMESPACE; i += 1) {
    const namespace = `team-${i}`;
    objects.push({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
    for (let w = 0; w < NAMESPACE / WORKLOAD; w += 1) {
      for (let p = 0; p < WORKLOAD; p += 1) objects.push(samplePod(namespace, w, i * NAMESPACE + w * WORKLOAD + p));
      objects.push(samplePolicy(namespace, w, `team-${Math.floor((i + 1) % (pods / NAMESPACE))}`));
    }
  }
  return objects as KubeObject[];
}

function samplePod(namespace: string, workload: number, i: number): object {
  const ip = `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `app-${workload}-${i % WORKLOAD}`,
      namespace,
      labels: { app: `app-${workload}`, tier: workload === 0 ? 'dns' : 'service' },
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'StatefulSet', name: `app-${workload}`, controller: true }],
    },
    spec: { containers: [{ name: 'app', ports: [{ name: 'http', containerPort: 8080 }] }] },
    status: { phase: 'Running', podIP: ip, podIPs: [{ ip }] },
  };
}

function samplePolicy(namespace: string, workload: number, neighbour: string): object {
  const app = (name: number): object => ({ podSelector: { matchLabels: { app: `app-${name}` } } });
  const next = app((workload + 1) % 10);
  const previous = app((workload + 9) % 10);
  const elsewhere = { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': neighbour } }, ...app(9) };
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: `app-${workload}`, namespace },
    spec: {
      ...app(workload),
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{ from: [previous, elsewhere, { podSelector: {} }], ports: [{ port: 'http' }] }],
      egress: [
        { to: [next, elsewhere], ports: [{ port: 8080 }] },
        { to: [{ podSelector: { matchLabels: { tier: 'dns' } } }], ports: [{ port: 53, protocol: 'UDP' }] },
        { to: [{ ipBlock: { cidr: `198.51.${workload}.0/24` } }], ports: [{ port: 443 }] },
      ],
    },
  };
}

/** From objects in memory to rows; returns what is to be measured. */
export function reachOfObjects(pods: number): () => string {
  const objects = sampleCluster(pods);
  return () => rowsOf(inputOfCluster(objects));
}

/** The same from a folder of YAML, one file a namespace, or from one JSON file as kubectl writes it. */
export function reachOfFiles(pods: number, form: 'yaml' | 'json'): () => string {
  const dir = mkdtempSync(join(tmpdir(), 'portarium-bench-'));
  process.once('exit', () => rmSync(dir, { recursive: true }));
  if (form === 'yaml') writeFolder(dir, sampleCluster(pods));
  else {
    const list = { apiVersion: 'v1', kind: 'List', items: sampleCluster(pods) };
    writeFileSync(join(dir, 'all.json'), JSON.stringify(list, null, 4));
  }
  return () => rowsOf(inputOfFiles(readFolder(dir)));
}

const rowsOf = (input: Input): string => String(oneCidrARow(matrix(readCluster(input.objects))).length);

function writeFolder(dir: string, objects: readonly KubeObject[]): void {
  mkdirSync(dir, { recursive: true });
  const byNamespace = Map.groupBy(objects, ({ kind, metadata }) =>
    String(kind === 'Namespace' ? metadata?.name : metadata?.namespace),
  );
  for (const [namespace, of] of byNamespace) {
    writeFileSync(join(dir, `${namespace}.yaml`), of.map((object) => stringify(object)).join('---\n'));
  }
}

/** Seconds that both commands take on one folder, in turn. Undefined where there is no netpol-analyzer on the PATH. */
export function againstPeer(pods: number, runs: number): { ours: number; theirs: number }[] | undefined {
  if (spawnSync('netpol-analyzer', ['--help']).status !== 0) return undefined;
  const dir = mkdtempSync(join(tmpdir(), 'portarium-bench-'));
  try {
    writeFolder(dir, sampleCluster(pods));
    const main = fileURLToPath(new URL('../src/cli/main.js', import.meta.url));
    return Array.from({ length: runs }, (_each, run) => {
      process.stderr.write(`run ${run + 1} of ${runs}: enforce reach and netpol-analyzer, ${pods} pods\n`);
      const ours = seconds(process.execPath, [main, 'reach', '--manifests', dir, '--json']);
      return { ours, theirs: seconds('netpol-analyzer', ['list', '--dirpath', dir, '-o', 'json', '-q']) };
    });
  } finally {
    rmSync(dir, { recursive: true });
  }
}

function seconds(command: string, args: readonly string[]): number {
  const before = performance.now();
  const { status, stderr } = spawnSync(command, args, { maxBuffer: 1 << 30, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} failed (${status}):\n${stderr}`);
  return (performance.now() - before) / 1000;
}
