import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { Cluster } from '../../../src/bridge/cluster.js';
import type { Attempt, Scene, Who } from '../../../src/cli/demo/attempts/attempt.js';
import { storeRelaxations, type StoredRelaxations } from '../../../src/cli/demo/attempts/fixture.js';
import { FAMILIES } from '../../../src/cli/demo/attempts/list.js';
import { tryAll, type Tried } from '../../../src/cli/demo/attempts/try.js';
import { newestPod } from '../../../src/cli/demo/reachability/reachability.js';
import { Stage } from '../../../src/cli/demo/stage.js';
import { createStandIns } from '../../../src/cli/demo/stand-ins.js';
import { applyNow } from '../../../src/cli/engine.js';
import { createOutput } from '../../../src/cli/output.js';
import { loadStack } from '../../../src/config/load.js';
import type { KubeObject } from '../../../src/model/kube-object.js';
import { platformObjects } from '../../cli/demo/fixture.js';

const stage = new Stage('stacks');
const output = { ...createOutput(true), progress: () => undefined };
const as = (who: Who): Promise<Cluster> => stage.as(who);

const named = (kind: string) => platformObjects.filter((object) => object.kind === kind);
const bindingsOf = (policy: string): readonly KubeObject[] =>
  named('ValidatingAdmissionPolicyBinding').filter(
    ({ spec }) => (spec as { policyName: string }).policyName === policy,
  );
const policies = named('ValidatingAdmissionPolicy').map(({ metadata }) => metadata.name);
const attemptsOn = (policy: string): readonly Attempt[] =>
  FAMILIES.flatMap(({ attempts }) => attempts).filter(
    ({ refusedBy }) => refusedBy[0] === policy && refusedBy.length === 1,
  );

let admin: Cluster;
let scene: Scene;
let stored: StoredRelaxations;

/** ws-acme has never been relaxed here, so what opens it at routing stands for what a Relaxation would open. */
beforeAll(async () => {
  await stage.open(output);
  admin = await stage.admin();
  const deploy = async (stack: string, who: Who): Promise<void> => {
    await applyNow(await as(who), loadStack(stack, { dir: stage.stacks }), output);
  };
  await deploy('platform', 'platform-deployer');
  const { platform } = loadStack('platform', { dir: stage.stacks });
  await createStandIns(admin, platform);
  await deploy('platform', 'platform-deployer');
  await stage.letCastIn();
  await deploy('ws-globex', 'ws-globex-deployer');
  await deploy('ws-acme', 'ws-acme-deployer');
  const { name: approval } = await stage.approve('ws-acme');
  stored = await storeRelaxations(admin, as, { expired: true });
  const [agent, apiServer] = await Promise.all([
    newestPod(admin, 'portarium-agents', 'portarium.io/agent=sales-bot'),
    newestPod(admin, 'portarium-control-plane', 'portarium.io/component=api-server'),
  ]);
  const { asked, expired } = stored;
  scene = {
    platform,
    reached: 'routing',
    pods: { agent: agent.metadata.name, apiServer: apiServer.metadata.name },
    approval,
    relaxations: { asked, ...(expired && { expired }) },
  };
}, 200_000);

afterAll(async () => {
  await stored?.remove();
  await stage.close();
}, 60_000);

/** The attempts that get a wrong answer at this moment. */
const wrong = async (attempts: readonly Attempt[]): Promise<readonly Tried[]> => {
  const [family] = await tryAll([{ title: '', attempts }], as, scene, { settles: 0 });
  return family!.tried.filter(({ complaint }) => complaint !== undefined);
};
const another = ({ answer }: Tried): boolean => !answer.admitted && policies.includes(answer.by);

it('with every admission policy in place, the demo has nothing to say', async () => {
  for (const { attempts } of FAMILIES) {
    await vi.waitFor(async () => expect((await wrong(attempts)).map(({ complaint }) => complaint)).toEqual([]), 10_000);
  }
});

it.each(policies)('without %s, none of its attempts is refused by it or by another', async (policy) => {
  const attempts = attemptsOn(policy).filter(({ when }) => when?.(scene) ?? true);
  expect(attempts).not.toEqual([]);
  const bindings = bindingsOf(policy);
  try {
    for (const binding of bindings) await admin.delete(binding);
    const answered = await vi.waitFor(
      async () => {
        const now = await wrong(attempts);
        expect(now).toHaveLength(attempts.length);
        return now;
      },
      { timeout: 20_000, interval: 50 },
    );
    expect(answered.filter(another).map(({ complaint }) => complaint)).toEqual([]);
  } finally {
    for (const binding of bindings) await admin.apply(binding);
  }
});
