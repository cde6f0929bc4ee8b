import type { PodClass } from '../classes/pod-class.js';
import type { Policy } from '../policies/policy.js';
import type { CounterExample } from './claim.js';
import { closedEdgesOf, counterExamplesOf } from './counter-example.js';
import type { Intent } from './intent.js';
import { remember } from '../remember.js';
import { judging, missingOf, violationsOf } from './violations.js';

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
): { readonly steps: number; readonly broken: readonly BrokenStep[] } {
  const judge = remember((intent: Intent) => judging(intent, admissible));
  const broken = updates.flatMap(({ name, states, atMost, atLeast }) =>
    states.flatMap(({ after, policies }) => {
      const tooMuch = judge(atMost)(policies).flatMap((group) => violationsOf(policies, group));
      const tooLittle = judge(atLeast)(policies).flatMap((group) => missingOf(policies, group));
      const examples = [...counterExamplesOf(tooMuch), ...closedEdgesOf(tooLittle)];
      return examples.map((counterExample) => ({ update: name, after, counterExample }));
    }),
  );
  return { steps: updates.reduce((sum, { states }) => sum + states.length, 0), broken };
}
