import { deciding, type Decision, type Reason } from './decision.js';
import type { CheckResponse, HeaderValueOption, Value } from './ext-authz.js';
import type { Facts } from './facts.js';
import { pathOf } from './path.js';

/** What the application learns of the caller, and only from here: a client's own of these names never reach it. */
export const IDENTITY_HEADERS = [
  'x-portarium-agent',
  'x-portarium-workspace',
  'x-portarium-spiffe-id',
  'x-portarium-decision-id',
] as const;

/**
 * Set on a request whose body must be replaced before it goes on; the filter that replaces it takes the header away, and
 * what still has it after that is refused.
 */
export const BODY_PENDING = 'x-portarium-body-pending';

/** google.rpc.Code by HTTP status. */
const CODES = { 200: 0, 401: 16, 403: 7, 503: 14 } as const;

const TITLES = { 401: 'Unauthorized', 403: 'Forbidden', 503: 'Service Unavailable' } as const;

/** Types of problem documents (RFC 9457), in upstream's name space. */
const TYPES: Readonly<Record<Reason, string>> = {
  InvalidToken: 'https://portarium.dev/problems/unauthorized',
  IdentityRequired: 'https://portarium.dev/problems/identity-required',
  NotAuthorized: 'https://portarium.dev/problems/not-authorized',
  PolicyBlocked: 'https://portarium.dev/problems/policy-blocked',
  CannotDecide: 'https://portarium.dev/problems/service-unavailable',
};

/** The answer that Envoy carries out. */
export function answer(facts: Facts, decision: Decision, decisionId: string): CheckResponse {
  const dynamicMetadata = { fields: metadata(decision, decisionId) };
  if (decision.status === 200) {
    const found: Readonly<Record<(typeof IDENTITY_HEADERS)[number], string | undefined>> = {
      'x-portarium-agent': decision.caller?.kind === 'agent' ? decision.caller.name : undefined,
      'x-portarium-workspace': decision.caller?.workspaceId,
      'x-portarium-spiffe-id': facts.principal === '' ? undefined : facts.principal,
      'x-portarium-decision-id': decisionId,
    };
    return {
      status: { code: CODES[200] },
      okResponse: {
        headers: [
          ...IDENTITY_HEADERS.flatMap((key) => (found[key] === undefined ? [] : [header(key, found[key])])),
          ...(decision.body === undefined ? [] : [header(BODY_PENDING, 'yes')]),
        ],
        headersToRemove: IDENTITY_HEADERS.filter((key) => found[key] === undefined),
      },
      dynamicMetadata,
    };
  }
  const { status, refusal } = decision;
  const { reason, detail } = refusal ?? { reason: 'CannotDecide', detail: '' };
  const rpc = decision.called?.rpc;
  return {
    status: { code: CODES[status], message: reason },
    deniedResponse: {
      status: { code: status },
      headers: [
        header('content-type', rpc === undefined ? 'application/problem+json' : 'application/json'),
        header('x-portarium-reason', reason),
        header('x-portarium-decision-id', decisionId),
        // RFC 6750, section 3: a refused token is answered with a challenge.
        ...(status === 401 ? [header('www-authenticate', 'Bearer error="invalid_token"')] : []),
      ],
      body: JSON.stringify(
        rpc === undefined
          ? problem()
          : { jsonrpc: '2.0', id: rpc.id, error: { code: RPC_CODES[status], message: reason, data: problem() } },
      ),
    },
    dynamicMetadata,
  };

  function problem(): object {
    return {
      type: TYPES[reason],
      title: TITLES[status],
      status,
      detail,
      instance: pathOf(facts.path),
      reason,
      ...(decision.called?.tool !== undefined && { tool: decision.called.tool.slice(0, 128) }),
      requestId: facts.requestId,
      decisionId,
    };
  }
}

/** Server errors as an implementation defines them (JSON-RPC 2.0, section 5.1). */
const RPC_CODES = { 401: -32002, 403: -32001, 503: -32003 } as const;

/** For Envoy's access log, under `envoy.filters.http.ext_authz`. */
function metadata(decision: Decision, decisionId: string): Readonly<Record<string, Value>> {
  const verdict = deciding(decision);
  const texts = {
    decision_id: decisionId,
    decision: verdict?.decision,
    control: verdict?.control,
    mode: verdict?.mode,
    reason: decision.refusal?.reason,
    workspace_id: decision.caller?.workspaceId,
    caller: decision.caller?.name,
    policy_hash: decision.policyHash,
    relaxation: decision.relaxation,
    // For Envoy's filter that puts it in the body's place; not in the log.
    body: decision.status === 200 ? decision.body : undefined,
  };
  return Object.fromEntries(
    Object.entries(texts).flatMap(([key, text]) => (text === undefined ? [] : [[key, { stringValue: text }]])),
  );
}

const header = (key: string, value: string): HeaderValueOption => ({
  header: { key, value },
  appendAction: 'OVERWRITE_IF_EXISTS_OR_ADD',
});
