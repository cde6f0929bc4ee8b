import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderWorkspace } from '../../../src/charts/render.js';
import { loadStacks } from '../../../src/config/load.js';
import type { KubeObject } from '../../../src/model/kube-object.js';
import { modesAt, type Level } from '../../../src/model/levels.js';
import { proofReader } from '../../../src/prove/claims/read-for-proof.js';
import { brokenSteps, type BrokenStep, type PlannedState } from '../../../src/prove/claims/steps.js';
import { networkFacts } from '../../../src/prove/claims/workspace-claims.js';
import { workspaceIntent } from '../../../src/prove/claims/workspace-proof.js';
import { decidesPolicies } from '../../../src/prove/policies/read.js';
import { entries } from '../mutation/mutant.js';
import { sampledMutants } from '../mutation/mutants.js';
import { edited, RENDERED } from './stack.js';

const { platform, workspaces } = loadStacks({ dir: 'stacks' });
const workspace = workspaces[0]!;
const own = (level: Level): readonly KubeObject[] => renderWorkspace(platform, { ...workspace, level });
const { admissible } = networkFacts({
  ...{ platform, workspace, workspaces, rendered: RENDERED, objects: RENDERED, modes: modesAt('routing') },
  ...{ notEvaluated: [], complete: false, updates: [] },
});
const FRONT = RENDERED.filter(({ kind, metadata }) => kind.endsWith('Policy') && metadata.name === 'api-server-allow');
const TIER = RENDERED.filter(({ kind }) => kind === 'ClusterNetworkPolicy');
/** Without most of the ranges that stand for everything public: they are alike, and many. */
const short = (object: KubeObject): KubeObject =>
  object.metadata.name === 'agents-ws-acme-open-egress'
    ? entries(object, TO)
        .slice(4)
        .reduceRight((left, peer) => edited(left, peer), object)
    : object;
const TO = ['spec', 'egress', 0, 'to'];
const POLICIES = [...TIER, ...FRONT, ...own('routing')].filter(decidesPolicies).map(short);
const MUTANTS = sampledMutants(POLICIES).flatMap(({ instead }) => instead ?? []);
const intents = (['routing', 'identity', 'enforced'] as const).map((level) =>
  workspaceIntent({ platform, workspace }, modesAt(level)),
);

/** Policies of the stack and mutants of them, which come and go one after the other. */
const objects = fc.constantFrom(...POLICIES, ...MUTANTS);
const steps = fc.record({
  start: fc.oneof(fc.constant(POLICIES), fc.subarray(POLICIES)),
  changes: fc.array(fc.record({ object: objects, added: fc.boolean() }), { minLength: 1, maxLength: 3 }),
  atMost: fc.constantFrom(...intents),
  atLeast: fc.constantFrom(...intents),
});

const prefixes = (start: readonly KubeObject[], changes: readonly { object: KubeObject; added: boolean }[]) =>
  changes.reduce<readonly (readonly KubeObject[])[]>(
    (states, { object, added }) => {
      const before = states.at(-1)!.filter((other) => other !== object);
      return [...states, added ? [...before, object] : before];
    },
    [start],
  );

describe('steps of updates', () => {
  it('are judged as each of them would be alone, read anew and in another order', () => {
    let broken = 0;
    fc.assert(
      fc.property(steps, ({ start, changes, ...intent }) => {
        const states = prefixes(start, changes);
        const read = proofReader();
        const judge = (planned: readonly PlannedState[]): readonly BrokenStep[] =>
          brokenSteps([{ name: 'u', states: planned, ...intent }], admissible).broken;
        const together = judge(states.map((state, i) => ({ after: `${i}`, ...read(state) })));
        const alone = states.flatMap((state, i) =>
          judge([{ after: `${i}`, ...proofReader()(structuredClone(state).toReversed()) }]),
        );
        expect(together).toEqual(alone);
        broken += alone.length;
      }),
      { numRuns: 10, seed: 6 },
    );
    expect(broken).toBeGreaterThan(20);
  });

  it('leave the claim open where one of them was not understood', () => {
    const twins = TIER.slice(0, 1).flatMap((object) => [
      object,
      { ...object, metadata: { ...object.metadata, name: 'twin' }, spec: { ...spec(object), egress: [ACCEPT] } },
    ]);
    const [state] = [proofReader()(twins)].map((read) => ({ after: 'create twin', ...read }));
    const update = { name: 'u', states: [state!], atMost: intents[0]!, atLeast: intents[0]! };
    expect(brokenSteps([update], admissible).open).toEqual([
      expect.stringMatching(/^ClusterNetworkPolicy .*: has the priority of ClusterNetworkPolicy .*not defined$/),
    ]);
  });
});

const ACCEPT = { action: 'Accept', to: [{ namespaces: {} }] };
const spec = (object: KubeObject): object => (object as unknown as { spec: object }).spec;
