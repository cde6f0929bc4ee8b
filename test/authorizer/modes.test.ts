import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { modeOf } from '../../src/authorizer/modes.js';
import { CONTROLS, LEVELS, modesAt, type Control, type Level } from '../../src/model/levels.js';
import { effectiveModes, type Relaxation } from '../../src/model/relaxation.js';
import { ACME, GLOBEX, minutes, NOW, RELAXATION } from '../model/examples.js';
import { known, policyObject, specOf } from './fixture.js';

const at = (level: Level, relaxations: readonly Relaxation[] = [], clock?: () => number) =>
  known({ policies: [policyObject(specOf(ACME, level)), policyObject(specOf(GLOBEX, level))], relaxations }, clock);
const relaxing = (changes: Partial<Relaxation> = {}): Relaxation => ({
  ...RELAXATION,
  controls: ['authz'],
  ...changes,
});
const authz = (of: ReturnType<typeof known>, now = NOW) => modeOf('authz', 'ws-acme', of, now);

describe('the mode of a control', () => {
  it.each(CONTROLS.flatMap((control) => LEVELS.map((level) => [control, level] as const)))(
    '%s is the preset’s at the level %s',
    (control, level) => {
      expect(modeOf(control, 'ws-acme', at(level), NOW)).toEqual({ mode: modesAt(level)[control] });
    },
  );

  it('is enforce where there is no workspace, or none that is known', () => {
    for (const control of CONTROLS) {
      expect(modeOf(control, undefined, at('routing'), NOW)).toEqual({ mode: 'enforce' });
      expect(modeOf(control, 'ws-new', at('routing'), NOW)).toEqual({ mode: 'enforce' });
    }
  });

  it('is shadow in a workspace that is pending, until it has a policy', () => {
    const all = known({ pending: ['ws-new', 'ws-acme'] });
    for (const control of CONTROLS) {
      expect(modeOf(control, 'ws-new', all, NOW)).toEqual({ mode: 'shadow' });
      expect(modeOf(control, 'ws-acme', all, NOW)).toEqual({ mode: 'enforce' });
    }
    all.replace('onboarding', []);
    expect(modeOf('authz', 'ws-new', all, NOW)).toEqual({ mode: 'enforce' });
  });

  it('is enforce when the newest policy cannot be read, whatever the last one said and whatever is relaxed', () => {
    const all = at('routing', [relaxing()]);
    all.put('policies', policyObject(specOf(ACME, 'routing'), { agents: 'none' }));
    for (const control of CONTROLS) expect(modeOf(control, 'ws-acme', all, NOW)).toEqual({ mode: 'enforce' });
    expect(modeOf('authz', 'ws-globex', all, NOW)).toEqual({ mode: 'shadow' });
  });

  it('is enforce for one whose policy cannot be read and never could, pending or not', () => {
    const broken = policyObject(specOf(ACME), { agents: 'none' });
    expect(authz(known({ policies: [broken] }))).toEqual({ mode: 'enforce' });
  });
});

describe('a Relaxation', () => {
  it('leaves its controls in shadow, and is named; the others enforce', () => {
    const all = at('enforced', [relaxing({ controls: ['authz', 'allowlist'] })]);
    expect(CONTROLS.map((control) => modeOf(control, 'ws-acme', all, NOW))).toEqual([
      { mode: 'shadow', relaxation: 'inc-4711' },
      { mode: 'enforce' },
      { mode: 'shadow', relaxation: 'inc-4711' },
      { mode: 'enforce' },
    ]);
    expect(modeOf('authz', 'ws-globex', all, NOW)).toEqual({ mode: 'enforce' });
  });

  it('is not named where the level is in shadow anyway', () => {
    expect(authz(at('routing', [relaxing()]))).toEqual({ mode: 'shadow' });
  });

  it.each<[string, Partial<Relaxation>]>([
    ['requested alone', { state: 'requested' }],
    ['approved by its requester', { approvedBy: 'alice' }],
    ['approved by a service account', { approvedBy: 'system:serviceaccount:a:b' }],
    ['ended', { state: 'ended' }],
    ['expired', { expiresAt: NOW }],
    ['longer than four hours', { expiresAt: minutes(231) }],
    ['of another workspace', { workspaceId: 'ws-globex' }],
    ['of another control', { controls: ['mtls', 'egress'] }],
  ])('that is %s relaxes nothing', (_what, changes) => {
    expect(authz(at('enforced', [relaxing(changes)]))).toEqual({ mode: 'enforce' });
  });

  it('ends with its time by this clock, although nobody takes it away', () => {
    const all = at('enforced', [relaxing()]);
    const end = RELAXATION.expiresAt.getTime();
    expect(authz(all, new Date(end - 1)).mode).toBe('shadow');
    expect(authz(all, new Date(end)).mode).toBe('enforce');
  });

  it('holds while the API server is heard of, and again when it is', () => {
    let silence = 0;
    const all = at('enforced', [relaxing()], () => silence);
    silence = 29_999;
    expect(authz(all).mode).toBe('shadow');
    silence = 30_000;
    expect(authz(all)).toEqual({ mode: 'enforce' });
    for (const kind of ['policies', 'relaxations', 'models', 'onboarding'] as const) all.heard(kind);
    expect(authz(all).mode).toBe('shadow');
  });

  it('does not need to be the first', () => {
    const all = at('enforced', [relaxing({ name: 'a', state: 'requested' }), relaxing({ name: 'b' })]);
    expect(authz(all)).toEqual({ mode: 'shadow', relaxation: 'b' });
  });
});

it('modes are those of the model, and without contact never laxer than with it', () => {
  const relaxation = fc.record({
    workspaceId: fc.constantFrom('ws-acme', 'ws-globex'),
    controls: fc.subarray([...CONTROLS], { minLength: 1 }),
    approvedBy: fc.constantFrom('alice', 'bob'),
    state: fc.constantFrom('requested' as const, 'approved' as const, 'ended' as const),
    expiresAt: fc.constantFrom(minutes(-1), minutes(50)),
  });
  fc.assert(
    fc.property(
      fc.constantFrom(...LEVELS),
      fc.array(relaxation, { maxLength: 3 }),
      fc.constantFrom<Control>(...CONTROLS),
      (level, changes, control) => {
        const relaxations = changes.map((each, index) => ({ ...RELAXATION, ...each, name: `inc-${index}` }));
        let silence = 0;
        const all = at(level, relaxations, () => silence);
        expect(modeOf(control, 'ws-acme', all, NOW).mode).toBe(
          effectiveModes('ws-acme', level, relaxations, NOW)[control],
        );
        silence = 30_000;
        expect(modeOf(control, 'ws-acme', all, NOW)).toEqual({ mode: modesAt(level)[control] });
      },
    ),
  );
});
