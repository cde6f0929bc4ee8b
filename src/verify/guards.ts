import { answerOf, type Answer } from '../bridge/answer.js';
import { ApiError } from '../bridge/api-error.js';
import type { Cluster } from '../bridge/cluster.js';
import { keyOf, type KubeObject } from '../model/kube-object.js';
import { inconclusive, type Check, type Finding } from '../model/check.js';
import { ofObject } from './stack.js';
import type { ForbiddenRequest } from './forbidden/request.js';

const POLICY = 'ValidatingAdmissionPolicy';

/** What came of a forbidden request. */
export interface Tried {
  readonly request: ForbiddenRequest;
  readonly answer: Answer;
}

/** Sends every request as a dry run. Throws ClusterUnreachable. */
export async function tryForbidden(cluster: Cluster, requests: readonly ForbiddenRequest[]): Promise<readonly Tried[]> {
  return Promise.all(
    requests.map(async (request): Promise<Tried> => {
      try {
        await request.send(cluster);
        return { request, answer: { admitted: true } };
      } catch (error) {
        if (error instanceof ApiError) return { request, answer: answerOf(error) };
        throw error;
      }
    }),
  );
}

export interface GuardsOptions {
  readonly stack: string;
  /** What the platform's stack renders. */
  readonly objects: readonly KubeObject[];
  readonly tried: readonly Tried[];
  /** Why refusals would prove nothing: what must be admitted is refused too. @default - it is admitted */
  readonly refusesAll?: string;
}

/**
 * One check for each admission policy that the platform renders: it is there with its bindings, exactly equal, fails
 * closed and denies (bypass B26); and a request that it forbids was refused, in its name.
 */
export async function guardChecks(cluster: Cluster, options: GuardsOptions): Promise<readonly Check[]> {
  const rendered = options.objects.filter(({ kind }) => kind === POLICY || kind === `${POLICY}Binding`);
  const live = new Map<string, KubeObject>();
  for (const kind of [POLICY, `${POLICY}Binding`]) {
    for (const object of await cluster.list({ apiVersion: 'admissionregistration.k8s.io/v1', kind }))
      live.set(keyOf(object), object);
  }
  return rendered.filter(({ kind }) => kind === POLICY).map((policy) => ofGuard(policy, rendered, live, options));
}

interface BindingSpec {
  readonly policyName: string;
  readonly validationActions?: readonly string[];
}

function ofGuard(
  policy: KubeObject,
  rendered: readonly KubeObject[],
  live: ReadonlyMap<string, KubeObject>,
  { stack, tried, refusesAll }: GuardsOptions,
): Check {
  const { name } = policy.metadata;
  const bindings = rendered.filter(({ kind, spec }) => kind !== POLICY && (spec as BindingSpec).policyName === name);
  const findings: Finding[] = [policy, ...bindings].flatMap((object) =>
    ofObject(stack, object, live.get(keyOf(object))),
  );
  const failurePolicy = (live.get(keyOf(policy))?.['spec'] as { failurePolicy?: string } | undefined)?.failurePolicy;
  if (
    failurePolicy !== undefined &&
    failurePolicy !== 'Fail' &&
    !findings.some(({ field }) => field === 'spec.failurePolicy')
  ) {
    findings.push({
      object: keyOf(policy),
      field: 'spec.failurePolicy',
      expected: 'Fail',
      found: failurePolicy,
      problem: 'lets requests in that it cannot judge',
    });
  }
  for (const binding of bindings) {
    const actions = (live.get(keyOf(binding))?.['spec'] as BindingSpec | undefined)?.validationActions;
    if (actions === undefined || actions.includes('Deny')) continue;
    findings.push({
      object: keyOf(binding),
      field: 'spec.validationActions',
      expected: ['Deny'],
      found: actions,
      problem: 'does not deny',
    });
  }
  const check = `guard ${name}`;
  const about = tried.filter(({ request }) => request.by.includes(name));
  findings.push(
    ...about
      .filter(({ request, answer }) => answer.admitted && request.toEveryone && request.by.length === 1)
      .map(({ request }): Finding => ({ object: keyOf(policy), problem: `let in ${request.what}` })),
  );
  if (findings.length > 0)
    return { name: check, verdict: 'fail', note: `policy and ${bindings.length} bindings`, findings };
  const refused = about.find(({ answer }) => !answer.admitted && answer.by === name);
  if (refused === undefined)
    return inconclusive(check, `as rendered; whether it is in effect is not known: ${why(about)}`);
  if (refusesAll !== undefined)
    return inconclusive(check, `as rendered, and refused ${refused.request.what}; ${refusesAll}`);
  return {
    name: check,
    verdict: 'pass',
    note: `as rendered, ${bindings.length} bindings; refused ${refused.request.what}`,
    findings,
  };
}

function why(about: readonly Tried[]): string {
  const [first] = about;
  if (first === undefined) return 'no request is known here that it alone refuses';
  const { request, answer } = first;
  return answer.admitted
    ? `the caller may send ${request.what}`
    : `${request.what} was refused by ${answer.by} before it came to it`;
}
