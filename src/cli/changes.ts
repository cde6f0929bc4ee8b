import pc from 'picocolors';
import type { FieldChange, PlannedChange } from '../bridge/plan.js';
import { CONTROLS, type Modes } from '../model/levels.js';
import { table } from './output.js';

const SIGN = {
  create: pc.green('+'),
  update: pc.yellow('~'),
  delete: pc.red('-'),
  keep: pc.cyan('='),
  release: pc.yellow('~'),
  absent: pc.cyan('?'),
  unchanged: ' ',
};
const MAX_FIELDS = 12;

/** The object diff of a plan, as lines; unchanged objects are only counted. */
export function changeLines(changes: readonly PlannedChange[]): readonly string[] {
  const lines = changes
    .filter(({ action }) => action !== 'unchanged')
    .flatMap(({ key, action, fields, opens }) => [
      `${SIGN[action]} ${key}${note(action, opens)}`,
      ...fields.slice(0, MAX_FIELDS).flatMap(fieldLines),
      ...(fields.length > MAX_FIELDS ? [`    … ${fields.length - MAX_FIELDS} more fields`] : []),
    ]);
  return [...lines, summary(changes)];
}

function note(action: PlannedChange['action'], opens: string | undefined): string {
  if (action === 'keep') return '  (kept: no engine ever deletes it)';
  if (action === 'release') return '  (the patch is released, the rest stays)';
  if (action === 'absent') return '  (not there yet: apply again once it is)';
  if (opens === undefined) return '';
  return action === 'delete' ? `  closes ${opens}` : action === 'create' ? `  opens ${opens}` : '';
}

/** `2 to create, 1 to update, 3 to delete, 14 unchanged`. */
export function summary(changes: readonly PlannedChange[]): string {
  const count = (action: PlannedChange['action']): number =>
    changes.filter((change) => change.action === action).length;
  const parts = [
    `${count('create')} to create`,
    `${count('update')} to update`,
    `${count('delete')} to delete`,
    `${count('unchanged')} unchanged`,
  ];
  if (count('release') > 0) parts.push(`${count('release')} to release`);
  if (count('absent') > 0) parts.push(`${count('absent')} absent`);
  if (count('keep') > 0) parts.push(`${count('keep')} kept`);
  return parts.join(', ');
}

function fieldLines({ path, before, after }: FieldChange): readonly string[] {
  if (typeof before === 'string' && typeof after === 'string' && (before.includes('\n') || after.includes('\n'))) {
    return [`    ${path}:`, ...textDiff(before, after).map((line) => `      ${line}`)];
  }
  if (before === undefined) return [`    ${path}: ${pc.green(short(after))}`];
  if (after === undefined) return [`    ${path}: ${pc.red(short(before))} removed`];
  return [`    ${path}: ${short(before)} -> ${short(after)}`];
}

/** The lines that only one of two texts has; order within each text is kept. Enough for config of a few screens. */
function textDiff(before: string, after: string): readonly string[] {
  const old = before.trimEnd().split('\n\n');
  const now = after.trimEnd().split('\n\n');
  const gone = old.filter((part) => !now.includes(part)).flatMap((part) => part.split('\n'));
  const added = now.filter((part) => !old.includes(part)).flatMap((part) => part.split('\n'));
  return [...gone.map((line) => pc.red(`- ${line}`)), ...added.map((line) => pc.green(`+ ${line}`))];
}

const short = (value: unknown): string => {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 100 ? `${text.slice(0, 97)}...` : text;
};

/** A row per control: its mode before and after, and whether it is relaxed. */
export function controlTable(before: Modes | undefined, after: Modes, relaxed: readonly string[] = []): string {
  const rows = CONTROLS.map((control) => [
    control,
    before?.[control] ?? '-',
    '->',
    after[control],
    relaxed.includes(control) ? 'relaxed' : '',
  ]);
  return table([['control', 'now', '', 'then', ''], ...rows], '  ');
}
