import type { z } from 'zod';
import { ConfigError, renderPath, suggest, type Problem } from './messages.js';
import type { RawStack } from './stack-file.js';
import { isLabelValue, plainWords, show } from './values.js';

const KINDS = ['platform', 'workspace'];

/** The stack's kind: what its config says, never its name. */
export function kindOf(raw: RawStack): 'platform' | 'workspace' {
  const kind = raw.config['kind'];
  if (kind === 'platform' || kind === 'workspace') return kind;
  const message =
    kind === undefined ? `missing. ${suggest(kind, KINDS)}` : `${show(kind)} is not allowed. ${suggest(kind, KINDS)}`;
  throw new ConfigError([{ where: raw.where(['kind']), path: 'kind', message }]);
}

/** Checks the config against its schema; every problem names its line. */
export function check<Schema extends z.ZodType>(schema: Schema, raw: RawStack): z.output<Schema> {
  const result = schema.safeParse(raw.config, { error: plainWords });
  if (result.success) return result.data;
  throw new ConfigError(
    result.error.issues.flatMap((issue) => {
      const path = renderPath(issue.path);
      if (issue.code !== 'unrecognized_keys') return [{ where: raw.where(issue.path), path, message: issue.message }];
      const messages = issue.message.split('\n');
      return issue.keys.map((key, index) => ({
        where: raw.where([...issue.path, key]),
        path,
        message: messages[index] ?? issue.message,
      }));
    }),
  );
}

export type Refuse = (path: readonly PropertyKey[], message: string) => void;

/** Adds problems to a list, each with its line. */
export const refuser =
  (raw: RawStack, problems: Problem[]): Refuse =>
  (path, message) =>
    problems.push({ where: raw.where(path), path: renderPath(path), message });

/** Repeated values with their index and that of their first appearance. */
export function duplicates(values: readonly string[]): readonly { value: string; index: number; first: number }[] {
  const first = new Map<string, number>();
  values.forEach((value, index) => first.has(value) || first.set(value, index));
  return values.flatMap((value, index) =>
    first.get(value) === index ? [] : [{ value, index, first: first.get(value)! }],
  );
}

/** Every object carries the stack's name as a label. */
export function checkStackName({ stack }: RawStack, refuse: Refuse): void {
  if (!isLabelValue(stack)) {
    refuse([], `stack name "${stack}" does not fit a label: at most 63 letters, digits, "-", "_" and ".".`);
  }
}
