import { renderPlatform, renderWorkspace } from '../../../src/charts/render.js';
import { loadStacks } from '../../../src/config/load.js';
import type { KubeObject } from '../../../src/model/kube-object.js';
import { platformNamespaces } from '../../../src/model/platform.js';
import { guardsInForce } from '../../../src/prove/claims/admissible-guards.js';

/** The committed stacks as they are rendered, and what the claims are told of them. */
const { platform, workspaces } = loadStacks({ dir: 'stacks' });

export const PLATFORM = platform;
export const RENDERED: readonly KubeObject[] = renderPlatform(platform);
export const STACKS: readonly KubeObject[] = [
  ...RENDERED,
  ...workspaces.flatMap((workspace) => renderWorkspace(platform, { ...workspace, level: 'enforced' })),
];
export const GUARDS = guardsInForce(RENDERED, RENDERED);
export const PLACES = {
  workspaces: platform.workspaces,
  platformNamespaces: platformNamespaces(platform),
};
export const AGENT_NAMESPACES = [...new Set(platform.workspaces.map(({ namespace }) => namespace))];

/** The guards without one. */
export const without = (name: string): ReadonlySet<string> => new Set([...GUARDS].filter((each) => each !== name));

/** From worst to best, so that nothing that opens can be a step up. */
export const ORDER = ['refuted', 'inconclusive', 'not claimed', 'proved'];

type Node = Record<string | number, unknown>;

/** The objects with one value in one of them replaced, or taken out; fails where there is none or more than one such object. */
export function changed(
  objects: readonly KubeObject[],
  is: (object: KubeObject) => boolean,
  path: Path,
  value?: unknown,
): readonly KubeObject[] {
  const found = objects.filter(is).length;
  if (found !== 1) throw new Error(`${found} objects match, not one`);
  return objects.map((object) => (is(object) ? edited(object, path, value) : object));
}

export type Path = readonly (string | number)[];

/** The object with one value replaced; without a value it is taken out, of a list as well. */
export function edited(object: KubeObject, path: Path, value?: unknown): KubeObject {
  const copy = structuredClone(object);
  const parent = path.slice(0, -1).reduce<Node>((node, key) => (node[key] ??= {}) as Node, copy as unknown as Node);
  const last = path.at(-1)!;
  if (value !== undefined) parent[last] = value;
  else if (Array.isArray(parent)) parent.splice(Number(last), 1);
  else delete parent[last];
  return copy;
}

export const named =
  (kind: string, name: string, namespace?: string) =>
  ({ kind: found, metadata }: KubeObject): boolean =>
    found === kind && metadata.name === name && (namespace === undefined || metadata.namespace === namespace);
