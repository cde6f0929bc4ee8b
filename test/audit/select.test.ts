import { createHash, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { frameOf, type Run } from '../../src/audit/index.js';
import { hashOfIds, readFrame } from '../../src/audit/frame.js';
import { drawn, seedOf, strataBeyond } from '../../src/audit/select.js';
import { canonicalJson } from '../../src/model/canonical.js';
import { runDocument, runOf, TAKEN, WORKSPACE } from './log.js';

const runs = Array.from({ length: 300 }, (_each, index) => runOf(runDocument(index)));
const taking = {
  workspaceId: WORKSPACE,
  source: 'the run store',
  window: {},
  takenAt: new Date(TAKEN),
  runs,
  doubts: [],
};
const ids = (of: readonly Run[]): readonly string[] => of.map(({ runId }) => runId);

describe('a frame', () => {
  it('has the hash that sort and sha256sum give', () => {
    // printf 'a\nb\n' | sha256sum
    expect(hashOfIds(['a', 'b'])).toBe('911169ddaaf146aff539f58c26c489af3b892dff0fe283c1c264c65ae5aa59a2');
    const text = [...ids(runs)]
      .sort()
      .map((id) => `${id}\n`)
      .join('');
    expect(frameOf(taking).sha256).toBe(createHash('sha256').update(text).digest('hex'));
  });

  it('is the same in whatever order the runs come', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(runs, { minLength: runs.length }), (shuffled) => {
        expect(frameOf({ ...taking, runs: shuffled })).toEqual(frameOf(taking));
      }),
      { numRuns: 5 },
    );
  });

  it('holds runs that have ended within the window, and names the others', () => {
    const frame = frameOf({
      ...taking,
      window: { from: '2026-11-01T00:10:00Z', until: '2026-11-01T00:20:00Z' },
      runs: [...runs, runOf(runDocument(15, { runId: 'r-open', status: 'WaitingForApproval' }))],
    });
    expect([frame.count, frame.outside.length, ids(frame.unended)]).toEqual([10, 290, ['r-open']]);
  });

  it('doubts a source that lists a run twice', () => {
    expect(frameOf({ ...taking, runs: [...runs, runs[0]!] }).doubts).toEqual(['1 runs were listed more than once']);
  });

  it('is read back only as it was kept', () => {
    const frame = frameOf(taking);
    expect(readFrame(canonicalJson(frame))).toEqual(frame);
    const without = { ...frame, runs: frame.runs.slice(1), count: frame.count - 1 };
    expect(() => readFrame(canonicalJson(without))).toThrow('its SHA-256 is not that of its run ids.');
    expect(() => readFrame(canonicalJson({ ...frame, count: 3 }))).toThrow('its runs are not as many as it says');
    expect(() => readFrame('{"kind":"enforce verify"}')).toThrow('it is no frame of version 1.');
  });
});

describe('a sample', () => {
  const seed = seedOf(frameOf(taking).sha256, 'auditor');

  it('is what anybody gets from frame and nonce', () => {
    expect(seed).toBe(
      createHash('sha256')
        .update(`${frameOf(taking).sha256}auditor`)
        .digest('hex'),
    );
    const again = [...ids(runs)].sort((a, b) => {
      const [one, other] = [a, b].map((id) => createHmac('sha256', Buffer.from(seed, 'hex')).update(id).digest('hex'));
      return one! < other! ? -1 : 1;
    });
    expect(ids(drawn(runs, seed))).toEqual(again);
  });

  it('is another with another nonce or another frame', () => {
    const sample = (of: string): readonly string[] => ids(drawn(runs, of)).slice(0, 100);
    expect(sample(seedOf(frameOf(taking).sha256, 'auditor2'))).not.toEqual(sample(seed));
    expect(sample(seedOf(frameOf({ ...taking, runs: runs.slice(1) }).sha256, 'auditor'))).not.toEqual(sample(seed));
  });

  it('draws every run about as often as any other', () => {
    const times = new Map<string, number>();
    for (let nonce = 0; nonce < 100; nonce += 1) {
      for (const { runId } of drawn(runs.slice(0, 50), seedOf('f', String(nonce))).slice(0, 10))
        times.set(runId, (times.get(runId) ?? 0) + 1);
    }
    // 20 expected, with a deviation of 4.
    for (const [runId, count] of times) expect([runId, count > 4 && count < 36]).toEqual([runId, true]);
    expect(times.size).toBe(50);
  });

  it('adds runs of agents and tiers that it has too few of, and no others', () => {
    const rare = runOf(runDocument(400, { initiatedByUserId: 'rare-bot', executionTier: 'Auto' }));
    const order = [
      ...runs.filter(({ tier }) => tier !== 'ManualOnly'),
      rare,
      ...runs.filter(({ tier }) => tier === 'ManualOnly'),
    ];
    const added = strataBeyond(order, 100, 2);
    expect(added.map(({ initiator, tier }) => `${initiator} ${tier}`)).toEqual([
      'rare-bot Auto',
      'invoice-bot ManualOnly',
      'invoice-bot ManualOnly',
    ]);
  });
});
