import { renderPath } from '../config/messages.js';
import { ownKeys, PROJECT, type RawStack } from '../config/stack-file.js';

/**
 * A stack's config as the engine hands it to the program (`pulumi.runtime.allConfig()`): values are text, structured
 * ones as JSON. What `pulumi config set` and `--config` say counts, not what the file says.
 */
export function rawStackOf(stack: string, values: Readonly<Record<string, string>>): RawStack {
  const where = (path: readonly PropertyKey[]): string =>
    `config of stack ${stack}${path.length === 0 ? '' : `, ${PROJECT}:${renderPath(path)}`}`;
  const parsed = Object.entries(values).map(([key, value]) => [key, parse(value)]);
  return { stack, config: ownKeys(Object.fromEntries(parsed) as Record<string, unknown>, where), where };
}

function parse(value: string): unknown {
  if (!/^[[{]/.test(value)) return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}
