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

/** A deep copy with one object changed; fails where there is none or more than one. */
export function changed<T extends KubeObject>(
  objects: readonly T[],
  is: (object: T) => boolean,
  change: (copy: any) => void,
): readonly T[] {
  if (objects.filter(is).length !== 1) throw new Error(`${objects.filter(is).length} objects match, not one`);
  return objects.map((object) => {
    if (!is(object)) return object;
    const copy = structuredClone(object);
    change(copy);
    return copy;
  });
}

export const named =
  (kind: string, name: string, namespace?: string) =>
  ({ kind: found, metadata }: KubeObject): boolean =>
    found === kind && metadata.name === name && (namespace === undefined || metadata.namespace === namespace);
