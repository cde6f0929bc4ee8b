import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  agentObject,
  agentSubject,
  approvalObject,
  credentialObject,
  newAgentObject,
  newRunObject,
  runObject,
  tryAgentObject,
  tryApprovalObject,
  tryRunObject,
  tryUserSubject,
  tryWorkloadSubject,
  tryWorkspaceObject,
  typeOf,
  UnusableId,
  userSubject,
  workloadSubject,
  workspaceObject,
  workspaceOf,
} from '../../../src/model/authorization/ids.js';

/** OpenFGA's own (pkg/tuple): one colon, no `#`, no blank. */
const OBJECT = /^[^:#\s]+:[^:#\s]+$/;

describe('ids', () => {
  test('are prefixed with the workspace', () => {
    expect([
      workspaceObject('ws-acme'),
      runObject('ws-acme', 'r1'),
      approvalObject('ws-acme', 'a1'),
      credentialObject('ws-acme', 'hubspot'),
      agentObject('ws-acme', 'sales-bot'),
      agentSubject('ws-acme', 'sales-bot'),
      userSubject('u-bob'),
      workloadSubject('spiffe://portarium.io/ns/portarium-execution/sa/worker'),
      newRunObject('ws-acme'),
      newAgentObject('ws-acme'),
    ]).toEqual([
      'workspace:ws-acme',
      'run:ws-acme/r1',
      'approval:ws-acme/a1',
      'credential:ws-acme/hubspot',
      'agent:ws-acme/sales-bot',
      'agent:ws-acme/sales-bot',
      'user:u-bob',
      'workload:portarium.io/ns/portarium-execution/sa/worker',
      'run:ws-acme/~new',
      'agent:ws-acme/~new',
    ]);
  });

  test.each(['', '~new', '..', '.', 'a/b', 'a:b', 'a#b', 'a@b', 'a b', 'a\n', '*', 'a%2f', 'ä', 'a'.repeat(129)])(
    'no run or approval is called %j',
    (id) => {
      expect(tryRunObject('ws-acme', id)).toBeUndefined();
      expect(tryApprovalObject('ws-acme', id)).toBeUndefined();
      expect(() => runObject('ws-acme', id)).toThrow(UnusableId);
    },
  );

  test.each(['', 'WS', 'ws/acme', 'ws-acme#member', '-ws', 'ws\n', 'a'.repeat(64)])(
    'no workspace is called %j',
    (id) => {
      expect(tryWorkspaceObject(id)).toBeUndefined();
      expect(tryRunObject(id, 'r1')).toBeUndefined();
      expect(tryAgentObject(id, 'bot')).toBeUndefined();
      expect(() => newRunObject(id)).toThrow(UnusableId);
    },
  );

  test.each(['', '*', 'alice@acme', 'user:alice', 'a#member', 'a b', '-a', 'a'.repeat(129)])(
    'no user has the subject %j',
    (subject) => {
      expect(tryUserSubject(subject)).toBeUndefined();
    },
  );

  test.each([
    '',
    'portarium.io/ns/x/sa/y',
    'spiffe://portarium.io/ns/x/sa/',
    'spiffe://portarium.io/ns/x/sa/y/z',
    'spiffe://portarium.io/ns/x#y/sa/z',
    'spiffe://portarium.io:8443/ns/x/sa/y',
    `spiffe://portarium.io/ns/x/sa/${'y'.repeat(254)}`,
  ])('%j is no workload', (id) => {
    expect(tryWorkloadSubject(id)).toBeUndefined();
  });

  test('an error says what was given and what is allowed', () => {
    expect(() => userSubject('alice@acme')).toThrow(
      '"alice@acme" cannot be an id of OpenFGA. Allowed: a subject (letters, digits and "._|+=/~-", at most 128; no "@" and no ":").',
    );
    expect(() => runObject('ws-acme', 'a/b')).toThrow(
      '"ws-acme", "a/b" cannot be an id of OpenFGA. Allowed: a workspace’s id (a DNS-1123 label) and an id (letters, digits and "_.~-", at most 128, not beginning with ".", "~" or "-").',
    );
  });

  test('whatever is given, an id is undefined or one that OpenFGA takes, in that workspace', () => {
    const text = fc.string({ unit: fc.constantFrom(...'aZ09._~-/:#@ *%ä\n\0'), maxLength: 12 });
    fc.assert(
      fc.property(text, text, (workspace, id) => {
        for (const object of [tryRunObject(workspace, id), tryAgentObject(workspace, id)]) {
          if (object === undefined) continue;
          expect(object).toMatch(OBJECT);
          expect(object.length).toBeLessThanOrEqual(256);
          expect(workspaceOf(object)).toBe(workspace);
        }
        const user = tryUserSubject(id);
        if (user !== undefined) expect(user).toMatch(OBJECT);
      }),
      { numRuns: 150 },
    );
  });

  test('two pairs of workspace and id never become one object', () => {
    const workspace = fc.stringMatching(/^[a-z0-9]{1,3}$/);
    const id = fc.stringMatching(/^[a-z0-9]{1,3}$/);
    fc.assert(
      fc.property(workspace, id, workspace, id, (a, b, c, d) => {
        expect(runObject(a, b) === runObject(c, d)).toBe(a === c && b === d);
      }),
    );
  });

  test('type and workspace of an id, and of a userset', () => {
    expect(typeOf('run:ws-acme/r1')).toBe('run');
    expect(workspaceOf('workspace:ws-acme')).toBe('ws-acme');
    expect(workspaceOf('agent:ws-acme/bot#registered_owner')).toBe('ws-acme');
    expect(typeOf('agent:ws-acme/bot#registered_owner')).toBe('agent');
  });
});
