import { worst, type Check, type Verdict } from '../model/check.js';
import { agents } from './checks/agents.js';
import { alerts } from './checks/alerts.js';
import { boundOf, directCalls, routedCalls, volume, type Bound } from './checks/calls.js';
import { coverage } from './checks/coverage.js';
import { attempt, type Judgement } from './checks/judgement.js';
import { network } from './checks/network.js';
import { passChecks } from './checks/pass.js';
import { policy, relaxations } from './checks/policy.js';
import { ratio } from './checks/ratio.js';
import { scrapes } from './checks/scrapes.js';
import type { Evidence } from './evidence.js';
import type { Subject } from './question.js';

/** What the answers of one pass mean for one workspace. */
export interface Judged {
  readonly verdict: Verdict;
  readonly checks: readonly Check[];
  /** What even a pass does not say, as sentences. */
  readonly limitations: readonly string[];
  /** @default - the calls are not known */
  readonly bound?: Bound;
  /** ISO 8601: nothing that restarts the window has been seen since. @default - nobody can say */
  readonly cleanSince?: string;
  /** ISO 8601: no pass before, however clean it stays. @default - it has passed, or what is missing has no date */
  readonly earliest?: string;
}

/**
 * Judges one workspace by the answers alone: no clock, no network, nothing of this machine. The same function answers
 * live and, from the kept answers, years later. Throws nothing.
 */
export function judge(evidence: Evidence, subject: Subject): Judged {
  const { gate, at, window, network: asked } = evidence.question;
  const ofBoth = [coverage, ratio, directCalls, volume, agents, scrapes];
  const judgements: readonly Judgement[] = [
    ...ofBoth.map((check) => check(evidence, subject)),
    ...(gate === 'enforcement' ? [policy, relaxations, alerts, network].map((check) => check(evidence, subject)) : []),
  ].filter((judgement) => judgement !== undefined);
  const checks = [...passChecks(evidence), ...judgements.map(({ check }) => check)];
  const verdict = worst(checks.map((check) => check.verdict));
  const restarts = judgements.flatMap(({ restart }) => restart ?? []);
  const dated = restarts.every((restart) => restart.at !== undefined);
  const since = Math.max(at - window, ...restarts.map((restart) => restart.at ?? at));
  const begins = Math.max(at - window, ...restarts.map((restart) => (restart.at ?? at) - (restart.slack ?? 0)));
  const calls = attempt(() => routedCalls(evidence, subject.workspaceId));
  const known = checks.find(({ name }) => name === 'ratio')?.verdict !== 'inconclusive';
  return {
    verdict,
    checks,
    limitations: [
      ...(gate === 'routing' || asked.source === 'none'
        ? ['One source alone: the SDKs’ own count. A process that goes around its SDK is not in it.']
        : []),
      'What a counter had counted since its last scrape is lost when its process ends.',
    ],
    ...(typeof calls === 'number' && { bound: boundOf(calls) }),
    ...(known && dated && { cleanSince: iso(since) }),
    ...(verdict !== 'pass' && restarts.length > 0 && { earliest: iso(Math.max(begins + window, at + 60)) }),
  };
}

const iso = (seconds: number): string => new Date(Math.ceil(seconds / 60) * 60_000).toISOString();
