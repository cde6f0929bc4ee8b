import suites from '../../openfga/suites.json' with { type: 'json' };
import type { Tuple } from '../model/authorization/tuple.js';
import type { OpenFgaServer } from './server.js';

/** A question and its right answer. */
export interface Check {
  readonly user: string;
  readonly relation: string;
  readonly object: string;
  readonly context?: Readonly<Record<string, unknown>>;
  readonly expected: boolean;
}

/** One `*.fga.yaml`, as the fga CLI reads it: tuples, and questions about them. */
export interface Suite {
  readonly name: string;
  readonly tuples: readonly Tuple[];
  readonly checks: readonly Check[];
}

/** A model in a store. */
export interface ModelRef {
  readonly storeId: string;
  readonly modelId: string;
}

/** The suites of the model of this version: `openfga/*.fga.yaml`. A test holds the file equal to them. */
export const SUITES: readonly Suite[] = suites;

/**
 * The checks that a model answers wrongly, each a line. The suites' tuples come with every question and are never
 * written; their ids begin with `~`, so nothing that is stored plays a part.
 */
export async function failedChecks(
  server: OpenFgaServer,
  { storeId, modelId }: ModelRef,
  suites: readonly Suite[],
): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const { name, tuples, checks } of suites) {
    const { result } = await server.ask('answer the model’s checks', (client) =>
      client.batchCheck(
        {
          checks: checks.map(({ user, relation, object, context }, index) => ({
            user,
            relation,
            object,
            ...(context && { context }),
            correlationId: `${index}`,
            contextualTuples: { tuple_keys: [...tuples] },
          })),
        },
        { storeId, authorizationModelId: modelId },
      ),
    );
    const answers = new Map(result.map((answer) => [answer.correlationId, answer]));
    checks.forEach(({ user, relation, object, expected }, index) => {
      const answer = answers.get(`${index}`);
      if (answer?.error === undefined && answer?.allowed === expected) return;
      const said = answer?.error?.message ?? answer?.allowed ?? 'nothing';
      wrong.push(`${name}: ${user} ${relation} ${object} must be ${expected}, and is: ${said}`);
    });
  }
  return wrong;
}
