import { tryVersion } from './image-version.js';

/** The oldest version that answers right. */
export const OPENFGA_MINIMUM = '1.20.0';

/** What is wrong below each version; the newest first. Source: the security advisories of openfga/openfga. */
const FIXES: readonly (readonly [version: readonly [number, number, number], advisory: string])[] = [
  [[1, 20, 0], 'GHSA-h7w8 (ListUsers with a nested exclusion and a wildcard)'],
  [[1, 19, 0], 'GHSA-5278 (StreamedListObjects with an exclusion that fails)'],
  [[1, 18, 0], 'CVE-2026-55689 (the audience of OIDC tokens is not checked)'],
  [[1, 14, 0], 'CVE-2026-34972 (BatchCheck mixes up checks of one tuple), GHSA-68m9 (playground)'],
  [[1, 13, 1], 'CVE-2026-33729 (cached answers of other conditions)'],
];

/**
 * Why an image of OpenFGA is not run; undefined where it is. It must name its version, beside a digest or alone: the
 * migration is named after it, and below 1.20.0 there are wrong answers.
 */
export function openfgaImageProblem(image: string): string | undefined {
  const version = tryVersion(image);
  if (version === undefined) {
    return `"${image}" names no version, by which known wrong answers are told and the migration is named. Use a tag such as "v1.22.1", with or without a digest behind it.`;
  }
  const open = FIXES.filter(([fixed]) => isBefore(version, fixed)).map(([, advisory]) => advisory);
  return open.length === 0
    ? undefined
    : `OpenFGA ${version.join('.')} has ${open.join('; ')}. Use ${OPENFGA_MINIMUM} or newer.`;
}

type Version = readonly [number, number, number];

const isBefore = (version: Version, other: Version): boolean => {
  const at = version.findIndex((part, index) => part !== other[index]);
  return at >= 0 && version[at]! < other[at]!;
};
