import type { KubeObject } from '../../../src/model/kube-object.js';
import { edited, type Path } from '../claims/stack.js';

/** One change of one object, as somebody might make it by mistake or on purpose. */
export interface Mutant {
  /** A row of the table: `peer: label removed`. */
  readonly kind: string;
  /** Where: `spec.egress[0].to[1]`; empty for the whole object. */
  readonly field: string;
  /** What is changed; absent: `instead` is new. */
  readonly of?: KubeObject;
  /** What it is changed to; absent: it is deleted. */
  readonly instead?: KubeObject;
}

/** The objects as the mutant has them. */
export const applied = (objects: readonly KubeObject[], { of, instead }: Mutant): readonly KubeObject[] =>
  of === undefined ? [...objects, instead!] : objects.flatMap((object) => (object === of ? (instead ?? []) : object));

export const titleOf = ({ of, instead }: Mutant): string => {
  const { kind, metadata } = (of ?? instead)!;
  return `${kind} ${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name}`;
};

/** Stable and unique among the mutants of one stack. */
export const idOf = (mutant: Mutant): string => `${titleOf(mutant)} ${mutant.field}: ${mutant.kind}`;

export const deleted = (kind: string, of: KubeObject): Mutant => ({ kind, field: '', of });

/** Makes mutants of one object by a path into it. */
export type Edit = (kind: string, path: Path, value?: unknown) => Mutant;
export const edits =
  (of: KubeObject): Edit =>
  (kind, path, value) => ({ kind, field: fieldOf(path), of, instead: edited(of, path, value) });

const fieldOf = (path: Path): string =>
  path.reduce<string>((text, key) => (typeof key === 'number' ? `${text}[${key}]` : `${text}.${key}`), '').slice(1);

/** What is at a path; undefined where nothing is. */
export const at = (object: unknown, path: Path): unknown =>
  path.reduce<unknown>((node, key) => (node as Record<string | number, unknown> | undefined)?.[key], object);

/** The paths of the entries of a list, none where there is no list. */
export const entries = (object: unknown, path: Path): readonly Path[] => {
  const list = at(object, path);
  return Array.isArray(list) ? list.map((_, i) => [...path, i]) : [];
};

/** The paths of the values of a map, none where there is no map. */
export const values = (object: unknown, path: Path): readonly Path[] =>
  Object.keys(at(object, path) ?? {}).map((key) => [...path, key]);
