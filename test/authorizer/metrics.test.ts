import { describe, expect, it } from 'vitest';
import { decide } from '../../src/authorizer/decide.js';
import type { Facts } from '../../src/authorizer/facts.js';
import { Metrics } from '../../src/authorizer/metrics.js';
import { NOW } from '../model/examples.js';
import { AGENT, BEARER, CONFIG, known, MTLS_RELAXATION, policyObject, specOf, WORKER } from './fixture.js';
import { ACME } from '../model/examples.js';

const all = known({ relaxations: [MTLS_RELAXATION] });
async function after(calls: readonly Facts[], policies = all): Promise<readonly string[]> {
  const metrics = new Metrics(policies);
  for (const facts of calls) metrics.count(facts, decide(facts, policies, CONFIG, NOW), 0.0002);
  const text = await metrics.text();
  return text.split('\n').filter((line) => line.startsWith('portarium_'));
}
const notZero = (lines: readonly string[]) =>
  lines.filter((line) => !line.endsWith(' 0') && /^portarium_(policy_decisions|callers|policy_bypass)/.test(line));

describe('metrics', () => {
  it('begin at zero for every series of every workspace with a policy', async () => {
    const lines = await after([]);
    for (const workspace of ['ws-acme', 'ws-globex', 'unknown']) {
      expect(lines).toContain(
        `portarium_policy_decisions_total{workspace_id="${workspace}",control="mtls",mode="shadow",decision="would_deny"} 0`,
      );
      expect(lines).toContain(`portarium_policy_bypass_attempts_total{workspace_id="${workspace}"} 0`);
    }
    expect(lines.filter((line) => line.startsWith('portarium_policy_decisions_total'))).toHaveLength(18);
    expect(notZero(lines)).toEqual([]);
  });

  it('count each control’s word, and callers without an SVID by name', async () => {
    expect(notZero(await after([AGENT, BEARER, BEARER]))).toEqual([
      'portarium_policy_decisions_total{workspace_id="ws-acme",control="identity",mode="enforce",decision="allow"} 3',
      'portarium_policy_decisions_total{workspace_id="ws-acme",control="mtls",mode="shadow",decision="allow"} 1',
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
});
