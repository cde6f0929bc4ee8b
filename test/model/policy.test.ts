import { MODEL_HASH } from '../../src/model/authorization/model.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, sha256 } from '../../src/model/canonical.js';
import { CONTROLS, LEVELS, modesAt } from '../../src/model/levels.js';
import { policyDocument, policyHash, workspacePolicy } from '../../src/model/policy.js';
import type { Platform } from '../../src/model/platform.js';
import type { Workspace } from '../../src/model/workspace.js';
import { ACME, GLOBEX, PLATFORM } from './examples.js';

const hash = (workspace: Workspace, platform: Platform = PLATFORM): string => policyHash(platform, workspace);
const shuffled = <T>(items: readonly T[]): fc.Arbitrary<T[]> =>
  fc.shuffledSubarray([...items], { minLength: items.length });

describe('the policy of a workspace', () => {
  it('is this document, every list sorted', () => {
    expect(workspacePolicy(PLATFORM, ACME)).toEqual({
      workspaceId: 'ws-acme',
      namespace: 'portarium-agents',
      reachedLevel: 'enforced',
      modes: { authz: 'enforce', mtls: 'enforce', allowlist: 'enforce', egress: 'enforce' },
      agents: [agent('invoice-clerk', 'high'), agent('report-reader', 'low'), agent('sales-bot', 'medium')],
      allowedTools: [
        { tool: 'invoice:create', tier: 'HumanApprove' },
        { tool: 'invoice:read', tier: 'Auto' },
      ],
      defaultAction: 'Deny',
      blastRadius: [],
      separationOfDuties: { financialTools: [] },
      policyIds: ['default-governance'],
      authorizationModel: MODEL_HASH,
      systemsOfRecord: [
        { host: 'api.hubspot.com', ports: [443] },
        { host: 'erp.example.com', ports: [443, 8443] },
      ],
      approvers: ['bob', 'carol'],
      policyHash: hash(ACME),
    });
  });

  it('is hashed and approved as the same document: all but where the workspace stands', () => {
    for (const level of LEVELS) {
      const spec = workspacePolicy(PLATFORM, { ...ACME, level });
      expect(sha256(policyDocument(spec))).toBe(spec.policyHash);
      expect(Object.keys(spec).filter((field) => !(field in policyDocument(spec)))).toEqual(
        expect.arrayContaining(['reachedLevel', 'modes', 'policyHash']),
      );
    }
  });

  it('keeps the reached level’s modes and names the relaxation beside them', () => {
    const spec = workspacePolicy(PLATFORM, {
      ...ACME,
      relaxing: { controls: ['egress'], relaxation: 'inc-4711', as: 'rollback 1' },
    });
    expect(spec.modes).toEqual(modesAt('enforced'));
    expect(spec.relaxation).toEqual({ name: 'inc-4711', controls: ['egress'] });
  });

  it('names no relaxation that has not been looked up', () => {
    const spec = workspacePolicy(PLATFORM, { ...ACME, relaxing: { controls: ['egress'], as: 'rollback 1' } });
    expect(spec).not.toHaveProperty('relaxation');
  });
});

describe('policyHash', () => {
  it('is 64 lower-case hex digits', () => {
    expect(hash(ACME)).toMatch(/^[0-9a-f]{64}$/);
  });

  it('does not depend on the order of any list', () => {
    const permuted = fc
      .record({
        agents: shuffled(ACME.agents),
        tools: shuffled(ACME.allowlist.allowedTools),
        systemsOfRecord: shuffled(ACME.systemsOfRecord),
        ports: shuffled([8443, 443]),
        approvers: shuffled(ACME.approvers),
      })
      .map(({ agents, tools, systemsOfRecord, ports, approvers }): Workspace => ({
        ...ACME,
        agents,
        approvers,
        allowlist: { ...ACME.allowlist, allowedTools: tools },
        systemsOfRecord: systemsOfRecord.map((each) => (each.name === 'erp' ? { ...each, ports } : each)),
      }));
    fc.assert(
      fc.property(permuted, (workspace) => {
        expect(workspacePolicy(PLATFORM, workspace)).toEqual(workspacePolicy(PLATFORM, ACME));
      }),
    );
  });

  it('does not depend on level, modes and relaxation', () => {
    for (const level of LEVELS) {
      expect(hash({ ...ACME, level })).toBe(hash(ACME));
      for (const control of CONTROLS) {
        const relaxing = { controls: [control], relaxation: 'inc-4711', as: 'relax' };
        expect(hash({ ...ACME, level, relaxing })).toBe(hash(ACME));
      }
    }
  });

  it('does not depend on what the front never reads: stack, images, replicas, names of systems', () => {
    const [first, ...rest] = ACME.agents;
    expect(hash({ ...ACME, stack: 'renamed', dns: { clusterIP: '10.96.53.9' } })).toBe(hash(ACME));
    expect(hash({ ...ACME, agents: [{ ...first!, image: 'a:1', replicas: 7, listens: [] }, ...rest] })).toBe(
      hash(ACME),
    );
    expect(hash({ ...ACME, systemsOfRecord: ACME.systemsOfRecord.map((each) => ({ ...each, name: 'x' })) })).toBe(
      hash(ACME),
    );
  });

  it.each<[string, Workspace, Platform?]>([
    ['the workspace', { ...ACME, id: 'ws-acme2' }],
    ['the namespace', { ...ACME, namespace: 'portarium-agents-acme' }],
    ['an agent’s name', { ...ACME, agents: ACME.agents.map((each) => ({ ...each, name: `${each.name}-2` })) }],
    ['an agent’s risk', { ...ACME, agents: ACME.agents.map((each) => ({ ...each, risk: 'high' as const })) }],
    ['an agent more', { ...ACME, agents: [...ACME.agents, { ...ACME.agents[0]!, name: 'new' }] }],
    ['an agent less', { ...ACME, agents: ACME.agents.slice(1) }],
    ['a tool', withTools([{ tool: 'invoice:delete', tier: 'Auto' }, ACME.allowlist.allowedTools[1]!])],
    ['a tier', withTools([{ tool: 'invoice:read', tier: 'ManualOnly' }, ACME.allowlist.allowedTools[1]!])],
    ['a tool less', withTools([ACME.allowlist.allowedTools[1]!])],
    ['a host', { ...ACME, systemsOfRecord: [{ ...ACME.systemsOfRecord[0]!, host: 'api.hubspot.org' }] }],
    ['a port', { ...ACME, systemsOfRecord: [{ ...ACME.systemsOfRecord[0]!, ports: [8443] }] }],
    ['an approver', { ...ACME, approvers: ['carol', 'dave'] }],
    ['the trust domain', ACME, { ...PLATFORM, trustDomain: 'example.org' }],
  ])('changes with %s', (_what, workspace, platform = PLATFORM) => {
    expect(hash(workspace, platform)).not.toBe(hash(ACME));
  });

  it('tells workspaces apart', () => {
    expect(hash(GLOBEX)).not.toBe(hash(ACME));
  });
});

describe('canonical JSON', () => {
  it('is the same for equal values, whatever the order of their keys', () => {
    const value = fc.jsonValue({ maxDepth: 3 });
    fc.assert(
      fc.property(fc.dictionary(fc.string(), value), (record) => {
        const reversed = Object.fromEntries(Object.entries(record).reverse());
        expect(canonicalJson(reversed)).toBe(canonicalJson(record));
        expect(JSON.parse(canonicalJson(record))).toEqual(JSON.parse(JSON.stringify(record)));
      }),
    );
  });

  it('drops undefined members, sorts keys by code unit, keeps the order of lists', () => {
    expect(canonicalJson({ b: 1, a: undefined, B: [2, 1], _: null })).toBe('{"B":[2,1],"_":null,"b":1}');
    expect(sha256({})).toBe('44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a');
  });
});

function agent(name: string, risk: string): object {
  return { name, serviceAccount: name, spiffeId: `spiffe://portarium.io/ns/portarium-agents/sa/${name}`, risk };
}

function withTools(allowedTools: Workspace['allowlist']['allowedTools']): Workspace {
  return { ...ACME, allowlist: { ...ACME.allowlist, allowedTools } };
}
