/** One relationship as OpenFGA stores it: `user` has `relation` to `object`, for as long as the condition holds. */
export interface Tuple {
  /** `user:u-bob`, `agent:ws-acme/sales-bot`, or a userset: `agent:ws-acme/sales-bot#registered_owner`. */
  readonly user: string;
  readonly relation: string;
  readonly object: string;
  readonly condition?: Condition;
}

/** A condition of the model with what is known when the tuple is written; the rest comes with each question. */
export interface Condition {
  readonly name: string;
  readonly context: Readonly<Record<string, string>>;
}

/** What OpenFGA tells tuples apart by: two that differ in their condition alone are the same tuple. */
export const keyOf = ({ user, relation, object }: Tuple): string => `${object}#${relation}@${user}`;

export const byKey = (a: Tuple, b: Tuple): number => (keyOf(a) < keyOf(b) ? -1 : keyOf(a) > keyOf(b) ? 1 : 0);
