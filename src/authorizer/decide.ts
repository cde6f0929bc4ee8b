import { pathOf } from './path.js';
import { tryRoute, type RouteMatch } from '../model/routes.js';
import { judgeAuthz, type Sources } from './authz.js';
import type { Config } from './config.js';
import {
  isRefusal,
  statusOf,
  type Caller,
  type Called,
  type Decision,
  type Judgement,
  type Refusal,
} from './decision.js';
import { LISTENERS, type Facts, type Listener } from './facts.js';
import { identify } from './identity.js';
import type { Known } from './known.js';
import { modeOf } from './modes.js';
import { judgeMtls } from './mtls.js';
import { readToken } from './token.js';
import { judgeCall } from './called.js';

const BOUND = { control: 'identity', mode: 'enforce', decision: 'allow' } as const;

/**
 * The decision about one request. Everything it depends on comes in. Token first, then who is calling and by which
 * route, then the controls of the caller's workspace one after the other, until one denies: SVID, tool, OpenFGA.
 * Source: design, sections 3 and 7.
 */
export async function decide(
  facts: Facts,
  known: Known,
  config: Config,
  now: Date,
  sources: Sources,
): Promise<Decision> {
  const listener = LISTENERS.find((each) => each === facts.listener);
  if (listener === undefined) {
    return refused({
      reason: 'CannotDecide',
      detail: `${JSON.stringify(facts.listener)} is no listener of the front.`,
    });
  }
  if (!known.complete) {
    return refused({ reason: 'CannotDecide', detail: 'The policies have not arrived from the API server yet.' });
  }
  const subject = readToken(facts.token, listener, config.tokens, now);
  if (isRefusal(subject)) return refused(subject);
  const caller = identify(facts, listener, subject, known, config);
  if (isRefusal(caller)) return refused(caller);
  const match = routeFor(facts, listener, caller, config);
  if (isRefusal(match)) return { ...refused(match), caller, ...hashOf(caller, known) };

  const soFar: Sum = { caller, route: match.route.template, verdicts: [BOUND], ...hashOf(caller, known) };
  const call = judgeCall(facts, caller, match, known, now);
  if (isRefusal(call)) return { ...soFar, ...refused(call, rpcOf(match)) };

  const modes = (control: 'mtls' | 'authz') => modeOf(control, caller.workspaceId, known, now);
  let sum: Sum = { ...soFar, ...(call.called && { called: call.called }) };
  if (listener !== 'people') {
    const mode = modes('mtls');
    sum = plus(sum, judgeMtls(caller, listener !== 'bearer', mode), mode.relaxation);
    if (isDenied(sum)) return answered(sum);
  }
  if (call.judgement !== undefined) {
    sum = plus(sum, call.judgement, call.relaxation);
    if (isDenied(sum)) return answered(sum);
  }
  const mode = modes('authz');
  const { asked, ...judgement } = await judgeAuthz(caller, match, known, mode.mode, now, sources);
  sum = { ...plus(sum, judgement, mode.relaxation), ...(asked && { asked }) };
  return answered(isDenied(sum) || call.body === undefined ? sum : { ...sum, body: call.body });
}

type Sum = Omit<Decision, 'status'>;

const isDenied = ({ verdicts }: Sum): boolean => verdicts.at(-1)?.decision === 'deny';

/** A denial's reason stands for the whole; of what shadow lets pass, the first. */
function plus(sum: Sum, { verdict, refusal }: Judgement, relaxation: string | undefined): Sum {
  const why = verdict.decision === 'deny' ? refusal : (sum.refusal ?? refusal);
  const relaxed = sum.relaxation ?? relaxation;
  return {
    ...sum,
    verdicts: [...sum.verdicts, verdict],
    ...(why && { refusal: why }),
    ...(relaxed !== undefined && { relaxation: relaxed }),
  };
}

const answered = (sum: Sum): Decision => ({
  ...sum,
  status: isDenied(sum) && sum.refusal !== undefined ? statusOf(sum.refusal) : 200,
});

/** The route, if there is one and it is for callers of this kind. */
function routeFor(
  { method, path: pathAndQuery }: Facts,
  listener: Listener,
  caller: Caller,
  { grpcMethods }: Config,
): RouteMatch | Refusal {
  const path = pathOf(pathAndQuery);
  const match = listener === 'grpc' ? tryMethod(path, grpcMethods) : tryRoute(method, path);
  if (match === undefined) {
    const what = listener === 'grpc' ? `The method ${show(path)}` : `The route ${show(`${method} ${path}`)}`;
    return { reason: 'NotAuthorized', detail: `${what} is none that the front lets through.`, unmapped: true };
  }
  if (match.route.check.object === 'self' && match.id !== caller.name) {
    return {
      reason: 'NotAuthorized',
      detail: `The path is of the agent ${show(match.id ?? '')}, the caller is ${show(caller.name)}.`,
      bypass: true,
    };
  }
  if (match.route.callers.includes(caller.kind)) return match;
  return {
    reason: 'NotAuthorized',
    detail: `${match.route.method} ${match.route.template} is not for a caller that is a${caller.kind === 'agent' ? 'n' : ''} ${caller.kind}.`,
  };
}

/** gRPC has no method table upstream: a method is let through only where the config names it. */
function tryMethod(path: string, methods: Config['grpcMethods']): RouteMatch | undefined {
  const found = methods.find(({ method }) => method === path);
  return (
    found && {
      route: {
        method: 'POST',
        template: found.method,
        callers: ['agent', 'workload'],
        check: { object: 'workspace', relation: found.relation },
      },
    }
  );
}

const rpcOf = ({ route }: RouteMatch): { readonly called?: Called } =>
  route.tool === 'mcp' ? { called: { rpc: { id: null } } } : {};

/** Refused whatever the modes of the workspace: before they were looked at, or for a body that nobody could judge. */
export const refused = (refusal: Refusal, more: { readonly called?: Called } = {}): Decision => ({
  status: statusOf(refusal),
  verdicts:
    refusal.reason === 'CannotDecide'
      ? []
      : [
          {
            control: refusal.reason === 'PolicyBlocked' ? 'allowlist' : 'identity',
            mode: 'enforce',
            decision: 'deny',
          },
        ],
  refusal,
  ...more,
});

function hashOf({ workspaceId }: Caller, known: Known): { readonly policyHash?: string } {
  const policy = workspaceId === undefined ? undefined : known.tryPolicy(workspaceId);
  return policy === undefined ? {} : { policyHash: policy.spec.policyHash };
}

const show = (text: string): string => JSON.stringify(text.slice(0, 200));
