import { describe, expect, it } from 'vitest';
import { openfgaImageProblem } from '../../src/model/openfga-versions.js';

const image = (tag: string): string => `docker.io/openfga/openfga${tag}`;
const DIGEST = `@sha256:${'a'.repeat(64)}`;

describe('an image of OpenFGA', () => {
  it.each([':v1.22.1', ':1.20.0', `:v1.20.0${DIGEST}`, ':v2.0.0', ':v1.21.0-rc1'])('%s is run', (tag) => {
    expect(openfgaImageProblem(image(tag))).toBeUndefined();
  });

  it.each([':latest', '', DIGEST, ':v1.22', ':main'])('"%s" says no version', (tag) => {
    expect(openfgaImageProblem(image(tag))).toBe(
      `"${image(tag)}" names no version, by which known wrong answers are told and the migration is named. Use a tag such as "v1.22.1", with or without a digest behind it.`,
    );
  });

  it('that is too old has the reasons with it, each advisory from its own version on', () => {
    expect(openfgaImageProblem(image(':v1.19.4'))).toBe(
      'OpenFGA 1.19.4 has GHSA-h7w8 (ListUsers with a nested exclusion and a wildcard). Use 1.20.0 or newer.',
    );
    expect(openfgaImageProblem(image(':v1.18.3'))).toContain('GHSA-h7w8');
    expect(openfgaImageProblem(image(':v1.18.3'))).toContain('GHSA-5278');
    expect(openfgaImageProblem(image(':v1.18.3'))).not.toContain('CVE-2026-55689');
    const oldest = openfgaImageProblem(image(':v1.13.0'));
    for (const id of ['GHSA-h7w8', 'GHSA-5278', 'CVE-2026-55689', 'CVE-2026-34972', 'GHSA-68m9', 'CVE-2026-33729']) {
      expect(oldest).toContain(id);
    }
    expect(openfgaImageProblem(image(':v1.13.1'))).not.toContain('CVE-2026-33729');
    expect(openfgaImageProblem(image(':v0.99.99'))).toContain('CVE-2026-33729');
  });
});
