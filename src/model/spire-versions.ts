/** Major and minor version of an image by its tag; undefined where the tag is no version or there is only a digest. */
export function tryVersion(image: string): readonly [major: number, minor: number, patch: number] | undefined {
  const tag = /:v?(\d+)\.(\d+)\.(\d+)(?=$|[-@])/.exec(image.slice(image.lastIndexOf('/') + 1));
  return tag === null ? undefined : [Number(tag[1]), Number(tag[2]), Number(tag[3])];
}

/**
 * Why agents of one image cannot work with servers of the other; undefined where they can or where a tag does not say.
 * Source: SPIRE, doc/upgrading.md: agents are never newer than the server and at most one minor version older.
 */
export function versionSkew(images: { readonly server: string; readonly agent: string }): string | undefined {
  const server = tryVersion(images.server);
  const agent = tryVersion(images.agent);
  if (server === undefined || agent === undefined) return undefined;
  const older = server[0] === agent[0] ? server[1] - agent[1] : Number.NaN;
  if ((older === 0 && agent[2] <= server[2]) || older === 1) return undefined;
  return `an agent of version ${agent.join('.')} does not work with a server of version ${server.join('.')}: agents are never newer than the server and at most one minor version older.`;
}

/** Whether the image is fixed by its content. */
export const hasDigest = (image: string): boolean => /@sha256:[0-9a-f]{64}$/.test(image);
