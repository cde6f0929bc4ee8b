import { PROJECT } from '../config/stack-file.js';
import { CONTROLS, LEVELS, relaxedBy, ROLLBACK_TARGETS, type Control, type Level } from '../model/levels.js';

/** What a workspace's stack was brought to by one update. */
export interface PulumiHistoryEntry {
  readonly level: Level;
  /** The controls relaxed below the level. */
  readonly relaxing: readonly Control[];
  /** ISO 8601; when the update ended. */
  readonly at: string;
}

/** The part of an entry of `pulumi stack history --json` that is read. Newest first there. */
export interface UpdateRecord {
  readonly kind: string;
  readonly result: string;
  readonly endTime: Date | string;
  readonly config: Readonly<Record<string, { readonly value?: string; readonly objectValue?: unknown }>>;
}

/**
 * Successful updates as levels, oldest first. The config of each update is in its record, so no commit is needed. Records
 * that cannot be read (another version's config, a platform's stack) are left out.
 */
export function historyOf(records: readonly UpdateRecord[]): readonly PulumiHistoryEntry[] {
  return records
    .filter(({ kind, result }) => kind === 'update' && result === 'succeeded')
    .map(entryOf)
    .filter((entry) => entry !== undefined)
    .reverse();
}

function entryOf({ config, endTime }: UpdateRecord): PulumiHistoryEntry | undefined {
  const { value, objectValue } = config[`${PROJECT}:enforcement`] ?? {};
  const enforcement = (objectValue ?? tryJson(value)) as
    { level?: unknown; rollback?: { to?: unknown }; relax?: { controls?: unknown } } | null | undefined;
  const level = LEVELS.find((candidate) => candidate === enforcement?.level);
  if (level === undefined) return undefined;
  const target = Object.entries(ROLLBACK_TARGETS).find(([to]) => to === String(enforcement?.rollback?.to))?.[1];
  const asked = enforcement?.relax?.controls;
  const relaxing = target
    ? relaxedBy(level, target)
    : CONTROLS.filter((control) => Array.isArray(asked) && asked.includes(control));
  return { level, relaxing, at: new Date(endTime).toISOString() };
}

function tryJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}
