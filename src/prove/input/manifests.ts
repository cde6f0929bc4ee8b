import { nameOf } from '../kube-object.js';
import type { KubeObject, Path } from '../kube-object.js';
import { ManifestError } from './origin.js';
import type { Manifest, Origin } from './origin.js';
import { readYaml } from './yaml.js';

/** A file as it was read. */
export interface SourceFile {
  /** Path, as it is to be named in messages. */
  readonly name: string;
  readonly text: string;
}

/**
 * The objects in a set of YAML and JSON files, lists opened, each with its place. Everything in them must be an object
 * that a cluster could hold: what is not (a chart's values, a kustomization, a file without any object) is refused, since
 * the cluster that was meant is then another one than the one that would be evaluated. An object may be there once only.
 *
 * @throws ManifestError with file and line
 */
export function readManifests(files: readonly SourceFile[]): Manifest[] {
  const manifests = files.flatMap(({ name, text }) => {
    const found = readYaml(name, text).flatMap(({ value, lineOf }) => open(value, [], { file: name, lineOf }));
    if (found.length === 0) throw new ManifestError(name, 1, 'holds no object; write one, or remove the file');
    return found;
  });
  refuseDuplicates(manifests);
  return manifests;
}

const ADVICE = 'keep nothing but manifests in the folder';

/** The object at a path of a document, or those of the list there. */
function open(value: unknown, path: Path, origin: Origin, defaults: object = {}): Manifest[] {
  const fail = (problem: string, ...at: Path): never => {
    throw new ManifestError(origin.file, origin.lineOf([...path, ...at]), problem);
  };
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return fail(`expected a Kubernetes object, found ${describe(value)}; ${ADVICE}`);
  }
  const object = { ...defaults, ...value } as KubeObject & { readonly items?: unknown };
  const { apiVersion, kind, items } = object;
  for (const field of ['apiVersion', 'kind'] as const) {
    if (typeof object[field] !== 'string' || object[field] === '') {
      fail(`has no ${field}, so it is not a Kubernetes object; ${ADVICE}`);
    }
  }
  if (apiVersion.startsWith('kustomize.config.k8s.io/')) {
    fail(`${kind} is not an object of a cluster; render it first (kubectl kustomize)`);
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

/** Which of two the cluster would have depends on the order in which they are applied. */
function refuseDuplicates(manifests: readonly Manifest[]): void {
  const first = new Map<string, Manifest>();
  for (const manifest of manifests) {
    const { object, origin } = manifest;
    const group = object.apiVersion.split('/').slice(0, -1).join('/');
    const { namespace = 'default', name } = object.metadata ?? {};
    const key = JSON.stringify([group, object.kind, namespace, name]);
    const other = first.get(key);
    if (other !== undefined) {
      const place = `${other.origin.file}:${other.origin.lineOf([])}`;
      throw new ManifestError(origin.file, origin.lineOf([]), `${nameOf(object)} is already at ${place}; keep one`);
    }
    first.set(key, manifest);
  }
}
