import type { Cluster } from '../bridge/cluster.js';
import { keyOf, type KubeObject } from '../model/kube-object.js';
import { inconclusive, type Check, type Finding } from '../model/check.js';
import type { Tried } from './forbidden/try.js';
import { ofObject } from './stack.js';

const POLICY = 'ValidatingAdmissionPolicy';

export interface GuardsOptions {
  readonly stack: string;
  /** What the platform's stack renders. */
  readonly objects: readonly KubeObject[];
  readonly tried: readonly Tried[];
  /** Whether the caller's own name had to do, which may be one that a guard lets through. */
  readonly ownName: boolean;
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
  { stack, tried, refusesAll, ownName }: GuardsOptions,
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
  const about = tried.filter(({ request }) => request.by === name);
  findings.push(
    ...about
      .filter(({ request, outcome }) => outcome.came === 'let in' && (request.toEveryone || !ownName))
      .map(({ request }): Finding => ({ object: keyOf(policy), problem: `let in ${request.what}` })),
  );
  const held = bindings.length === 1 ? '1 binding' : `${bindings.length} bindings`;
  if (findings.length > 0) return { name: check, verdict: 'fail', note: `policy and ${held}`, findings };
  const pass = (why: string): Check => ({
    name: check,
    verdict: 'pass',
    note: `as rendered, with ${held}; ${why}`,
    findings,
  });
  const refused = about.find(({ outcome }) => outcome.came === 'refused' && outcome.by === name);
  if (refused !== undefined) {
    return refusesAll === undefined
      ? pass(`refused ${refused.request.what}`)
      : inconclusive(check, `as rendered, and refused ${refused.request.what}; ${refusesAll}`);
  }
  const [unserved] = about.flatMap(({ outcome }) => (outcome.came === 'unserved' ? [outcome.why] : []));
  return unserved === undefined
    ? inconclusive(check, `as rendered; whether it is in effect is not known: ${why(about)}`)
    : pass(`there is nothing that it could refuse: ${unserved}`);
}

function why(about: readonly Tried[]): string {
  const [first] = about;
  if (first === undefined) return 'no request is known here that it alone refuses';
  const { request, outcome } = first;
  if (outcome.came === 'refused') {
    if (outcome.by === 'RBAC') {
      return `${request.what} takes a right that the caller has not: ${outcome.says.replace(/^.* is forbidden: /s, '')}`;
    }
    return `${request.what} was refused by ${outcome.by} before it came to it: ${outcome.says}`;
  }
  if (outcome.came === 'let in') return `the caller may send ${request.what}`;
  return `${request.what} could not be tried: ${outcome.why}`;
}
