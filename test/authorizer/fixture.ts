import type { Sources } from '../../src/authorizer/authz.js';
import type { Config } from '../../src/authorizer/config.js';
import type { Facts, Token } from '../../src/authorizer/facts.js';
import type { ModelPlace } from '../../src/authorizer/known.js';
import type { Asked, Check, Question } from '../../src/authorizer/openfga.js';
import { Policies } from '../../src/authorizer/policies.js';
import { MODEL_HASH } from '../../src/model/authorization/model.js';
import type { KubeObject } from '../../src/model/kube-object.js';
import type { Level } from '../../src/model/levels.js';
import { API_VERSION, NAMESPACES } from '../../src/model/names.js';
import { workspacePolicy, type WorkspacePolicySpec } from '../../src/model/policy.js';
import type { Relaxation } from '../../src/model/relaxation.js';
import type { Workspace } from '../../src/model/workspace.js';
import { ACME, GLOBEX, NOW, PLATFORM, RELAXATION } from '../model/examples.js';

export const CONFIG: Config = {
  trustDomain: 'portarium.io',
  policyNamespace: NAMESPACES.policy,
  workloads: [
    {
      name: 'execution-worker',
      spiffeId: 'spiffe://portarium.io/ns/portarium-execution/sa/execution-worker',
      subject: 'execution-worker',
    },
  ],
  tokens: {
    issuer: 'https://id.example.com/realms/portarium',
    audience: 'portarium',
    peopleAudience: 'portarium-people',
    type: 'at+jwt',
    workspaceClaim: 'workspaceId',
  },
  listenerPort: 8443,
  graceSeconds: 30,
  contactSeconds: 30,
  grpcMethods: [{ method: '/portarium.v1.Runs/Start', relation: 'run_start' }],
  openfga: { url: 'https://openfga.example.com:8080', tokenFile: '/nowhere/token', timeoutMs: 300 },
  apiServer: { url: 'http://127.0.0.1:8080', tokensDir: '/nowhere/tokens', timeoutMs: 250 },
};

/** OpenFGA that allows or refuses everything, and what it was asked. */
export function openfga(allowed: (check: Check) => boolean | undefined = () => true) {
  const questions: Question[] = [];
  return {
    questions,
    ask: (place: ModelPlace, question: Question): Promise<Asked> => {
      questions.push(question);
      const checks = question.checks.map((check) => {
        const answer = allowed(check);
        return answer === undefined ? check : { ...check, allowed: answer };
      });
      const failure = checks.every((check) => 'allowed' in check) ? {} : { failure: 'it does not answer' };
      const { contextual, fresh } = question;
      return Promise.resolve({ ...place, checks, contextual, fresh, ...failure, milliseconds: 1 });
    },
  };
}

/** OpenFGA allows everything, and there are no records. */
export const SOURCES: Sources = { openfga: openfga(), records: { read: () => Promise.resolve('absent') } };

export const PLACE: ModelPlace = { storeId: '01JST0RE000000000000000000', modelId: '01JM0DE1000000000000000000' };

/** A claim or header set to undefined is left out. */
export function token(
  claims: Readonly<Record<string, unknown>> = {},
  header: Readonly<Record<string, unknown>> = {},
): Token {
  const all = {
    iss: CONFIG.tokens.issuer,
    aud: ['portarium'],
    sub: 'sales-bot',
    workspaceId: 'ws-acme',
    exp: NOW.getTime() / 1000 + 300,
    ...claims,
  };
  const defined = (record: object) =>
    Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
  return { header: defined({ typ: 'at+jwt', alg: 'RS256', kid: 'one', ...header }), claims: defined(all) };
}

export const person = (claims: Readonly<Record<string, unknown>> = {}): Token =>
  token({ aud: 'portarium-people', sub: '5f2c-alice', ...claims });

export const svid = (agent: string, namespace = 'portarium-agents'): string =>
  `spiffe://portarium.io/ns/${namespace}/sa/${agent}`;

/** sales-bot of ws-acme with its SVID. */
export const AGENT: Facts = {
  listener: 'agents',
  principal: svid('sales-bot'),
  token: token(),
  method: 'GET',
  path: '/v1/workspaces/ws-acme/runs',
  body: new Uint8Array(),
  contentType: '',
  traceparent: '',
  requestId: 'req-1',
};
export const BEARER: Facts = { ...AGENT, listener: 'bearer', principal: '' };
/** The same, as a call of a tool. */
export const proposing = (body: unknown, facts: Facts = AGENT): Facts => ({
  ...facts,
  method: 'POST',
  path: '/v1/workspaces/ws-acme/agent-actions:propose',
  contentType: 'application/json',
  body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
});
export const PERSON: Facts = { ...BEARER, listener: 'people', token: person() };
export const WORKER: Facts = {
  ...AGENT,
  principal: CONFIG.workloads[0]!.spiffeId,
  token: token({ sub: 'execution-worker', workspaceId: undefined }),
};

export const specOf = (workspace: Workspace, level: Level = workspace.level): WorkspacePolicySpec =>
  workspacePolicy(PLATFORM, { ...workspace, level });

export const policyObject = (spec: WorkspacePolicySpec, changes: object = {}): KubeObject => ({
  apiVersion: API_VERSION,
  kind: 'WorkspacePolicy',
  metadata: { name: spec.workspaceId, namespace: NAMESPACES.policy },
  spec: { ...spec, ...changes },
});

/** For mtls of ws-acme, approved and in force at NOW. */
export const MTLS_RELAXATION: Relaxation = { ...RELAXATION, controls: ['mtls'] };

export function relaxationObject({ name, createdAt, expiresAt, ...spec }: Relaxation): KubeObject {
  return {
    apiVersion: API_VERSION,
    kind: 'Relaxation',
    metadata: { name, namespace: NAMESPACES.policy, creationTimestamp: createdAt.toISOString() },
    spec: { ...spec, expiresAt: expiresAt.toISOString() },
  };
}

export interface Cluster {
  readonly policies?: readonly KubeObject[];
  readonly relaxations?: readonly Relaxation[];
  readonly pending?: readonly string[];
}

export const modelObject = (hash: string, changes: object = {}): KubeObject => ({
  apiVersion: API_VERSION,
  kind: 'AuthorizationModel',
  metadata: { name: hash, namespace: NAMESPACES.policy },
  spec: { hash, ...PLACE, ...changes },
});

export const onboardingObject = (pending: readonly string[]): KubeObject => ({
  apiVersion: API_VERSION,
  kind: 'Onboarding',
  metadata: { name: 'front', namespace: NAMESPACES.policy },
  spec: { pending },
});

/** All lists have arrived just now. @param clock milliseconds, 0 now */
export function known(
  {
    policies = [policyObject(specOf(ACME)), policyObject(specOf(GLOBEX))],
    relaxations = [],
    pending = [],
  }: Cluster = {},
  clock: () => number = () => 0,
): Policies {
  const all = new Policies({
    trustDomain: CONFIG.trustDomain,
    contactLasts: 30_000,
    clock,
    now: () => NOW.getTime(),
  });
  all.replace('policies', policies);
  all.replace('relaxations', relaxations.map(relaxationObject));
  all.replace('models', [modelObject(MODEL_HASH)]);
  all.replace('onboarding', [onboardingObject(pending)]);
  return all;
}
