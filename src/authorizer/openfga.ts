import { readFileSync } from 'node:fs';
import { httpClient, type HttpClientOptions } from './http-client.js';
import type { Tuple } from '../model/authorization/tuple.js';
import type { ModelPlace } from './known.js';

export interface Check {
  readonly user: string;
  readonly relation: string;
  readonly object: string;
}

/** What is asked in one go: all of it must be allowed. */
export interface Question {
  readonly checks: readonly Check[];
  /** What is true for this call alone, and stored nowhere. */
  readonly contextual: readonly Tuple[];
  readonly context: Readonly<Record<string, string>>;
  /** Past the caches, for what must not be late. */
  readonly fresh: boolean;
}

/** A question with what came of it, for the decision's record. */
export interface Asked extends ModelPlace {
  readonly checks: readonly (Check & { readonly allowed?: boolean })[];
  readonly contextual: readonly Tuple[];
  readonly fresh: boolean;
  /** Why there is no answer. */
  readonly failure?: string;
  readonly milliseconds: number;
}

export interface OpenFga {
  /** Never throws: what has no answer says so in `failure`. */
  ask(place: ModelPlace, question: Question): Promise<Asked>;
}

export interface OpenFgaOptions extends HttpClientOptions {
  /** File with the preshared key, read anew for every question, so that it can be changed. */
  readonly tokenFile: string;
}

/** Asks OpenFGA by BatchCheck, with a model that is named in every question. */
export function openFga(options: OpenFgaOptions): OpenFga {
  const send = httpClient(options);
  return {
    async ask(place, question) {
      const start = performance.now();
      let answers: readonly (boolean | undefined)[] = [];
      let failure: string | undefined;
      try {
        const { status, text } = await send({
          path: `/stores/${place.storeId}/batch-check`,
          token: readFileSync(options.tokenFile, 'utf8').trim(),
          body: batchCheck(place, question),
        });
        if (status !== 200) throw new Error(`it answered ${status}: ${text.slice(0, 200)}`);
        answers = answersIn(text, question.checks.length);
        failure = answers.includes(undefined) ? `it left a check without answer: ${text.slice(0, 200)}` : undefined;
      } catch (error) {
        failure = error instanceof Error ? error.message : String(error);
      }
      return {
        ...place,
        checks: question.checks.map((check, index) => {
          const allowed = answers[index];
          return allowed === undefined ? check : { ...check, allowed };
        }),
        contextual: question.contextual,
        fresh: question.fresh,
        ...(failure !== undefined && { failure }),
        milliseconds: performance.now() - start,
      };
    },
  };
}

/** OpenFGA's API, `BatchCheckRequest`. */
const batchCheck = ({ modelId }: ModelPlace, { checks, contextual, context, fresh }: Question): string =>
  JSON.stringify({
    authorization_model_id: modelId,
    consistency: fresh ? 'HIGHER_CONSISTENCY' : 'MINIMIZE_LATENCY',
    checks: checks.map(({ user, relation, object }, index) => ({
      tuple_key: { user, relation, object },
      contextual_tuples: { tuple_keys: contextual },
      context,
      correlation_id: String(index),
    })),
  });

/** In the order of the checks; undefined where there is an error or nothing. */
function answersIn(text: string, count: number): readonly (boolean | undefined)[] {
  const { result } = JSON.parse(text) as { readonly result?: unknown };
  return Array.from({ length: count }, (_each, index) => {
    const answer: unknown = isObject(result) ? result[String(index)] : undefined;
    if (!isObject(answer) || answer['error'] !== undefined) return undefined;
    // Protobuf's JSON leaves out what is false.
    const { allowed = false } = answer;
    return typeof allowed === 'boolean' ? allowed : undefined;
  });
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
