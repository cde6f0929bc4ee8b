import { expect, test } from 'vitest';
import { isInSlice } from '../../src/openfga/slice.js';

test.each([
  ['user:a', 'admin', 'workspace:ws', true],
  ['user:a', 'registered_owner', 'agent:ws/bot', true],
  ['workload:w', 'lease', 'credential:ws/hubspot', true],
  ['user:a', 'admin', 'workspace:ws-other', false],
  ['user:a', 'registered_owner', 'agent:ws-other/bot', false],
  ['workspace:ws', 'workspace', 'agent:ws-other/bot', true],
  ['workspace:ws', 'workspace', 'run:ws/r1', false],
  ['user:a', 'initiator', 'run:ws/r1', false],
  ['user:a', 'assigned_approver', 'approval:ws/a1', false],
  ['user:a', 'admin', 'workspace:ws-', false],
])('%s %s %s is the stack’s of workspace ws: %s', (user, relation, object, owned) => {
  expect(isInSlice('ws')({ user, relation, object })).toBe(owned);
});
