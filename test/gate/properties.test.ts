import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Evidence, judge, type Heard } from '../../src/gate/index.js';
import {
  AT,
  calls,
  edited,
  heardOf,
  question,
  seriesOf,
  state,
  subject,
  WINDOW,
  type Answers,
  type Row,
} from './answers.js';

const ws = { workspace_id: 'ws-acme' };
const one = (value: number): readonly Row[] => [[ws, value]];
const HOUR = 3600;
/** Coarse, to be judged often. */
const asked = { ...question, step: HOUR / 2 };
const answersOf = (answers: Answers = {}) => heardOf(answers, asked);

/** Each speaks against the workspace in one way alone: what is lost of it must never make it pass. */
const AGAINST: Readonly<Record<string, Answers>> = {
  ratio: { ratioMax: one(0.5), ratioPoints: [[ws, (at) => (at === AT - HOUR ? 0.5 : 0)]] },
  'ratio between two looks': { ratioMax: one(0.5) },
  hole: { ratioSampled: one(93), ratioPoints: [[ws, (at) => (at > AT - 80 * 60 ? undefined : 0)]] },
  'ratio of two': { ratioSeries: one(2) },
  stale: { ratioLast: one(AT - 2 * HOUR) },
  direct: { direct: one(1), directPoints: [[ws, (at) => (at > AT - HOUR ? 1 : 0)]] },
  born: { directBorn: one(1) },
  rose: { directRose: one(1) },
  'SDK gone': { directPoints: [[ws, (at) => (at > AT - HOUR ? undefined : 0)]] },
  volume: { callRows: calls(10) },
  'no call of an agent': { callRows: calls(900).toSpliced(1, 1) },
  'no count of an agent': { callRows: calls(900).slice(0, 3) },
  dead: { beatRows: [[{ ...ws, agent_id: 'sales-bot' }, 900]] },
  quiet: { beatsNow: [[{ ...ws, agent_id: 'sales-bot' }, 9]] },
  scrapes: {
    scrapesWorst: [[{}, 0.5]],
    scrapeRows: [
      [{ job: 'portarium/a' }, 0.5],
      [{ job: 'portarium/b' }, 1],
    ],
  },
  hash: {
    policyStates: one(2),
    policyPoints: [
      [state({ policy_hash: 'b' }), (at) => (at < AT - WINDOW + HOUR ? 1 : undefined)],
      [state(), () => 1],
    ],
  },
  level: { policyPoints: [[state({ level: 'routing' }), () => 1]] },
  shadow: { shadow: one(1) },
  relaxed: { relaxed: one(AT - HOUR) },
  alert: { alerts: one(1), alertRows: [[{ ...ws, alertname: 'PortariumDirectSorCall' }, AT - HOUR]] },
  'alert of the platform': { alertsOfPlatform: [[{}, 1]], alertRows: [[{ alertname: 'PortariumBlind' }, AT - HOUR]] },
  watchdog: { watchdog: [[{}, 10]] },
  flows: { flows: [[{ source_namespace: 'portarium-agents' }, 1]] },
  'flows born': { flowsBorn: [[{ source_namespace: 'portarium-agents' }, 1]] },
  'flows rose': { flowsRose: [[{ source_namespace: 'portarium-agents' }, 1]] },
  'network blind': { flowsCounted: [[{}, 10]] },
  lost: { lost: [[{}, 1]] },
  'lost born': { lostBorn: [[{}, 1]] },
};

const verdictOf = (heard: readonly Heard[]) => judge(new Evidence(asked, heard), subject).verdict;

/** Takes something away from one answer: all of it, a series, points of a series, or its being whole. */
const loss = fc.record({
  of: fc.nat(),
  kind: fc.constantFrom('answer', 'body', 'series', 'points', 'number'),
  at: fc.nat(),
  length: fc.integer({ min: 1, max: 40 }),
});
type Loss = typeof loss extends fc.Arbitrary<infer Value> ? Value : never;

function lose(heard: readonly Heard[], { of, kind, at, length }: Loss): readonly Heard[] {
  const index = of % heard.length;
  const target = heard[index];
  if (target === undefined) return heard;
  if (kind === 'answer') return heard.toSpliced(index, 1);
  if (kind === 'body' || target.body === undefined) {
    const { name, path, params, askedAt, answeredAt, attempts } = target;
    return heard.with(index, { name, path, params, askedAt, answeredAt, attempts, noAnswer: 'lost' });
  }
  return heard.with(
    index,
    edited(target, (body) => {
      const series = seriesOf(body);
      const one = series[at % series.length];
      if (one === undefined) return;
      if (kind === 'series') series.splice(at % series.length, 1);
      else if (kind === 'number') (one.value ?? one.values[at % one.values.length] ?? [])[1] = 'NaN';
      else one.values?.splice(at % one.values.length, length);
    }),
  );
}

describe('what is lost never speaks for a workspace', () => {
  test.each(Object.entries(AGAINST))('%s', (_name, answers) => {
    const heard = answersOf(answers);
    expect(verdictOf(heard)).not.toBe('pass');
    for (let index = 0; index < heard.length; index += 1) {
      expect(verdictOf(heard.toSpliced(index, 1)), heard[index]?.name).not.toBe('pass');
      const series = lose(heard, { of: index, kind: 'series', at: 0, length: 1 });
      expect(verdictOf(series), `a series of ${heard[index]?.name}`).not.toBe('pass');
    }
  });

  test('whatever is lost, and however much', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.values(AGAINST).map((answers) => answersOf(answers))),
        fc.array(loss, { minLength: 1, maxLength: 4 }),
        (heard, losses) => verdictOf(losses.reduce(lose, heard)) !== 'pass',
      ),
      { numRuns: 100 },
    );
  });

  test('and no workspace passes without every one of the answers', () => {
    const heard = answersOf();
    expect(verdictOf(heard)).toBe('pass');
    for (const { name } of heard)
      expect(verdictOf(heard.filter((each) => each.name !== name)), name).toBe('inconclusive');
  });

  test('nor with an answer that is of another workspace', () => {
    for (const [index, each] of answersOf().entries()) {
      const heard = answersOf().with(
        index,
        edited(each, (body) => {
          for (const { metric } of seriesOf(body)) {
            if (metric['workspace_id'] !== undefined) metric['workspace_id'] = 'ws-globex';
            if (metric['source_namespace'] !== undefined) metric['source_namespace'] = 'elsewhere';
          }
        }),
      );
      if (heard[index]?.body !== each.body) expect(verdictOf(heard), each.name).toBe('inconclusive');
    }
  });
});
