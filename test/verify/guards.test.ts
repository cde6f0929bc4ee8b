import { expect, it } from 'vitest';
import { Cluster } from '../../src/bridge/cluster.js';
import type { KubeObject } from '../../src/model/kube-object.js';
import type { Outcome } from '../../src/verify/forbidden/try.js';
import { guardChecks, type GuardsOptions } from '../../src/verify/guards.js';
import { fakeApi } from '../bridge/fake-api.js';

const API = 'admissionregistration.k8s.io/v1';
const labels = { 'portarium.io/stack': 'platform' };
const policy: KubeObject = {
  apiVersion: API,
  kind: 'ValidatingAdmissionPolicy',
  metadata: { name: 'guard', labels },
  spec: { failurePolicy: 'Fail', validations: [{ expression: 'false' }] },
};
const binding: KubeObject = {
  apiVersion: API,
  kind: 'ValidatingAdmissionPolicyBinding',
  metadata: { name: 'guard', labels },
  spec: { policyName: 'guard', validationActions: ['Deny'] },
};

const live = (objects: readonly KubeObject[]) =>
  new Cluster(
    fakeApi(({ path }) => {
      if (path === `/apis/${API}`) {
        const of = (kind: string, name: string) => ({ kind, name, namespaced: false });
        const resources = [of(policy.kind, 'policies'), of(binding.kind, 'policybindings')];
        return { body: { resources } };
      }
      const kind = path.includes('policybindings') ? binding.kind : policy.kind;
      return { body: { items: objects.filter((object) => object.kind === kind), metadata: {} } };
    }),
  );

async function check(outcome: Outcome | undefined, options: Partial<GuardsOptions> = {}, toEveryone = true) {
  const request = { what: 'something', by: 'guard', toEveryone, send: () => Promise.resolve() };
  const [found] = await guardChecks(live([policy, binding]), {
    stack: 'platform',
    objects: [policy, binding],
    tried: outcome === undefined ? [] : [{ request, outcome }],
    ownName: false,
    ...options,
  });
  return found!;
}
const refusedBy = (by: string): Outcome => ({ came: 'refused', by, says: 'no' });

it('passes by a request that it refused in its own name', async () => {
  expect(await check(refusedBy('guard'))).toMatchObject({
    verdict: 'pass',
    note: 'as rendered, with 1 binding; refused something',
  });
});

it.each<[string, Outcome | undefined, string]>([
  ['nothing was tried', undefined, 'no request is known here that it alone refuses'],
  ['another refused it', refusedBy('PodSecurity'), 'something was refused by PodSecurity before it came to it: no'],
  [
    'RBAC refused it',
    {
      came: 'refused',
      by: 'RBAC',
      says: 'create Pod a/b: pods is forbidden: User "vera" cannot create resource "pods"',
    },
    'something takes a right that the caller has not: User "vera" cannot create resource "pods"',
  ],
  ['it could not be sent', { came: 'unsent', why: 'there is no PolicyApproval yet' }, 'there is no PolicyApproval yet'],
])('is inconclusive where %s', async (_, outcome, why) => {
  const { verdict, note } = await check(outcome);
  expect(verdict).toBe('inconclusive');
  expect(note).toContain(why);
});

it('is inconclusive where what must be let in is refused too', async () => {
  const { verdict, note } = await check(refusedBy('guard'), { refusesAll: 'but an agent is refused too' });
  expect(verdict).toBe('inconclusive');
  expect(note).toContain('but an agent is refused too');
});

it('passes where nobody can send what it is about', async () => {
  const { verdict, note } = await check({ came: 'unserved', why: 'the cluster serves no Thing' });
  expect(verdict).toBe('pass');
  expect(note).toContain('there is nothing that it could refuse: the cluster serves no Thing');
});

it('fails where it let in what it must refuse; in a name that it may let through it says nothing', async () => {
  const letIn: Outcome = { came: 'let in' };
  expect(await check(letIn)).toMatchObject({ verdict: 'fail', findings: [{ problem: 'let in something' }] });
  expect((await check(letIn, {}, false)).verdict).toBe('fail');
  expect((await check(letIn, { ownName: true }, true)).verdict).toBe('fail');
  expect(await check(letIn, { ownName: true }, false)).toMatchObject({
    verdict: 'inconclusive',
    note: expect.stringContaining('the caller may send something') as string,
  });
});

it.each<[string, readonly KubeObject[], string]>([
  ['the policy is gone', [binding], 'is missing'],
  ['a binding is gone', [policy], 'is missing'],
  [
    'it only warns',
    [policy, { ...binding, spec: { policyName: 'guard', validationActions: ['Warn'] } }],
    'does not deny',
  ],
  [
    'it lets in what it cannot judge',
    [{ ...policy, spec: { ...(policy['spec'] as object), failurePolicy: 'Ignore' } }, binding],
    'is not as rendered',
  ],
])('fails where %s, whatever was refused', async (_, objects, problem) => {
  const request = { what: 'something', by: 'guard', toEveryone: true, send: () => Promise.resolve() };
  const [found] = await guardChecks(live(objects), {
    stack: 'platform',
    objects: [policy, binding],
    tried: [{ request, outcome: refusedBy('guard') }],
    ownName: false,
  });
  expect(found!.verdict).toBe('fail');
  expect(found!.findings.map((finding) => finding.problem)).toContain(problem);
});
