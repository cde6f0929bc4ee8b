import { describe, expect, it } from 'vitest';
import { versionSkew } from '../../src/model/spire-versions.js';

const images = (server: string, agent: string) => ({
  server: `ghcr.io/spiffe/spire-server:${server}`,
  agent: `ghcr.io/spiffe/spire-agent:${agent}`,
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
