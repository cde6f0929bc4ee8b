import { describe, expect, test } from 'vitest';
import { ACTIONS, relationOf, ROLES, type Action } from '../../../src/model/authorization/actions.js';

const names = Object.keys(ACTIONS) as Action[];

describe('actions', () => {
  test('are upstream’s 28, and an admin may do each', () => {
    expect(names).toHaveLength(28);
    for (const name of names) expect(ACTIONS[name]).toContain('admin');
  });

  test('have a relation each, as upstream spells it, and none is a role', () => {
    expect(relationOf('policy-change:approve')).toBe('policy_change_approve');
    expect(new Set(names.map(relationOf)).size).toBe(28);
    for (const name of names) expect(ROLES).not.toContain(relationOf(name));
    for (const name of names) expect(relationOf(name)).toMatch(/^[a-z_]{1,50}$/);
  });
});
