import { describe, expect, it } from 'vitest';
import { hasDigest, tryVersion, versionSkew } from '../../src/model/spire-versions.js';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const images = (server: string, agent: string) => ({
  server: `ghcr.io/spiffe/spire-server:${server}`,
  agent: `ghcr.io/spiffe/spire-agent:${agent}`,
});

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

describe('servers and agents', () => {
  it.each([
    ['1.15.3', '1.15.3'],
    ['1.15.3', '1.15.1'],
    ['1.15.0', '1.14.7'],
    ['nightly', '9.0.0'],
  ])('of %s and %s work together, or nothing is known', (server, agent) => {
    expect(versionSkew(images(server, agent))).toBeUndefined();
  });

  it.each([
    ['1.15.1', '1.15.3', 'newer'],
    ['1.14.9', '1.15.0', 'newer'],
    ['1.15.0', '1.13.2', 'older by two'],
    ['2.0.0', '1.15.3', 'of another major version'],
  ])('of %s and %s do not: agents are %s', (server, agent) => {
    expect(versionSkew(images(server, agent))).toBe(
      `an agent of version ${agent} does not work with a server of version ${server}: agents are never newer than the server and at most one minor version older.`,
    );
  });
});

it('a digest is of the whole SHA-256', () => {
  expect(hasDigest(`a/b:1@${DIGEST}`)).toBe(true);
  expect(hasDigest(`a/b@${DIGEST}`)).toBe(true);
  expect(hasDigest('a/b:1')).toBe(false);
  expect(hasDigest(`a/b@${DIGEST.slice(0, -1)}`)).toBe(false);
});
