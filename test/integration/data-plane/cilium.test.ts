import { afterAll, beforeAll, expect, test } from 'vitest';
import { gather, SYSTEM_OF_RECORD, type Cast } from './cast.js';
import { describeOnLinuxAsRoot, startMilliseconds, startSamples, type Samples } from './fixture.js';
import { settles, to } from './pods.js';
import { isOpen, targets } from './targets.js';

describeOnLinuxAsRoot('the sample stacks with Cilium’s own policies, on real packets', () => {
  let samples: Samples;
  let cast: Cast;

  beforeAll(async () => {
    samples = await startSamples({ cilium: true });
    await samples.up(samples.workspace('ws-globex', 'routing'));
    await samples.up(samples.workspace('ws-acme', 'routing'));
    cast = await gather(samples);
  }, startMilliseconds);
  afterAll(() => samples?.stop());

  test.each(['routing', 'enforced'] as const)('at %s an agent reaches what is open, by name', async (level) => {
    for (const step of level === 'routing' ? [level] : (['authz', 'identity', 'allowlist', level] as const)) {
      await samples.up(samples.workspace('ws-acme', step));
    }
    await cast.follow();
    const { agent } = cast.pods;
    const asked = { ...to('name', 'dns', '10.96.53.1', 53), name: SYSTEM_OF_RECORD };
    const all = targets(samples, cast);
    // A system of record is open as the name that an agent has asked for, and its address before that to nobody.
    if (level === 'routing') {
      const [system] = all.filter(({ id }) => id === 'system of record');
      expect((await agent.probe([system!]))[0]).toMatchObject({ outcome: 'silent' });
    }
    // Cilium's proxy may be a moment behind the pod's own network.
    await expect
      .poll(async () => (await agent.probe([asked]))[0]?.detail, { timeout: 15_000 })
      .toBe(level === 'routing' ? '11.203.113.10' : 'EREFUSED');
    const expected = Object.fromEntries(all.map(({ id, open }) => [id, isOpen(open, level)]));
    // erp.example.com alone has that port, and the name that was asked for has no IPv6 address.
    expected['system of record, 8443'] = false;
    expected['system of record, IPv6'] = false;
    expect(await settles(agent, all, expected)).toEqual(expected);
  });
});
