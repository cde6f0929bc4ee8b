import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import type { LiveObject } from '../../../src/bridge/cluster.js';
import { renderStack } from '../../../src/bridge/render.js';
import type { Check } from '../../../src/model/check.js';
import type { KubeObject } from '../../../src/model/kube-object.js';
import { API_VERSION } from '../../../src/model/names.js';
import { look } from '../../../src/verify/live-checks.js';
import type { Deployed } from './fixture.js';

const API = 'admissionregistration.k8s.io/v1';
const POLICY = 'ValidatingAdmissionPolicy';

interface Binding extends LiveObject {
  readonly spec: { readonly policyName: string };
}

/** What a new object of the same content is made from. */
const anew = ({ apiVersion, kind, metadata, spec }: LiveObject): KubeObject => {
  const { name, labels = {}, annotations = {} } = metadata;
  return { apiVersion, kind, metadata: { name, labels, annotations }, spec };
};

/** How many sets of guards are taken away, one after the other: `C(8, 4) = 70` guards can be told apart by them. */
const ROUNDS = 8;
const HALF = Math.floor(ROUNDS / 2);

/**
 * The rounds in which each is taken away: half of them, and no two the same half. So of any two guards there is a round
 * in which the first is gone and the second is not, and what the first must refuse is let in only if the second does
 * not refuse it too.
 */
function halves(count: number): readonly (readonly number[])[] {
  const found: number[][] = [];
  for (let bits = 0; bits < 2 ** ROUNDS && found.length < count; bits += 1) {
    const rounds = [...Array(ROUNDS).keys()].filter((round) => (bits >> round) & 1);
    if (rounds.length === HALF) found.push(rounds);
  }
  if (found.length < count) throw new Error(`${count} guards cannot be told apart in ${ROUNDS} rounds. Raise ROUNDS.`);
  return found;
}

/** What agents' pods may not be, which a verifier may try by the right that the probe takes. */
const BY_PODS = [
  'agent-pods',
  'agent-workspace',
  'agent-accounts',
  'agent-tokens',
  'agent-names',
  'agent-volumes',
  'resource-claims',
  'agent-annotations',
  'mesh-labels',
  'probe-pods',
  'host-access',
  'privileges',
  'node-name',
  'agent-tolerations',
  'sidecar-agents',
];

export function guardCases(deployed: () => Deployed): void {
  describe('guards', () => {
    let guards: readonly string[];
    let bindings: readonly Binding[];
    beforeAll(async () => {
      const { admin, subject } = deployed();
      const rendered = renderStack({ kind: 'platform', platform: subject.platform });
      guards = rendered.filter(({ kind }) => kind === POLICY).map(({ metadata }) => metadata.name);
      bindings = (await admin.list({ apiVersion: API, kind: `${POLICY}Binding` })) as readonly Binding[];
    });

    const ofGuards = async (by = deployed().admin): Promise<ReadonlyMap<string, Check>> => {
      const { checks } = await look(by, deployed().subject);
      const found = checks.filter(({ name }) => name.startsWith('guard '));
      return new Map(found.map((check) => [check.name.slice('guard '.length), check]));
    };
    const withVerdict = (checks: ReadonlyMap<string, Check>, verdict: Check['verdict']): readonly string[] =>
      [...checks].filter(([, check]) => check.verdict === verdict).map(([name]) => name);
    const letIn = ({ findings }: Check): boolean => findings.some(({ problem }) => problem.startsWith('let in'));

    test('each passes, by a request that it refused', async () => {
      const checks = await ofGuards();
      expect([...checks.keys()].sort()).toEqual([...guards].sort());
      const other = [...checks].filter(([, { verdict, note }]) => verdict !== 'pass' || !note.includes('; refused '));
      expect(other.map(([name, { verdict, note }]) => `${name}: ${verdict}, ${note}`)).toEqual([]);
    });

    test('nothing that was stored for it is left', async () => {
      const { admin } = deployed();
      const kinds = ['Relaxation', 'PolicyApproval'].map((kind) => ({ apiVersion: API_VERSION, kind }));
      const stored = (await Promise.all(kinds.map((kind) => admin.list(kind)))).flat();
      expect(stored.map(({ metadata }) => metadata.name).filter((name) => name.startsWith('portarium-'))).toEqual([]);
    });

    test('a verifier sees those pass that a pod shows, and is told of the others which right it would take', async () => {
      const checks = await ofGuards(await deployed().as('vera'));
      expect(withVerdict(checks, 'fail')).toEqual([]);
      expect(withVerdict(checks, 'pass')).toEqual(BY_PODS.map((name) => `portarium-guard-${name}`));
      const notes = withVerdict(checks, 'inconclusive').map((name) => checks.get(name)!.note);
      const because =
        /takes a right that the caller has not: User "vera" cannot |the caller may not impersonate one|that takes a cluster admin/;
      expect(notes.filter((note) => !because.test(note))).toEqual([]);
    });

    test.each([...Array(ROUNDS).keys()])(
      'half of them without bindings, %i: each lets in what it must refuse, and the others refuse',
      async (round) => {
        const { admin } = deployed();
        const taken = halves(guards.length);
        const gone = guards.filter((_, index) => taken[index]!.includes(round));
        const theirs = bindings.filter(({ spec }) => gone.includes(spec.policyName));
        await Promise.all(theirs.map((binding) => admin.delete(binding)));
        try {
          const settles = performance.now() + 20_000;
          for (;;) {
            const checks = await ofGuards();
            const [failing, passing] = [withVerdict(checks, 'fail'), withVerdict(checks, 'pass')];
            const silent = failing.filter((name) => !letIn(checks.get(name)!));
            const settled = silent.length === 0 && passing.length === guards.length - gone.length;
            if (!settled && performance.now() < settles) {
              await sleep(200);
              continue;
            }
            expect(silent).toEqual([]);
            expect(failing).toEqual(gone);
            expect(passing).toEqual(guards.filter((name) => !gone.includes(name)));
            return;
          }
        } finally {
          await Promise.all(theirs.map((binding) => admin.create(anew(binding))));
        }
      },
    );

    /** Turn by turn, so that each guard is weakened in its policy and in its bindings. */
    const WEAKENED = {
      bindings: [
        { spec: { validationActions: ['Warn'] } },
        { spec: { matchResources: { objectSelector: { matchLabels: { a: 'b' } } } } },
      ],
      policies: [{ spec: { failurePolicy: 'Ignore' } }, { spec: { validations: [{ expression: 'true' }] } }],
    };

    test.each(['bindings', 'policies'] as const)('each fails where the %s are weakened', async (of) => {
      const { admin } = deployed();
      const weakened: readonly LiveObject[] =
        of === 'policies' ? await admin.list({ apiVersion: API, kind: POLICY }) : bindings;
      await Promise.all(weakened.map((object, index) => admin.mergePatch(object, WEAKENED[of][index % 2])));
      try {
        expect(withVerdict(await ofGuards(), 'fail')).toEqual(guards);
      } finally {
        // Whole, so that what the patch added goes too.
        await Promise.all(weakened.map((object) => admin.delete(object)));
        await Promise.all(weakened.map((object) => admin.create(anew(object))));
      }
    });
  });
}
