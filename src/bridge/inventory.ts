import type { Control, Level } from '../model/levels.js';
import { keyOf, type KubeObject } from '../model/kube-object.js';
import { NAMESPACES } from '../model/names.js';
import { isForbidden, isNotFound } from './api-error.js';
import type { Cluster, ObjectRef } from './cluster.js';

/** One level, or relaxation below it, that the stack was brought to. */
export interface HistoryEntry {
  readonly level: Level;
  /** The controls relaxed below the level. */
  readonly relaxing: readonly Control[];
  /** ISO 8601. */
  readonly at: string;
  /** User name as the API server knows it. */
  readonly by: string;
}

/**
 * What the last apply of a stack left behind. Only a hint: ownership is the objects' own label, and whoever may write
 * this ConfigMap may write nothing else by it.
 */
export interface Inventory {
  readonly objects: readonly ObjectRef[];
  /** Oldest first, at most 20. */
  readonly history: readonly HistoryEntry[];
}

const MAX_HISTORY = 20;

const refOf = (stack: string): ObjectRef => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: `portarium-inventory-${stack}`, namespace: NAMESPACES.policy },
});

/** Empty when there is none, or none that can be read. */
export async function readInventory(cluster: Cluster, stack: string): Promise<Inventory> {
  const live = await cluster.tryGet(refOf(stack)).catch((error: unknown) => {
    if (isForbidden(error)) return undefined;
    throw error;
  });
  const data = (live?.['data'] ?? {}) as Record<string, string>;
  return { objects: list<ObjectRef>(data['objects'], isRef), history: list<HistoryEntry>(data['history'], isEntry) };
}

export interface InventoryUpdate {
  readonly objects: readonly KubeObject[];
  /** What the stack was brought to. @default - the history stays as it is */
  readonly reached?: Pick<HistoryEntry, 'level' | 'relaxing'>;
}

/**
 * Notes what was applied, and what the stack was brought to where that differs from the last entry. False when the
 * caller may not write it, or there is no namespace for it yet: a hint must not fail what has been done.
 */
export async function writeInventory(cluster: Cluster, stack: string, update: InventoryUpdate): Promise<boolean> {
  try {
    await record(cluster, stack, update);
    return true;
  } catch (error) {
    if (isForbidden(error) || isNotFound(error)) return false;
    throw error;
  }
}

async function record(cluster: Cluster, stack: string, update: InventoryUpdate): Promise<void> {
  const { objects, history } = await readInventory(cluster, stack);
  const refs = update.objects.map(({ apiVersion, kind, metadata: { name, namespace } }) => ({
    apiVersion,
    kind,
    metadata: { name, ...(namespace !== undefined && { namespace }) },
  }));
  const { reached } = update;
  const last = history.at(-1);
  const isNew = reached !== undefined && !(last && describe(last) === describe(reached));
  if (!isNew && keys(objects) === keys(refs)) return;
  const entries = isNew
    ? [...history, { ...reached, at: new Date().toISOString(), by: (await cluster.whoAmI()).username }]
    : history;
  await cluster.apply({
    ...refOf(stack),
    data: { objects: JSON.stringify(refs), history: JSON.stringify(entries.slice(-MAX_HISTORY)) },
  });
}

/** Where `rollback --to previous` goes: the entry before the last; undefined when there is none. */
export const tryPrevious = ({ history }: Inventory): HistoryEntry | undefined => history.at(-2);

const describe = ({ level, relaxing }: Pick<HistoryEntry, 'level' | 'relaxing'>): string =>
  `${level} ${[...relaxing].sort().join(',')}`;

const keys = (refs: readonly ObjectRef[]): string =>
  refs
    .map((ref) => keyOf(ref as KubeObject))
    .sort()
    .join();

/** Anyone with write access may have damaged it; a hint that cannot be read is no hint. */
function list<T>(text: string | undefined, valid: (item: unknown) => boolean): readonly T[] {
  try {
    const parsed: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(parsed) ? (parsed.filter(valid) as T[]) : [];
  } catch {
    return [];
  }
}

const isRef = (item: unknown): boolean => {
  const { apiVersion, kind, metadata } = (item ?? {}) as Partial<ObjectRef>;
  return typeof apiVersion === 'string' && typeof kind === 'string' && typeof metadata?.name === 'string';
};

const isEntry = (item: unknown): boolean => {
  const { level, relaxing, at, by } = (item ?? {}) as Partial<Record<keyof HistoryEntry, unknown>>;
  return typeof level === 'string' && Array.isArray(relaxing) && typeof at === 'string' && typeof by === 'string';
};
