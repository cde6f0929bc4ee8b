import { expect, it } from 'vitest';
import type { StoreStatus } from '../../src/bridge/authorization-sweep.js';
import type { PatchState } from '../../src/bridge/patch-states.js';
import type { ControlVerdict, WorkspaceStatus } from '../../src/bridge/status.js';
import { exitCodeOf } from '../../src/cli/status.js';

interface Case {
  readonly differing?: readonly string[];
  readonly refusals?: readonly string[];
  readonly verdict?: ControlVerdict;
  readonly patch?: PatchState['state'];
  readonly store?: StoreStatus;
}

const cases: readonly (readonly [what: string, found: Case, code: number])[] = [
  ['everything is as rendered', {}, 0],
  ['an object differs', { differing: ['NetworkPolicy a/b (update)'] }, 7],
  ['the next update would be refused', { refusals: ['no approval'] }, 7],
  ['a sidecar is not as rendered', { patch: 'not as rendered' }, 7],
  ['the store holds what no tuples may say', { store: { violations: ['x reaches into another workspace.'] } }, 7],
  ['a control cannot be settled', { verdict: 'inconclusive' }, 10],
  ['the store was not read', { store: { violations: [], unread: 'it does not answer' } }, 10],
  [
    'one thing is wrong and another not settled',
    { verdict: 'inconclusive', store: { violations: ['run:ws-acme/r has 2 initiators, not one.'] } },
    7,
  ],
];

it.each(cases)('the exit code of a status where %s', (_what, found, code) => {
  const { differing = [], refusals = [], verdict = 'enforced', patch = 'in place', store = { violations: [] } } = found;
  const control = { mode: 'enforce', verdict, note: '' } as const;
  const controls: WorkspaceStatus['controls'] = { authz: control, mtls: control, allowlist: control, egress: control };
  expect(exitCodeOf({ workspaces: [{ differing, refusals, controls }], patches: [{ state: patch }], store })).toBe(
    code,
  );
});
