import { describe, expect, it } from 'vitest';
import type { Sources } from '../../src/authorizer/authz.js';
import { decide } from '../../src/authorizer/decide.js';
import type { Facts } from '../../src/authorizer/facts.js';
import { Metrics } from '../../src/authorizer/metrics.js';
import { ACME, GLOBEX, NOW } from '../model/examples.js';
import {
  AGENT,
  BEARER,
  CONFIG,
  known,
  MTLS_RELAXATION,
  openfga,
  PERSON,
  policyObject,
  proposing,
  SOURCES,
  specOf,
  token,
  WORKER,
} from './fixture.js';

const all = known({ relaxations: [MTLS_RELAXATION] });
const at = (level: 'routing' | 'identity' | 'enforced', pending: readonly string[] = []) =>
  known({ policies: [policyObject(specOf(ACME, level)), policyObject(specOf(GLOBEX))], pending });

async function after(calls: readonly Facts[], policies = all, sources: Sources = SOURCES): Promise<readonly string[]> {
  const metrics = new Metrics(policies);
  for (const facts of calls) metrics.count(facts, await decide(facts, policies, CONFIG, NOW, sources), 0.0002);
  const text = await metrics.text();
  return text.split('\n').filter((line) => line.startsWith('portarium_'));
}
const COUNTED = /^portarium_(policy_decisions|callers|policy_bypass|tool_denied|sor_calls|unmapped)/;
const notZero = (lines: readonly string[]) => lines.filter((line) => !line.endsWith(' 0') && COUNTED.test(line));
const not = (lines: readonly string[], ...names: readonly string[]) =>
  notZero(lines).filter((line) => !names.some((name) => line.startsWith(`portarium_${name}_total`)));
const reading = proposing({ toolName: 'invoice:read' });
const wiping = proposing({ toolName: 'disk:wipe' });

describe('metrics', () => {
  it('begin at zero for every series of every workspace with a policy, and of calls that belong to none', async () => {
    const lines = await after([]);
    for (const workspace of ['ws-acme', 'ws-globex', 'unknown']) {
      for (const control of ['mtls', 'allowlist', 'authz'])
        expect(lines).toContain(
          `portarium_policy_decisions_total{workspace_id="${workspace}",control="${control}",mode="shadow",decision="would_deny"} 0`,
        );
      expect(lines).toContain(`portarium_policy_bypass_attempts_total{workspace_id="${workspace}"} 0`);
      expect(lines).toContain(`portarium_unmapped_routes_total{workspace_id="${workspace}"} 0`);
      for (const mode of ['enforce', 'shadow'])
        expect(lines).toContain(
          `portarium_tool_denied_total{workspace_id="${workspace}",mode="${mode}",tool="other"} 0`,
        );
    }
    for (const agent of ACME.agents)
      expect(lines).toContain(
        `portarium_sor_calls_total{workspace_id="ws-acme",agent_id="${agent.name}",routed="true"} 0`,
      );
    // Four controls that enforce, three that may be in shadow, each with two answers; two workspaces and `unknown`.
    expect(lines.filter((line) => line.startsWith('portarium_policy_decisions_total'))).toHaveLength((4 + 3) * 2 * 3);
    expect(notZero(lines)).toEqual([]);
  });

  it('count each control’s word, and callers without an SVID by name', async () => {
    expect(notZero(await after([AGENT, BEARER, BEARER]))).toEqual([
      'portarium_policy_decisions_total{workspace_id="ws-acme",control="identity",mode="enforce",decision="allow"} 3',
      'portarium_policy_decisions_total{workspace_id="ws-acme",control="mtls",mode="shadow",decision="allow"} 1',
      'portarium_policy_decisions_total{workspace_id="ws-acme",control="authz",mode="enforce",decision="allow"} 3',
      'portarium_policy_decisions_total{workspace_id="ws-acme",control="mtls",mode="shadow",decision="would_deny"} 2',
      'portarium_callers_without_svid_total{workspace_id="ws-acme",agent="sales-bot"} 2',
    ]);
    expect(notZero(await after([BEARER], known()))).toEqual([
      'portarium_policy_decisions_total{workspace_id="ws-acme",control="identity",mode="enforce",decision="allow"} 1',
      'portarium_policy_decisions_total{workspace_id="ws-acme",control="mtls",mode="enforce",decision="deny"} 1',
      'portarium_callers_without_svid_total{workspace_id="ws-acme",agent="sales-bot"} 1',
    ]);
  });

  it('count an identity that is not the caller’s as an attempt to bypass, where it was aimed at', async () => {
    const across = { ...AGENT, path: '/v1/workspaces/ws-globex/runs' };
    expect(notZero(await after([across]))).toEqual([
      'portarium_policy_decisions_total{workspace_id="ws-globex",control="identity",mode="enforce",decision="deny"} 1',
      'portarium_policy_bypass_attempts_total{workspace_id="ws-globex"} 1',
    ]);
    const speaking = proposing({ toolName: 'invoice:read', agentId: 'invoice-clerk' });
    expect(not(await after([speaking]), 'policy_decisions')).toEqual([
      'portarium_policy_bypass_attempts_total{workspace_id="ws-acme"} 1',
    ]);
  });

  it('make no series of what a client makes up', async () => {
    const made = ['a', 'b', 'c'].map((id) => ({ ...WORKER, path: `/v1/workspaces/ws-${id}/runs` }));
    expect(notZero(await after(made))).toEqual([
      'portarium_policy_decisions_total{workspace_id="unknown",control="identity",mode="enforce",decision="deny"} 3',
    ]);
  });

  it('count what cannot be decided apart', async () => {
    const lines = await after([{ ...AGENT, listener: 'x' }]);
    expect(lines).toContain('portarium_authorizer_cannot_decide_total 1');
    expect(notZero(lines)).toEqual([]);
  });

  it('tell how well the authorizer is informed', async () => {
    let now = 0;
    const policies = known({}, () => now);
    policies.put('policies', policyObject(specOf(ACME), { agents: 'none' }));
    now = 1500;
    const lines = await after([AGENT], policies);
    expect(lines).toContain('portarium_authorizer_policy_contact_seconds 1.5');
    expect(lines).toContain('portarium_authorizer_invalid_policies 1');
    expect(lines).toContain('portarium_authorizer_policies 2');
    expect(lines).toContain('portarium_authorizer_decision_seconds_bucket{le="0.0001"} 0');
    expect(lines).toContain('portarium_authorizer_decision_seconds_bucket{le="0.00025"} 1');
  });

  it('say which policy is in force, and no longer which was', async () => {
    const policies = known();
    const metrics = new Metrics(policies);
    const info = async () =>
      (await metrics.text()).split('\n').filter((line) => line.startsWith('portarium_policy_info'));
    const row = (id: string, level: string, hash: string, readable: boolean) =>
      `portarium_policy_info{workspace_id="${id}",level="${level}",policy_hash="${hash}",readable="${readable}"} 1`;
    const [acme, globex] = [specOf(ACME).policyHash, specOf(GLOBEX).policyHash];
    expect(await info()).toEqual([row('ws-acme', 'enforced', acme, true), row('ws-globex', 'enforced', globex, true)]);
    policies.put('policies', policyObject(specOf(ACME), { agents: 'none' }));
    policies.put('policies', policyObject(specOf(GLOBEX, 'authz'), { policyHash: 'f'.repeat(64) }));
    expect(await info()).toEqual([
      row('ws-acme', 'enforced', acme, false),
      row('ws-globex', 'authz', 'f'.repeat(64), true),
    ]);
    policies.remove('policies', 'ws-globex');
    expect(await info()).toEqual([row('ws-acme', 'enforced', acme, false)]);
  });
});

describe('metrics of relaxations', () => {
  const LAST = 'portarium_relaxed_last_timestamp_seconds';

  it('say when a control was last let off, also after the Relaxation has ended', async () => {
    let now = NOW;
    const metrics = new Metrics(known({ relaxations: [MTLS_RELAXATION] }), () => now);
    const last = async () => (await metrics.text()).split('\n').filter((line) => line.startsWith(`${LAST}{`));
    const rows = (acme: number) => [
      `${LAST}{workspace_id="unknown"} 0`,
      `${LAST}{workspace_id="ws-acme"} ${acme}`,
      `${LAST}{workspace_id="ws-globex"} 0`,
    ];
    expect(await last()).toEqual(rows(NOW.getTime() / 1000));
    now = new Date(NOW.getTime() + 24 * 3_600_000);
    expect(await last()).toEqual(rows(NOW.getTime() / 1000));
  });

  it('count one of egress, about which nobody asks the authorizer', async () => {
    const relaxations = [{ ...MTLS_RELAXATION, controls: ['egress'] as const }];
    const metrics = new Metrics(known({ relaxations }), () => NOW);
    expect(await metrics.text()).toContain(`${LAST}{workspace_id="ws-acme"} ${NOW.getTime() / 1000}\n`);
  });
});

describe('metrics of tools', () => {
  it('count calls that went through the front, by agent', async () => {
    expect(not(await after([reading, reading]), 'policy_decisions')).toEqual([
      'portarium_sor_calls_total{workspace_id="ws-acme",agent_id="sales-bot",routed="true"} 2',
    ]);
  });

  it('count a denied tool, by the mode in which it was denied, and in shadow as routed as well', async () => {
    expect(not(await after([wiping]), 'policy_decisions')).toEqual([
      'portarium_tool_denied_total{workspace_id="ws-acme",mode="enforce",tool="other"} 1',
    ]);
    expect(not(await after([wiping, reading], at('identity')), 'policy_decisions')).toEqual([
      'portarium_tool_denied_total{workspace_id="ws-acme",mode="shadow",tool="other"} 1',
      'portarium_sor_calls_total{workspace_id="ws-acme",agent_id="sales-bot",routed="true"} 2',
    ]);
  });

  it('count a body that nobody could judge as denied, in the mode in which it was: every one', async () => {
    const lines = await after([proposing('{"toolName":"a","toolName":"b"}')], at('routing'));
    expect(notZero(lines)).toEqual([
      'portarium_policy_decisions_total{workspace_id="ws-acme",control="allowlist",mode="enforce",decision="deny"} 1',
      'portarium_tool_denied_total{workspace_id="ws-acme",mode="enforce",tool="other"} 1',
    ]);
  });

  it('count no call that OpenFGA refuses, and none that calls no tool', async () => {
    const refusing = { ...SOURCES, openfga: openfga(() => false) };
    expect(not(await after([reading, AGENT], all, refusing), 'policy_decisions')).toEqual([]);
    expect(not(await after([AGENT]), 'policy_decisions')).toEqual([]);
  });

  it('never have the tool’s name as a label', async () => {
    const made = ['a', 'b', 'c'].map((toolName) => proposing({ toolName: `made-up-${toolName}` }));
    const lines = await after(made, at('routing'));
    expect(lines.join('\n')).not.toContain('made-up');
  });
});

describe('metrics of what is unmapped', () => {
  it('count it for the caller’s workspace, and for no other that a path makes up', async () => {
    const paths = ['/v1/workspaces/ws-acme/secrets', '/v1/workspaces/ws-acme/runs/', '/metrics'];
    const lines = await after(paths.map((path) => ({ ...AGENT, path })));
    expect(not(lines, 'policy_decisions')).toEqual(['portarium_unmapped_routes_total{workspace_id="ws-acme"} 3']);
  });
});

describe('metrics of a workspace that is pending', () => {
  it('have no label but `unknown`, whatever its agents call themselves', async () => {
    const claims = (sub: string) => token({ sub, workspaceId: 'ws-new' });
    const calls = ['a', 'b', 'c'].map((name) => ({
      ...BEARER,
      path: '/v1/workspaces/ws-new/runs',
      token: claims(`bot-${name}`),
    }));
    const tools = ['a', 'b'].map((name) => ({
      ...proposing({ toolName: 'x' }, BEARER),
      path: '/v1/workspaces/ws-new/agent-actions:propose',
      token: claims(`bot-${name}`),
    }));
    const lines = await after([...calls, ...tools], at('enforced', ['ws-new']));
    expect(lines.join('\n')).not.toMatch(/ws-new|bot-/);
    expect(not(lines, 'policy_decisions')).toEqual([
      'portarium_callers_without_svid_total{workspace_id="unknown",agent="unknown"} 5',
      'portarium_tool_denied_total{workspace_id="unknown",mode="shadow",tool="other"} 2',
      'portarium_sor_calls_total{workspace_id="unknown",agent_id="unknown",routed="true"} 2',
    ]);
    expect(lines).toContain(
      'portarium_policy_decisions_total{workspace_id="unknown",control="authz",mode="shadow",decision="would_deny"} 5',
    );
  });
});

describe('metrics of OpenFGA', () => {
  it('tell answers from none', async () => {
    const silent = { ...SOURCES, openfga: openfga(() => undefined) };
    const lines = await after([AGENT, PERSON], all, silent);
    expect(lines).toContain('portarium_authorizer_openfga_seconds_count{answered="false"} 2');
    expect(lines).toContain('portarium_authorizer_cannot_decide_total 2');
    expect(await after([AGENT])).toContain('portarium_authorizer_openfga_seconds_count{answered="true"} 1');
  });

  it('count nothing where it was not asked', async () => {
    const lines = await after([wiping]);
    expect(lines.some((line) => line.startsWith('portarium_authorizer_openfga_seconds_count'))).toBe(false);
  });
});
