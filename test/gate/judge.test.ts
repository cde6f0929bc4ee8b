import { describe, expect, test } from 'vitest';
import { Evidence, judge, QueryRefused, type Heard, type Judged, type Question } from '../../src/gate/index.js';
import {
  AT,
  calls,
  changed,
  edited,
  heardOf,
  question,
  state,
  subject,
  withBody,
  WINDOW,
  type Answers,
  type Row,
} from './answers.js';

const ws = { workspace_id: 'ws-acme' };
const one = (value: number | string): readonly Row[] => [[ws, value]];
const HOUR = 3600;
const iso = (seconds: number): string => new Date(seconds * 1000).toISOString();

const judgedOf = (answers: Answers = {}, asked: Question = question): Judged =>
  judge(new Evidence(asked, heardOf(answers, asked)), subject);
const judgedHeard = (heard: readonly Heard[]): Judged => judge(new Evidence(question, heard), subject);
const noteOf = ({ checks }: Judged, name: string) => {
  const check = checks.find((each) => each.name === name);
  return check && `${check.verdict}: ${check.note}`;
};
/** Names of the checks that do not pass. */
const against = ({ checks }: Judged): readonly string[] =>
  checks.filter(({ verdict }) => verdict !== 'pass').map(({ name, verdict }) => `${name} ${verdict}`);

describe('the enforcement gate', () => {
  test('passes a workspace that everything speaks for, and says how much that means', () => {
    const judged = judgedOf();
    expect(judged.verdict).toBe('pass');
    expect(judged.checks.map(({ name }) => name)).toEqual([
      'answers',
      'clock',
      'server',
      'coverage',
      'ratio',
      'direct calls',
      'volume',
      'agents',
      'scrapes',
      'policy',
      'relaxations',
      'alerts',
      'network',
    ]);
    expect(noteOf(judged, 'volume')).toBe(
      'pass: 960 calls through the front: none direct among them would mean at most 0.31 % are, at 95 % confidence (rule of three: 3/960)',
    );
    expect(judged.bound?.upper).toBeCloseTo(0.003116, 6);
    expect(judged.cleanSince).toBe(iso(AT - WINDOW));
    expect(judged.earliest).toBeUndefined();
    expect(judged.limitations).toEqual([
      'What a counter had counted since its last scrape is lost when its process ends.',
    ]);
  });

  test.each<[string, Answers, string, string]>([
    [
      'a ratio above 0 for a minute',
      { ratioMax: one(0.02), ratioPoints: [[ws, (at) => (at === AT - HOUR ? 0.02 : 0)]] },
      'ratio',
      'fail: portarium_direct_sor_ratio went up to 0.02, and must be 0 throughout',
    ],
    [
      'a ratio above 0 between two looks',
      { ratioMax: one(0.02) },
      'ratio',
      'fail: portarium_direct_sor_ratio went up to 0.02, and must be 0 throughout',
    ],
    [
      'a ratio that is no number',
      { ratioMax: one('NaN') },
      'ratio',
      'inconclusive: ratioMax: the value of {"workspace_id":"ws-acme"} is NaN: no number',
    ],
    [
      'a ratio that is no share',
      { ratioMax: one(1.5) },
      'ratio',
      'inconclusive: ratioMax: 1.5 cannot be, it lies outside 0 to 1',
    ],
    [
      'a negative ratio',
      { ratioMax: one(-1) },
      'ratio',
      'inconclusive: ratioMax: -1 cannot be, it lies outside 0 to 1',
    ],
    [
      'points above the maximum',
      { ratioPoints: [[ws, () => 0.5]] },
      'ratio',
      'inconclusive: the server contradicts itself: a point lies above the maximum',
    ],
    ['no ratio', { ratioMax: [] }, 'ratio', 'inconclusive: ratioMax: the server has no sample of ws-acme'],
    [
      'half of the samples',
      { ratioSampled: one(1440) },
      'coverage',
      'inconclusive: 1440 of 2880 samples (50.00 %) are there and are numbers, fewer than 99.00 %',
    ],
    [
      'NaN for half of the window',
      { ratioPoints: [[ws, (at) => (at < AT - 24 * HOUR ? 'NaN' : 0)]] },
      'coverage',
      `inconclusive: 1441 of 2880 samples (50.03 %) are there and are numbers: the oldest is of 2026-11-27T16:00Z, and the window begins at 2026-11-26T16:00Z. The series is younger, or the server keeps less (retention)`,
    ],
    [
      'more samples than there can be',
      { ratioSampled: one(5760) },
      'coverage',
      'inconclusive: ratioSampled: 5760 cannot be, it lies outside 0 to 2881',
    ],
    [
      'two series',
      { ratioSeries: one(2) },
      'coverage',
      'inconclusive: 2 series of portarium_direct_sor_ratio in the window, where one is expected: replicas that are not merged, or two sources',
    ],
    [
      'an old newest sample',
      { ratioLast: one(AT - 300) },
      'coverage',
      'inconclusive: 2880 of 2880 samples (100 %) are there and are numbers, but the newest is of 2026-11-28T15:55Z: the ratio is stale',
    ],
    [
      'an increase of direct calls',
      { direct: one(1.02) },
      'direct calls',
      'fail: about 1 call went past the front, and none may',
    ],
    ['a series born at 1', { directBorn: one(1) }, 'direct calls', 'fail: 1 call went past the front, and none may'],
    [
      'a single sample above what was before',
      { directRose: one(1) },
      'direct calls',
      'fail: 1 call went past the front, and none may',
    ],
    [
      'a direct call that only one count shows',
      { direct: [], directBorn: one(1) },
      'direct calls',
      'fail: 1 call went past the front, and none may',
    ],
    [
      'a sum that rises while no count does',
      { directPoints: [[ws, (at) => (at < AT - HOUR ? 0 : 1)]] },
      'direct calls',
      'inconclusive: the server contradicts itself: the sum of the counters rises, and by its counts none rose',
    ],
    [
      'SDKs that do not count',
      { direct: [], directPoints: [] },
      'direct calls',
      'inconclusive: direct: the server has no sample of ws-acme. Whether the SDKs count is not known',
    ],
    [
      'SDKs that stopped counting',
      { directPoints: [[ws, (at) => (at < AT - 4 * HOUR ? 0 : undefined)]] },
      'direct calls',
      'inconclusive: portarium_sor_calls_total{routed="false"} was there for 91.63 % of the window only, fewer than 99.00 %',
    ],
    [
      'fewer calls than mean anything',
      {
        callRows: [
          [{ ...ws, agent_id: 'sales-bot', routed: 'true' }, 100.4],
          [{ ...ws, agent_id: 'invoice-clerk', routed: 'true' }, 100],
        ],
      },
      'volume',
      'inconclusive: 200 calls through the front, fewer than 300: none direct among them would mean at most 1.49 % are, at 95 % confidence (rule of three: 3/200)',
    ],
    [
      'no calls',
      { callRows: [] },
      'volume',
      'inconclusive: no call went through the front, and 300 must: zero of nothing is no zero',
    ],
    [
      'an agent that never calls',
      { callRows: calls(960).toSpliced(1, 1) },
      'agents',
      'inconclusive: 1 of 2 are not known to live and to call through the front',
    ],
    [
      'an agent without a sign of life',
      { beatsNow: [[{ ...ws, agent_id: 'sales-bot' }, 10]] },
      'agents',
      'inconclusive: 1 of 2 are not known to live and to call through the front',
    ],
    [
      'scrapes that fail',
      {
        scrapesWorst: [[{}, 0.9]],
        scrapeRows: [
          [{ job: 'portarium/a' }, 0.9],
          [{ job: 'portarium/b' }, 1],
        ],
      },
      'scrapes',
      'inconclusive: of a job of .*portarium.* only 90.00 % of the scrapes succeeded, fewer than 99.00 %',
    ],
    [
      'no scrapes at all',
      { scrapesWorst: [], scrapeRows: [] },
      'scrapes',
      'inconclusive: scrapesWorst: the server has no sample',
    ],
    [
      'a lower level',
      { policyPoints: [[state({ level: 'identity' }), () => 1]] },
      'policy',
      'fail: the level in force is identity, and the gate is that of enforced',
    ],
    [
      'another policy than the stack’s',
      { policyPoints: [[state({ policy_hash: 'b' }), () => 1]] },
      'policy',
      'inconclusive: not the stack’s policy at enforced throughout: any change begins the window anew',
    ],
    [
      'a policy whose newest version is unreadable',
      { policyPoints: [[state({ readable: 'false' }), () => 1]] },
      'policy',
      'inconclusive: not the stack’s policy at enforced throughout: any change begins the window anew',
    ],
    [
      'a policy that is known for an hour',
      { policyPoints: [[state(), (at) => (at > AT - HOUR ? 1 : undefined)]] },
      'policy',
      'inconclusive: the policy in force is known for 2.08 % of the window, fewer than 99.00 %',
    ],
    [
      'a state that cannot be dated',
      { policyStates: one(2) },
      'policy',
      'inconclusive: 2 policies or levels were in force in the window, and 1 of them can be dated',
    ],
    [
      'decisions in shadow',
      { shadow: one(3.1) },
      'relaxations',
      'inconclusive: about 4 decisions made in shadow: the level was lower, or a control was relaxed',
    ],
    ['an alert of the workspace', { alerts: one(1) }, 'alerts', 'fail: 1 critical alert fired in the window'],
    [
      'an alert of the platform',
      { alertsOfPlatform: [[{}, 1]] },
      'alerts',
      'fail: 1 critical alert fired in the window',
    ],
    [
      'no watchdog',
      { watchdog: [] },
      'alerts',
      'inconclusive: watchdog: the server has no sample. Without the watchdog, an alert that does not fire says nothing',
    ],
    [
      'a watchdog that slept',
      { watchdog: [[{}, 2000]] },
      'alerts',
      'inconclusive: the rules were evaluated for 69.44 % of the window by the watchdog, fewer than 99.00 %',
    ],
    [
      'a flow out of the cluster',
      { flowsBorn: [[{ source_namespace: 'portarium-agents' }, 1]] },
      'network',
      'fail: the network let about 1 flow out of the cluster from portarium-agents, and none may',
    ],
    [
      'a network that has not seen the namespace',
      { flows: [] },
      'network',
      'inconclusive: flows: the server has no sample of portarium-agents. Nothing shows that hubble_flows_to_world_total sees portarium-agents: run `enforce verify`, whose probes are denied and counted',
    ],
    [
      'a network that was blind',
      { flowsCounted: [[{}, 100]] },
      'network',
      'inconclusive: hubble_flows_to_world_total was there for 3.47 % of the window, fewer than 99.00 %',
    ],
    [
      'flows that were lost',
      { lost: [[{}, 7]] },
      'network',
      'inconclusive: about 7 flows were lost before they were seen (hubble_lost_events_total)',
    ],
  ])('does not pass with %s', (_what, answers, check, note) => {
    const judged = judgedOf(answers);
    expect(noteOf(judged, check)).toBe(note);
    expect(judged.verdict).toBe(note.startsWith('fail') ? 'fail' : 'inconclusive');
  });

  test('says when a direct call was, whose, and when the gate can pass again', () => {
    const judged = judgedOf({
      ratioMax: one(0.02),
      ratioPoints: [[ws, (at) => (at >= AT - HOUR && at < AT - HOUR + 180 ? 0.02 : 0)]],
      direct: one(1),
      directPoints: [[ws, (at) => (at < AT - HOUR ? 0 : 1)]],
      callRows: [
        [{ ...ws, agent_id: 'sales-bot', routed: 'true' }, 480],
        [{ ...ws, agent_id: 'invoice-clerk', routed: 'true' }, 480],
        [{ ...ws, agent_id: 'sales-bot', routed: 'false' }, 1],
        [{ ...ws, agent_id: 'invoice-clerk', routed: 'false' }, 0],
      ],
    });
    expect(judged.checks.flatMap(({ findings }) => findings)).toEqual([
      {
        object: 'portarium_direct_sor_ratio of ws-acme',
        problem: 'was up to 0.02 from 2026-11-28T15:00Z to 2026-11-28T15:02Z',
      },
      { object: 'portarium_sor_calls_total of ws-acme', problem: 'counted 1 call past the front by 2026-11-28T15:00Z' },
      { object: 'agent sales-bot', problem: 'made 1 call past the front' },
    ]);
    expect(judged.cleanSince).toBe(iso(AT - HOUR + 120));
    expect(judged.earliest).toBe(iso(AT - HOUR + 120 + WINDOW));
  });

  test('says of each agent what is not known of it', () => {
    const problems = (answers: Answers) =>
      judgedOf(answers).checks.flatMap(({ findings }) => findings.map(({ object, problem }) => `${object} ${problem}`));
    expect(problems({ beatRows: [] })).toEqual([
      'agent sales-bot gave no sign of life in the window: its SDK does not report, or it is not running',
      'agent invoice-clerk gave no sign of life in the window: its SDK does not report, or it is not running',
    ]);
    expect(problems({ beatsNow: [[{ ...ws, agent_id: 'sales-bot' }, 3]] })).toEqual([
      'agent invoice-clerk gave no sign of life in the last ten minutes',
    ]);
    expect(problems({ callRows: calls(480).slice(0, 3) })).toEqual([
      'agent invoice-clerk does not count its calls past the front: whether there are any is not known',
    ]);
    expect(problems({ callRows: calls(480).toSpliced(0, 1) })).toEqual([
      'agent sales-bot lives, but no call of it came through the front',
    ]);
    const nobody = judge(new Evidence(question, heardOf()), { ...subject, agents: [] });
    expect(noteOf(nobody, 'agents')).toBe('inconclusive: no agent of the stack has replicas: there is nobody to watch');
  });

  test('begins anew with a Relaxation, and forgets one of before the window', () => {
    const relaxed = judgedOf({ relaxed: one(AT - HOUR) });
    expect(noteOf(relaxed, 'relaxations')).toBe(
      'inconclusive: a Relaxation let a control off, last at 2026-11-28T15:00Z',
    );
    expect([relaxed.cleanSince, relaxed.earliest]).toEqual([iso(AT - HOUR), iso(AT - HOUR + WINDOW)]);
    expect(judgedOf({ relaxed: one(AT - WINDOW) }).verdict).toBe('pass');
    expect(noteOf(judgedOf({ relaxed: [] }), 'relaxations')).toBe(
      'inconclusive: relaxed: the server has no sample of ws-acme',
    );
    expect(noteOf(judgedOf({ relaxed: one(AT + HOUR) }), 'relaxations')).toMatch(
      /^inconclusive: relaxed: .* cannot be/,
    );
  });

  test('lists the gaps, and a window that begins after them may pass', () => {
    const gap = (at: number) => (at >= AT - 20 * HOUR && at < AT - 19 * HOUR ? undefined : 0);
    const judged = judgedOf({ ratioSampled: one(2820), ratioPoints: [[ws, gap]] });
    expect(judged.checks.find(({ name }) => name === 'coverage')).toEqual({
      name: 'coverage',
      verdict: 'inconclusive',
      note: '2820 of 2880 samples (97.92 %) are there and are numbers, fewer than 99.00 %',
      findings: [
        {
          object: 'portarium_direct_sor_ratio of ws-acme',
          problem: 'has no value from 2026-11-27T20:00Z to 2026-11-27T20:59Z, 1h',
        },
      ],
    });
    // One percent may be missing: 28 minutes and 48 seconds of that hour.
    expect(judged.earliest).toBe('2026-11-29T20:31:00.000Z');
  });

  test('begins anew with any change of policy or level', () => {
    const judged = judgedOf({
      policyStates: one(2),
      policyPoints: [
        [state({ policy_hash: 'b'.repeat(64) }), (at) => (at < AT - 30 * HOUR ? 1 : undefined)],
        [state(), (at) => (at < AT - 30 * HOUR ? undefined : 1)],
      ],
    });
    expect(against(judged)).toEqual(['policy inconclusive']);
    expect(judged.cleanSince).toBe(iso(AT - 30 * HOUR - 60));
    expect(judged.earliest).toBe(iso(AT - 30 * HOUR - 60 + WINDOW));
  });

  test('does not take a replica that is being replaced for the level in force', () => {
    const judged = judgedOf({
      policyStates: one(2),
      policyPoints: [
        [state({ level: 'allowlist' }), () => 1],
        [state(), () => 1],
      ],
    });
    expect(against(judged)).toEqual(['policy inconclusive']);
  });

  test('names an undated reason, after which a whole window must go by', () => {
    const judged = judgedOf({ shadow: one(1) });
    expect([judged.cleanSince, judged.earliest]).toEqual([undefined, iso(AT + WINDOW)]);
  });

  test('does not pass on one source alone, unless the config says that there is no other', () => {
    const alone = judgedOf({}, { ...question, network: { source: 'none', declared: false } });
    expect(noteOf(alone, 'network')).toBe(
      'inconclusive: one source alone, what the SDKs own up to. Name the second (--network-source hubble), or say in the platform’s config that the cluster has none (monitoring.prometheus.networkSource: none)',
    );
    const declared = judgedOf({}, { ...question, network: { source: 'none', declared: true } });
    expect(declared.verdict).toBe('pass');
    expect(declared.limitations[0]).toBe(
      'One source alone: the SDKs’ own count. A process that goes around its SDK is not in it.',
    );
  });

  test('does not pass by less than 48 hours', () => {
    const judged = judgedOf({ ratioSampled: one(60) }, { ...question, window: HOUR });
    expect(noteOf(judged, 'window')).toBe('inconclusive: 1h prove nothing: the runbook wants 48 hours and more');
  });

  test('asks a window of weeks in chunks that a server answers', () => {
    const long = { ...question, window: 14 * 24 * HOUR };
    const judged = judgedOf(
      { ratioSampled: one(20_160), watchdog: [[{}, 20_160]], flowsCounted: [[{}, 20_160]] },
      long,
    );
    expect(judged.verdict).toBe('pass');
    expect(noteOf(judged, 'coverage')).toBe('pass: 20160 of 20160 samples (100 %) are there and are numbers');
  });
});

describe('the routing gate', () => {
  const routing: Question = {
    ...question,
    gate: 'routing',
    window: 6 * HOUR,
    network: { source: 'none', declared: false },
  };
  const sampled = { ratioSampled: one(360) };

  test('passes below a tenth', () => {
    const judged = judgedOf(
      { ...sampled, ratioMax: one(0.0999), ratioPoints: [[ws, () => 0.05]], direct: one(50) },
      routing,
    );
    expect(judged.verdict).toBe('pass');
    expect(noteOf(judged, 'direct calls')).toBe('pass: 4.95 % of those that the SDKs count went past the front');
  });

  test('fails at a tenth', () => {
    const judged = judgedOf({ ...sampled, ratioMax: one(0.1), ratioPoints: [[ws, () => 0.1]] }, routing);
    expect(noteOf(judged, 'ratio')).toBe(
      'fail: portarium_direct_sor_ratio went up to 0.1, and must be below 0.10 throughout',
    );
  });

  test('fails by the calls though the ratio looks well', () => {
    const judged = judgedOf({ ...sampled, direct: one(200) }, routing);
    expect(noteOf(judged, 'direct calls')).toBe(
      'fail: 17.24 % of the calls went past the front, and must be below 0.10',
    );
  });
});

describe('a server that cannot be believed', () => {
  const spoilt = (name: string, change: (heard: Heard) => Heard | undefined): Judged =>
    judgedHeard(changed(heardOf(), name, change));

  test.each<[string, (heard: Heard) => Heard, string]>([
    [
      'no answer',
      ({ body: _body, sha256: _sha, status: _status, ...each }) => ({ ...each, noAnswer: 'connect ECONNREFUSED' }),
      'no answer: connect ECONNREFUSED',
    ],
    [
      '503',
      (each) => withBody({ ...each, status: 503 }, 'upstream connect error'),
      'HTTP 503, and the answer is no JSON: upstream connect error',
    ],
    [
      '429',
      (each) => withBody({ ...each, status: 429 }, '{"status":"error","error":"too many"}'),
      'HTTP 429: too many',
    ],
    [
      '401',
      (each) => withBody({ ...each, status: 401 }, '{"status":"error","error":"no token"}'),
      'HTTP 401: no token',
    ],
    [
      'a query that is too much for it',
      (each) =>
        withBody({ ...each, status: 422 }, '{"status":"error","errorType":"execution","error":"too many samples"}'),
      'HTTP 422: too many samples',
    ],
    ['no JSON', (each) => withBody(each, '<html>'), 'HTTP 200, and the answer is no JSON: <html>'],
    [
      'no success',
      (each) => edited(each, (body) => ({ ...body, status: 'error' })),
      'the status is "error", not "success".',
    ],
    [
      'warnings',
      (each) => edited(each, (body) => ({ ...body, warnings: ['store 2 timed out'] })),
      'the answer is not whole, or not meant so; warnings: ["store 2 timed out"]',
    ],
    [
      'infos',
      (each) => edited(each, (body) => ({ ...body, infos: ['metric might not be a counter'] })),
      'the answer is not whole, or not meant so; infos: ["metric might not be a counter"]',
    ],
    ['a partial response', (each) => edited(each, (body) => ({ ...body, isPartial: true })), 'the answer is partial.'],
    [
      'another type',
      (each) => edited(each, (body) => void (body.data.resultType = 'matrix')),
      'the result is a "matrix", and a vector was asked for.',
    ],
    [
      'no list',
      (each) => edited(each, (body) => void Object.assign(body.data, { result: 'none' })),
      'the vector is no list of series.',
    ],
    [
      'another workspace',
      (each) => edited(each, (body) => void (body.data.result[0]!.metric.workspace_id = 'ws-globex')),
      'the server answers for workspace_id "ws-globex", and was asked for "ws-acme" alone.',
    ],
    [
      'labels that the query does not leave',
      (each) => edited(each, (body) => void (body.data.result[0]!.metric.pod = 'x')),
      'a series has the label "pod", and the query leaves none but workspace_id.',
    ],
    [
      'another instant',
      (each) => edited(each, (body) => void (body.data.result[0]!.value[0] -= 60)),
      `a sample is of ${AT - 60}, and ${AT} was asked for.`,
    ],
    [
      'the same series twice',
      (each) => edited(each, (body) => void body.data.result.push(body.data.result[0]!)),
      'more than one series has the labels {"workspace_id":"ws-acme"}.',
    ],
    [
      'a value that is no text',
      (each) => edited(each, (body) => void (body.data.result[0]!.value[1] = 0)),
      `a sample is [${AT},0], not a time and a value.`,
    ],
    [
      'a body that is another than was kept',
      (each) => ({ ...each, body: `${each.body} ` }),
      'its body does not have the SHA-256 that it is kept with.',
    ],
    [
      'the answer to something else',
      (each) => ({ ...each, params: { ...each.params, query: 'vector(0)' } }),
      'something else was asked than this question asks.',
    ],
  ])('is inconclusive: %s', (_what, change, why) => {
    const judged = spoilt('direct', change);
    expect(judged.verdict).toBe('inconclusive');
    expect(noteOf(judged, 'answers')).toBe(`inconclusive: ${why.replace(/\.$/, '')}`);
    expect(against(judged)).toEqual(['answers inconclusive', 'direct calls inconclusive']);
  });

  test.each<[string, (values: [number, string][]) => unknown, string]>([
    [
      'outside the window',
      (values) => (values[0]![0] -= 600),
      `it has a point at ${AT - WINDOW + 60 - 600}, which was not asked for or is out of order.`,
    ],
    [
      'between the steps',
      (values) => (values[0]![0] += 1),
      `it has a point at ${AT - WINDOW + 61}, which was not asked for or is out of order.`,
    ],
    [
      'out of order',
      (values) => values.reverse(),
      `it has a point at ${AT - 60}, which was not asked for or is out of order.`,
    ],
  ])('is inconclusive: points %s', (_what, change, why) => {
    const judged = spoilt('ratioPoints', (each) => edited(each, (body) => void change(body.data.result[0]!.values)));
    expect(noteOf(judged, 'answers')).toBe(`inconclusive: ${why.replace(/\.$/, '')}`);
  });

  test('is inconclusive with fewer points than it counts samples', () => {
    const judged = spoilt('ratioPoints', (each) =>
      edited(each, (body) => void body.data.result[0]!.values.splice(100, 100)),
    );
    expect(against(judged)).toEqual(['coverage inconclusive']);
  });

  test('is inconclusive with a clock more than a minute away, or an answer too slow to tell', () => {
    const at =
      (asked: number, answered: number) =>
      (each: Heard): Heard => ({
        ...each,
        askedAt: iso(asked),
        answeredAt: iso(answered),
      });
    expect(noteOf(spoilt('clock', at(AT + 60, AT + 61)), 'clock')).toMatch(
      'pass: the server’s clock is 29.5 s ahead of ours',
    );
    expect(noteOf(spoilt('clock', at(AT + 24 * HOUR, AT + 24 * HOUR)), 'clock')).toBe(
      'inconclusive: the server’s clock is 86310.0 s behind ours, give or take 0.0 s: more than 60 s. Set both clocks, by NTP for one',
    );
    expect(noteOf(spoilt('clock', at(AT, AT + 180)), 'clock')).toMatch(
      'inconclusive: the server’s clock is 0.0 s ahead of ours, give or take 90.0 s',
    );
    expect(noteOf(spoilt('clock', at(AT + 91, AT + 90)), 'clock')).toMatch('inconclusive: our own clock went back');
  });

  test('is inconclusive where it does not say which build it is', () => {
    expect(against(spoilt('build', (each) => edited(each, (body) => void delete body.data.version)))).toEqual([
      'server inconclusive',
    ]);
  });

  test('is asked nothing else where it does not tell its time, and every check says why', () => {
    const judged = judgedHeard([{ ...heardOf()[0]!, noAnswer: 'connect ECONNREFUSED 127.0.0.1:1' }]);
    expect(noteOf(judged, 'ratio')).toBe(
      'inconclusive: the server does not tell its time, so nothing else was asked: no answer: connect ECONNREFUSED 127.0.0.1:1',
    );
    expect(judged.checks.every(({ verdict }) => verdict === 'inconclusive')).toBe(true);
  });

  test('that refuses our own query is an error of ours', () => {
    const refused = changed(heardOf(), 'ratioMax', (each) =>
      withBody({ ...each, status: 400 }, '{"status":"error","errorType":"bad_data","error":"parse error at char 3"}'),
    );
    expect(() => new Evidence(question, refused)).toThrow(QueryRefused);
    expect(() => new Evidence(question, refused)).toThrow(
      /^the server refuses a query of ours: parse error at char 3\n {2}max by \(workspace_id\)/,
    );
  });
});
