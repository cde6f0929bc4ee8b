import { beforeAll, describe, expect, it } from 'vitest';
import { relaxationLabels } from '../../../src/constructs/admission/relaxation-labels.js';
import type { Cluster } from '../../../src/bridge/cluster.js';
import type { KubeObject } from '../../../src/model/kube-object.js';
import type { Control } from '../../../src/model/levels.js';
import { API_VERSION } from '../../../src/model/names.js';
import type { RelaxationState } from '../../../src/model/relaxation.js';
import { api } from '../guards/api.js';
import { relaxation, type RelaxationOptions } from './fixture.js';
import { admin, ADMITTED, outcome, refusalOf, settled, users } from './install.js';
import { workerLab } from '../worker-lab.js';

/** The same Relaxation in another state, as `by`, with changes to its spec. */
export async function changed(name: string, state: RelaxationState, changes: object): Promise<KubeObject> {
  const live = await admin.get(relaxation({ name }));
  const spec = live['spec'] as { workspaceId: string; controls: Control[] };
  const labels = { ...live.metadata.labels, ...relaxationLabels({ ...spec, state }) };
  return { ...live, metadata: { ...live.metadata, labels }, spec: { ...spec, state, ...changes } };
}

export const approve = async (by: Cluster, name: string, as: string): Promise<unknown> =>
  by.replace(await changed(name, 'approved', { approvedBy: as }));

export const end = async (by: Cluster, name: string, as: string): Promise<unknown> =>
  by.replace(await changed(name, 'ended', { endedBy: as }));

export async function approved(options: RelaxationOptions): Promise<void> {
  await users.alice.create(relaxation({ ...options, by: 'alice' }));
  expect(await settled(() => approve(users.carol, options.name, 'carol'), ADMITTED)).toBe('');
}

const asked = (changes: object, labels: Readonly<Record<string, string>> = {}): Promise<string> => {
  const wellFormed = relaxation({ name: 'asked' });
  const { metadata } = wellFormed;
  return outcome(
    users.alice.create(
      {
        ...wellFormed,
        metadata: { ...metadata, labels: { ...metadata.labels, ...labels } },
        spec: { ...wellFormed.spec, ...changes },
      },
      { dryRun: true },
    ),
  );
};

const inSeconds = (seconds: number): string => new Date(Date.now() + seconds * 1000).toISOString();

export function relaxationCases(): void {
  describe('asking for a Relaxation', () => {
    it('is admitted in one’s own name, for four hours at most', async () => {
      expect(await asked({})).toBe('');
      expect(await asked({ expiresAt: inSeconds(4 * 3600 - 2) })).toBe('');
    });

    it('is refused in another’s name', async () => {
      expect(await asked({ requestedBy: 'bob' })).toContain(
        'requestedBy must be the user who sends the request, alice, not bob.',
      );
    });

    it('is refused for more than four hours and for the past', async () => {
      const long = await asked({ expiresAt: inSeconds(4 * 3600 + 60) });
      expect(long).toMatch(/expiresAt must be after \S+Z and at most 240 minutes later, by \S+Z; it is \S+Z\./);
      expect(await asked({ expiresAt: inSeconds(-5) })).toContain('expiresAt must be after');
    });

    it('is refused with a date that is not RFC 3339 in UTC', async () => {
      expect(await asked({ expiresAt: '2026-11-22T10:00:00+09:00' })).toContain('spec.expiresAt');
      expect(await asked({ expiresAt: '9999-99-99T10:00:00Z' })).not.toBe('');
    });

    it('is refused when it begins approved or ended', async () => {
      const approvedAlready = await asked(
        { state: 'approved', approvedBy: 'carol' },
        { 'relaxes.portarium.io/egress': 'approved' },
      );
      expect(approvedAlready).toContain('begins with state "requested", without approvedBy and endedBy');
      expect(await asked({ state: 'ended', endedBy: 'alice' }, { 'relaxes.portarium.io/egress': 'ended' })).toContain(
        'begins with state "requested"',
      );
      expect(await asked({ approvedBy: 'carol' })).toContain('approvedBy is set together with state "approved"');
    });

    it('is refused unless the labels say what the spec says', async () => {
      const words =
        'Set the labels portarium.io/workspace=ws-acme relaxes.portarium.io/authz- relaxes.portarium.io/mtls- relaxes.portarium.io/allowlist- relaxes.portarium.io/egress=requested.';
      expect(await asked({}, { 'relaxes.portarium.io/egress': 'approved' })).toContain(words);
      expect(await asked({}, { 'relaxes.portarium.io/mtls': 'requested' })).toContain(words);
      expect(await asked({}, { 'portarium.io/workspace': 'ws-globex' })).toContain(words);
      expect(await asked({ controls: ['egress', 'mtls'] }, { 'relaxes.portarium.io/mtls': 'requested' })).toBe('');
    });

    it('is refused for a workspace that the platform does not know', async () => {
      expect(await asked({ workspaceId: 'ws-other' }, { 'portarium.io/workspace': 'ws-other' })).toContain(
        'The platform stack knows no workspace ws-other (portarium:workspaces).',
      );
    });

    it('is refused for a workspace that has no policy yet: nobody could approve it', async () => {
      expect(await asked({ workspaceId: 'ws-pending' }, { 'portarium.io/workspace': 'ws-pending' })).toMatch(
        /portarium-relaxation-approver-ws-pending.*no params found/,
      );
    });

    it('is refused outside portarium-policy', async () => {
      const { metadata, ...rest } = relaxation({ name: 'asked' });
      const elsewhere = { ...rest, metadata: { ...metadata, namespace: 'a-agents' } };
      expect(await outcome(users.alice.create(elsewhere, { dryRun: true }))).toContain(
        'Relaxations live in the namespace portarium-policy',
      );
    });

    it.each([
      ['a reason of nine letters', { reason: 'too short' }, 'spec.reason'],
      ['no control', { controls: [] }, 'spec.controls'],
      ['a control twice', { controls: ['egress', 'egress'] }, 'Duplicate value'],
      ['an unknown control', { controls: ['dns'] }, 'Unsupported value'],
      ['a plan hash that is none', { planHash: 'abc' }, 'spec.planHash'],
    ])('is refused with %s', async (_, changes, words) => {
      expect(await asked(changes)).toContain(words);
    });

    it('holds for server-side apply and generated names too', async () => {
      const foreign = relaxation({ name: 'applied', by: 'bob' });
      expect(await outcome(users.alice.apply(foreign, { dryRun: true }))).toContain('requestedBy must be');
      const metadata = { ...foreign.metadata, name: undefined };
      const generated = { ...foreign, metadata: { ...metadata, generateName: 'r-' } } as unknown as KubeObject;
      expect(await outcome(users.alice.create(generated, { dryRun: true }))).toContain('requestedBy must be');
    });
  });

  describe('approving a Relaxation', () => {
    const name = 'to-approve';
    beforeAll(async () => {
      await users.alice.create(relaxation({ name }));
    });
    const attempt = async (by: Cluster, changes: object): Promise<string> =>
      outcome(by.replace(await changed(name, 'approved', changes), { dryRun: true }));

    it('is admitted for another person who is an approver of the workspace', async () => {
      expect(
        await settled(
          async () => users.bob.replace(await changed(name, 'approved', { approvedBy: 'bob' }), { dryRun: true }),
          ADMITTED,
        ),
      ).toBe('');
    });

    it('is refused to the requester', async () => {
      expect(await attempt(users.alice, { approvedBy: 'alice' })).toContain(
        'the approver must be another person than the requester',
      );
      expect(await attempt(users.alice, { approvedBy: 'bob' })).toContain(
        'The requester cannot approve their own Relaxation.',
      );
    });

    it('is refused in another’s name', async () => {
      expect(await attempt(users.bob, { approvedBy: 'carol' })).toContain(
        'approvedBy must be the user who sends the approval, bob, not carol.',
      );
    });

    it('is refused to who is no approver', async () => {
      const words =
        /Only a person in the group portarium:approvers or portarium:break-glass|is not an approver of ws-acme/;
      for (const by of ['mallory', 'ws-acme-deployer'] as const) {
        expect(await attempt(users[by], { approvedBy: by })).toMatch(words);
      }
      // In the list of the workspace, but not in the group.
      await users.bob.create(relaxation({ name: 'by-bob', by: 'bob' }));
      const listed = await changed('by-bob', 'approved', { approvedBy: 'alice' });
      expect(await outcome(users.alice.replace(listed, { dryRun: true }))).toContain('Only a person in the group');
    });

    it('is refused to an approver of another workspace', async () => {
      await users.alice.create(relaxation({ name: 'of-globex', workspaceId: 'ws-globex' }));
      const of = (by: Cluster, as: string) => async () =>
        by.replace(await changed('of-globex', 'approved', { approvedBy: as }), { dryRun: true });
      expect(await settled(of(users.carol, 'carol'), ADMITTED)).toBe('');
      expect(await outcome(of(users.bob, 'bob')())).toContain(
        'bob is not an approver of ws-globex; its approvers are carol.',
      );
    });

    it('is refused together with any other change', async () => {
      expect(await attempt(users.bob, { approvedBy: 'bob', expiresAt: inSeconds(7200) })).toContain(
        'cannot be changed after the request',
      );
      expect(await attempt(users.bob, { approvedBy: 'bob', controls: ['egress', 'mtls'] })).toContain(
        'cannot be changed after the request',
      );
      expect(await attempt(users.bob, { approvedBy: 'bob', planHash: 'b'.repeat(64) })).toContain(
        'cannot be changed after the request',
      );
    });

    it('is refused without the labels following', async () => {
      const wanted = await changed(name, 'approved', { approvedBy: 'bob' });
      const stale = { ...wanted, metadata: { ...wanted.metadata, labels: relaxation({ name }).metadata.labels! } };
      expect(await outcome(users.bob.replace(stale, { dryRun: true }))).toContain(
        'relaxes.portarium.io/egress=approved.',
      );
      const early = await changed(name, 'approved', {});
      const { spec } = (await admin.get(early)) as unknown as { spec: object };
      expect(await outcome(users.bob.replace({ ...early, spec }, { dryRun: true }))).toContain(
        'relaxes.portarium.io/egress=requested.',
      );
    });

    it('is refused to a pipeline, also one in the approvers’ group', async () => {
      const user = 'system:serviceaccount:ci:robot';
      const body = await changed(name, 'approved', { approvedBy: user });
      const path = `/apis/${API_VERSION}/namespaces/portarium-policy/relaxations/${name}?dryRun=All`;
      const as = { user, groups: ['portarium:approvers', 'portarium:break-glass', 'system:masters'] };
      const answer = await api(workerLab().kubeconfig)({ method: 'PUT', path, body, as });
      expect(refusalOf(answer)).toContain('a pipeline cannot');
    });

    it('is refused after it has expired', async () => {
      await users.alice.create(relaxation({ name: 'short', seconds: 2 }));
      await new Promise((resolve) => setTimeout(resolve, 2000));
      expect(await outcome(approve(users.bob, 'short', 'bob'))).toMatch(
        /Relaxation short expired at \S+Z and cannot be approved/,
      );
      const forged = await changed('short', 'approved', { approvedBy: 'bob' });
      expect(
        await outcome(users.bob.replace({ ...forged, metadata: { ...forged.metadata, managedFields: [{}] } })),
      ).toContain('expired at');
    });
  });

  describe('ending a Relaxation', () => {
    const name = 'to-end';
    beforeAll(async () => {
      await approved({ name, controls: ['authz'] });
    });

    it('is refused in another’s name, admitted in one’s own, and final', async () => {
      expect(await outcome(end(users.mallory, name, 'alice'))).toContain(
        'endedBy must be the user who ends the Relaxation, mallory, not alice.',
      );
      expect(await outcome(users.alice.delete(relaxation({ name })))).toContain(
        'The Relaxation to-end is approved. End it first: set state "ended" and endedBy.',
      );
      expect(await outcome(end(users['ws-acme-deployer'], name, 'ws-acme-deployer'))).toBe('');
      expect(await outcome(approve(users.bob, name, 'bob'))).toContain('never back');
      expect(await outcome(users.alice.replace(await changed(name, 'ended', { endedBy: 'alice' })))).toContain(
        'an ended Relaxation cannot be changed',
      );
    });

    it('never takes the approver along', async () => {
      await approved({ name: 'keeps-approver', controls: ['authz'] });
      const live = await changed('keeps-approver', 'ended', { endedBy: 'alice' });
      const spec = { ...(live['spec'] as object), approvedBy: undefined };
      expect(await outcome(users.alice.replace({ ...live, spec }, { dryRun: true }))).toContain(
        'approvedBy cannot be changed',
      );
      expect(await outcome(end(users.alice, 'keeps-approver', 'alice'))).toBe('');
    });

    it('lets it be deleted afterwards, not before', async () => {
      expect(await outcome(users.alice.delete(relaxation({ name: 'to-approve' })))).toContain(
        'is requested. End it first',
      );
      expect(await outcome(end(users.alice, 'to-approve', 'alice'))).toBe('');
      expect(await outcome(users.alice.delete(relaxation({ name: 'to-approve' })))).toBe('');
    });
  });
}
