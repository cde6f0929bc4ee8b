import { expect } from 'vitest';
import { standaloneScript } from '../../../lab/standalone.js';
import type { LabPod } from '../../../lab/data-plane/data-plane.js';
import { modesAt, type Level } from '../../../src/model/levels.js';
import type { Samples } from './fixture.js';

const RUNS = '/v1/workspaces/ws-acme/runs';
const unlisted = {
  method: 'POST',
  path: '/v1/workspaces/ws-acme/agent-actions:propose',
  body: JSON.stringify({
    agentId: 'sales-bot',
    actionKind: 'tool_call',
    toolName: 'crm:export',
    executionTier: 'ManualOnly',
    policyIds: ['default-governance'],
    parameters: { id: '4711' },
    rationale: 'test',
  }),
};

const PROGRAM = standaloneScript('probe-program', new URL('../../../src/verify/probes/', import.meta.url).href);

/** What comes of a call by token alone, past the pod's own Envoy: the status and whether it was that refusal. */
async function byTokenAlone(from: LabPod, address: string, token: string): Promise<string> {
  const refusal = { status: 403, reason: 'IdentityRequired' };
  const target = { address: `https://${address}${RUNS}`, headers: { authorization: `Bearer ${token}` }, refusal };
  const probes = [{ name: 'call', kind: 'http', target }];
  const output = await from.script(PROGRAM, [JSON.stringify({ probes, timeoutMilliseconds: 1500 })]);
  const [result] = JSON.parse(output) as readonly [{ readonly outcome: string; readonly detail: string }];
  return `${result.outcome} ${result.detail}`.trim();
}

/** Calls of agents from their own pods, and what the front makes of them at a level (runbook step 5, items 2 to 4). */
export async function expectCalls({ workloads, platform }: Samples, level: Level): Promise<void> {
  const { mtls, allowlist } = modesAt(level);
  const call = async (what: Parameters<typeof workloads.call>[1]): Promise<string> => {
    const { status, headers } = await workloads.call('ws-acme', what);
    return [status, headers['x-portarium-reason']].join(' ').trim();
  };
  const eventually = (what: () => Promise<string>, wanted: string) =>
    expect.poll(what, { timeout: 20_000, interval: 100 }).toBe(wanted);
  const token = await workloads.token('ws-acme');
  const { front } = platform;

  // Its Envoy has found the way by mTLS, and the record names its SVID.
  await eventually(
    async () => `${await call({ path: RUNS })} by ${String(workloads.lastDecision()['listener'])}`,
    '200 by agents',
  );
  expect(workloads.lastDecision()['spiffeId']).toBe('spiffe://portarium.io/ns/portarium-agents/sa/sales-bot');
  await eventually(() => call(unlisted), allowlist === 'enforce' ? '403 PolicyBlocked' : '200');
  expect(await call({ path: '/v1/workspaces/ws-globex/runs' })).toBe('403 NotAuthorized');
  // Without an SVID: the listener that demands one, its own way to the other, and somebody else's.
  const [agent, globex] = [workloads.pod('ws-acme'), workloads.pod('ws-globex')];
  expect(await byTokenAlone(agent, front.clusterIP, token)).toMatch(/^tls-refused /);
  await eventually(
    () => byTokenAlone(agent, front.bearerClusterIP, token),
    mtls === 'enforce' ? 'timeout' : 'answered 200',
  );
  await eventually(
    () => byTokenAlone(globex, front.bearerClusterIP, token),
    mtls === 'enforce' ? 'http-refused 403' : 'answered 200',
  );
}
