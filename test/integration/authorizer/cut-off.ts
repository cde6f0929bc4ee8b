import { setTimeout as sleep } from 'node:timers/promises';
import type { Facts } from '../../../src/authorizer/facts.js';
import { AGENT, proposing, svid, token } from '../../authorizer/fixture.js';
import type { Authorizer } from './authorizer.js';

/** One call of those that go on while the API server is away. */
export interface Answered {
  readonly call: keyof typeof CALLS;
  /** Milliseconds from the cut to the question. */
  readonly at: number;
  /** Of the answer; 0 where there was none. */
  readonly status: number;
}

const NAMESPACE = 'portarium-agents-globex';
const PAUSE = 100;

function agent(name: string): Facts {
  const claims = { sub: name, workspaceId: 'ws-globex', exp: Math.floor(Date.now() / 1000) + 3600 };
  return { ...AGENT, principal: svid(name, NAMESPACE), token: token(claims), path: '/v1/workspaces/ws-globex/runs' };
}
const SUPPORT_BOT = agent('support-bot');
const tool = (toolName: string): Facts => ({
  ...proposing({ agentId: 'support-bot', toolName }, SUPPORT_BOT),
  path: '/v1/workspaces/ws-globex/agent-actions:propose',
});

/** To ws-globex, whose policy and Relaxation no other test of the file touches. */
export const CALLS = {
  agent: SUPPORT_BOT,
  listedTool: tool('invoice:read'),
  // Open by a Relaxation alone.
  bearer: { ...SUPPORT_BOT, listener: 'bearer', principal: '' },
  unlistedTool: tool('crm:export'),
  // Never open.
  anothersAgent: { ...SUPPORT_BOT, principal: svid('sales-bot') },
  lateAgent: agent('late-bot'),
  unmappedRoute: { ...SUPPORT_BOT, path: '/v1/workspaces/ws-globex/secrets' },
} satisfies Readonly<Record<string, Facts>>;

/** The calls in turn, again and again until `signal`, with a short pause between the rounds. */
export async function keepCalling(authorizer: Authorizer, signal: AbortSignal): Promise<readonly Answered[]> {
  const start = performance.now();
  const answered: Answered[] = [];
  while (!signal.aborted) {
    for (const call of Object.keys(CALLS) as (keyof typeof CALLS)[]) {
      const at = performance.now() - start;
      answered.push({ call, at, status: await authorizer.status(CALLS[call]).catch(() => 0) });
    }
    await sleep(PAUSE);
  }
  return answered;
}

/**
 * The different statuses of one call's answers to what was asked between these milliseconds. Not 503: OpenFGA's stand-in
 * shares a loaded machine and may be late, about which the other tests have their say.
 */
export const statuses = (
  answered: readonly Answered[],
  call: keyof typeof CALLS,
  { from = 0, to = Infinity } = {},
): readonly number[] => [
  ...new Set(
    answered
      .filter((each) => each.call === call && each.at >= from && each.at < to && each.status !== 503)
      .map(({ status }) => status),
  ),
];
