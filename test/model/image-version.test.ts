import { describe, expect, it } from 'vitest';
import { hasDigest, tryVersion } from '../../src/model/image-version.js';

const DIGEST = `sha256:${'a'.repeat(64)}`;

describe('the version of an image', () => {
  it.each([
    ['ghcr.io/spiffe/spire-server:1.15.3', [1, 15, 3]],
    ['registry.example.com:5000/spire-server:v1.15.3', [1, 15, 3]],
    ['spire-server:1.15.3-distroless', [1, 15, 3]],
    [`spire-server:1.15.3@${DIGEST}`, [1, 15, 3]],
    ['registry.example.com:5000/spire-server:nightly', undefined],
    [`ghcr.io/spiffe/spire-server@${DIGEST}`, undefined],
    ['spire-server:1.15', undefined],
  ])('%s', (image, version) => {
    expect(tryVersion(image)).toEqual(version);
  });
});

it('a digest is of the whole SHA-256', () => {
  expect(hasDigest(`a/b:1@${DIGEST}`)).toBe(true);
  expect(hasDigest(`a/b@${DIGEST}`)).toBe(true);
  expect(hasDigest('a/b:1')).toBe(false);
  expect(hasDigest(`a/b@${DIGEST.slice(0, -1)}`)).toBe(false);
});
