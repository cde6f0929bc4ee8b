import { createHash } from 'node:crypto';
import { CRITERIA, queriesOf, type Heard, type Question, type Subject } from '../../src/gate/index.js';
import { BUILD, CLOCK, type Query } from '../../src/gate/queries.js';
import { DEFAULT_NAMES } from '../../src/model/metrics.js';

export const AT = 1_795_881_600;
export const WINDOW = 48 * 3600;

export const subject: Subject = {
  stack: 'ws-acme',
  workspaceId: 'ws-acme',
  namespace: 'portarium-agents',
  agents: ['sales-bot', 'invoice-clerk'],
  policyHash: 'a'.repeat(64),
  level: 'enforced',
};

export const question: Question = {
  gate: 'enforcement',
  at: AT,
  window: WINDOW,
  step: 60,
  only: { workspaceId: 'ws-acme', namespace: 'portarium-agents' },
  names: DEFAULT_NAMES,
  network: { source: 'hubble', declared: true },
  jobs: '.*portarium.*',
  criteria: CRITERIA,
};

export type Labels = Readonly<Record<string, string>>;
export type Row = readonly [labels: Labels, value: number | string];

const ws = { workspace_id: 'ws-acme' };
const ns = { source_namespace: 'portarium-agents' };
const one = (value: number | string): readonly Row[] => [[ws, value]];
const agents = (value: number, more: Labels = {}): readonly Row[] =>
  subject.agents.map((agent_id): Row => [{ ...ws, agent_id, ...more }, value]);

/** Of both agents, none direct. */
export const calls = (each: number): readonly Row[] => [
  ...agents(each, { routed: 'true' }),
  ...agents(0, { routed: 'false' }),
];

/** One value for every instant, or for some. */
export type Points = (at: number) => number | string | undefined;
export type Answers = Readonly<Record<string, readonly Row[] | readonly (readonly [Labels, Points])[]>>;

export const state = (more: Labels = {}): Labels => ({
  ...ws,
  policy_hash: subject.policyHash,
  level: 'enforced',
  readable: 'true',
  ...more,
});

/** What a server answers about a workspace that everything speaks for. */
const clean = (slots: number): Answers => ({
  ratioMax: one(0),
  ratioSeries: one(1),
  ratioSampled: one(slots),
  ratioLast: one(AT - 5),
  ratioPoints: [[ws, () => 0]],
  direct: one(0),
  directBorn: one(0),
  directRose: one(0),
  directResets: one(0),
  directPoints: [[ws, () => 0]],
  callRows: calls(480),
  beatRows: agents(2880),
  beatsNow: agents(10),
  scrapesWorst: [[{}, 1]],
  scrapeRows: [[{ job: 'portarium-control-plane/front' }, 1]],
  policyStates: one(1),
  policyPoints: [[state(), () => 1]],
  relaxed: one(0),
  shadow: one(0),
  alerts: one(0),
  alertsOfPlatform: [[{}, 0]],
  alertRows: [],
  watchdog: [[{}, slots]],
  flows: [[ns, 0]],
  flowsBorn: [[ns, 0]],
  flowsRose: [[ns, 0]],
  flowsCounted: [[{}, slots]],
  lost: [[{}, 0]],
  lostBorn: [[{}, 0]],
});

/** The answers as they come over the wire; what `answers` leaves out is answered as for a clean workspace. */
export function heardOf(answers: Answers = {}, asked: Question = question): readonly Heard[] {
  const all = { ...clean(asked.window / asked.step), ...answers };
  return [
    heard(CLOCK, { resultType: 'scalar', result: [AT + 90, String(AT + 90)] }),
    heard(BUILD, { version: '2.42.0' }),
    ...queriesOf(asked).map((query) => heard(query, dataOf(query, all[query.name.replace(/\d+$/, '')] ?? []))),
  ];
}

function dataOf({ path, params }: Query, rows: Answers[string]): unknown {
  if (path === '/api/v1/query') {
    const result = rows.map(([metric, value]) => ({ metric, value: [Number(params['time']), String(value)] }));
    return { resultType: 'vector', result };
  }
  const result = rows.map(([metric, value]) => {
    const points = value as Points;
    const values: unknown[] = [];
    for (let at = Number(params['start']); at <= Number(params['end']); at += Number(params['step'])) {
      const found = points(at);
      if (found !== undefined) values.push([at, String(found)]);
    }
    return { metric, values };
  });
  return { resultType: 'matrix', result };
}

export const heard = ({ name, path, params }: Query, data: unknown): Heard =>
  withBody(
    {
      name,
      path,
      params,
      askedAt: new Date((AT + 90) * 1000).toISOString(),
      answeredAt: new Date((AT + 90) * 1000).toISOString(),
      attempts: 1,
      status: 200,
    },
    JSON.stringify({ status: 'success', data }),
  );

export const withBody = (answer: Omit<Heard, 'body' | 'sha256'>, body: string): Heard => ({
  ...answer,
  body,
  sha256: createHash('sha256').update(body).digest('hex'),
});

/** The same answers, one of them changed. */
export const changed = (
  all: readonly Heard[],
  name: string,
  change: (heard: Heard) => Heard | undefined,
): readonly Heard[] => all.flatMap((each) => (each.name === name ? (change(each) ?? []) : [each]));

/** What an answer parses to; `result` of a scalar is a pair, and is left alone. */
export interface Body {
  status: string;
  data: {
    resultType: string;
    version?: string;
    result: { metric: Record<string, string>; value: [number, unknown]; values: [number, string][] }[];
  };
}

/** The series of a body, none where it is a scalar or no query's. */
export const seriesOf = ({ data: { result } }: Body): Body['data']['result'] =>
  Array.isArray(result) && typeof result[0] === 'object' ? result : [];

/** One answer's parsed body changed. */
export const edited = (each: Heard, edit: (body: Body) => unknown): Heard => {
  const body = JSON.parse(each.body ?? '') as Body;
  return withBody(each, JSON.stringify(edit(body) ?? body));
};
