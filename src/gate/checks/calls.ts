import { inconclusive, type Finding } from '../../model/check.js';
import { Doubt, type Series } from '../answer.js';
import type { Evidence } from '../evidence.js';
import { within, wanted, type Subject } from '../question.js';
import { attempt, counted, judged, percent, timeText, type Judgement } from './judgement.js';
import { passing } from './pass.js';

/** Calls through the front in the window, whole ones. */
export function routedCalls(evidence: Evidence, workspaceId: string): number {
  const rows = evidence.rows('callRows', workspaceId);
  const odd = rows.find(({ labels }) => labels['routed'] !== 'true' && labels['routed'] !== 'false');
  if (odd !== undefined)
    throw new Doubt(`callRows: routed is "${odd.labels['routed'] ?? ''}", neither true nor false.`);
  const routed = rows.filter(({ labels }) => labels['routed'] === 'true').map(({ value }) => value);
  if (routed.some((value) => value < 0)) throw new Doubt('callRows: fewer calls than none.');
  return Math.floor(routed.reduce((sum, value) => sum + value, 0));
}

/** The increase, what series that began in the window brought with them, and what single samples show. */
const COUNTS = ['direct', 'directBorn', 'directRose'] as const;

/** What the SDKs own up to. Any one of the three counts is enough to fail; all three must be 0 to pass. */
export const directCalls = (evidence: Evidence, { workspaceId }: Subject): Judgement =>
  judged('direct calls', () => {
    const { gate, at, window, step, names, criteria } = evidence.question;
    const counts = COUNTS.map((name) => attempt(() => evidence.count(name, workspaceId)));
    const direct = Math.max(0, ...counts.filter((count) => typeof count === 'number'));
    const points = evidence.points('directPoints', workspaceId);
    const rises = risesOf(points, at - window + step);
    const restarts = attempt(() => evidence.count('directResets', workspaceId));
    const after =
      typeof restarts === 'number' && restarts > 0
        ? `; ${counted(Math.round(restarts), 'restart')} of the counter, before which calls may be lost`
        : '';
    const share = direct / (direct + (gate === 'routing' ? routedCalls(evidence, workspaceId) : 0));
    const last = rises.at(-1)?.at;
    if (direct > 0 && !within(gate, share)) {
      const note =
        gate === 'routing'
          ? `${percent(share)} of the calls went past the front, and must be ${wanted(gate)}`
          : `${roughly(direct)} went past the front, and none may${after}`;
      return {
        check: { name: 'direct calls', verdict: 'fail', note, findings: findingsOf(evidence, workspaceId, rises) },
        restart: { ...(last !== undefined && { at: last }), why: 'a call went past the front' },
      };
    }
    const doubt = [...counts, restarts].find((count) => count instanceof Doubt);
    if (doubt !== undefined) throw new Doubt(`${doubt.message} Whether the SDKs count is not known.`);
    const seen = Math.min(1, points.length / (window / step));
    if (seen < criteria.coverage) {
      const note = `${names.sorCalls}{routed="false"} was there for ${percent(seen)} of the window only, fewer than ${percent(criteria.coverage)}`;
      return { check: inconclusive('direct calls', note) };
    }
    const fell = points.some(([, value], index) => value < (points[index - 1]?.[1] ?? value));
    if (gate === 'enforcement' && rises.length > 0 && !fell) {
      throw new Doubt('the server contradicts itself: the sum of the counters rises, and by its counts none rose.');
    }
    return {
      check: passing(
        'direct calls',
        `${direct === 0 ? 'no call' : percent(share)} of those that the SDKs count went past the front${after}`,
      ),
    };
  });

/** `increase` extrapolates to the ends of the window. */
const roughly = (count: number): string =>
  `${Number.isInteger(count) ? '' : 'about '}${counted(Math.max(1, Math.round(count)), 'call')}`;

interface Rise {
  readonly at: number;
  readonly by: number;
}

/** When the sum of the counters rose, by the step. One that falls has restarted or gone. */
const risesOf = (points: Series['points'], start: number): readonly Rise[] =>
  points.flatMap(([at, value], index) => {
    const before = points[index - 1]?.[1] ?? (at > start ? 0 : value);
    return value > before ? [{ at, by: value - before }] : [];
  });

function findingsOf(evidence: Evidence, workspaceId: string, rises: readonly Rise[]): readonly Finding[] {
  const { sorCalls } = evidence.question.names;
  return [
    ...rises.slice(-20).map(({ at, by }) => ({
      object: `${sorCalls} of ${workspaceId}`,
      problem: `counted ${counted(by, 'call')} past the front by ${timeText(at)}`,
    })),
    ...evidence
      .rows('callRows', workspaceId)
      .filter(({ labels, value }) => labels['routed'] === 'false' && value > 0)
      .map(({ labels, value }) => ({
        object: `agent ${labels['agent_id'] ?? 'without a name'}`,
        problem: `made ${roughly(value)} past the front`,
      })),
  ];
}

/** How much is known by having seen so many calls and so few direct ones. */
export interface Bound {
  readonly calls: number;
  /** At 95 % confidence no greater share of calls goes past the front, were none of those seen. */
  readonly upper: number;
}

/** Exact for none of `calls`: 1 - 0.05^(1/calls), about 3/calls (rule of three). */
export const boundOf = (calls: number): Bound => ({ calls, upper: calls === 0 ? 1 : 1 - 0.05 ** (1 / calls) });

/** Whether enough happened for nothing direct to mean something. */
export const volume = (evidence: Evidence, { workspaceId }: Subject): Judgement =>
  judged('volume', () => {
    const { minCalls } = evidence.question.criteria;
    const { calls, upper } = boundOf(routedCalls(evidence, workspaceId));
    const meaning = `none direct among them would mean at most ${percent(upper)} are, at 95 % confidence (rule of three: 3/${calls})`;
    if (calls < minCalls) {
      return {
        check: inconclusive(
          'volume',
          calls === 0
            ? `no call went through the front, and ${minCalls} must: zero of nothing is no zero`
            : `${calls} calls through the front, fewer than ${minCalls}: ${meaning}`,
        ),
      };
    }
    return { check: passing('volume', `${calls} calls through the front: ${meaning}`) };
  });
