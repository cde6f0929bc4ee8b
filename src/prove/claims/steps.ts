import type { PodClass } from '../classes/pod-class.js';
import { reasonOf } from '../not-evaluated.js';
import type { NotEvaluated } from '../not-evaluated.js';
import type { Policy } from '../policies/policy.js';
import type { CounterExample } from './claim.js';
import { closedEdgesOf, counterExamplesOf } from './counter-example.js';
import type { Intent } from './intent.js';
import { remember, rememberList } from '../remember.js';
import { missingOf } from './missing.js';
import { judging, violationsOf } from './violations.js';

/** An update, as the policies that are there after each of its steps; the first entry is what it starts from. */
export interface PlannedUpdate {
  /** As `routing -> enforced`. */
  readonly name: string;
  readonly states: readonly PlannedState[];
  /** What is open at its start or at its end: nothing else may be, at any step. */
  readonly atMost: Intent;
  /** What is open at its start and at its end: it must stay so at every step. */
  readonly atLeast: Intent;
}

export interface PlannedState {
  /** The step that led here, as `create NetworkPolicy ns/name`; `start`. */
  readonly after: string;
  readonly policies: readonly Policy[];
  /** Of this state's objects, what was not understood. */
  readonly notEvaluated: readonly NotEvaluated[];
}

/** A step of an update that opens what must not be open, or closes what must be. */
export interface BrokenStep {
  readonly update: string;
  readonly after: string;
  readonly counterExample: CounterExample;
}

/** Every prefix of every update in its order: what an engine that is stopped there leaves behind (bypass B25). */
export function brokenSteps(
  updates: readonly PlannedUpdate[],
  admissible: (namespace: string) => readonly PodClass[],
): { readonly steps: number; readonly broken: readonly BrokenStep[]; readonly open: readonly string[] } {
  // Updates between any two levels go through the same few states: what was judged of a list of policies is not judged again.
  const tooMuch = remember((intent: Intent) =>
    rememberList((policies: readonly Policy[]) =>
      counterExamplesOf(judging(intent, admissible)(policies).flatMap((group) => violationsOf(policies, group))),
    ),
  );
  const tooLittle = remember((intent: Intent) =>
    rememberList((policies: readonly Policy[]) =>
      closedEdgesOf(judging(intent, admissible)(policies).flatMap((group) => missingOf(policies, group))),
    ),
  );
  const broken = updates.flatMap(({ name, states, atMost, atLeast }) =>
    states.flatMap(({ after, policies }) =>
      [...tooMuch(atMost)(policies), ...tooLittle(atLeast)(policies)].map((counterExample) => ({
        ...{ update: name, after, counterExample },
      })),
    ),
  );
  const open = updates.flatMap(({ states }) => states.flatMap(({ notEvaluated }) => notEvaluated.map(reasonOf)));
  return { steps: updates.reduce((sum, { states }) => sum + states.length, 0), broken, open: [...new Set(open)] };
}
