import { z } from 'zod';
import { suggest } from './messages.js';
import { show } from './values.js';

/** An object that one of these words in `type` gives its form. */
export const oneOfTypes = <
  const Forms extends readonly [z.core.$ZodTypeDiscriminable, ...z.core.$ZodTypeDiscriminable[]],
>(
  words: readonly string[],
  forms: Forms,
) =>
  z.discriminatedUnion('type', forms, {
    error: (issue) => {
      const { input } = issue;
      if (typeof input !== 'object' || input === null) {
        return input === undefined
          ? `missing: an object with type.`
          : `expected an object with type, got ${show(input)}.`;
      }
      const { type } = input as { type?: unknown };
      return `${type === undefined ? 'missing' : `${show(type)} is not allowed`}. ${suggest(type, words)}`;
    },
  });
