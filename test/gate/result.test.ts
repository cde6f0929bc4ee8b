import { describe, expect, test } from 'vitest';
import { Evidence, resultOf, tryGateDoubt, type GateResult, type Heard } from '../../src/gate/index.js';
import { keep } from '../../src/model/kept.js';
import { heardOf, question, subject, withBody } from './answers.js';

const kept = (heard: readonly Heard[]): GateResult => {
  const at = new Date('2026-11-28T16:01:30Z').toISOString();
  const result = resultOf(new Evidence(question, heard), {
    from: at,
    until: at,
    server: 'https://prometheus',
    subject,
    heard,
  });
  // As it comes back from its file.
  return (JSON.parse(JSON.stringify(keep(result))) as { result: GateResult }).result;
};
const bodiesOf = (heard: readonly Heard[]) => {
  const bodies = new Map(heard.map(({ sha256, body }) => [sha256, body]));
  return (sha256: string) => bodies.get(sha256);
};

describe('a kept result', () => {
  const failed = heardOf({ directBorn: [[{ workspace_id: 'ws-acme' }, 1]] });

  test('names what it is about, and each answer by its hash', () => {
    const result = kept(failed);
    expect(result).toMatchObject({
      kind: 'enforce gate',
      version: 1,
      stack: 'ws-acme',
      workspaceId: 'ws-acme',
      policyHash: subject.policyHash,
      level: 'enforced',
      verdict: 'fail',
    });
    expect(result.answers.map(({ name }) => name)).toEqual(failed.map(({ name }) => name));
    expect(result.answers.every((answer) => /^[0-9a-f]{64}$/.test(answer.sha256 ?? '') && !('body' in answer))).toBe(
      true,
    );
  });

  test('is what its answers mean, without the server', () => {
    expect(tryGateDoubt(kept(failed), bodiesOf(failed))).toBeUndefined();
    expect(tryGateDoubt(kept(heardOf()), bodiesOf(heardOf()))).toBeUndefined();
  });

  test.each<[string, (result: GateResult) => GateResult, string]>([
    ['another verdict', (result) => ({ ...result, verdict: 'pass' }), 'its answers mean fail, and it says pass.'],
    [
      'another note',
      (result) => ({ ...result, checks: result.checks.with(0, { ...result.checks[0]!, note: 'x' }) }),
      'its answers do not mean what it says: checks differs.',
    ],
    [
      'an earlier date',
      (result) => ({ ...result, earliest: result.until }),
      'its answers do not mean what it says: earliest differs.',
    ],
    [
      'something that is not of it',
      (result) => ({ ...result, waived: 'yes' }) as GateResult,
      'its answers do not mean what it says: waived differs.',
    ],
    [
      'a shorter window',
      (result) => ({ ...result, question: { ...question, window: 3600 } }),
      'its answers mean inconclusive, and it says fail.',
    ],
    [
      'an answer less',
      (result) => ({ ...result, answers: result.answers.filter(({ name }) => name !== 'directBorn') }),
      'its answers mean inconclusive, and it says fail.',
    ],
    [
      'nothing but its verdict',
      ({ verdict }) => ({ verdict }) as GateResult,
      "its answers cannot be judged: Cannot read properties of undefined (reading 'map').",
    ],
  ])('is doubted with %s', (_what, change, doubt) => {
    expect(tryGateDoubt(change(kept(failed)), bodiesOf(failed))).toBe(doubt);
  });

  test('is doubted without a body, and with another', () => {
    const clean = heardOf();
    expect(tryGateDoubt(kept(clean), () => undefined)).toBe('its answers mean inconclusive, and it says pass.');
    const other = clean.map((each) => ({ ...withBody(each, `${each.body} `), sha256: each.sha256! }));
    expect(tryGateDoubt(kept(clean), bodiesOf(other))).toBe('its answers mean inconclusive, and it says pass.');
  });
});
