import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuditResult } from '../../../src/audit/index.js';
import { createAuthority } from '../../../lab/authority.js';
import { startIssuer, type Issuer } from '../../../lab/issuer.js';
import { enforce } from '../../cli/run.js';
import { ControlPlane, NEEDS, tryUpstream } from '../front/control-plane.js';

/**
 * The audit of what upstream's own control plane writes: proposals, a denial and a person's decision. That its hashes are
 * taken as upstream takes them, shows here. Needs a checkout of it, named by PORTARIUM_UPSTREAM.
 */
const checkout = tryUpstream();

describe.skipIf(checkout === undefined)(`the audit of upstream’s own log ${NEEDS}`, () => {
  let controlPlane: ControlPlane;
  let issuer: Issuer;
  let url: string;
  let result: AuditResult;
  const proposals: string[] = [];

  beforeAll(async () => {
    const authority = await createAuthority();
    issuer = await startIssuer({ authority, issuer: 'https://localhost/idp', algorithm: 'RS256' });
    controlPlane = await ControlPlane.build(checkout!);
    url = `http://127.0.0.1:${await controlPlane.start(issuer, authority)}/v1/workspaces/ws-acme`;
    await propose('invoice:read', 'Auto');
    const { approvalId } = await propose('invoice:create', 'HumanApprove');
    await propose('shell.exec', 'HumanApprove');
    await call('u-olaf', 'approver', `/approvals/${approvalId}/decide`, { decision: 'Approved', rationale: 'seen' });
    writeFileSync(join(controlPlane.folder, 'token'), await token('u-alma', 'auditor'));
    result = await audit();
  }, 240_000);
  afterAll(async () => {
    await controlPlane?.stop();
    await issuer?.stop();
  });

  const token = (sub: string, role: string): Promise<string> =>
    issuer.mint({ sub, aud: 'portarium', workspaceId: 'ws-acme', roles: [role] }, { typ: 'at+JWT' });

  async function call(sub: string, role: string, path: string, body: object): Promise<Record<string, string>> {
    const answer = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${await token(sub, role)}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return (await answer.json()) as Record<string, string>;
  }

  async function propose(toolName: string, executionTier: string): Promise<Record<string, string>> {
    const answer = await call('sales-bot', 'operator', '/agent-actions:propose', {
      agentId: 'sales-bot',
      actionKind: 'Write',
      toolName,
      executionTier,
      policyIds: ['default-governance'],
      rationale: 'test',
      parameters: { id: '4711' },
    });
    if (answer['proposalId'] !== undefined) proposals.push(answer['proposalId']);
    return answer;
  }

  async function audit(...more: readonly string[]): Promise<AuditResult> {
    const { stdout, stderr } = await enforce(
      ...['audit', '--stack', 'ws-acme', '--api', new URL(url).origin, '--json', ...more],
      ...['--bearer-token-file', join(controlPlane.folder, 'token')],
    );
    expect(stdout, stderr).not.toBe('');
    return JSON.parse(stdout) as AuditResult;
  }

  const verdicts = (names: readonly string[]): readonly string[] =>
    names.map((name) => `${name}: ${result.checks.find((check) => check.name === name)?.verdict}`);

  it('finds its hashes and links as upstream took them', () => {
    expect(result.chain.entries).toBeGreaterThanOrEqual(4);
    expect(verdicts(['log is whole', 'entries', 'hashes', 'links', 'clock'])).toEqual([
      'log is whole: pass',
      'entries: pass',
      'hashes: pass',
      'links: pass',
      'clock: pass',
    ]);
  });

  it('is inconclusive about it: no run, no signature, no anchor', () => {
    expect(result.verdict).not.toBe('pass');
    expect(verdicts(['frame', 'signatures', 'anchor', 'forks', 'runs of the evidence log'])).toEqual([
      'frame: inconclusive',
      'signatures: inconclusive',
      'anchor: inconclusive',
      'forks: pass',
      'runs of the evidence log: pass',
    ]);
  });

  it('looks at the denied action, and at others once somebody lists them', async () => {
    expect(result.sampling.actions).toBe(1);
    writeFileSync(join(controlPlane.folder, 'ids'), `${proposals.join('\n')}\n`);
    const { frame, items, checks } = await audit('--runs-from', join(controlPlane.folder, 'ids'));
    expect(frame.count).toBe(2);
    expect(checks.find(({ name }) => name === 'frame')?.verdict).toBe('pass');
    expect(items.sample).toMatchObject({
      action: { 'not-verifiable': 2 },
      policy: { 'not-verifiable': 2 },
      execution: { absent: 2 },
      trace: { 'not-verifiable': 2 },
    });
  });

  it('passes neither its chain forged by one byte nor without its end, by the head that it found', async () => {
    const { head } = result.chain;
    const again = await audit('--anchor', head!);
    expect(again.checks.find(({ name }) => name === 'anchor')?.verdict).toBe('pass');
    const other = await audit(
      '--anchor',
      head!.replace(/^./, (digit) => (digit === '0' ? '1' : '0')),
    );
    expect(other.checks.find(({ name }) => name === 'anchor')?.verdict).toBe('fail');
  });
});
