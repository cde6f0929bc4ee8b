import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { ApiServer } from '../../src/authorizer/api-server.js';
import { follow } from '../../src/authorizer/follow.js';
import { Policies } from '../../src/authorizer/policies.js';
import { ACME } from '../model/examples.js';
import { CONFIG, MTLS_RELAXATION, policyObject, relaxationObject, specOf } from './fixture.js';

/** Lists `items`, then gives the lines of each watch in turn; an error is thrown. */
async function followed(kind: 'policies' | 'relaxations', items: readonly object[], watches: readonly unknown[][]) {
  const policies = new Policies({ trustDomain: CONFIG.trustDomain, contactLasts: 1000 });
  const ending = new AbortController();
  const left = [...watches];
  const logs: string[] = [];
  const paths: string[] = [];
  const api: ApiServer = {
    put: () => Promise.reject(new Error('nothing is written')),
    get(path) {
      paths.push(path);
      return Promise.resolve({ metadata: { resourceVersion: '1' }, items });
    },
    async *lines(path, signal, opened) {
      paths.push(path);
      const next = left.shift();
      if (next === undefined) ending.abort();
      for (const line of next ?? []) {
        if (line instanceof Error) throw line;
        opened();
        await sleep(1, undefined, { signal });
        yield line;
      }
      signal.throwIfAborted();
    },
  };
  const onLog = (level: string, message: string) => logs.push(`${level}: ${message}`);
  await follow(kind, { api, policies, config: CONFIG, signal: ending.signal, onLog });
  return { policies, logs, paths };
}
const spec = specOf(ACME);
const changed = (object: { readonly metadata: object }) => ({
  type: 'MODIFIED',
  object: { ...object, metadata: { ...object.metadata, resourceVersion: '2' } },
});

it('reads one kind in the policies’ namespace, in watches of a third of contactSeconds', async () => {
  const { policies, paths } = await followed('policies', [policyObject(spec)], []);
  const path = '/apis/enforcement.portarium.io/v1alpha1/namespaces/portarium-policy/workspacepolicies';
  expect(paths).toEqual([
    `${path}?limit=250`,
    `${path}?watch=1&allowWatchBookmarks=true&resourceVersion=1&timeoutSeconds=10`,
  ]);
  expect(policies.workspaces).toEqual(['ws-acme']);
});

it('says once that contact is lost, and that it is found again', async () => {
  const lost = [new Error('connect ECONNREFUSED')];
  const { logs } = await followed('relaxations', [], [lost, lost, [changed(relaxationObject(MTLS_RELAXATION))]]);
  expect(logs).toEqual([
    'info: 0 relaxations listed',
    'warning: cannot watch relaxations: connect ECONNREFUSED',
    'info: 0 relaxations listed',
    'info: 0 relaxations listed',
    'info: watching relaxations again',
  ]);
});

it('says what an unreadable object leads to', async () => {
  const broken = policyObject(spec, { agents: 'all' });
  const never = await followed('policies', [broken], []);
  const why = 'error: WorkspacePolicy ws-acme: spec.agents is "all", not a list.';
  expect(never.logs.at(-1)).toBe(`${why} The workspace is refused.`);
  const once = await followed('policies', [policyObject(spec)], [[changed(broken)]]);
  expect(once.logs.at(-1)).toBe(`${why} Its last good version stays, and every control enforces.`);
  const object = relaxationObject(MTLS_RELAXATION);
  const relaxation = { ...object, spec: { ...(object['spec'] as object), state: 'open' } };
  const { logs } = await followed('relaxations', [relaxation], []);
  expect(logs.at(-1)).toMatch(/^error: Relaxation inc-4711: spec\.state is "open".* It relaxes nothing\.$/);
});
