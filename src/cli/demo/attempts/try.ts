import { setTimeout as sleep } from 'node:timers/promises';
import { answerOf, type Answer } from '../../../bridge/answer.js';
import { ApiError } from '../../../bridge/api-error.js';
import type { Cluster } from '../../../bridge/cluster.js';
import type { Output } from '../../output.js';
import { complaint, type Attempt, type Family, type Scene, type Who } from './attempt.js';

export interface Tried {
  readonly attempt: Attempt;
  readonly answer: Answer;
  readonly complaint?: string;
}

export interface TriedFamily {
  readonly title: string;
  readonly tried: readonly Tried[];
}

/** How long an answer may be the one of a moment ago: the API server's admission reads its parameters from a watch. */
const SETTLES = 3000;

/**
 * Makes the attempts of every family that apply to the scene.
 *
 * @param settles how long a wrong answer is asked for again, milliseconds
 */
export async function tryAll(
  families: readonly Family[],
  clusterOf: (who: Who) => Promise<Cluster>,
  scene: Scene,
  { settles = SETTLES } = {},
): Promise<readonly TriedFamily[]> {
  return Promise.all(
    families.map(async ({ title, attempts }) => ({
      title,
      tried: await Promise.all(
        attempts
          .filter(({ when }) => when?.(scene) ?? true)
          .map(async (attempt) => tryOne(attempt, await clusterOf(attempt.who), scene, settles)),
      ),
    })),
  );
}

async function tryOne(attempt: Attempt, as: Cluster, scene: Scene, settles: number): Promise<Tried> {
  const deadline = performance.now() + settles;
  for (;;) {
    const answer = await ask(attempt, as, scene);
    const wrong = complaint(attempt, answer);
    if (wrong === undefined) return { attempt, answer };
    if (performance.now() >= deadline) return { attempt, answer, complaint: wrong };
    await sleep(100);
  }
}

async function ask(attempt: Attempt, as: Cluster, scene: Scene): Promise<Answer> {
  try {
    await attempt.send(as, scene);
    return { admitted: true };
  } catch (error) {
    if (error instanceof ApiError) return answerOf(error);
    throw error;
  }
}

/** `31 of 31 refused, 12 of 12 permitted`. */
export function score(families: readonly TriedFamily[]): string {
  const all = families.flatMap(({ tried }) => tried);
  const count = (wanted: 'refused' | 'permitted'): string => {
    const these = all.filter(({ attempt }) => attempt.refusedBy.length > 0 === (wanted === 'refused'));
    const right = these.filter((one) => one.complaint === undefined);
    return `${right.length} of ${these.length} ${wanted}`;
  };
  return `${count('refused')}, ${count('permitted')}`;
}

/** Names of the bindings that refused something. */
export const bindingsHeard = (families: readonly TriedFamily[]): ReadonlySet<string> =>
  new Set(
    families.flatMap(({ tried }) =>
      tried.flatMap(({ answer }) => (answer.admitted || answer.binding === undefined ? [] : [answer.binding])),
    ),
  );

export function printAll(families: readonly TriedFamily[], output: Output): void {
  for (const { title, tried } of families) {
    output.line(`    ${title}`);
    for (const { attempt, answer } of tried) {
      const verdict = answer.admitted ? 'permitted' : 'refused  ';
      output.line(`      ${verdict}  ${attempt.who}: ${attempt.what}`);
      if (!answer.admitted) output.line(`                 ${answer.by}: ${cut(answer.says)}`);
    }
  }
}

const WIDTH = 100;

const cut = (text: string): string => {
  const line = text.replaceAll(/\s+/g, ' ').replace(/^.* is forbidden: /, '');
  return line.length > WIDTH ? `${line.slice(0, WIDTH - 1).trimEnd()}…` : line;
};
