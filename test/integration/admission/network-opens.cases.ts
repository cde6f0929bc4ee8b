import { beforeAll, describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../src/model/kube-object.js';
import type { Level } from '../../../src/model/levels.js';
import { LABELS } from '../../../src/model/names.js';
import { openEgress, openMtls, policyOf, relaxation, workspace } from './fixture.js';
import { admin, ADMITTED, approve as approvePolicy, outcome, settled, until, users } from './install.js';
import { approve, end } from './relaxation.cases.js';

/** All in the workspace ws-globex, which climbs here. */
const PLACE = { namespace: 'a-shared', workspace: 'ws-globex' } as const;
const deployer = users['ws-globex-deployer'];

const egress = (relaxationName?: string, name = 'candidate'): KubeObject =>
  openEgress({ ...PLACE, name, labels: named(relaxationName) });
const mtls = (relaxationName?: string): KubeObject => openMtls({ ...PLACE, labels: named(relaxationName) });
const named = (name?: string): Record<string, string> => (name === undefined ? {} : { [LABELS.relaxation]: name });

const dry = (object: KubeObject) => () => deployer.create(object, { dryRun: true });
async function climbTo(level: Level): Promise<void> {
  const of = workspace('ws-globex', level);
  await approvePolicy(of);
  expect(await settled(() => deployer.apply(policyOf(of)), ADMITTED)).toBe('');
}
const ask = (name: string, controls: readonly ('egress' | 'mtls' | 'authz')[], seconds = 1800): Promise<unknown> =>
  users.alice.create(relaxation({ name, controls, seconds, workspaceId: 'ws-globex' }));
const carol = (name: string): Promise<unknown> => approve(users.carol, name, 'carol');
const alice = (name: string): Promise<unknown> => end(users.alice, name, 'alice');

const relabel = (object: KubeObject, relaxationName: string | null, by = deployer, dryRun = true) =>
  outcome(by.mergePatch(object, { metadata: { labels: { [LABELS.relaxation]: relaxationName } } }, { dryRun }));

const NEEDS = (control: string) =>
  new RegExp(`portarium-network-relaxed-needs-approved-${control}-ws-globex.*no params found`);

export function networkOpensCases(): void {
  describe('an object that opens', () => {
    it('is admitted while the workspace never reached a level that enforces the control', async () => {
      expect(await settled(dry(egress()), ADMITTED)).toBe('');
      expect(await settled(dry(mtls()), ADMITTED)).toBe('');
      await deployer.create(egress(undefined, 'opened'));
    });

    it('may then be changed within the same bounds', async () => {
      const spec = { egress: [{ to: [{ ipBlock: { cidr: '9.9.9.0/24' } }], ports: [{ protocol: 'TCP', port: 443 }] }] };
      expect(await outcome(deployer.mergePatch(egress(undefined, 'opened'), { spec }))).toBe('');
      const wide = { egress: [{ to: [{ ipBlock: { cidr: '0.0.0.0/0' } }], ports: [{ protocol: 'TCP', port: 443 }] }] };
      expect(await outcome(deployer.mergePatch(egress(undefined, 'opened'), { spec: wide }))).toContain(
        'is no edge of',
      );
    });

    it('is refused from that level on, control by control', async () => {
      await climbTo('identity');
      expect(await settled(dry(mtls()), /./)).toContain(
        'ws-globex has reached the level identity, which enforces mtls. To open it, ask for a Relaxation (enforce relax --control mtls) and name it in the label portarium.io/relaxation.',
      );
      expect(await outcome(dry(egress())())).toBe('');
      await climbTo('enforced');
      expect(await settled(dry(egress()), /./)).toContain(
        'ws-globex has reached the level enforced, which enforces egress.',
      );
      expect(await outcome(users.breakglass.create(egress(), { dryRun: true }))).toContain('which enforces egress');
      expect(await outcome(deployer.apply(egress(), { dryRun: true }))).toContain('which enforces egress');
    });

    it('that is older than the level may be annotated and deleted, not changed', async () => {
      const live = egress(undefined, 'opened');
      expect(await outcome(deployer.mergePatch(live, { metadata: { annotations: { note: 'x' } } }))).toBe('');
      const spec = { egress: [{ to: [{ ipBlock: { cidr: '8.8.4.0/24' } }], ports: [{ protocol: 'TCP', port: 443 }] }] };
      expect(await outcome(deployer.mergePatch(live, { spec }, { dryRun: true }))).toContain('which enforces egress');
      expect(await outcome(deployer.delete(live))).toBe('');
    });

    it('needs an approved Relaxation', async () => {
      expect(await outcome(dry(egress('r-one'))())).toMatch(NEEDS('egress'));
      await ask('r-one', ['egress']);
      expect(await outcome(dry(egress('r-one'))())).toMatch(NEEDS('egress'));
      await carol('r-one');
      expect(await settled(dry(egress('r-one')), ADMITTED)).toBe('');
      expect(await outcome(deployer.apply(egress('r-one'), { dryRun: true }))).toBe('');
    });

    it('must name it', async () => {
      expect(await outcome(dry(egress())())).toContain('which enforces egress');
      expect(await outcome(dry(egress('r-other'))())).toContain(
        'The Relaxation r-one is approved for egress of ws-globex while this object names r-other. End r-one first, or name it in the label portarium.io/relaxation.',
      );
      expect(await outcome(dry(egress(''))())).not.toBe('');
    });

    it('is refused for another control and another workspace', async () => {
      expect(await outcome(dry(mtls('r-one'))())).toMatch(NEEDS('mtls'));
      const initech = openEgress({ namespace: 'a-shared', workspace: 'ws-initech', labels: named('r-one') });
      expect(await outcome(users['platform-deployer'].create(initech, { dryRun: true }))).toMatch(
        /needs-approved-egress-ws-initech.*no params found/,
      );
    });

    it('opens for its own workspace’s agents only', async () => {
      const stranger = openEgress({
        ...PLACE,
        labels: named('r-one'),
        spec: {
          podSelector: { matchLabels: { 'portarium.io/role': 'agent', 'portarium.io/workspace': 'ws-initech' } },
        },
      });
      expect(await outcome(dry(stranger)())).not.toBe('');
      const everybody = openEgress({ ...PLACE, labels: named('r-one'), spec: { podSelector: {} } });
      expect(await outcome(dry(everybody)())).not.toBe('');
    });

    describe('once it is there', () => {
      const live = egress('r-one', 'relaxed');
      beforeAll(async () => {
        await deployer.create(live);
      });

      it('is not changed, whatever the verb', async () => {
        const spec = {
          egress: [{ to: [{ ipBlock: { cidr: '9.9.9.0/24' } }], ports: [{ protocol: 'TCP', port: 443 }] }],
        };
        const words = 'What a Relaxation permitted to open cannot be changed.';
        expect(await outcome(deployer.mergePatch(live, { spec }))).toContain(words);
        expect(await outcome(deployer.apply({ ...live, spec: { ...(live['spec'] as object), ...spec } }))).toContain(
          words,
        );
        expect(await outcome(deployer.mergePatch(live, { metadata: { annotations: { a: 'b' } } }))).toBe('');
        expect(await outcome(deployer.apply(live))).toBe('');
      });

      it('keeps its labels, but may be taken over by another approved Relaxation', async () => {
        expect(await relabel(live, null)).toContain('which enforces egress');
        await ask('r-two', ['egress', 'mtls']);
        expect(await relabel(live, 'r-two')).toContain('End r-one first');
        await carol('r-two');
        expect(await settled(dry(egress('r-two')), /End r-one first/)).toContain('End r-one first');
        await alice('r-one');
        expect(await settled(dry(egress('r-two')), ADMITTED)).toBe('');
        expect(await relabel(live, 'r-two', users.mallory)).toContain('Only the groups');
        expect(await relabel(live, 'r-two', deployer, false)).toBe('');
        expect(await settled(dry(mtls('r-two')), ADMITTED)).toBe('');
      });

      it('is refused by a Relaxation that has ended', async () => {
        expect(await outcome(dry(egress('r-one'))())).toContain('while this object names r-one');
        await alice('r-two');
        expect(await settled(dry(egress('r-two')), NEEDS('egress'))).toMatch(NEEDS('egress'));
      });

      it('then still opens what it opened and nothing else, and is deleted without asking anybody', async () => {
        const spec = {
          egress: [{ to: [{ ipBlock: { cidr: '9.9.9.0/24' } }], ports: [{ protocol: 'TCP', port: 443 }] }],
        };
        const words = 'What a Relaxation permitted to open cannot be changed.';
        expect(await outcome(deployer.mergePatch(live, { spec }))).toContain(words);
        const renamed = { metadata: { labels: { [LABELS.relaxation]: 'r-other' } }, spec };
        expect(await outcome(deployer.mergePatch(live, renamed))).toContain(words);
        expect(await outcome(deployer.mergePatch(live, { metadata: { annotations: { a: 'c' } } }))).toBe('');
        expect(await outcome(deployer.delete(live, { propagation: 'Foreground' }))).toBe('');
        await until('it is gone', async () => (await admin.tryGet(live)) === undefined);
        expect(await outcome(deployer.create(live))).toMatch(NEEDS('egress'));
      });
    });

    it('is refused when the Relaxation has expired, at creation and at relabelling', async () => {
      await ask('r-long', ['egress']);
      await carol('r-long');
      expect(await settled(dry(egress('r-long')), ADMITTED)).toBe('');
      await deployer.create(egress('r-long', 'relaxed'));
      await alice('r-long');
      await ask('r-brief', ['egress'], 4);
      await carol('r-brief');
      expect(await settled(dry(egress('r-brief')), ADMITTED)).toBe('');
      expect(await relabel(egress('r-long', 'relaxed'), 'r-brief')).toBe('');
      const expired = await settled(dry(egress('r-brief')), /expired/);
      expect(expired).toMatch(/The Relaxation r-brief expired at \S+Z\. End it and ask for another\./);
      expect(await relabel(egress('r-long', 'relaxed'), 'r-brief')).toMatch(/r-brief expired at/);
      await alice('r-brief');
      await deployer.delete(egress('r-long', 'relaxed'));
    });
  });
}
