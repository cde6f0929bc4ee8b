import { App, Chart } from 'cdk8s';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Config } from '../../../src/authorizer/config.js';
import type { Facts } from '../../../src/authorizer/facts.js';
import { isNotFound } from '../../../src/bridge/api-error.js';
import { Cluster } from '../../../src/bridge/cluster.js';
import { CustomResources } from '../../../src/constructs/custom-resources/custom-resources.js';
import type { KubeObject } from '../../../src/model/kube-object.js';
import type { Level } from '../../../src/model/levels.js';
import { API_VERSION, NAMESPACES } from '../../../src/model/names.js';
import { MODEL_HASH } from '../../../src/model/authorization/model.js';
import { AGENT, BEARER, CONFIG as SAMPLE, modelObject, policyObject, specOf, token } from '../../authorizer/fixture.js';
import { ACME, GLOBEX } from '../../model/examples.js';
import { proxied, type Proxy } from '../proxy.js';
import { run, startAuthorizer, type Authorizer } from './authorizer.js';
import { CALLS, keepCalling, statuses, type Answered } from './cut-off.js';
import { startPermitting, type Permitting } from './permitting.js';
import { workerLab } from '../worker-lab.js';

const lab = workerLab();
const chart = new Chart(new App(), 'definitions', { labels: { 'portarium.io/stack': 'platform' } });
new CustomResources(chart, 'custom-resources');
const definitions = chart.toJson() as readonly KubeObject[];

let admin: Cluster;
let CONFIG: Config;
let permitting: Permitting;
let dir: string;
let sharedDir: string;
let cutOffDir: string;
const started: Authorizer[] = [];

const start = async (kubeconfig = lab.kubeconfig, config = CONFIG, in_ = dir): Promise<Authorizer> => {
  const authorizer = startAuthorizer(in_, kubeconfig, config);
  if (in_ === dir) started.push(authorizer);
  await expect
    .poll(() => authorizer.get('/live').catch(() => undefined), { timeout: 30_000 })
    .toMatchObject({ status: 200 });
  return authorizer;
};
const ready = (authorizer: Authorizer) =>
  expect.poll(() => authorizer.status(agent), { timeout: 30_000 }).not.toBe(503);

beforeAll(async () => {
  admin = await Cluster.connect({ kubeconfig: lab.kubeconfig });
  [dir, sharedDir, cutOffDir] = ['authz-', 'authz-shared-', 'authz-cut-off-'].map((prefix) =>
    mkdtempSync(join(tmpdir(), prefix)),
  ) as [string, string, string];
  await admin.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACES.policy } });
  permitting = await startPermitting(join(sharedDir, 'token'));
  CONFIG = { ...SAMPLE, openfga: permitting.config };
});
afterEach(async () => {
  for (const authorizer of started.splice(0)) await authorizer.close();
});
afterAll(async () => {
  await shared?.close();
  cutOff?.ending.abort();
  cutOff?.proxy.cut();
  await cutOff?.authorizer.close();
  await permitting?.stop();
  for (const object of definitions) await admin.delete(object);
  for (const object of definitions) while (!(await admin.get(object).then(() => false, isNotFound))) await sleep(100);
  admin.close();
  for (const each of [dir, sharedDir, cutOffDir]) rmSync(each, { recursive: true, force: true });
});

const valid = { exp: Math.floor(Date.now() / 1000) + 3600 };
const agent: Facts = { ...AGENT, token: token(valid) };
const bearer: Facts = { ...BEARER, token: token(valid) };

/** A new object of ws-acme at that level: its reachedLevel cannot fall. */
async function policyAt(level: Level): Promise<void> {
  await admin.delete(policyObject(specOf(ACME)));
  await admin.apply(policyObject(specOf(ACME, level)));
}

let relaxations = 0;
async function requestRelaxation(seconds: number, controls = ['mtls'], workspaceId = 'ws-acme'): Promise<KubeObject> {
  const { object } = await admin.create({
    apiVersion: API_VERSION,
    kind: 'Relaxation',
    metadata: { name: `inc-${(relaxations += 1)}`, namespace: NAMESPACES.policy },
    spec: {
      workspaceId,
      controls,
      planHash: 'a'.repeat(64),
      reason: 'SPIRE does not answer any more',
      ticket: 'INC-4711',
      requestedBy: 'alice',
      expiresAt: new Date(Date.now() + seconds * 1000).toISOString(),
      state: 'requested',
    },
  });
  return object;
}
async function change(object: KubeObject, changes: object): Promise<void> {
  const live = await admin.get(object);
  await admin.replace({ ...live, spec: { ...(live['spec'] as object), ...changes } });
}
const approve = (object: KubeObject) => change(object, { state: 'approved', approvedBy: 'bob' });
const end = (object: KubeObject) => change(object, { state: 'ended', endedBy: 'alice' });

let shared: Authorizer | undefined;
/** One for all tests that need none of their own: a start takes seconds. */
async function running(): Promise<Authorizer> {
  shared ??= await start(lab.kubeconfig, CONFIG, sharedDir);
  await ready(shared);
  return shared;
}

/** A replica that hears nothing for a minute, which passes while the other tests run. */
let cutOff:
  | {
      readonly authorizer: Authorizer;
      readonly proxy: Proxy;
      readonly since: number;
      readonly ending: AbortController;
      readonly answered: Promise<readonly Answered[]>;
    }
  | undefined;

/** Milliseconds until the answer is `status`; gives up after five seconds. */
async function untilStatus(authorizer: Authorizer, facts: Facts, status: number): Promise<number> {
  const begin = performance.now();
  for (;;) {
    if ((await authorizer.status(facts)) === status) return performance.now() - begin;
    if (performance.now() - begin > 5000) throw new Error(`waited 5 s for ${status}: ${authorizer.log.join('\n')}`);
    await sleep(5);
  }
}

describe('the authorizer and a real API server', { timeout: 120_000 }, () => {
  test('it waits for the kinds to be served, and then for nothing more', async () => {
    const authorizer = await start(lab.kubeconfig, { ...CONFIG, graceSeconds: 0 });
    expect(await authorizer.status(agent)).toBe(503);
    expect(await authorizer.get('/ready')).toMatchObject({ status: 503 });
    await expect.poll(() => authorizer.log.join()).toContain('cannot watch workspacepolicies: ');
    for (const object of definitions) await admin.apply(object);
    await expect
      .poll(() =>
        admin.apply(modelObject(MODEL_HASH)).then(
          () => true,
          () => false,
        ),
      )
      .toBe(true);
    await ready(authorizer);
    expect(await authorizer.get('/ready')).toMatchObject({ status: 200 });
    expect(await authorizer.status(agent)).toBe(403);
    await expect
      .poll(() =>
        admin.apply(policyObject(specOf(GLOBEX))).then(
          () => true,
          () => false,
        ),
      )
      .toBe(true);
    await policyAt('authz');
    expect(await untilStatus(authorizer, agent, 200)).toBeLessThan(2000);
  });

  test('a minute without the API server begins, with calls all the time', async () => {
    await admin.apply(policyObject(specOf(GLOBEX, 'enforced')));
    const relaxation = await requestRelaxation(600, ['mtls', 'allowlist'], 'ws-globex');
    await approve(relaxation);
    const proxy = await proxied(cutOffDir);
    const authorizer = await start(proxy.kubeconfig, { ...CONFIG, graceSeconds: 0 }, cutOffDir);
    await expect.poll(() => authorizer.status(CALLS.agent), { timeout: 30_000 }).toBe(200);
    await untilStatus(authorizer, CALLS.bearer, 200);
    proxy.cut();
    const ending = new AbortController();
    cutOff = {
      authorizer,
      proxy,
      ending,
      since: performance.now(),
      answered: keepCalling(authorizer, ending.signal),
    };
    // What it cannot hear of: the Relaxation ends, and an agent joins.
    await end(relaxation);
    const agents = [...GLOBEX.agents, { ...GLOBEX.agents[0]!, name: 'late-bot' }];
    await admin.apply(policyObject(specOf({ ...GLOBEX, agents }, 'enforced')));
  });

  test('a changed policy is in force within two seconds: level, agents, deletion', async () => {
    await policyAt('authz');
    const authorizer = await running();
    await untilStatus(authorizer, bearer, 200);
    const took: number[] = [];
    await admin.apply(policyObject(specOf(ACME, 'identity')));
    took.push(await untilStatus(authorizer, bearer, 403));
    expect(await authorizer.status(agent)).toBe(200);

    const agents = specOf(ACME, 'identity').agents.filter(({ name }) => name !== 'sales-bot');
    await admin.apply(policyObject(specOf(ACME, 'identity'), { agents }));
    took.push(await untilStatus(authorizer, agent, 403));
    await admin.apply(policyObject(specOf(ACME, 'identity')));
    took.push(await untilStatus(authorizer, agent, 200));

    await admin.delete(policyObject(specOf(ACME)));
    took.push(await untilStatus(authorizer, agent, 403));
    for (const each of took) expect(each).toBeLessThan(2000);
  });

  test('an approved Relaxation opens within two seconds, and closes when ended or by the clock alone', async () => {
    await policyAt('identity');
    const authorizer = await running();
    await untilStatus(authorizer, bearer, 403);
    const first = await requestRelaxation(600);
    await sleep(300);
    expect(await authorizer.status(bearer)).toBe(403);
    await approve(first);
    expect(await untilStatus(authorizer, bearer, 200)).toBeLessThan(2000);
    expect(authorizer.records.at(-1)).toMatchObject({ decision: 'would_deny', relaxation: first.metadata.name });
    await end(first);
    expect(await untilStatus(authorizer, bearer, 403)).toBeLessThan(2000);

    const second = await requestRelaxation(4);
    await approve(second);
    await untilStatus(authorizer, bearer, 200);
    await untilStatus(authorizer, bearer, 403);
    const late = Date.now() - Date.parse((second['spec'] as { expiresAt: string }).expiresAt);
    expect(late).toBeGreaterThanOrEqual(0);
    expect(late).toBeLessThan(500);
  });

  test('cut off from the API server it keeps what it knows, and lets go of every Relaxation', async () => {
    await policyAt('identity');
    const relaxation = await requestRelaxation(600);
    await approve(relaxation);
    const proxy = await proxied(dir);
    const authorizer = await start(proxy.kubeconfig, { ...CONFIG, contactSeconds: 3 });
    await ready(authorizer);
    // Idle watches are contact: longer than contactSeconds, and it still holds.
    await sleep(4000);
    expect(await authorizer.status(bearer)).toBe(200);

    proxy.cut();
    const cutAt = performance.now();
    await untilStatus(authorizer, bearer, 403);
    // The last word came at most a second before the cut.
    expect(performance.now() - cutAt).toBeGreaterThan(1500);
    expect(performance.now() - cutAt).toBeLessThan(3500);
    expect(await authorizer.status(agent)).toBe(200);
    await expect.poll(() => authorizer.log.join()).toContain('no word from the API server for 3 s');
    expect((await authorizer.get('/metrics')).body).toMatch(/^portarium_authorizer_policy_contact_seconds [3-9]/m);

    // What happens meanwhile is not missed.
    const agents = specOf(ACME).agents.filter(({ name }) => name !== 'sales-bot');
    await admin.apply(policyObject(specOf(ACME, 'identity'), { agents }));
    await sleep(1000);
    expect(await authorizer.status(agent)).toBe(200);
    await proxy.restore();
    expect(await untilStatus(authorizer, agent, 403)).toBeLessThan(2500);
    await admin.apply(policyObject(specOf(ACME, 'identity')));
    expect(await untilStatus(authorizer, bearer, 200)).toBeLessThan(2000);
    await end(relaxation);
    proxy.cut();
  });

  test('killed, it starts again over its old sockets; told to end, it ends with 0 and removes them', async () => {
    await policyAt('identity');
    const killed = await start();
    await ready(killed);
    killed.process.kill('SIGKILL');
    expect(await killed.ended).toBe('SIGKILL');
    expect(readdirSync(dir)).toEqual(expect.arrayContaining(['ext-authz.sock', 'http.sock']));
    const authorizer = await start();
    await ready(authorizer);
    expect(await authorizer.status(agent)).toBe(200);
    authorizer.process.kill('SIGTERM');
    expect(await authorizer.ended).toBe(0);
    expect(readdirSync(dir).filter((name) => name.endsWith('.sock'))).toEqual([]);
  });

  test('a policy that cannot be read keeps its agents, enforces and alarms', async () => {
    await policyAt('authz');
    const authorizer = await running();
    await untilStatus(authorizer, bearer, 200);
    // The schema would not let such a policy in: here it is one without any.
    const definition = definitions.find(({ metadata }) => metadata.name.startsWith('workspacepolicies'))!;
    await admin.apply(withoutSchema(definition));
    const broken = policyObject(specOf(ACME, 'authz'), { modes: { mtls: 'off' } });
    await expect
      .poll(async () => {
        await admin.apply(broken);
        return ((await admin.get(broken))['spec'] as { modes: object }).modes;
      })
      .toMatchObject({ mtls: 'off' });
    await untilStatus(authorizer, bearer, 403);
    expect(await authorizer.status(agent)).toBe(200);
    expect((await authorizer.get('/metrics')).body).toMatch(/^portarium_authorizer_invalid_policies 1$/m);
    expect(authorizer.log.join()).toContain(
      'WorkspacePolicy ws-acme: spec.modes.authz is missing: one of shadow, enforce. Its last good',
    );

    await admin.apply(policyObject(specOf(ACME, 'authz')));
    await untilStatus(authorizer, bearer, 200);
    expect((await authorizer.get('/metrics')).body).toMatch(/^portarium_authorizer_invalid_policies 0$/m);
    await admin.apply(definition);
  });

  test('after a minute without the API server nothing was let through but by the policy it knew, and by a Relaxation for 30 s at most', async () => {
    const { authorizer, proxy, since, ending, answered } = cutOff!;
    await sleep(Math.max(0, since + 60_000 - performance.now()));
    const ready = await authorizer.get('/ready');
    const metrics = (await authorizer.get('/metrics')).body;
    const restored = performance.now() - since;
    await proxy.restore();
    const caughtUp = await untilStatus(authorizer, CALLS.lateAgent, 200);
    await sleep(1000);
    ending.abort();
    const all = await answered;
    const away = { to: restored };

    for (const call of ['agent', 'listedTool'] as const) expect(statuses(all, call)).toEqual([200]);
    for (const call of ['anothersAgent', 'unmappedRoute'] as const) expect(statuses(all, call)).toEqual([403]);
    expect(statuses(all, 'lateAgent', away)).toEqual([403]);
    for (const call of ['bearer', 'unlistedTool'] as const) {
      // The last word came at most ten seconds before the cut: a watch lasts a third of contactSeconds.
      expect(statuses(all, call, { to: 15_000 })).toEqual([200]);
      // It ended meanwhile, so that it does not come back with the API server either.
      expect(all.filter((each) => each.call === call && each.at >= 30_000 && each.status !== 403)).toEqual([]);
    }
    expect(all.filter(({ at }) => at >= 30_000 && at < restored).length).toBeGreaterThan(500);
    expect(caughtUp).toBeLessThan(2500);

    // It says which: still ready, out of contact.
    expect(ready).toEqual({
      status: 200,
      body: '{"ready":true,"because":"Policies are there; without an SVID only bearer and people are served."}\n',
    });
    expect(Number(/^portarium_authorizer_policy_contact_seconds (\S+)$/m.exec(metrics)?.[1])).toBeGreaterThan(60);
    const said = authorizer.log.join('\n');
    expect(said).toContain('no word from the API server for 30 s: no Relaxation holds until there is one');
    const refused = authorizer.records.filter(
      ({ decision, reason }) => decision === 'deny' && reason === 'IdentityRequired',
    );
    expect(refused.length).toBeGreaterThan(0);
    for (const record of refused) expect(record).not.toHaveProperty('relaxation');
  });

  test('it answers thousands of calls, each with one record, in little memory', async () => {
    const authorizer = await running();
    // Seen to be gone first: what the tests before left answers like what comes, and calls under way when it went, 503.
    await admin.delete(policyObject(specOf(ACME)));
    await untilStatus(authorizer, agent, 403);
    await admin.apply(policyObject(specOf(ACME, 'identity')));
    await untilStatus(authorizer, agent, 200);
    const seconds = async () => (await authorizer.get('/metrics')).body;
    const decided = (body: string, le: string): number => {
      const series = `portarium_authorizer_decision_seconds_bucket{le="${le}"} `;
      return Number(
        body
          .split('\n')
          .find((line) => line.startsWith(series))
          ?.slice(series.length),
      );
    };
    const first = await seconds();
    const begun = authorizer.records.length;
    const caller = async (): Promise<void> => {
      for (let call = 0; call < 250; call += 1) {
        const facts = call % 2 === 0 ? agent : bearer;
        const status = await authorizer.status(facts);
        const undecided = authorizer.records.slice(begun).find(({ reason }) => reason === 'CannotDecide');
        expect([status, undecided]).toEqual([facts === agent ? 200 : 403, undefined]);
      }
    };
    await Promise.all(Array.from({ length: 8 }, caller));
    const body = await seconds();
    await expect.poll(() => authorizer.records.length).toBe(decided(body, '+Inf'));
    expect(new Set(authorizer.records.map(({ decisionId }) => decisionId)).size).toBe(authorizer.records.length);
    expect(decided(body, '+Inf') - decided(first, '+Inf')).toBe(2000);
    // How fast is for the bench to say; here nothing may hang.
    expect(decided(body, '0.1') - decided(first, '0.1')).toBeGreaterThan(1800);
    expect(Number(/^process_resident_memory_bytes (\S+)$/m.exec(body)?.[1])).toBeLessThan(256 * 2 ** 20);
  });
});

describe('what it is started with', { timeout: 60_000 }, () => {
  const outcome = async (args: readonly string[]): Promise<readonly [number | null, string]> => {
    const child = run(args);
    let text = '';
    child.stderr!.setEncoding('utf8').on('data', (chunk) => (text += chunk));
    return new Promise((resolve) => child.once('close', (code) => resolve([code, text])));
  };
  const files = () => ['--socket', join(dir, 'a.sock'), '--http', join(dir, 'b.sock')];

  test('is said when it is wrong', async () => {
    const config = join(dir, 'wrong.json');
    writeFileSync(config, JSON.stringify({ ...CONFIG, grace: 1 }));
    const [none, wrong] = await Promise.all([outcome([]), outcome([...files(), '--config', config])]);
    expect(none).toEqual([
      2,
      expect.stringContaining('--socket, --http and --config are needed.\n\nUsage: authorizer'),
    ]);
    expect(wrong).toEqual([2, expect.stringContaining(`${config}: grace is unknown. Allowed: trustDomain`)]);
  });

  test('must name a cluster outside of one', async () => {
    const config = join(dir, 'right.json');
    writeFileSync(config, JSON.stringify(CONFIG));
    expect(await outcome([...files(), '--config', config])).toEqual([
      1,
      expect.stringContaining(
        'this is no pod of a cluster (KUBERNETES_SERVICE_HOST is not set). Give --kubeconfig FILE.',
      ),
    ]);
  });
});

/** The same kind, whose objects may be anything. */
function withoutSchema(definition: KubeObject): KubeObject {
  const copy = structuredClone(definition) as unknown as {
    spec: { versions: [{ schema: { openAPIV3Schema: object } }] };
  };
  copy.spec.versions[0].schema.openAPIV3Schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  return copy as unknown as KubeObject;
}
