import { App, Chart } from 'cdk8s';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startLab } from '../lab/cluster.js';
import { startOpenFga } from '../lab/openfga.js';
import { tmpdir } from 'node:os';
import { startProcesses } from '../lab/processes.js';
import { Cluster } from '../src/bridge/cluster.js';
import { AUTHORIZER } from '../src/cli/demo/calls.js';
import { loadStacks } from '../src/config/load.js';
import { CustomResources } from '../src/constructs/custom-resources/custom-resources.js';
import { authorizerConfig } from '../src/constructs/front.js';
import { AUTHORIZATION_MODEL, MODEL_HASH } from '../src/model/authorization/model.js';
import { publishedObject } from '../src/model/authorization/published.js';
import { workspaceTuples } from '../src/model/authorization/tuples.js';
import { spiffeId } from '../src/model/identity.js';
import type { KubeObject } from '../src/model/kube-object.js';
import { API_VERSION, NAMESPACES } from '../src/model/names.js';
import { workspacePolicy } from '../src/model/policy.js';
import type { Workspace } from '../src/model/workspace.js';
import { ensureModel } from '../src/openfga/model.js';
import { OpenFgaServer } from '../src/openfga/server.js';
import { ensureStore } from '../src/openfga/store.js';
import { reconcileTuples } from '../src/openfga/tuples.js';
import { question } from '../test/authorizer/envoy.js';
import { askingClient, statusOf } from '../test/support/asking-client.js';
import { cpuOfProcess, memoryOfProcess } from './process.js';

/** The authorizer alone, asked as Envoy asks it, with many workspaces. */
export interface AuthorizerFigures {
  /** MiB resident (proc(5), VmRSS) after the load. */
  readonly resident: number;
  /** Milliseconds from the API server's answer to the write, worst of several. */
  readonly policyChange: number;
  readonly revocation: number;
  /** Milliseconds of CPU of the authorizer for a decision: with OpenFGA's answer, and by the allowlist alone. */
  readonly asked: number;
  readonly blocked: number;
}

/** Workspaces that have tuples and are asked about; the others are only there. */
const ASKED = 20;
const CALLS = 4_000;
const CALLERS = 8;
const CHANGES = 10;

export async function measureAuthorizer(workspaces: number): Promise<AuthorizerFigures> {
  const progress = (line: string): void => void process.stderr.write(`${line}\n`);
  const { platform, workspaces: samples } = loadStacks({ dir: 'stacks' });
  const processes = await startProcesses(mkdtempSync(join(tmpdir(), 'authorizer-bench-')), { temporary: true });
  const lab = await startLab({ onProgress: progress });
  const openfga = await startOpenFga({ args: CACHES });
  const server = await OpenFgaServer.connect({ url: openfga.url, token: openfga.token });
  const admin = await Cluster.connect({ kubeconfig: lab.kubeconfig });
  try {
    const all = Array.from({ length: workspaces }, (_each, index) => workspaceOf(samples[0]!, index));
    const { id: storeId } = await ensureStore(server, 'bench');
    const { id: modelId } = await ensureModel(server, storeId, AUTHORIZATION_MODEL, []);
    await admin.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACES.policy } });
    for (const object of definitions()) await admin.apply(object);
    await until('the kinds are served', () =>
      works(admin.apply(publishedObject({ hash: MODEL_HASH, storeId, modelId }))),
    );
    const policy = (workspace: Workspace): KubeObject => ({
      apiVersion: API_VERSION,
      kind: 'WorkspacePolicy',
      metadata: { name: workspace.id, namespace: NAMESPACES.policy },
      spec: workspacePolicy(platform, workspace),
    });
    await until('policies are taken', () => works(admin.apply(policy(all[0]!))));
    for (let index = 0; index < all.length; index += 50) {
      await Promise.all(all.slice(index, index + 50).map((each) => admin.apply(policy(each))));
    }
    progress(`${all.length} policies`);
    for (const each of all.slice(0, ASKED)) {
      await reconcileTuples(server, { storeId, modelId }, each.id, workspaceTuples(platform, each));
    }

    const at = (name: string): string => join(processes.folder, name);
    writeFileSync(at('key'), openfga.token);
    writeFileSync(
      at('config.json'),
      JSON.stringify({
        ...authorizerConfig(platform),
        graceSeconds: 0,
        openfga: { url: openfga.url, tokenFile: at('key'), timeoutMs: 450 },
      }),
    );
    const running = await processes.start({
      name: 'authorizer',
      command: process.execPath,
      args: [
        ...['--max-semi-space-size=4', '--max-old-space-size=128', AUTHORIZER],
        ...['--socket', at('a.sock'), '--http', at('b.sock'), '--config', at('config.json')],
        ...['--kubeconfig', lab.kubeconfig],
      ],
    });
    const client = askingClient(at('a.sock'));
    // Nobody listens yet: that counts as no status.
    const ask = (of: Parameters<typeof question>[0]) => client.ask(question(of)).then(statusOf, () => 0);
    const runs = (workspace: Workspace) => ask(facts(platform, workspace, 'GET', 'runs'));
    const propose = (workspace: Workspace, tool: string) =>
      ask(facts(platform, workspace, 'POST', 'agent-actions:propose', { toolName: tool }));
    await until('the authorizer is informed', async () => (await runs(all[0]!)) === 200);

    progress(`${CALLS} decisions, twice`);
    const some = all.slice(0, ASKED);
    const asked = await cpuOf(running.pid, (call) => runs(some[call % ASKED]!), 200);
    const blocked = await cpuOf(running.pid, (call) => propose(some[call % ASKED]!, 'crm:export'), 403);
    await drained(at('b.sock'));
    const resident = memoryOfProcess(running.pid, 'VmRSS');

    progress(`${CHANGES} changes of policies, and of tuples`);
    const changes: number[] = [];
    const revocations: number[] = [];
    for (let index = 0; index < CHANGES; index += 1) {
      const workspace = all[index]!;
      const tools = [...workspace.allowlist.allowedTools, { tool: 'crm:export', tier: 'Auto' as const }];
      const more = { ...workspace, allowlist: { ...workspace.allowlist, allowedTools: tools } };
      await admin.apply(policy(more));
      changes.push(await until('the change is in force', async () => (await propose(workspace, 'crm:export')) === 200));
      await reconcileTuples(server, { storeId, modelId }, workspace.id, []);
      revocations.push(await until('it is refused', async () => (await runs(workspace)) === 403));
    }
    return { resident, asked, blocked, policyChange: Math.max(...changes), revocation: Math.max(...revocations) };
  } finally {
    server.close();
    admin.close();
    await processes.stop();
    await openfga.stop();
    await lab.stop();
  }
}

/** As the platform renders them (docs/openfga.md). */
const CACHES = [
  '--check-query-cache-enabled',
  '--check-query-cache-ttl=2s',
  '--check-iterator-cache-enabled',
  '--check-iterator-cache-ttl=1s',
  '--cache-controller-enabled',
  '--cache-controller-ttl=1s',
];

const workspaceOf = (sample: Workspace, index: number): Workspace => ({
  ...sample,
  id: `ws-${index}`,
  stack: `ws-${index}`,
  namespace: `agents-${index}`,
  level: 'enforced',
  agents: [{ ...sample.agents[0]!, name: `bot-${index}` }],
});

function definitions(): readonly KubeObject[] {
  const chart = new Chart(new App(), 'definitions', { labels: { 'portarium.io/stack': 'platform' } });
  new CustomResources(chart, 'custom-resources');
  return chart.toJson() as readonly KubeObject[];
}

/** sales-bot's counterpart of the workspace, with its SVID. */
function facts(
  { trustDomain, tokens }: ReturnType<typeof loadStacks>['platform'],
  { id, namespace, agents }: Workspace,
  method: string,
  path: string,
  body?: object,
) {
  const name = agents[0]!.name;
  const claims = {
    iss: tokens.issuer,
    aud: [tokens.audience],
    sub: name,
    workspaceId: id,
    exp: Date.now() / 1000 + 600,
  };
  return {
    listener: 'agents',
    principal: spiffeId(namespace, name, trustDomain),
    token: { header: { typ: tokens.type }, claims },
    method,
    path: `/v1/workspaces/${id}/${path}`,
    body: body === undefined ? new Uint8Array() : Buffer.from(JSON.stringify(body)),
    contentType: body === undefined ? '' : 'application/json',
    traceparent: '',
    requestId: 'bench',
  };
}

/** Milliseconds of CPU that the process takes for one of many calls. */
async function cpuOf(pid: number, call: (index: number) => Promise<number>, wanted: number): Promise<number> {
  const rounds = async (count: number): Promise<void> => {
    let next = 0;
    const caller = async (): Promise<void> => {
      while (next < count) {
        const status = await call((next += 1));
        if (status !== wanted) throw new Error(`answered ${status}, not ${wanted}`);
      }
    };
    await Promise.all(Array.from({ length: CALLERS }, caller));
  };
  await rounds(CALLS / 4);
  const before = cpuOfProcess(pid);
  await rounds(CALLS);
  return (cpuOfProcess(pid) - before) / CALLS;
}

const works = (writing: Promise<unknown>): Promise<boolean> =>
  writing.then(
    () => true,
    () => false,
  );

/** Milliseconds until it holds; a minute at most. */
async function until(what: string, holds: () => Promise<boolean>): Promise<number> {
  const start = performance.now();
  while (!(await holds())) {
    if (performance.now() - start > 60_000) throw new Error(`not within a minute: ${what}`);
    await sleep(10);
  }
  return performance.now() - start;
}

/** Reads the metrics once, as Prometheus does, so that their text is part of what is resident. */
const drained = (socketPath: string): Promise<void> =>
  new Promise((resolve, reject) => {
    request({ socketPath, path: '/metrics' }, (response) => response.resume().once('end', resolve))
      .once('error', reject)
      .end();
  });
