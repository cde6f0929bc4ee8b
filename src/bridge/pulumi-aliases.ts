import type { Alias } from '@pulumi/pulumi';
import { isPatch, type KubeObject } from '../model/kube-object.js';
import { groupKind } from './order.js';

/** Former identities of resources, so that a change of ours is not a delete and a create in anyone's state. */
export interface Renames {
  /** By `group/Kind`: apiVersions that the kind was rendered with before; the version is part of a URN's type. */
  readonly apiVersions: Readonly<Record<string, readonly string[]>>;
  /** By `group/Kind namespace/name`: logical names that the object was registered under before. */
  readonly logicalNames: Readonly<Record<string, readonly string[]>>;
}

/** Every rename there ever was. Entries stay: a stack may skip releases. */
export const RENAMES: Renames = { apiVersions: {}, logicalNames: {} };

/** The resource's name in URNs: a pure function of namespace and name, since the kind is in the URN's type. */
export const logicalName = ({ metadata }: Pick<KubeObject, 'metadata'>): string =>
  metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`;

/** Every former identity of the object's resource: each former type with each former name. */
export function aliasesOf(object: KubeObject, renames: Renames = RENAMES): readonly Alias[] {
  const kind = groupKind(object);
  const type = isPatch(object) ? `${object.kind}Patch` : object.kind;
  const types = (renames.apiVersions[kind] ?? []).map((apiVersion) => `kubernetes:${apiVersion}:${type}`);
  const names = renames.logicalNames[`${kind} ${logicalName(object)}`] ?? [];
  return [
    ...types.map((type) => ({ type })),
    ...names.map((name) => ({ name })),
    ...types.flatMap((type) => names.map((name) => ({ type, name }))),
  ];
}
