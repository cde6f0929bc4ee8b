import { describe, expect, it } from 'vitest';
import { openfgaProblems } from '../../src/model/openfga-problems.js';
import type { OpenFga, Platform } from '../../src/model/platform.js';
import { PLATFORM } from './examples.js';

const problems = (openfga: Partial<OpenFga>, platform: Partial<Platform> = {}) =>
  openfgaProblems({ ...PLATFORM, ...platform, openfga: { ...PLATFORM.openfga, ...openfga } });

describe('OpenFGA as configured', () => {
  it('has no problem in the example, nor with a memory of one', () => {
    expect(problems({})).toEqual([]);
    expect(problems({ datastore: { type: 'memory' }, replicas: 1 }, { peers: [] })).toEqual([]);
  });

  it('has no memory of many', () => {
    expect(problems({ datastore: { type: 'memory' }, replicas: 2 })).toEqual([
      {
        path: ['openfga', 'replicas'],
        message:
          '2 servers need a datastore that they share; "memory" is each one’s own, and they would answer differently. Use datastore.type: postgres, or replicas: 1.',
      },
    ]);
  });

  it('reaches its database by a peer of its own, on its port', () => {
    const message =
      'no network policy lets the server reach its database. Add to "peers" one with component: openfga and ports: [6432].';
    const path = ['openfga', 'datastore', 'host'];
    const datastore = { type: 'postgres', host: 'db.example.com', port: 6432 } as const;
    expect(problems({ datastore })).toEqual([{ path, message }]);
    const peers = PLATFORM.peers.map((peer) => ({ ...peer, ports: [6432] }));
    expect(problems({ datastore }, { peers })).toEqual([]);
    const others = peers.map((peer) => ({ ...peer, component: 'api-server' as const }));
    expect(problems({ datastore }, { peers: others })).toEqual([{ path, message }]);
  });

  it('says which version and why', () => {
    const [problem, ...more] = problems({ image: 'docker.io/openfga/openfga:v1.15.0' });
    expect(more).toEqual([]);
    expect(problem!.path).toEqual(['openfga', 'image']);
    expect(problem!.message).toMatch(/^OpenFGA 1\.15\.0 has GHSA-h7w8 .* Use 1\.20\.0 or newer\.$/);
  });
});
