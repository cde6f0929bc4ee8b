import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import { ConfigError } from './messages.js';
import { loadStack } from './load.js';
import { parseStackFile, PROJECT } from './stack-file.js';

/** What `enforcement` may be told to relax; undefined removes both keys. */
export type RelaxingEdit =
  | { readonly rollback: { readonly to: string; readonly relaxation?: string } }
  | { readonly relax: { readonly controls: readonly string[]; readonly relaxation?: string } }
  | undefined;

export interface EnforcementEdit {
  readonly level?: string;
  readonly relaxing?: RelaxingEdit;
}

/**
 * Changes `enforcement` in a stack file as `pulumi config set --path` would, comments kept. The file is only written
 * when the result loads, together with every other stack of the folder.
 *
 * @returns the text before the edit, to put back
 */
export function editEnforcement(dir: string, stack: string, edit: EnforcementEdit): string {
  const path = join(dir, `Pulumi.${stack}.yaml`);
  const before = readFileSync(path, 'utf8');
  const document = parseDocument(before);
  const key = ['config', `${PROJECT}:enforcement`];
  if (!document.hasIn(key)) {
    throw new ConfigError([{ where: path, path: 'enforcement', message: 'missing; there is nothing to change.' }]);
  }
  if (edit.level !== undefined) document.setIn([...key, 'level'], edit.level);
  if ('relaxing' in edit) {
    document.deleteIn([...key, 'rollback']);
    document.deleteIn([...key, 'relax']);
    for (const [name, value] of Object.entries(edit.relaxing ?? {})) {
      document.setIn([...key, name], document.createNode(value));
    }
  }
  const after = document.toString({ lineWidth: 0 });
  loadStack(stack, { dir, replace: parseStackFile(after, path, stack) });
  writeFileSync(path, after);
  return before;
}
