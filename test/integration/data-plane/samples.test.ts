import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { addresses } from '../../../lab/data-plane/addresses.js';
import { listenProgram, type Holding } from '../../../lab/data-plane/place.js';
import { statusOf } from '../../../src/bridge/status.js';
import { START_GATE } from '../../../src/constructs/start-gate.js';
import { LEVELS, ROLLBACK_TARGETS, type RollbackTarget } from '../../../src/model/levels.js';
import { startGateProgram } from '../../support/start-gate.js';
import { expectCalls } from './calls.js';
import { gather, type Cast } from './cast.js';
import { describeOnLinuxAsRoot, startMilliseconds, startSamples, type Samples } from './fixture.js';
import { reaches, settles, to } from './pods.js';
import { rollBack } from '../../../src/cli/demo/packets/relaxing.js';
import { isOpen, targets } from './targets.js';
import { notPassed } from './verified.js';

const SYSTEM_OF_RECORD = to('system of record', 'tcp', addresses.systemOfRecord, 443);
const now = (): number => performance.timeOrigin + performance.now();

/** What came of an agent's flow while the network closed; milliseconds from when that was asked for. */
interface Climb {
  /** When it was last seen alive before. */
  readonly livedUntil: number;
  readonly last: number;
}

describeOnLinuxAsRoot('the sample stacks, on real packets', () => {
  let samples: Samples;
  let cast: Cast;
  /** A flow of an agent to a system of record, from before the climb. */
  let held: Holding;
  let climb: Climb;

  beforeAll(async () => {
    samples = await startSamples();
    await samples.up(samples.workspace('ws-globex', 'routing'));
    await samples.up(samples.workspace('ws-acme', 'routing'));
    cast = await gather(samples);
  }, startMilliseconds);
  afterAll(() => samples?.stop());

  describe.each(LEVELS)('at %s', { timeout: 120_000 }, (level) => {
    beforeAll(async () => {
      if (level === 'enforced') await climbWithAFlow();
      else await samples.up(samples.workspace('ws-acme', level));
      await cast.follow();
      if (level === 'routing') held = await cast.pods.agent.hold(addresses.systemOfRecord, 443, 20);
    }, 120_000);

    test('an agent reaches what the level leaves open and nothing else', async () => {
      const all = targets(samples, cast);
      const expected = Object.fromEntries(all.map(({ id, open }) => [id, isOpen(open, level)]));
      await settles(cast.pods.agent, all, expected);
      // The same instant: what an agent does not reach answers somebody else.
      const [reached, alive] = await Promise.all([
        reaches(cast.pods.agent, all),
        reaches(
          samples.plane.node,
          all.map(({ alive }) => alive),
        ),
      ]);
      expect(reached).toEqual(expected);
      expect(alive).toEqual(Object.fromEntries(all.map(({ id }) => [id, true])));
    });

    test('its calls through real Envoys, authorizer and OpenFGA are answered as the level says', () =>
      expectCalls(samples, level));

    if (level === 'enforced')
      test('a flow from routing is cut, and every agent is younger than the close', async () => {
        expect(climb.livedUntil).toBeGreaterThan(-1000);
        expect(climb.last).toBeLessThan(10_000);
        const stack = samples.workspace('ws-acme', level);
        const egress = async () => (await statusOf(await samples.as(), stack)).controls.egress;
        await expect.poll(egress, { timeout: 15_000 }).toMatchObject({ verdict: 'enforced' });
      });

    if (level === 'routing' || level === 'enforced')
      test('every probe of enforce verify passes, but what no pod can send', async () => {
        const { fail, inconclusive, passed } = await notPassed(samples, cast, level);
        expect(fail).toEqual([]);
        expect(inconclusive).toEqual([
          expect.stringMatching(/^probe ping of a node, agents: .* the place cannot send it$/),
        ]);
        expect(passed).toBeGreaterThan(30);
      });
  });

  /** To `enforced`, while an agent of before has a flow to a system of record; its namespace stays until somebody follows. */
  async function climbWithAFlow(): Promise<void> {
    const asked = now();
    const before = held.echoes().at(-1) ?? 0;
    await samples.up(samples.workspace('ws-acme', 'enforced'));
    const quiet = () => now() - (held.echoes().at(-1) ?? 0);
    await vi.waitUntil(() => quiet() > 1000, { timeout: 15_000 });
    climb = { livedUntil: before - asked, last: (held.echoes().at(-1) ?? 0) - asked };
    process.stderr.write(
      `a flow from routing: last packet ${Math.round(climb.last)} ms after enforced was asked for\n`,
    );
  }

  test.each(Object.keys(ROLLBACK_TARGETS) as RollbackTarget[])(
    'rollback --to %s lets packets through within seconds, and closing stops them, open connections too',
    { timeout: 120_000 },
    async (target) => {
      const { agent } = cast.pods;
      const attempt = SYSTEM_OF_RECORD;
      const watching = await agent.watch({ probes: [attempt], timeoutMilliseconds: 500, everyMilliseconds: 20 });
      const answered = () => watching.results().filter(({ outcome }) => outcome === 'answered');
      expect(answered()).toEqual([]);
      const opened = await rollBack(samples, target);
      await expect.poll(() => answered().length, { timeout: 15_000 }).toBeGreaterThan(0);
      const held = await agent.hold(addresses.systemOfRecord, 443, 20);
      const asked = await opened.close();
      await sleep(2000);
      const results = await watching.stop();
      const connections = results.filter(({ outcome }) => outcome === 'answered');
      const first = Math.min(...connections.map(({ until }) => until)) - opened.approved;
      const last = Math.max(...connections.map(({ from }) => from)) - asked;
      const lastEcho = Math.max(...held.echoes()) - asked;
      const [afterOpening, afterClosing, established] = [first, last, lastEcho].map((ms) => `${Math.round(ms)} ms`);
      process.stderr.write(
        `rollback --to ${target}: first packet ${afterOpening} after approval; last new connection ${afterClosing}, ` +
          `last packet of an open one ${established} after closing was asked for\n`,
      );
      expect(first).toBeLessThan(10_000);
      expect(last).toBeLessThan(10_000);
      expect(lastEcho).toBeLessThan(10_000);
      await held.stop();
      await cast.follow();
      expect(await reaches(cast.pods.agent, [attempt])).toEqual({ [attempt.id]: false });
    },
  );

  test('into an agent come Prometheus and, where it has one, the front to its gateway, and nobody else', async () => {
    const { agent, clerk, prometheus, front, globex, outside, other } = cast.pods;
    const ways = [
      to('metrics', 'tcp', agent.address, 9464),
      to('sidecar', 'tcp', agent.address, 15020),
      to('a gateway', 'tcp', clerk.address, 18789),
      to('no gateway', 'tcp', agent.address, 18789),
    ];
    const none = { metrics: false, sidecar: false, 'a gateway': false, 'no gateway': false };
    expect(await reaches(prometheus, ways)).toEqual({ ...none, metrics: true, sidecar: true });
    expect(await reaches(front, ways)).toEqual({ ...none, 'a gateway': true });
    for (const pod of [globex, outside, other]) expect(await reaches(pod, ways)).toEqual(none);
  });

  describe('without admission', () => {
    /** What would have kept anyone from what follows. */
    beforeAll(async () => {
      const admin = await samples.as();
      const bindings = await admin.list({
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'ValidatingAdmissionPolicyBinding',
      });
      await Promise.all(bindings.map((binding) => admin.delete(binding)));
    });

    test('an appended egress rule fails the probes that it opens, by name', async () => {
      const admin = await samples.as();
      const policy = {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        metadata: { name: 'agents-ws-acme-allow', namespace: 'portarium-agents' },
      };
      const { egress } = (await admin.get(policy))['spec'] as { egress: readonly object[] };
      const appended = {
        to: [{ ipBlock: { cidr: `${addresses.systemOfRecord}/32` } }],
        ports: [{ protocol: 'TCP', port: 443 }],
      };
      const append = () => admin.mergePatch(policy, { spec: { egress: [...egress, appended] } });
      await expect.poll(append, { timeout: 10_000 }).toBeDefined();
      await settles(cast.pods.agent, [SYSTEM_OF_RECORD], { [SYSTEM_OF_RECORD.id]: true });
      const { fail } = await notPassed(samples, cast, 'enforced');
      expect(fail).toEqual(
        ['api.hubspot.com', 'erp.example.com'].map(
          (host) =>
            expect.stringMatching(
              `^probe system of record ${host} ${addresses.systemOfRecord}:443, agents: must be denied`,
            ) as string,
        ),
      );
      await samples.up(samples.workspace('ws-acme', 'enforced'));
      expect(await settles(cast.pods.agent, [SYSTEM_OF_RECORD], { [SYSTEM_OF_RECORD.id]: false })).toEqual({
        [SYSTEM_OF_RECORD.id]: false,
      });
    });

    test('an agent begins only once the policies are in force, and its gate says what it waits for', async () => {
      const admin = await samples.as();
      const { namespace } = cast.pods.agent;
      for (const ref of [
        { apiVersion: 'policy.networking.k8s.io/v1alpha2', kind: 'ClusterNetworkPolicy' },
        { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', namespace },
      ]) {
        for (const policy of await admin.list(ref)) await admin.delete(policy);
      }
      const [old] = await admin.list(
        { apiVersion: 'v1', kind: 'Pod', namespace },
        { labels: 'portarium.io/agent=report-reader' },
      );
      await admin.delete(old!);
      const pod = await samples.pod(namespace, { 'portarium.io/agent': 'report-reader' }, cast.pods.other);
      const begun = to('agent', 'tcp', '127.0.0.1', 9464);
      const running = samples.plane.run(pod, {
        programs: { [START_GATE]: startGateProgram, agent: listenProgram('agent', ['tcp:9464']) },
      });
      await sleep(4000);
      expect(await reaches(pod, [SYSTEM_OF_RECORD])).toEqual({ [SYSTEM_OF_RECORD.id]: true });
      expect((await pod.probe([begun]))[0]?.outcome).toBe('refused');
      await samples.up(samples.workspace('ws-acme', 'enforced'));
      const containers = await running;
      const said = containers.output(START_GATE);
      expect(said).toMatch(/shut: no policy is in force here yet: 10\.96\.0\.1:443 answers/);
      expect(said).toMatch(/open after \d+\.\d s: 10\.96\.0\.1:443 is silent, 10\.96\.0\.10:53 is silent, while /);
      await expect.poll(async () => (await pod.probe([begun]))[0]?.outcome).toBe('answered');
      expect(await reaches(pod, [SYSTEM_OF_RECORD])).toEqual({ [SYSTEM_OF_RECORD.id]: false });
    }, 120_000);
  });
});
