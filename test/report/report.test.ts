import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../src/model/canonical.js';
import type { Verdict } from '../../src/model/check.js';
import { makeReport, type Observed, type Report, type ReportInput } from '../../src/report/index.js';
import { inputOf } from '../../src/report/report.js';
import { Evidence, resultOf, type Question } from '../../src/gate/index.js';
import type { SectionId } from '../../src/report/section.js';
import { heardOf, question, subject, type Answers } from '../gate/answers.js';
import {
  ANSWERS,
  AUDIT,
  AUDIT_INPUTS,
  check,
  evidence,
  file,
  GATE,
  INPUT,
  OBSERVED,
  PROOF,
  RESULTS,
  unsigned,
  UNTIL,
  VERIFIED,
  without,
} from './example.js';

const verdictOf = (report: Report, id: SectionId): Verdict =>
  report.sections.find((section) => section.id === id)!.verdict;
const observing = (change: Partial<Observed>): ReportInput => ({ ...INPUT, observed: { ...OBSERVED, ...change } });
const refuted = {
  ...PROOF,
  verdict: 'refuted',
  zeroBypass: false,
  claims: (PROOF['claims'] as readonly object[]).map((claim, index) =>
    index > 0
      ? claim
      : {
          ...claim,
          verdict: 'refuted',
          counterExamples: [
            {
              cause: 'open-egress',
              summary: 'an agent reaches 8.8.8.8:443/tcp',
              objects: [],
              because: [{ object: 'NetworkPolicy portarium-agents/debug', field: 'spec.egress[0]' }],
              fix: 'Delete it.',
            },
          ],
        },
  ),
};

describe('makeReport', () => {
  it('passes where everything is signed, fresh, of this policy, and passes', () => {
    const report = makeReport(INPUT, evidence());
    expect(report.reasons).toEqual([]);
    expect(report.verdict).toBe('pass');
    expect(report.headline).toBe('No way around the control plane: proved, probed, watched and audited.');
  });

  it('gives the same bytes for the same input, in whatever order the files come', () => {
    const again = makeReport(INPUT, evidence().toReversed());
    expect(canonicalJson(again)).toBe(canonicalJson(makeReport(INPUT, evidence())));
  });

  it('can be made again from itself', () => {
    const report = makeReport(INPUT, evidence());
    expect(canonicalJson(makeReport(inputOf(report), evidence()))).toBe(canonicalJson(report));
  });

  it('says first that there is a way around, and which', () => {
    const report = makeReport(INPUT, evidence({ 'prove.json': refuted }));
    expect(report.verdict).toBe('fail');
    expect(report.headline).toBe('There is a way around the control plane: the proof is refuted by a counter-example.');
    expect(report.reasons[0]).toEqual({
      section: 'claims',
      verdict: 'fail',
      text: 'claim P: an agent reaches 8.8.8.8:443/tcp (NetworkPolicy portarium-agents/debug spec.egress[0])',
    });
  });

  it.each(Object.keys(RESULTS))('is inconclusive without %s, and says so', (name) => {
    const report = makeReport(INPUT, evidence({ [name]: undefined }));
    expect(report.verdict).toBe('inconclusive');
    expect(report.reasons.map(({ text }) => text)).toContain(
      `result of ${RESULTS[name]!.kind}: no result in the evidence; run ${RESULTS[name]!.kind} --out`,
    );
    expect(report.limits.some((limit) => limit.includes('no result in the evidence'))).toBe(true);
  });

  it.each(Object.keys(RESULTS))('never passes by an unsigned %s', (name) => {
    const report = makeReport(INPUT, [...evidence({ [name]: undefined }), unsigned(name, RESULTS[name]!)]);
    expect(report.verdict).toBe('inconclusive');
    const found = report.evidence.find((each) => each.file === name)!;
    expect(found).toMatchObject({
      signature: 'unsigned',
      accepted: true,
      reason: 'It is not signed, so it cannot count as pass.',
    });
  });

  it('fails by an unsigned failure too', () => {
    const failing = {
      ...VERIFIED,
      verdict: 'fail',
      checks: [check('probe agent to 1.1.1.1:443', 'fail', 'lets it through')],
    };
    const report = makeReport(INPUT, [...evidence({ 'verify.json': undefined }), unsigned('verify.json', failing)]);
    expect(report.verdict).toBe('fail');
  });

  it.each(['fail', 'inconclusive'] as const)('is no better than what a result says of itself: %s', (verdict) => {
    expect(makeReport(INPUT, evidence({ 'verify.json': { ...VERIFIED, verdict } })).verdict).toBe(verdict);
  });

  it('is no better than the worst check of a result, and knows nothing of a result without checks', () => {
    const of = (checks: readonly object[]) =>
      makeReport(INPUT, evidence({ 'verify.json': { ...VERIFIED, checks } })).verdict;
    expect(of([check('one'), check('other', 'fail')])).toBe('fail');
    expect(of([check('one'), check('other', 'inconclusive')])).toBe('inconclusive');
    expect(of([])).toBe('inconclusive');
  });

  it('judges an audit again by what it was made from', () => {
    const found = makeReport(INPUT, evidence()).evidence;
    expect(found.find((each) => each.file === 'audit.json')).toMatchObject({ accepted: true, judgedAgain: true });
    expect(found.find((each) => each.file === 'audit.inputs.ndjson')).toMatchObject({
      kind: 'part of enforce audit',
      partOf: 'audit.json',
      signature: 'valid',
      accepted: true,
    });
  });

  it('doubts an audit that does not follow from what it was made from, although it is signed', () => {
    const better = { ...AUDIT, statement: '0 of 1000 sampled runs lack an item.' };
    const report = makeReport(INPUT, evidence({ 'audit.json': better }));
    expect(verdictOf(report, 'audit')).toBe('inconclusive');
    expect(report.evidence.find((each) => each.file === 'audit.json')).toMatchObject({
      accepted: false,
      signature: 'doubtful',
      reason: 'It does not follow from audit.inputs.ndjson: judging the inputs again gives another result.',
    });
  });

  it('does not pass by an audit without what it was made from, or with that changed', () => {
    const others = evidence().filter((each) => each !== AUDIT_INPUTS);
    const changed = Buffer.from(AUDIT_INPUTS.bytes);
    changed[100] = changed[100]! ^ 1;
    for (const files of [others, [...others, { ...AUDIT_INPUTS, bytes: changed }]]) {
      const report = makeReport(INPUT, files);
      expect(verdictOf(report, 'audit')).toBe('inconclusive');
      expect(report.reasons[0]!.text).toMatch(
        /^making of enforce audit: audit\.json: What it was made from, sha256 [0-9a-f]{12}…, is not in the folder\.$/,
      );
    }
  });

  const gateOf = (change: object, answers: Answers = {}) => {
    const asked: Question = { ...question, ...change };
    const heard = heardOf(answers, asked);
    const at = GATE.until;
    const result = resultOf(new Evidence(asked, heard), { from: at, until: at, server: 'https://p', subject, heard });
    const bodies = heard.map(({ sha256 = '', body = '' }) => ({ file: `more/${sha256}`, bytes: Buffer.from(body) }));
    return makeReport(INPUT, [...evidence({ 'gate.json': result as never }), ...bodies]);
  };

  it('fails by calls that went past, as the gate’s answers say', () => {
    const report = gateOf({}, { directBorn: [[{ workspace_id: 'ws-acme' }, 1]] });
    expect(verdictOf(report, 'gate')).toBe('fail');
    expect(report.headline).toBe('Calls went past the control plane.');
  });

  it('takes a routing gate for no enforcement gate', () => {
    const report = gateOf({ gate: 'routing' });
    expect(report.reasons.map(({ text }) => text)).toEqual([
      'gate: gate.json is of the routing gate, and wanted is the enforcement gate',
    ]);
  });

  it('doubts a gate that its answers do not mean, although it is signed', () => {
    const better = { ...GATE, limitations: [] };
    const report = makeReport(INPUT, evidence({ 'gate.json': better }));
    expect(report.evidence.find((each) => each.file === 'gate.json')).toMatchObject({
      accepted: false,
      signature: 'doubtful',
      reason:
        'It does not follow from the answers of its server: its answers do not mean what it says: limitations differs.',
    });
    expect(verdictOf(report, 'gate')).toBe('inconclusive');
  });

  it('does not pass by a gate without one of its answers', () => {
    const report = makeReport(
      INPUT,
      evidence().filter(({ file: name }) => name !== ANSWERS[5]!.file),
    );
    expect(report.reasons.map(({ text }) => text)).toContainEqual(
      expect.stringMatching(
        /^making of enforce gate: gate\.json: \d+ of the \d+ answers that it was made from are not in the folder\.$/,
      ),
    );
  });

  it('does not pass by a gate that was asked about another time than its own', () => {
    const later = { ...GATE, from: '2026-11-28T19:40:00.000Z', until: '2026-11-28T19:40:00.000Z' };
    expect(makeReport(INPUT, evidence({ 'gate.json': later })).reasons.map(({ text }) => text)).toContain(
      'instant of the gate: gate.json is of 2026-11-28T19:40:00.000Z, and asked about 2026-11-28T16:00:00.000Z',
    );
  });

  it.each(Object.keys(RESULTS))('doubts %s where it is not of its form, and says so', (name) => {
    const report = makeReport(
      INPUT,
      evidence({ [name]: { ...RESULTS[name]!, checks: 'none', claims: 1, answers: 1, inputs: 1 } }),
    );
    expect(report.verdict).toBe('inconclusive');
    expect(report.evidence.find((each) => each.file === name)).toMatchObject({
      accepted: false,
      signature: 'doubtful',
    });
  });

  it('keeps a failure of the period although a later result passes', () => {
    const earlier = {
      ...VERIFIED,
      until: '2026-11-26T08:00:00.000Z',
      from: '2026-11-26T07:59:00.000Z',
      verdict: 'fail',
    };
    const report = makeReport(INPUT, [...evidence(), file('earlier.json', earlier)]);
    expect(verdictOf(report, 'verification')).toBe('fail');
    expect(report.reasons[0]!.text).toBe(
      'whole period of enforce verify: earlier.json failed at 2026-11-26T08:00:00.000Z',
    );
  });

  it('is inconclusive where the newest is too old for the end of the period', () => {
    const old = { ...VERIFIED, from: '2026-11-27T07:00:00.000Z', until: '2026-11-27T08:00:00.000Z' };
    const report = makeReport(INPUT, evidence({ 'verify.json': old }));
    expect(verdictOf(report, 'verification')).toBe('inconclusive');
    expect(report.reasons[0]!.text).toBe(
      'age of enforce verify: the newest is 36 h older than the end of the period; allowed are 26 h',
    );
  });

  it('takes no proof of what is not live', () => {
    const rendered = { ...PROOF, source: { kind: 'stacks', objects: 1, sha256: '' } };
    const report = makeReport(INPUT, evidence({ 'prove.json': rendered }));
    expect(report.reasons.map(({ text }) => text)).toEqual([
      'source of enforce prove: prove.json is of stacks, not of the live cluster. Run enforce prove --cluster',
    ]);
  });

  it('is inconclusive without the live cluster, in everything that only it knows', () => {
    const report = makeReport(without(INPUT, 'observed'), evidence());
    expect(report.verdict).toBe('inconclusive');
    for (const id of ['inForce', 'drift', 'exceptions', 'approvals'] as const) {
      expect(verdictOf(report, id), id).toBe('inconclusive');
    }
  });

  it('is inconclusive without a key for the evidence', () => {
    const report = makeReport(without(INPUT, 'evidenceKey'), evidence());
    expect(report.verdict).toBe('inconclusive');
    expect(report.limits).toContain('No key was named to check evidence by, so no evidence could count as pass.');
  });

  it.each(['relaxed', 'shadow', 'inconclusive', 'not deployed'] as const)(
    'does not pass with a control that is %s',
    (verdict) => {
      const egress = { mode: 'enforce', verdict, note: 'why' } as const;
      const report = makeReport(observing({ controls: { ...OBSERVED.controls, egress } }), []);
      expect(verdictOf(report, 'inForce')).toBe('inconclusive');
      expect(report.reasons.map(({ text }) => text)).toContain(`control egress: ${verdict}: why`);
    },
  );

  it('fails by drift, and by what would refuse the next update', () => {
    const drift = [check('objects of ws-acme', 'fail', 'differs')];
    expect(makeReport(observing({ drift }), []).headline).toBe(
      'The live cluster is not as rendered: somebody may have opened a way around.',
    );
    expect(verdictOf(makeReport(observing({ refusals: ['because.'] }), []), 'drift')).toBe('fail');
  });

  it('is inconclusive where something could not be read', () => {
    const unread = [{ what: 'inventory', why: 'forbidden' }];
    expect(makeReport(observing({ unread }), []).reasons.map(({ text }) => text)).toContain(
      'inventory: it could not be read: forbidden',
    );
  });

  describe('with a shared namespace', () => {
    const sharing = [{ workspaceId: 'ws-globex', level: 'enforced' as const }];
    const shared = { ...INPUT, subject: { ...INPUT.subject, sharing } };

    it.each([
      ['identity', [{ workspaceId: 'ws-globex', level: 'identity' as const }]],
      ['routing', [{ workspaceId: 'ws-globex' }]],
      ['routing', []],
    ] as const)('counts as %s, the lowest that is live', (effective, live) => {
      const report = makeReport({ ...shared, observed: { ...OBSERVED, sharing: live } }, []);
      expect(report.level).toMatchObject({ own: 'enforced', effective, because: 'ws-globex' });
      expect(verdictOf(report, 'inForce')).toBe('inconclusive');
    });

    it('keeps its own where none is lower', () => {
      const live = [{ workspaceId: 'ws-globex', level: 'enforced' as const }];
      const report = makeReport({ ...shared, observed: { ...OBSERVED, sharing: live } }, []);
      expect(report.level.effective).toBe('enforced');
      expect(verdictOf(report, 'inForce')).toBe('pass');
    });
  });

  describe('exceptions', () => {
    const [ended] = OBSERVED.relaxations as [Observed['relaxations'][number]];
    const open = without(ended, 'endedAt', 'endedBy');
    const later = {
      ...open,
      state: 'approved' as const,
      createdAt: '2026-11-28T19:30:00.000Z',
      expiresAt: '2026-11-28T20:30:00.000Z',
    };
    const stateOf = (relaxation: Observed['relaxations'][number]) => {
      const report = makeReport(observing({ relaxations: [relaxation] }), []);
      return [report.exceptions[0]?.state, verdictOf(report, 'exceptions')];
    };

    it('have an owner, an approver, an expiry and a ticket', () => {
      expect(makeReport(INPUT, []).exceptions).toEqual([
        {
          name: 'ws-acme-20261125t101500z',
          controls: ['egress'],
          owner: 'otto',
          approver: 'anna',
          reason: 'CRM import stuck behind the new gateway',
          ticket: 'INC-2041',
          from: '2026-11-25T10:15:00.000Z',
          expires: '2026-11-25T11:15:00.000Z',
          state: 'ended',
          note: 'Ended 2026-11-25 10:41 UTC by otto.',
        },
      ]);
    });

    it('are judged by two persons, time and state', () => {
      expect(stateOf(ended)).toEqual(['ended', 'pass']);
      expect(stateOf(later)).toEqual(['in force', 'inconclusive']);
      expect(stateOf({ ...later, expiresAt: '2026-11-28T19:50:00.000Z' })).toEqual(['expired', 'pass']);
      expect(stateOf({ ...later, approvedBy: 'otto' })).toEqual(['void', 'fail']);
      expect(stateOf({ ...ended, approvedBy: 'system:serviceaccount:ci:bot' })).toEqual(['void', 'fail']);
      const asked = without(later, 'approvedBy');
      expect(stateOf({ ...asked, state: 'requested' })).toEqual(['not approved', 'pass']);
    });

    it('of another time are left out', () => {
      const past = {
        ...ended,
        createdAt: '2026-11-01T10:00:00.000Z',
        expiresAt: '2026-11-01T11:00:00.000Z',
        endedAt: '2026-11-01T10:30:00.000Z',
      };
      expect(stateOf(past)).toEqual([undefined, 'pass']);
    });
  });

  describe('approvals', () => {
    const [approval] = OBSERVED.approvals as [Observed['approvals'][number]];

    it.each([
      ['none', [], 'fail'],
      ['one that no longer counts', [{ ...approval, current: false }], 'fail'],
      ['one of another policy', [{ ...approval, policyHash: 'cd'.repeat(32) }], 'fail'],
      ['two that count', [approval, { ...approval, name: 'other', policyHash: 'cd'.repeat(32) }], 'fail'],
      ['a pipeline’s', [{ ...approval, approvedBy: 'system:serviceaccount:ci:bot' }], 'fail'],
      ['a person’s', [approval], 'pass'],
    ] as const)('with %s', (_name, approvals, verdict) => {
      expect(verdictOf(makeReport(observing({ approvals }), []), 'approvals')).toBe(verdict);
    });

    it('says who approved what', () => {
      const section = makeReport(INPUT, []).sections.find(({ id }) => id === 'approvals')!;
      expect(section.summary).toBe('aaaaaaaaaaaa… approved by dana on 2026-11-01, SEC-17');
    });
  });

  it('maps controls as evidence, never as compliance, with the worst of their sections', () => {
    const report = makeReport(INPUT, evidence({ 'prove.json': refuted }));
    const egress = report.mapping.find(({ frameworks }) => frameworks.nist.includes('SC-7(5)'))!;
    expect(egress).toMatchObject({
      verdict: 'fail',
      frameworks: { soc2: ['CC6.6', 'CC6.7'], iso: ['A.8.20', 'A.8.22'] },
    });
    expect(canonicalJson(report)).not.toMatch(/compliant/i);
  });

  it('ends with the period that it is asked for', () => {
    expect(makeReport(INPUT, evidence()).period).toEqual({ from: '2026-11-21T20:00:00.000Z', until: UNTIL });
  });
});
