import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LEVELS, ROLLBACK_TARGETS, type RollbackTarget } from '../../../src/model/levels.js';
import { addresses } from '../../../lab/data-plane/addresses.js';
import { gather, type Cast } from './cast.js';
import { describeOnLinuxAsRoot, Samples, startMilliseconds } from './fixture.js';
import { reaches, settles, to } from './pods.js';
import { rollBack } from './relaxing.js';
import { isOpen, targets } from './targets.js';

describeOnLinuxAsRoot('the sample stacks, on real packets', () => {
  let samples: Samples;
  let cast: Cast;

  beforeAll(async () => {
    samples = await Samples.start();
    await samples.up(samples.workspace('ws-globex', 'routing'));
    await samples.up(samples.workspace('ws-acme', 'routing'));
    cast = await gather(samples);
  }, startMilliseconds);
  afterAll(() => samples?.stop());

  test.each(LEVELS)('at %s an agent reaches what the level leaves open and nothing else', async (level) => {
    await samples.up(samples.workspace('ws-acme', level));
    await cast.follow();
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

  test.each(Object.keys(ROLLBACK_TARGETS) as RollbackTarget[])(
    'rollback --to %s lets packets through within seconds, and closing stops them, open connections too',
    { timeout: 120_000 },
    async (target) => {
      const { agent } = cast.pods;
      const attempt = to('system of record', 'tcp', addresses.systemOfRecord, 443);
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
});
