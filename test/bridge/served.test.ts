import { describe, expect, it } from 'vitest';
import { Discovery } from '../../src/bridge/cluster-discovery.js';

const kinds = (...named: string[]) => ({
  status: 200,
  body: {
    resources: named.flatMap((kind) => [
      { kind, name: kind.toLowerCase(), namespaced: true },
      { kind, name: `${kind.toLowerCase()}/status`, namespaced: true },
    ]),
  },
});
const group = (preferred: string, ...versions: string[]) => ({
  preferredVersion: { groupVersion: preferred },
  versions: versions.map((groupVersion) => ({ groupVersion })),
});
const ANSWERS: Record<string, { status: number; body: unknown }> = {
  '/apis': { status: 200, body: { groups: [group('p/v2', 'p/v1', 'p/v2'), group('m/v1', 'm/v1')] } },
  '/api/v1': kinds('Pod'),
  '/apis/p/v1': kinds('Admin', 'Both'),
  '/apis/p/v2': kinds('Both'),
  '/apis/m/v1': { status: 503, body: { message: 'no endpoints' } },
};

describe('what a cluster serves', () => {
  const served = (answers = ANSWERS) => new Discovery((path) => Promise.resolve(answers[path]!)).served();

  it('is each kind once, in the preferred version where that has it, and in another where it has not', async () => {
    const { resources } = await served();
    expect(resources.map(({ apiVersion, kind }) => `${apiVersion} ${kind}`).sort()).toEqual([
      'p/v1 Admin',
      'p/v2 Both',
      'v1 Pod',
    ]);
  });

  it('names a group that does not answer', async () => {
    expect((await served()).silent).toEqual([{ apiVersion: 'm/v1', problem: 'read the kinds of m/v1: no endpoints' }]);
  });

  it('is not known where the groups cannot be read', async () => {
    await expect(served({ ...ANSWERS, '/apis': { status: 403, body: {} } })).rejects.toThrow(
      'read the groups of kinds',
    );
  });
});
