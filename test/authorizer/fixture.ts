import type { Config } from '../../src/authorizer/config.js';
import type { Facts, Token } from '../../src/authorizer/facts.js';
import { Policies } from '../../src/authorizer/policies.js';
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
};

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
  method: 'POST',
  path: '/v1/workspaces/ws-acme/agent-actions:propose',
  requestId: 'req-1',
};
export const BEARER: Facts = { ...AGENT, listener: 'bearer', principal: '' };
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
}

/** All lists have arrived just now. @param clock milliseconds, 0 now */
export function known(
  { policies = [policyObject(specOf(ACME)), policyObject(specOf(GLOBEX))], relaxations = [] }: Cluster = {},
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
  return all;
}
