/** Version of an image by its tag; undefined where the tag is no version or there is only a digest. */
export function tryVersion(image: string): readonly [major: number, minor: number, patch: number] | undefined {
  const tag = /:v?(\d+)\.(\d+)\.(\d+)(?=$|[-@])/.exec(image.slice(image.lastIndexOf('/') + 1));
  return tag === null ? undefined : [Number(tag[1]), Number(tag[2]), Number(tag[3])];
}

/** Whether the image is fixed by its content. */
export const hasDigest = (image: string): boolean => /@sha256:[0-9a-f]{64}$/.test(image);
