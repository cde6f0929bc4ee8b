import { hostname } from 'node:os';
import { DNS_LABEL, Field } from '../model/field.js';
import type { Tokens } from '../model/platform.js';

/** A workload that is no agent: the front's other callers with an SVID. */
export interface Workload {
  readonly name: string;
  readonly spiffeId: string;
  /** `sub` of its tokens. */
  readonly subject: string;
}

/** What the platform's stack says to the authorizer; policies come from the API server. */
export interface Config {
  readonly trustDomain: string;
  /** Namespace of WorkspacePolicies and Relaxations. */
  readonly policyNamespace: string;
  readonly workloads: readonly Workload[];
  readonly tokens: Omit<Tokens, 'jwksUri'>;
  /** Loopback port of Envoy's `agents` listener, which is open once Envoy has its SVID. */
  readonly listenerPort: number;
  /** After this many seconds the pod is ready without that listener, so that bearer and people work without SPIRE. */
  readonly graceSeconds: number;
  /** Methods of gRPC, `/package.Service/Method`, and the relation to the workspace that each takes; others are refused. */
  readonly grpcMethods: readonly { readonly method: string; readonly relation: string }[];
  readonly openfga: {
    readonly url: string;
    readonly tokenFile: string;
    readonly authoritiesFile?: string;
    /** For one question. @default 300 */
    readonly timeoutMs: number;
  };
  /** The control plane behind the front, for the records of runs and approvals. */
  readonly apiServer: {
    readonly url: string;
    /** Folder with a file per workspace: the token to read in it with. */
    readonly tokensDir: string;
    /** For one record. @default 250 */
    readonly timeoutMs: number;
  };
  /** Without a word from the API server for this long, relaxations are ignored. @default 30 */
  readonly contactSeconds: number;
}

/**
 * The name by which it acknowledges policies: its pod's, which container runtimes put into `HOSTNAME`, and which is the
 * host's name there too. Admission holds what it says to the pod that its token is bound to.
 */
export function replicaOf({ HOSTNAME }: Readonly<Record<string, string | undefined>>): string {
  return HOSTNAME === undefined || HOSTNAME === '' ? hostname() : HOSTNAME;
}

const KEYS = [
  'trustDomain',
  'policyNamespace',
  'workloads',
  'tokens',
  'listenerPort',
  'graceSeconds',
  'contactSeconds',
  'grpcMethods',
  'openfga',
  'apiServer',
];
const TOKEN_KEYS = ['issuer', 'audience', 'peopleAudience', 'type', 'workspaceClaim'];
const TRUST_DOMAIN = /^[a-z0-9._-]{1,255}$/;

/** Reads config.json. Throws Unreadable, with the path and what is allowed. */
export function parseConfig(text: string): Config {
  const root = new Field(json(text)).only(KEYS);
  const trustDomain = root.get('trustDomain').text(TRUST_DOMAIN, 'a SPIFFE trust domain');
  const tokens = root.get('tokens').only(TOKEN_KEYS);
  const audience = tokens.get('audience').text();
  if (tokens.get('peopleAudience').text() === audience) {
    tokens.get('peopleAudience').refuse('is the agents’ audience. An agent could then use a person’s token.');
  }
  const workloads = root
    .get('workloads')
    .list()
    .map((workload) => ({
      name: workload.only(['name', 'spiffeId', 'subject']).get('name').text(DNS_LABEL, 'a DNS-1123 label'),
      spiffeId: spiffeIdIn(trustDomain, workload.get('spiffeId')),
      subject: workload.get('subject').text(),
    }));
  for (const key of ['name', 'spiffeId', 'subject'] as const) {
    const values = workloads.map((workload) => workload[key]);
    const again = values.findIndex((value, index) => values.indexOf(value) < index);
    if (again >= 0) root.get('workloads').list()[again]!.get(key).refuse(`is "${values[again]}", which another has.`);
  }
  return {
    trustDomain,
    policyNamespace: root.get('policyNamespace').text(DNS_LABEL, 'a DNS-1123 label'),
    workloads,
    tokens: {
      issuer: tokens.get('issuer').text(),
      audience,
      peopleAudience: tokens.get('peopleAudience').text(),
      type: tokens.get('type').text(),
      workspaceClaim: tokens.get('workspaceClaim').text(),
    },
    listenerPort: root.get('listenerPort').whole(1, 65_535),
    graceSeconds: root.get('graceSeconds').number(0, 3600),
    grpcMethods: root
      .get('grpcMethods')
      .list()
      .map((row) => ({
        method: row.only(['method', 'relation']).get('method').text(GRPC_METHOD, '"/package.Service/Method"'),
        relation: row.get('relation').text(/^[a-z][a-z_]{0,49}$/, 'a relation'),
      })),
    openfga: openfgaIn(root.get('openfga')),
    apiServer: {
      url: root
        .get('apiServer')
        .only(['url', 'tokensDir', 'timeoutMs'])
        .get('url')
        .text(/^https?:\/\/[^/]+$/, 'an address'),
      tokensDir: root.get('apiServer').get('tokensDir').text(),
      timeoutMs: milliseconds(root.get('apiServer').get('timeoutMs'), 250),
    },
    contactSeconds: root.get('contactSeconds').present ? root.get('contactSeconds').number(1, 300) : 30,
  };
}

const GRPC_METHOD = /^\/[A-Za-z_][\w.]*\/[A-Za-z_]\w*$/;

/** Envoy waits for a second; both questions must fit in. */
const milliseconds = (field: Field, otherwise: number): number => (field.present ? field.number(1, 450) : otherwise);

function openfgaIn(field: Field): Config['openfga'] {
  field.only(['url', 'tokenFile', 'authoritiesFile', 'timeoutMs']);
  const authorities = field.get('authoritiesFile');
  return {
    url: field.get('url').text(/^https?:\/\/[^/]+$/, 'an address without a path'),
    tokenFile: field.get('tokenFile').text(),
    ...(authorities.present && { authoritiesFile: authorities.text() }),
    timeoutMs: milliseconds(field.get('timeoutMs'), 300),
  };
}

function spiffeIdIn(trustDomain: string, field: Field): string {
  const id = field.text();
  return id.startsWith(`spiffe://${trustDomain}/`) ? id : field.refuse(`is "${id}", not of spiffe://${trustDomain}/.`);
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    return new Field(undefined, 'the configuration').refuse(`is no JSON: ${(error as Error).message}`);
  }
}
