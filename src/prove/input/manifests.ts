import { isDeepStrictEqual } from 'node:util';
import { nameOf } from '../kube-object.js';
import type { KubeObject, Path } from '../kube-object.js';
import { describe as describeObject } from '../not-evaluated.js';
import type { NotEvaluated } from '../not-evaluated.js';
import { decidesReach } from './kinds.js';
import { ManifestError } from './origin.js';
import type { Manifest, Origin } from './origin.js';
import { readYaml } from './yaml.js';

/** A file as it was read. */
export interface SourceFile {
  /** Path, as it is to be named in messages. */
  readonly name: string;
  readonly text: string;
}

export interface Manifests {
  readonly manifests: readonly Manifest[];
  /** Documents that are no objects, as `file` with its line: another cluster may be meant than the one that is here. */
  readonly notEvaluated: readonly NotEvaluated[];
}

/**
 * The objects in a set of YAML and JSON files, lists opened, each with its place. What is not meant to be an object (a
 * chart's values, a kustomization, a file with nothing in it) is named as not evaluated. Of an object
 * that is there twice, one is kept if they are equal.
 *
 * @throws ManifestError with file and line for what is half an object, or cannot be parsed
 */
export function readManifests(files: readonly SourceFile[]): Manifests {
  const notEvaluated: NotEvaluated[] = [];
  const manifests = files.flatMap(({ name, text }) => {
    const documents = readYaml(name, text);
    if (documents.length === 0) notEvaluated.push({ kind: 'file', name: `${name}:1`, reason: 'holds no object' });
    return documents.flatMap(({ value, lineOf }) => {
      const reason = foreign(value);
      if (reason === undefined) return open(value, [], { file: name, lineOf });
      notEvaluated.push({ kind: 'file', name: `${name}:${lineOf([])}`, reason });
      return [];
    });
  });
  return { manifests: withoutDuplicates(manifests, notEvaluated), notEvaluated };
}

/** Why a document is not meant to be an object of a cluster, if it is not. */
function foreign(value: unknown): string | undefined {
  if (!isRecord(value)) return `is ${describe(value)}, not a Kubernetes object`;
  if (value['apiVersion'] === undefined && value['kind'] === undefined) {
    return 'has neither apiVersion nor kind, so it is not a Kubernetes object';
  }
  const kustomize = String(value['apiVersion']).startsWith('kustomize.config.k8s.io/');
  return kustomize ? 'is to be rendered first (kubectl kustomize)' : undefined;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const OF_THE_CORE: ReadonlySet<string> = new Set(['Pod', 'Namespace', 'Service']);

/** The object at a path of a document, or those of the list there. */
function open(value: unknown, path: Path, origin: Origin, defaults: object = {}): Manifest[] {
  const fail = (problem: string, ...at: Path): never => {
    throw new ManifestError(origin.file, origin.lineOf([...path, ...at]), problem);
  };
  if (!isRecord(value)) return fail(`expected a Kubernetes object, found ${describe(value)}`);
  const object = { ...defaults, ...value } as unknown as KubeObject & { readonly items?: unknown };
  const { apiVersion, kind, items } = object;
  for (const field of ['apiVersion', 'kind'] as const) {
    if (typeof object[field] !== 'string' || object[field] === '') {
      fail(`expected a Kubernetes object, but it has no ${field}`);
    }
  }
  if (OF_THE_CORE.has(kind) && !apiVersion.includes('.') && apiVersion !== 'v1') {
    // Groups without a dot are Kubernetes' own, and none of them has this kind.
    fail(`${nameOf(object)}: apiVersion: expected v1, found ${apiVersion}`, 'apiVersion');
  }
  if (kind.endsWith('List') && (kind === 'List' || Array.isArray(items))) {
    if (items !== null && !Array.isArray(items))
      fail(`${kind}: items: expected a list, found ${describe(items)}`, 'items');
    const typed = kind === 'List' ? {} : { apiVersion, kind: kind.slice(0, -'List'.length) };
    return ((items ?? []) as unknown[]).flatMap((item, i) => open(item, [...path, 'items', i], origin, typed));
  }
  for (const field of ['name', 'namespace'] as const) {
    const found = (object.metadata as Record<string, unknown> | undefined | null)?.[field];
    if (typeof found === 'string' ? found === '' : field === 'name' || (found !== undefined && found !== null)) {
      fail(
        `${nameOf({ apiVersion, kind })}: metadata.${field}: expected text, found ${describe(found)}`,
        'metadata',
        field,
      );
    }
  }
  const lineOf = (inside: Path): number => origin.lineOf([...path, ...inside]);
  return [{ object, origin: { file: origin.file, lineOf } }];
}

const describe = (value: unknown): string => {
  if (value === undefined || value === null) return 'nothing';
  return Array.isArray(value) ? 'a list' : (JSON.stringify(value).slice(0, 40) ?? typeof value);
};

/**
 * Each object once. Which of two different ones the cluster would have depends on the order in which they are applied:
 * where that may decide who reaches whom it is refused, elsewhere named.
 */
function withoutDuplicates(all: readonly Manifest[], notEvaluated: NotEvaluated[]): Manifest[] {
  const first = new Map<string, Manifest>();
  for (const manifest of all) {
    const { object, origin } = manifest;
    const group = object.apiVersion.split('/').slice(0, -1).join('/');
    const { namespace = 'default', name } = object.metadata ?? {};
    const key = JSON.stringify([group, object.kind, namespace, name]);
    const other = first.get(key);
    if (other === undefined) first.set(key, manifest);
    else if (!isDeepStrictEqual(other.object, object)) {
      const place = `${other.origin.file}:${other.origin.lineOf([])}`;
      if (decidesReach(object.apiVersion, object.kind) && object.kind !== 'Service') {
        throw new ManifestError(origin.file, origin.lineOf([]), `${nameOf(object)} is already at ${place}; keep one`);
      }
      notEvaluated.push(
        describeObject(object, `is at ${place} and, different, at ${origin.file}:${origin.lineOf([])}`),
      );
    }
  }
  return [...first.values()];
}
