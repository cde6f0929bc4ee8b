import { describe, expect, it } from 'vitest';
import { evaluate } from '../../src/audit/index.js';
import type { Check } from '../../src/model/check.js';
import {
  chained,
  entriesOfRun,
  inputsOf,
  judge,
  omit,
  runDocument,
  sampleOf,
  type Document,
  type Sample,
} from './log.js';

const check = (checks: readonly Check[], name: string): Check => {
  const found = checks.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no check ${name}: ${checks.map((each) => each.name).join(', ')}`);
  return found;
};

const without = async (sample: Sample, option: 'anchor' | 'keySha256') => {
  const inputs = await inputsOf(sample);
  return { ...inputs, options: omit({ ...inputs.options }, option) as unknown as typeof inputs.options };
};

describe('evaluate', () => {
  it('passes a signed log of complete runs that holds the anchor, and nothing less', async () => {
    const { verdict, checks } = await judge(sampleOf(12));
    expect(checks.filter((each) => each.verdict !== 'pass')).toEqual([]);
    expect(verdict).toBe('pass');
  });

  it('says what the sample means in one sentence', async () => {
    expect((await judge(sampleOf(500, { key: null }))).statement).toBe(
      '0 of 100 sampled runs lack an item, which means with 95 % confidence: at most 2.95 % of runs made like these do, and at most 13 of the frame’s 500. All 500 were looked at: 0 lack an item, 0 more have one that cannot be verified.',
    );
  });

  it('knows nothing of a workspace without runs, or without evidence', async () => {
    const none = await judge({ runs: [], log: sampleOf(3).log });
    expect(check(none.checks, 'frame')).toMatchObject({
      verdict: 'inconclusive',
      note: 'no run has ended in the window: there is nothing to audit',
    });
    expect(none.verdict).not.toBe('pass');
    const empty = await judge({ runs: [], log: [] });
    expect(empty.verdict).toBe('inconclusive');
    expect(empty.statement).toBe('No run was looked at, so nothing is shown.');
    expect((await judge({ runs: sampleOf(3).runs, log: [] })).verdict).toBe('fail');
  });

  it('fails by one run of many that lacks an item, in a census and when it is drawn', async () => {
    const { runs } = sampleOf(150, { key: null });
    const contents = runs.flatMap((run, index) => entriesOfRun(run, index).slice(index === 77 ? 1 : 0));
    const { verdict, checks, items, sampling } = await judge({ runs, log: chained(contents, { key: null }) });
    expect(verdict).toBe('fail');
    expect(items.all.policy).toEqual({ present: 149, absent: 1, 'not-verifiable': 0, 'not-required': 0 });
    expect(check(checks, 'item policy evaluation').findings).toEqual([
      { object: `run ${String(runs[77]?.['runId'])}`, problem: 'has no policy evaluation' },
    ]);
    expect(sampling).toMatchObject({ method: 'census', audited: 150 });
  });

  it('looks at every denied run, whatever is drawn', async () => {
    const sample = sampleOf(150, { key: null });
    const { runs } = sample;
    const { sampling } = await judge(sample, { options: { census: false } });
    expect(sampling).toMatchObject({ method: 'sample', strata: 0, special: 0, audited: 100 });
    const outside = runs.findIndex(({ runId }) => !sampling.sample.includes(String(runId)));
    const contents = runs.flatMap((run, index): Document[] =>
      index === outside
        ? [{ ...entriesOfRun(run, index)[0], category: 'PolicyViolation', decision: 'Denied' }]
        : entriesOfRun(run, index),
    );
    const denied = await judge({ runs, log: chained(contents, { key: null }) }, { options: { census: false } });
    expect(denied.sampling).toMatchObject({ special: 1, audited: 101 });
    // It says that it succeeded, but nothing shows that it ran.
    expect(check(denied.checks, 'item execution result').verdict).toBe('fail');
  });

  it('cannot verify what upstream’s entries do not hold', async () => {
    const { runs } = sampleOf(8);
    const plain = runs.flatMap(entriesOfRun).map((entry) => {
      const upstream = omit(entry, 'traceparent', 'action', 'executionTier', 'decision', 'payloadRefs');
      return upstream['category'] === 'Policy'
        ? {
            ...upstream,
            summary: `Agent action proposal p (Write:invoice:create) evaluated as ${String(entry['decision'])}.`,
          }
        : upstream;
    });
    const { verdict, items } = await judge({ runs, log: chained(plain) });
    expect(verdict).toBe('inconclusive');
    expect(Object.entries(items.all).filter(([, counts]) => counts['not-verifiable'] === 8)).toMatchObject([
      ['action', {}],
      ['policy', {}],
      ['trace', {}],
    ]);
  });

  it.each([
    ['anchor', 'nothing outside the log says how long it once was'],
    ['keySha256', '30 of 30 entries are signed, and no --public-key was given'],
  ] as const)('is inconclusive without %s', async (option, note) => {
    const sample = sampleOf(12);
    const { verdict, checks } = evaluate(await without(sample, option));
    expect(verdict).toBe('inconclusive');
    expect(checks.filter((each) => each.verdict !== 'pass')).toMatchObject([{ verdict: 'inconclusive' }]);
    expect(checks.find((each) => each.verdict !== 'pass')?.note).toContain(note);
  });

  it('does not hold a hole against the log when the source did not give it whole', async () => {
    const { runs, log } = sampleOf(8);
    const lost = { runs, log: log.filter((_entry, index) => index !== 5) };
    expect(check((await judge(lost)).checks, 'links').verdict).toBe('fail');
    const doubted = await judge(lost, { doubts: ['page 2 of /evidence repeats 1 that were listed before'] });
    expect(doubted.verdict).toBe('inconclusive');
    expect(check(doubted.checks, 'log is whole')).toMatchObject({
      verdict: 'inconclusive',
      note: 'the source may not have given the whole log',
      findings: [{ object: 'evidence log', problem: 'page 2 of /evidence repeats 1 that were listed before' }],
    });
  });

  it('sees a clock that is off by a day, either way', async () => {
    const day = 86_400_000;
    for (const skew of [day, -day]) {
      const { verdict, checks } = await judge(sampleOf(4), { skew });
      expect(verdict).toBe('inconclusive');
      expect(check(checks, 'clock').findings).toEqual([
        { object: 'clock of the source', problem: `is 86400 s ${skew > 0 ? 'ahead of' : 'behind'} the auditor’s` },
      ]);
    }
    const future = await judge(sampleOf(4), { readAt: '2026-10-31T00:00:00.000Z' });
    expect(future.verdict).toBe('inconclusive');
    expect(check(future.checks, 'clock').findings[0]).toMatchObject({ problem: 'is from the future' });
  });

  it('sees runs that never end, evidence of unknown runs, and runs that are gone from the source', async () => {
    const { runs, log } = sampleOf(6);
    const stuck = [...runs, runDocument(6, { status: 'Running' })];
    expect(check((await judge({ runs: stuck, log })).checks, 'unended runs')).toMatchObject({
      verdict: 'inconclusive',
      note: '1 runs never end, so they are never audited',
    });
    const unknown = await judge({ runs: runs.slice(1), log });
    expect(check(unknown.checks, 'runs of the evidence log')).toMatchObject({
      verdict: 'fail',
      findings: [{ object: `run ${String(runs[0]?.['runId'])}` }],
    });
    const lost = await judge({ runs, log }, { lost: ['r-1'] });
    expect(check(lost.checks, 'runs of the evidence log').findings).toEqual([
      { object: 'run r-1', problem: 'is in the frame, and its source no longer knows it' },
    ]);
  });

  it.each<[string, Document, string, string]>([
    ['altered', { summary: 'x' }, 'hashes', 'is not what its hash was taken of'],
    ['of another workspace', { workspaceId: 'ws-globex' }, 'entries', 'is of workspace ws-globex'],
    ['of a version that is not known', { schemaVersion: 2 }, 'entries', 'has schemaVersion 2, not 1'],
    ['without time', { occurredAtIso: 'noon' }, 'entries', 'has no time as occurredAtIso'],
    ['with a hash that is none', { hashSha256: 'MD5' }, 'entries', 'has no SHA-256 as hashSha256'],
  ])('names an entry that is %s, by more than its signature', async (_what, change, name, problem) => {
    const { runs, log } = sampleOf(4);
    const { checks } = await judge({
      runs,
      log: log.map((each, index) => (index === 3 ? { ...each, ...change } : each)),
    });
    expect(check(checks, name)).toMatchObject({
      verdict: 'fail',
      findings: [{ object: `entry ${String(log[3]?.['evidenceId'])}`, problem }],
    });
  });

  it('names entries that are earlier than those before them', async () => {
    const { runs } = sampleOf(4);
    const contents = runs.flatMap(entriesOfRun);
    const late = contents.map((each, index) =>
      index === 3 ? { ...each, occurredAtIso: '2026-10-01T00:00:00.000Z' } : each,
    );
    const { verdict, checks } = await judge({ runs, log: chained(late) });
    expect(verdict).toBe('inconclusive');
    expect(check(checks, 'clock').findings).toMatchObject([{ problem: 'is earlier than the entry before it' }]);
  });

  it('says of an item that cannot be verified which runs it is', async () => {
    const { runs } = sampleOf(2);
    const contents = runs.flatMap(entriesOfRun).map((each, index) => (index < 2 ? omit(each, 'traceparent') : each));
    expect(check((await judge({ runs, log: chained(contents) })).checks, 'item W3C trace context')).toEqual({
      name: 'item W3C trace context',
      verdict: 'inconclusive',
      note: '1 of 2 runs cannot be verified by this log',
      findings: [
        {
          object: `run ${String(runs[0]?.['runId'])}`,
          problem: 'has no trace context in the log; upstream’s entries carry none',
        },
      ],
    });
  });

  it('looks at some of each agent and tier without a census', async () => {
    const { sampling } = await judge(sampleOf(40), { options: { census: false, sample: 1, least: 2 } });
    expect(sampling.method).toBe('sample');
    // Two agents and four tiers, two of each; a run counts for both.
    expect(sampling.strata).toBeGreaterThanOrEqual(7);
    expect(sampling.audited).toBe(1 + sampling.strata);
  });

  it('keeps the first findings of many, and says how many there are', async () => {
    const { checks } = await judge({ runs: sampleOf(60, { key: null }).runs, log: sampleOf(20).log });
    expect(check(checks, 'item execution result')).toMatchObject({
      note: '40 of 60 runs lack it, 0 more cannot be verified; the first 20 of 40 are listed',
      findings: { length: 20 },
    });
  });

  it('keeps no text of the log', async () => {
    const { runs } = sampleOf(3);
    const contents = runs
      .flatMap(entriesOfRun)
      .map((entry) => ({ ...entry, summary: 'card 4929 1234', secret: 'hunter2' }));
    const text = JSON.stringify(await judge({ runs, log: chained(contents) }));
    expect(text).not.toMatch(/4929|hunter2/);
  });
});
