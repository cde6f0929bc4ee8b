import { fieldText, nameOf } from '../kube-object.js';
import type { KubeObject, Path, UnreadableObjectError } from '../kube-object.js';

/** Where an object was read, so that whoever finds something wrong in it can say where. */
export interface Origin {
  /** Path of the file, as it was named or found. */
  readonly file: string;
  /** The line of a field, counted from 1; of what is left of the path where the field is absent. Slow: for errors. */
  readonly lineOf: (path: Path) => number;
  /** For an object that another one describes, such as a pod of a Deployment's template: that one, and where in it. */
  readonly within?: { readonly object: KubeObject; readonly path: (path: Path) => Path };
}

export interface Manifest {
  readonly object: KubeObject;
  readonly origin: Origin;
}

/** Something in a file that is not an object of a cluster. `message` reads `file:line: what is wrong`. */
export class ManifestError extends Error {
  override readonly name = 'ManifestError';

  /** @param line counted from 1 */
  constructor(
    readonly file: string,
    readonly line: number,
    problem: string,
  ) {
    super(`${file}:${line}: ${problem}`);
  }
}

/** The same error with its place: `file:line: Kind ns/name: field: problem`. Undefined for an object of no manifest. */
export function located(
  { at, problem }: UnreadableObjectError,
  origins: ReadonlyMap<KubeObject, Origin | undefined>,
): ManifestError | undefined {
  const origin = at && origins.get(at.object);
  if (at === undefined || origin === undefined) return undefined;
  const { object, path } = origin.within
    ? { object: origin.within.object, path: origin.within.path(at.path) }
    : { object: at.object, path: at.path };
  const field = path.length === 0 ? '' : `${fieldText(path)}: `;
  return new ManifestError(origin.file, origin.lineOf(path), `${nameOf(object)}: ${field}${problem}`);
}
