import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer, Call } from '../../../lab/client.js';
import { outcome } from './clients.js';
import { ControlPlane, NEEDS, tryUpstream } from './control-plane.js';
import { startBench, until, type Bench } from './fixture.js';

/**
 * Upstream's own control plane behind the front, driven by its own client through an agent's sidecar: what it lets
 * through by itself (research: ten facts) ends at the front. Needs a checkout of it, named by PORTARIUM_UPSTREAM.
 */
const checkout = tryUpstream();

/** Upstream knows this spelling alone. */
const TYPE = 'at+JWT';

interface Client {
  proposeAction(input: object): Promise<{ status: string; reason?: string; approvalId?: string }>;
  pollApproval(approvalId: string): Promise<object>;
}

describe.skipIf(checkout === undefined)(`upstream’s control plane behind the front ${NEEDS}`, () => {
  let bench: Bench;
  let controlPlane: ControlPlane;
  let client: (policyIds?: readonly string[]) => Client;

  beforeAll(async () => {
    controlPlane = await ControlPlane.build(checkout!);
    bench = await startBench({
      controlPlane: (issuer, servers) => controlPlane.start(issuer, servers),
      // Polling and retries come on top of what the tests count.
      configure: (stage) => stage.configure('platform', ['front', 'requestsPerSecond'], 100),
    });
    await until('the front is ready', () => bench.front.sidecars.ready());
    const { sidecars } = await bench.front.caller('portarium-agents', 'sales-bot');
    const PortariumClient = await clientOf(checkout!, controlPlane.folder);
    const token = await bench.front.issuer.mint(
      { sub: 'sales-bot', aud: 'portarium', workspaceId: 'ws-acme', roles: ['operator'] },
      { expiresInSeconds: 900, typ: TYPE },
    );
    client = (defaultPolicyIds = ['default-governance']) =>
      new PortariumClient({
        portariumUrl: `http://127.0.0.1:${sidecars.ports['outbound']!}`,
        workspaceId: 'ws-acme',
        bearerToken: token,
        tenantId: 'ws-acme',
        defaultPolicyIds,
        defaultExecutionTier: 'HumanApprove',
      });
    for (const level of ['authz', 'identity', 'allowlist'] as const) await bench.climb('ws-acme', level);
    await until('unlisted tools are refused', async () => (await propose('crm:export')).status === 'error', 10);
  }, 240_000);
  afterAll(async () => {
    await bench?.end();
    await controlPlane?.stop();
  });

  const propose = (toolName: string, more: object = {}) =>
    client().proposeAction({ toolName, parameters: { id: '4711' }, sessionKey: 'sales-bot', ...more });

  async function person(sub: string, role: string, method: string, path: string, body?: object): Promise<Answer> {
    const aud = ['portarium-people', 'portarium'];
    const token = await bench.front.issuer.mint({ sub, aud, workspaceId: 'ws-acme', roles: [role] }, { typ: TYPE });
    const call: Call = {
      method,
      path: `/v1/workspaces/ws-acme${path}`,
      ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    };
    return bench.call('people', { token }, call);
  }

  it('a listed tool is proposed by upstream’s own client and waits for a person', async () => {
    const answer = await propose('invoice:create');
    expect(answer, JSON.stringify(answer)).toMatchObject({ status: 'awaiting_approval' });
    expect(await client().pollApproval(answer.approvalId!)).toEqual({ status: 'pending' });
  });

  it('a listed tool that only reads is allowed at once', async () => {
    expect(await propose('invoice:read', { executionTier: 'Auto' })).toEqual({ status: 'allowed' });
  });

  it('an unlisted tool never arrives, and its client takes the answer for a refusal', async () => {
    expect(await propose('crm:export')).toMatchObject({ status: 'error' });
    expect(bench.front.sidecars.lines('authorizer').at(-1)).toMatchObject({ data: { reason: 'PolicyBlocked' } });
  });

  it('a name by which upstream would allow a tool is not enough', async () => {
    expect(await propose('get_sh')).toMatchObject({ status: 'error' });
  });

  it('policies and tiers of the caller’s choice are refused', async () => {
    const answer = await client(['mine']).proposeAction({
      toolName: 'invoice:read',
      parameters: {},
      sessionKey: 'sales-bot',
    });
    expect(answer).toMatchObject({ status: 'error' });
    expect(await propose('invoice:create', { executionTier: 'Auto' })).toMatchObject({ status: 'error' });
  });

  it('an auditor overwrites no policy, although upstream would let him', async () => {
    expect(outcome(await person('u-alma', 'auditor', 'POST', '/policies', { policyId: 'default-governance' }))).toBe(
      '403 NotAuthorized',
    );
  });

  it('an approval of which no tuple is stored is decided on by an approver, and not by the owner of the agent', async () => {
    const { approvalId } = await propose('invoice:create', { parameters: { id: '4712' } });
    const decision = { decision: 'Approved', rationale: 'test' };
    const decide = (sub: string) => person(sub, 'approver', 'POST', `/approvals/${approvalId!}/decide`, decision);
    expect(outcome(await decide('u-olaf'))).toBe('403 NotAuthorized');
    expect((await decide('u-bob')).status).toBe(200);
  });

  it('an old Allow is not replayed when the policy has changed', async () => {
    const count = async (): Promise<number> => {
      const { body } = await person('u-alma', 'auditor', 'GET', '/evidence');
      return (JSON.parse(body) as { items: unknown[] }).items.length;
    };
    const same = () => propose('invoice:read', { executionTier: 'Auto', parameters: { id: 'replay' } });
    await same();
    const before = await count();
    await same();
    expect(await count(), 'the same call under the same policy is answered from before').toBe(before);
    await bench.changePolicy('ws-acme', 'ticket:close');
    await until(
      'the same call is evaluated anew',
      async () => {
        await same();
        return (await count()) > before;
      },
      10,
    );
  });
});

/** Upstream's client, as its package has it. */
async function clientOf(from: string, folder: string): Promise<new (config: object) => Client> {
  const outfile = join(folder, 'client.mjs');
  await build({
    entryPoints: [join(from, 'packages/portarium/src/client/portarium-client.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
    logLevel: 'error',
  });
  const { PortariumClient } = (await import(/* @vite-ignore */ pathToFileURL(outfile).href)) as {
    PortariumClient: new (config: object) => Client;
  };
  return PortariumClient;
}
