import { describe, expect, it } from 'vitest';
import { ApiError } from '../../../src/bridge/api-error.js';
import { answerOf } from '../../../src/bridge/answer.js';
import { complaint, permitted, refused } from '../../../src/cli/demo/attempts/attempt.js';
import { FAMILIES, unheard, untried } from '../../../src/cli/demo/attempts/list.js';
import { bindingsHeard, score } from '../../../src/cli/demo/attempts/try.js';
import { platformObjects } from './fixture.js';

const send = () => Promise.resolve();
const policies = platformObjects.filter(({ kind }) => kind === 'ValidatingAdmissionPolicy');
const attempts = FAMILIES.flatMap((family) => family.attempts);

const answer = (status: number, reason: string, message: string) =>
  answerOf(new ApiError(status, { message, reason, code: status }, 'create Pod x/y'));
const denied = (by: string, says = 'no') =>
  answer(
    403,
    'Forbidden',
    `pods "x" is forbidden: ValidatingAdmissionPolicy '${by}' with binding '${by}-x' denied request: ${says}`,
  );

describe('completeness', () => {
  it('every admission policy of the platform is tried', () => {
    expect(untried(platformObjects)).toEqual([]);
  });

  it('every admission policy that is named exists', () => {
    const known = new Set(policies.map(({ metadata }) => metadata.name));
    const named = new Set(attempts.flatMap(({ refusedBy }) => refusedBy));
    expect([...named].filter((name) => !known.has(name)).sort()).toEqual(['PodSecurity', 'RBAC', 'schema']);
  });

  it.each(policies.map(({ metadata }) => metadata.name))('%s is missed when nobody tries it', (name) => {
    const fewer = FAMILIES.map((family) => ({
      ...family,
      attempts: family.attempts.filter(({ refusedBy }) => !(refusedBy.length === 1 && refusedBy[0] === name)),
    }));
    expect(untried(platformObjects, fewer)).toEqual([name]);
  });

  it.each(policies.map(({ metadata }) => metadata.name))('%s is missed when it lets everything pass', (name) => {
    const its = attempts.filter(({ refusedBy }) => refusedBy.length === 1 && refusedBy[0] === name);
    expect(its.map((attempt) => complaint(attempt, { admitted: true }))).not.toContain(undefined);
  });

  it('every family has a permitted neighbour', () => {
    const lonely = FAMILIES.filter((family) => !family.attempts.some(({ refusedBy }) => refusedBy.length === 0));
    expect(lonely.map(({ title }) => title)).toEqual([]);
  });

  it('a binding that refused nothing is missed', () => {
    const bindings = platformObjects
      .filter(({ kind }) => kind === 'ValidatingAdmissionPolicyBinding')
      .map(({ metadata }) => metadata.name);
    expect(unheard(platformObjects, new Set(bindings))).toEqual([]);
    for (const name of bindings) {
      expect(unheard(platformObjects, new Set(bindings.filter((other) => other !== name)))).toEqual([name]);
    }
  });
});

describe('who refused', () => {
  it.each([
    ['an admission policy', denied('portarium-guard-agent-pods'), 'portarium-guard-agent-pods'],
    [
      'Pod Security',
      answer(403, 'Forbidden', 'pods "x" is forbidden: violates PodSecurity "restricted:v1.36": …'),
      'PodSecurity',
    ],
    [
      'RBAC',
      answer(403, 'Forbidden', 'pods is forbidden: User "x" cannot create resource "pods" in API group ""'),
      'RBAC',
    ],
    [
      'a CRD',
      answer(422, 'Invalid', 'WorkspacePolicy.enforcement.portarium.io "x" is invalid: spec.reachedLevel'),
      'schema',
    ],
    ['something else', answer(404, 'NotFound', 'pods "x" not found'), 'HTTP 404 NotFound'],
  ])('is told: %s', (_, given, by) => {
    expect(given).toMatchObject({ admitted: false, by });
  });

  it('with the binding and its own words', () => {
    expect(denied('p', 'because\nof this')).toEqual({
      admitted: false,
      by: 'p',
      binding: 'p-x',
      says: 'because\nof this',
    });
  });
});

describe('an answer', () => {
  const wanted = refused('p', 'mallory', 'a thing', send);
  it('that refuses in the right name is right', () => {
    expect(complaint(wanted, denied('p'))).toBeUndefined();
  });
  it('that admits is wrong', () => {
    expect(complaint(wanted, { admitted: true })).toBe('mallory: a thing: admitted, although p must refuse it');
  });
  it('that refuses in another’s name is wrong', () => {
    expect(complaint(wanted, denied('q'))).toBe('mallory: a thing: refused by q instead of p: no');
  });
  it('that refuses for another reason is wrong', () => {
    const because = refused('p', 'mallory', 'a thing', send, { says: 'expired' });
    expect(complaint(because, denied('p', 'it has expired'))).toBeUndefined();
    expect(complaint(because, denied('p'))).toBe(
      'mallory: a thing: p refused it for another reason than "expired": no',
    );
  });
  it('that refuses the neighbour is wrong', () => {
    const neighbour = permitted('bob', 'another thing', send);
    expect(complaint(neighbour, { admitted: true })).toBeUndefined();
    expect(complaint(neighbour, denied('p'))).toBe(
      'bob: another thing: refused by p, although it must be permitted: no',
    );
  });
});

it('the score counts right answers of each kind', () => {
  const neighbour = permitted('bob', 'y', send);
  const attempt = refused('p', 'mallory', 'x', send);
  const tried = [
    { attempt, answer: denied('p') },
    { attempt, answer: { admitted: true } as const, complaint: 'admitted' },
    { attempt: neighbour, answer: { admitted: true } as const },
  ];
  expect(score([{ title: 'any', tried }])).toBe('1 of 2 refused, 1 of 1 permitted');
  expect([...bindingsHeard([{ title: 'any', tried }])]).toEqual(['p-x']);
});
