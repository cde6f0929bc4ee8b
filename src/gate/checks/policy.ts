import { inconclusive, type Check, type Finding } from '../../model/check.js';
import { Doubt } from '../answer.js';
import type { Evidence } from '../evidence.js';
import type { Subject } from '../question.js';
import { attempt, counted, judged, percent, timeText, type Judgement, type Restart } from './judgement.js';
import { passing } from './pass.js';

/** One policy as a replica had it in force, and the instants between which it was seen so. */
interface State {
  readonly hash: string;
  readonly level: string;
  readonly readable: boolean;
  readonly first: number;
  readonly last: number;
  /** Steps of the window at which it was. */
  readonly seen: number;
}

/** How long ago a state may have been seen last and still be the one of now, in steps. */
const NOW = 2;

/** One policy, readable, at `enforced`, at every replica and throughout; any other restarts the window. */
export const policy = (evidence: Evidence, subject: Subject): Judgement =>
  judged('policy', () => {
    const { at, window, step, names, criteria } = evidence.question;
    const states = statesOf(evidence, subject.workspaceId);
    const seen =
      Math.max(0, ...states.filter((state) => isWanted(state, subject)).map((state) => state.seen)) / (window / step);
    const now = states.filter(({ last }) => at - last <= NOW * step);
    const others = states.filter((state) => !isWanted(state, subject));
    const findings = others.map((state) => describe(state, subject, names.policyInfo));
    const restart = restartOf(others);
    const answer = (check: Check): Judgement => ({ check, ...(restart && { restart }) });
    // While an update rolls out, replicas differ.
    const below = now.find(({ level }) => level !== 'enforced');
    if (below !== undefined && now.every(({ level }) => level !== 'enforced')) {
      const note = `the level in force is ${below.level}, and the gate is that of enforced`;
      return answer({ name: 'policy', verdict: 'fail', note, findings });
    }
    if (now.length === 0) return answer(inconclusive('policy', 'no policy is known to be in force now', findings));
    if (others.length > 0) {
      return answer(
        inconclusive(
          'policy',
          'not the stack’s policy at enforced throughout: any change begins the window anew',
          findings,
        ),
      );
    }
    if (seen < criteria.coverage) {
      return answer(
        inconclusive(
          'policy',
          `the policy in force is known for ${percent(seen)} of the window, fewer than ${percent(criteria.coverage)}`,
        ),
      );
    }
    return answer(passing('policy', `${subject.policyHash.slice(0, 12)} at enforced throughout`));
  });

const isWanted = ({ hash, level, readable }: State, { policyHash }: Subject): boolean =>
  hash === policyHash && level === 'enforced' && readable;

function describe(
  { hash, level, readable, first, last }: State,
  { workspaceId, policyHash }: Subject,
  object: string,
): Finding {
  return {
    object: `${object} of ${workspaceId}`,
    ...(hash !== policyHash && { expected: policyHash }),
    found: hash,
    problem: `was in force at ${level}${readable ? '' : ', its newest version unreadable,'} from ${timeText(first)} to ${timeText(last)}`,
  };
}

function restartOf(others: readonly State[]): Restart | undefined {
  const latest = others.toSorted((a, b) => b.last - a.last)[0];
  return latest && { at: latest.last, why: 'another policy, or another level, was in force' };
}

/** Throws Doubt where what can be dated is not all that was in force. */
function statesOf(evidence: Evidence, workspaceId: string): readonly State[] {
  const expected = evidence.count('policyStates', workspaceId);
  const series = evidence.series('policyPoints', workspaceId).filter(({ points }) => points.length > 0);
  if (series.length !== expected) {
    throw new Doubt(
      `${expected} policies or levels were in force in the window, and ${series.length} of them can be dated.`,
    );
  }
  return series.map(({ labels, points }) => ({
    hash: labels['policy_hash'] ?? '',
    level: labels['level'] ?? '',
    readable: labels['readable'] === 'true',
    first: points[0]![0],
    last: points.at(-1)![0],
    seen: points.length,
  }));
}

/**
 * That no control let pass what it would have denied: no Relaxation was in force, and no decision was made in shadow.
 * A Relaxation of egress is seen by the first alone, since nobody asks about a packet.
 */
export const relaxations = (evidence: Evidence, { workspaceId }: Subject): Judgement =>
  judged('relaxations', () => {
    const { at, window } = evidence.question;
    const last = attempt(() => evidence.count('relaxed', workspaceId, at));
    if (typeof last === 'number' && last > at - window) {
      return {
        check: inconclusive('relaxations', `a Relaxation let a control off, last at ${timeText(last)}`),
        restart: { at: last, why: 'a control was relaxed' },
      };
    }
    const shadow = evidence.count('shadow', workspaceId);
    if (shadow > 0) {
      const note = `about ${counted(Math.ceil(shadow), 'decision')} made in shadow: the level was lower, or a control was relaxed`;
      return { check: inconclusive('relaxations', note), restart: { why: 'a control was in shadow' } };
    }
    if (typeof last !== 'number') throw last;
    return { check: passing('relaxations', 'no control was relaxed, and no decision was made in shadow') };
  });
