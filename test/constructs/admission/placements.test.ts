import { describe, expect, it } from 'vitest';
import { oneOfMany, placements } from '../../../src/constructs/admission/placements.js';
import { PLATFORM } from '../../model/examples.js';

const many = Array.from({ length: 501 }, (_, i) => ({ id: `w${i}`, namespace: `n${i}` }));

describe('placements', () => {
  it('is a map of workspace to namespace', () => {
    const workspaces = [{ id: 'ws-acme', namespace: 'portarium-agents' }];
    const { variables, namespaceOf } = placements({ ...PLATFORM, workspaces });
    expect(variables).toEqual({ placements0: '{"ws-acme":"portarium-agents"}' });
    expect(namespaceOf('object.spec.workspaceId')).toBe('variables.placements0[?object.spec.workspaceId].orValue("")');
  });

  it('is several maps for many workspaces, all of which are asked', () => {
    const { variables, namespaceOf } = placements({ ...PLATFORM, workspaces: many });
    expect(Object.keys(variables)).toEqual(['placements0', 'placements1']);
    expect(JSON.parse(variables['placements1']!)).toEqual({ w500: 'n500' });
    expect(namespaceOf('x')).toBe('variables.placements0[?x].or(variables.placements1[?x]).orValue("")');
  });

  it('knows no workspace where there is none', () => {
    expect(placements({ ...PLATFORM, workspaces: [] }).variables).toEqual({ placements0: '{}' });
  });
});

describe('oneOfMany', () => {
  it('is one list, or several', () => {
    expect(oneOfMany('names', ['a', 'b'])).toMatchObject({ variables: { names0: '["a","b"]' } });
    expect(oneOfMany('names', ['a', 'b']).has('x')).toBe('(x in variables.names0)');
    expect(
      oneOfMany(
        'names',
        many.map(({ id }) => id),
      ).has('x'),
    ).toBe('(x in variables.names0 || x in variables.names1)');
  });
});
