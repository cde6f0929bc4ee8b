import { expect, it } from 'vitest';
import { isNormal, pathOf, tryWorkspaceOf } from '../../src/authorizer/path.js';

it.each([
  '/',
  '/healthz',
  '/v1/workspaces/ws-acme/agent-actions:propose',
  '/v1/workspaces/ws-acme/runs/%7Bid%7D',
  '/v1/workspaces/ws-acme/users/a%40b',
  '/portarium.v1.Runs/Start',
  '/v1/workspaces/ws-acme/',
  '/.well-known/x..y',
])('%s is in normal form', (path) => expect(isNormal(path)).toBe(true));

it.each([
  '',
  '*',
  'example.com:443',
  '//v1',
  '/v1//workspaces',
  '/v1/./workspaces',
  '/v1/workspaces/ws-acme/../ws-globex/runs',
  '/v1/workspaces/ws-acme/..',
  '/v1\\workspaces',
  '/v1/%77orkspaces/ws-globex',
  '/v1/workspaces/ws%2Dglobex',
  '/v1/workspaces/ws%2dglobex',
  '/v1/workspaces%2Fws-globex',
  '/v1/%2e%2e/x',
  '/v1/%5cx',
  '/v1/%00',
  '/v1/%7f',
  '/v1/%',
  '/v1/%4',
  '/v1/%zz',
  '/v1/a b',
  '/v1/ü',
  '/v1/#x',
])('%j is not', (path) => expect(isNormal(path)).toBe(false));

it('a path ends where its query begins', () => {
  expect(pathOf('/v1/workspaces/ws-acme?x=/v1/workspaces/ws-globex?')).toBe('/v1/workspaces/ws-acme');
  expect(pathOf('/v1')).toBe('/v1');
});

it.each([
  ['/v1/workspaces/ws-acme', 'ws-acme'],
  ['/v1/workspaces/ws-acme/runs/1', 'ws-acme'],
  ['/v1/workspaces/ws-acme:x', 'ws-acme:x'],
  ['/v1/workspaces/', undefined],
  ['/v1/workspaces', undefined],
  ['/v2/workspaces/ws-acme', undefined],
  ['/x/v1/workspaces/ws-acme', undefined],
])('the workspace of %s is %s', (path, workspace) => expect(tryWorkspaceOf(path)).toBe(workspace));
