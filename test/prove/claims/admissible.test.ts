import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isIn } from '../../../src/prove/classes/label-box.js';
import { podsIn, witnessOf } from '../../../src/prove/classes/pod-class.js';
import { admissible } from '../../../src/prove/claims/admissible.js';
import type { PodFacts } from '../../../src/prove/claims/admissible.js';
import { guard } from '../../../src/prove/claims/settle.js';
import { GUARDS, without } from './stack.js';

const FACTS: PodFacts = {
  workspaces: [
    { id: 'ws-acme', namespace: 'a' },
    { id: 'ws-beta', namespace: 'a' },
    { id: 'ws-globex', namespace: 'b' },
  ],
  agents: [
    { workspace: 'ws-acme', serviceAccount: 'sales-bot' },
    { workspace: 'ws-acme', serviceAccount: 'clerk' },
    { workspace: 'ws-globex', serviceAccount: 'ore-bot' },
  ],
  agentDns: true,
  guards: GUARDS,
};

const ROLE = 'portarium.io/role';
const WORKSPACE = 'portarium.io/workspace';
const AGENT = 'portarium.io/agent';
const COMPONENT = 'portarium.io/component';
const ACCOUNT = 'io.cilium.k8s.policy.serviceaccount';

const admits = (facts: PodFacts, labels: Record<string, string>, namespace = 'a'): boolean =>
  admissible(facts, namespace).some(({ pods }) => isIn(pods, new Map(Object.entries(labels))));

const sales = { [ROLE]: 'agent', [WORKSPACE]: 'ws-acme', [AGENT]: 'sales-bot', [ACCOUNT]: 'sales-bot' };
const dns = { [WORKSPACE]: 'ws-beta', [COMPONENT]: 'agent-dns-ws-beta', [ACCOUNT]: 'agent-dns-ws-beta' };

describe('the pods that admission lets be among agents', () => {
  it.each([
    ['a listed agent', sales, true],
    ['with other labels', { ...sales, app: 'x' }, true],
    ['with an empty component, which the guard takes for none', { ...sales, [COMPONENT]: '' }, true],
    ['the DNS server', dns, true],
    ['with an empty role', { ...dns, [ROLE]: '', [AGENT]: '' }, true],
    ['nobody', { [ACCOUNT]: 'default' }, false],
    ['an agent under another account', { ...sales, [ACCOUNT]: 'clerk' }, false],
    ['an agent that is not listed', { ...sales, [AGENT]: 'rogue', [ACCOUNT]: 'rogue' }, false],
    ['an agent of another namespace’s workspace', { ...sales, [WORKSPACE]: 'ws-globex' }, false],
    ['an agent that is a component too', { ...sales, [COMPONENT]: 'api-server' }, false],
    ['the DNS server of another workspace', { ...dns, [WORKSPACE]: 'ws-acme' }, false],
    ['the DNS server with a role', { ...dns, [ROLE]: 'agent' }, false],
    ['the DNS server under another account', { ...dns, [ACCOUNT]: 'clerk' }, false],
  ])('%s', (_, labels, expected) => {
    expect(admits(FACTS, labels)).toBe(expected);
  });

  it('without agent-accounts are agents of any name', () => {
    const facts = { ...FACTS, guards: without(guard('agent-accounts')) };
    expect(admits(facts, { ...sales, [AGENT]: 'rogue', [ACCOUNT]: 'rogue' })).toBe(true);
    expect(admits(facts, { ...sales, [AGENT]: '' })).toBe(false);
    expect(admits(facts, { ...sales, [WORKSPACE]: 'ws-globex' })).toBe(false);
  });

  it.each(['agent-pods', 'agent-workspace', 'label-changes'])('without %s are all', (name) => {
    expect(admissible({ ...FACTS, guards: without(guard(name)) }, 'a')).toEqual([podsIn('a')]);
  });

  it('are all where no workspace is, since no guard binds there', () => {
    expect(admissible(FACTS, 'elsewhere')).toEqual([podsIn('elsewhere')]);
  });

  it('have no DNS server where workspaces have none, and no agent but the probe where no policy lists one', () => {
    expect(admits({ ...FACTS, agentDns: false }, dns)).toBe(false);
    const labels = admissible({ ...FACTS, agentDns: false, agents: [] }, 'a').map((pods) => witnessOf(pods).labels);
    expect(new Set(labels.map((found) => found.get(AGENT)))).toEqual(new Set(['portarium-probe']));
    expect(new Set(labels.map((found) => found.get(ACCOUNT)))).toEqual(new Set(['portarium-probe']));
  });

  it('and those that are there already, as they are', () => {
    const old = { namespace: 'a', labels: { [ROLE]: 'agent' }, serviceAccount: 'default' };
    const facts = { ...FACTS, pods: [old] };
    expect(admits(facts, { [ROLE]: 'agent', [ACCOUNT]: 'default' })).toBe(true);
    expect(admits(facts, { [ROLE]: 'agent', [WORKSPACE]: 'ws-acme', [ACCOUNT]: 'default' })).toBe(false);
    expect(admits(facts, { [ROLE]: 'agent', [ACCOUNT]: 'default' }, 'b')).toBe(false);
  });

  it('are what the guards’ own expressions say, and fewer with no guard less', () => {
    const value = (key: string, ...values: string[]) =>
      fc.constantFrom(undefined, '', ...values).map((one) => (one === undefined ? {} : { [key]: one }));
    const pods = fc
      .tuple(
        value(ROLE, 'agent', 'x'),
        value(WORKSPACE, 'ws-acme', 'ws-beta', 'ws-globex'),
        value(AGENT, 'sales-bot', 'clerk', 'rogue'),
        value(COMPONENT, 'agent-dns-ws-acme', 'agent-dns-ws-beta', 'api-server'),
        fc.constantFrom('default', 'sales-bot', 'clerk', 'rogue', 'agent-dns-ws-acme', 'agent-dns-ws-beta'),
      )
      .map(
        ([...labels]) => Object.assign({}, ...labels.slice(0, 4), { [ACCOUNT]: labels[4] }) as Record<string, string>,
      );
    fc.assert(
      fc.property(pods, fc.constantFrom(...GUARDS), (labels, missing) => {
        expect(admits(FACTS, labels)).toBe(asWritten(labels));
        if (admits(FACTS, labels)) expect(admits({ ...FACTS, guards: without(missing) }, labels)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});

/** The CEL of agent-pods, agent-workspace and agent-accounts, line by line (src/constructs/guards). */
function asWritten(labels: Record<string, string>): boolean {
  const label = (key: string): string => labels[key] ?? '';
  const [role, workspace, agent, component] = [label(ROLE), label(WORKSPACE), label(AGENT), label(COMPONENT)];
  const account = labels[ACCOUNT];
  const isAgent = role === 'agent' && workspace !== '' && agent !== '' && component === '';
  const isDns = role === '' && agent === '' && component === `agent-dns-${workspace}`;
  if (!(isAgent || isDns)) return false;
  if (isAgent && account !== agent) return false;
  if (isDns && account !== component) return false;
  if (labels[WORKSPACE] !== undefined && !['ws-acme', 'ws-beta'].includes(workspace)) return false;
  if (role !== 'agent') return true;
  const listed = FACTS.agents.filter((each) => each.workspace === workspace);
  return listed.some(({ serviceAccount }) => serviceAccount === account);
}
