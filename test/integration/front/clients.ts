import { createAuthority, type KeyPair } from '../../../lab/authority.js';
import { isHandshakeFailure, type Answer } from '../../../lab/client.js';
import type { FrontListener } from '../../../src/constructs/envoy/front-filters.js';
import type { Bench, Who } from './fixture.js';

export const PATH = '/v1/workspaces/ws-acme/runs';
/** The same question by gRPC, whose methods are let through only where the config names them. */
export const METHOD = { method: '/portarium.v1.Runs/List', relation: 'run_read' } as const;

/** Clients of the front, each a row of the table in docs/mtls.md: as whom they come, and what they call. */
export interface Client {
  readonly what: string;
  readonly who: (bench: Bench) => Promise<Who & { readonly plain?: boolean }>;
  /** @default PATH */
  readonly path?: string;
}

const AGENTS = 'portarium-agents';
const sales = ({ front }: Bench): Promise<KeyPair> => front.svid(front.idOf(AGENTS, 'sales-bot'));

/** A token of sales-bot, but for what is said. */
const token = ({ front }: Bench, claims: object = {}, options: object = {}): Promise<string> =>
  front.issuer.mint({ sub: 'sales-bot', aud: 'portarium', workspaceId: 'ws-acme', ...claims }, options);

const svidOf =
  (namespace: string, account: string) =>
  async (bench: Bench): Promise<Who> => ({
    identity: await bench.front.svid(bench.front.idOf(namespace, account)),
    token: await token(bench),
  });

const withToken =
  (claims: object, options: object = {}) =>
  async (bench: Bench): Promise<Who> => ({ identity: await sales(bench), token: await token(bench, claims, options) });

const HOUR = 3_600_000;

export const CLIENTS: readonly Client[] = [
  { what: 'its own SVID and token', who: withToken({}) },
  { what: 'the SVID of another agent of its workspace', who: svidOf(AGENTS, 'report-reader') },
  { what: 'the SVID of an agent of another workspace', who: svidOf('portarium-agents-globex', 'support-bot') },
  { what: 'an SVID of another namespace', who: svidOf('default', 'sales-bot') },
  {
    what: 'an SVID of another trust domain of the same authority',
    who: async (bench) => ({
      identity: await bench.front.authority.issue({ uris: [`spiffe://other.example/ns/${AGENTS}/sa/sales-bot`] }),
      token: await token(bench),
    }),
  },
  {
    what: 'an SVID of another authority',
    who: async (bench) => ({
      identity: await (await createAuthority('other')).issue({ uris: [bench.front.idOf(AGENTS, 'sales-bot')] }),
      token: await token(bench),
    }),
  },
  {
    what: 'an expired SVID',
    who: async (bench) => ({
      identity: await bench.front.svid(bench.front.idOf(AGENTS, 'sales-bot'), {
        notBefore: new Date(Date.now() - 2 * HOUR),
        notAfter: new Date(Date.now() - HOUR),
      }),
      token: await token(bench),
    }),
  },
  { what: 'no certificate', who: async (bench) => ({ token: await token(bench) }) },
  { what: 'plain HTTP', who: async (bench) => ({ token: await token(bench), plain: true }) },
  { what: 'TLS 1.2', who: async (bench) => ({ identity: await sales(bench), token: await token(bench), tls: '1.2' }) },
  { what: 'its own SVID, no token', who: async (bench) => ({ identity: await sales(bench) }) },
  { what: 'its own SVID, an expired token', who: withToken({}, { expiresInSeconds: -120 }) },
  { what: 'its own SVID, a token without expiry', who: withToken({ exp: undefined }) },
  { what: 'its own SVID, a token of another issuer', who: withToken({ iss: 'https://evil.example.com' }) },
  { what: 'its own SVID, a token of another type', who: withToken({}, { typ: 'JWT' }) },
  { what: 'its own SVID, a token without audience', who: withToken({ aud: undefined }) },
  { what: 'its own SVID, a token for another workspace', who: withToken({ workspaceId: 'ws-globex' }) },
  {
    what: 'its own SVID and token, a path of another workspace',
    who: withToken({}),
    path: '/v1/workspaces/ws-globex/runs',
  },
  {
    what: 'a person’s token',
    who: (bench) =>
      bench.front.issuer
        .mint({ sub: 'alice', aud: 'portarium-people', workspaceId: 'ws-acme' })
        .then((minted) => ({ token: minted })),
  },
];

export const callAs = async (bench: Bench, listener: FrontListener, { who, path = PATH }: Client): Promise<Answer> => {
  const { plain = false, ...as } = await who(bench);
  const call = listener === 'grpc' && path === PATH ? { method: 'POST', path: METHOD.method } : { path };
  return bench.call(listener, as, call, { plain });
};

/** What came of it, in a few words. */
export function outcome(answer: Answer): string {
  if (answer.status > 0) {
    const { reason } = answer.status < 300 ? {} : (tryJson(answer.body) as { reason?: string });
    return reason === undefined ? String(answer.status) : `${answer.status} ${reason}`;
  }
  if (answer.error === 'ECONNREFUSED') return 'closed';
  return isHandshakeFailure(answer) ? 'no connection' : `no answer: ${answer.error}`;
}

function tryJson(text: string): object {
  try {
    return JSON.parse(text) as object;
  } catch {
    return {};
  }
}
