import { describe, expect, it } from 'vitest';
import { defaultIntent } from '../../../src/prove/claims/default-intent.js';
import { provePackets } from '../../../src/prove/claims/packets.js';
import type { ClaimVerdict } from '../../../src/prove/claims/claim.js';
import { podsIn } from '../../../src/prove/classes/pod-class.js';
import type { KubeObject } from '../../../src/prove/index.js';
import { policy } from '../objects.js';
import { RUNBOOK } from '../../support/runbook.js';
import { readPolicies } from '../../../src/prove/policies/read.js';

const NAMESPACE = 'portarium-agents';

function prove(...objects: readonly KubeObject[]): ClaimVerdict {
  const policies = readPolicies(objects).policies;
  return provePackets({
    policies,
    notEvaluated: [],
    intent: defaultIntent(policies, [NAMESPACE]),
    admissible: (namespace) => [podsIn(namespace)],
  });
}

const holes = ({ counterExamples }: ClaimVerdict): readonly string[] =>
  counterExamples.map(({ cause, because, packet }) =>
    [cause, ...because.map(({ field }) => field), `${packet?.to} ${packet?.protocol} ${packet?.port}`].join(' '),
  );

const closed = policy('deny', { policyTypes: ['Ingress', 'Egress'] }, NAMESPACE);
const opening = (name: string, spec: object): KubeObject => policy(name, spec, NAMESPACE);
const agent = { matchLabels: { 'portarium.io/role': 'agent' } };
const named = (name: string): object => ({ matchLabels: { 'kubernetes.io/metadata.name': name } });
const FRONT = {
  namespaceSelector: named('portarium-control-plane'),
  podSelector: { matchLabels: { 'portarium.io/component': 'api-server' } },
};

describe('claim P', () => {
  it('refutes the runbook’s own policy by each of its holes, the smallest first', () => {
    const verdict = prove(RUNBOOK);
    expect(verdict.verdict).toBe('refuted');
    expect(holes(verdict)).toEqual([
      'unselected-pod 8.8.8.8 TCP 443',
      'open-egress spec.egress[1] 8.8.8.8 TCP 53',
      'open-ingress portarium-agents/agent TCP 443',
      'namespace-label spec.egress[2] elsewhere/anyone TCP 4317',
      'namespace-label spec.egress[0] elsewhere/anyone TCP 443',
    ]);
    expect(verdict.counterExamples[3]!.objects).toContainEqual({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'elsewhere', labels: { 'portarium.io/component': 'observability' } },
    });
  });

  it('misses an edge that the other end opens to some of the agents only', () => {
    const front = opening('front', {
      podSelector: agent,
      policyTypes: ['Egress'],
      egress: [{ to: [FRONT], ports: [{ port: 443 }, { port: 8443 }] }],
    });
    const from = (labels: object): KubeObject =>
      policy(
        'front',
        {
          podSelector: FRONT.podSelector,
          policyTypes: ['Ingress'],
          ingress: [{ from: [{ namespaceSelector: named(NAMESPACE), podSelector: { matchLabels: labels } }] }],
        },
        'portarium-control-plane',
      );
    const exactly = (...objects: readonly KubeObject[]): ClaimVerdict => {
      const { policies } = readPolicies([closed, front, ...objects]);
      const intent = { ...defaultIntent(policies, [NAMESPACE]), exact: true };
      return provePackets({ policies, notEvaluated: [], intent, admissible: (namespace) => [podsIn(namespace)] });
    };
    const toFront = ({ counterExamples }: ClaimVerdict): readonly string[] =>
      counterExamples.flatMap(({ cause, summary }) => (/443/.test(summary) ? [cause] : []));
    expect(toFront(exactly(from(agent.matchLabels)))).toEqual([]);
    expect(toFront(exactly(from({ ...agent.matchLabels, team: 'sales' })))).toEqual(['closed-edge']);
  });

  it('proves a namespace that is closed, and one that opens the edges', () => {
    expect(prove(closed).verdict).toBe('proved');
    const front = opening('front', {
      podSelector: agent,
      policyTypes: ['Egress'],
      egress: [{ to: [FRONT], ports: [{ port: 443 }, { port: 8443 }] }],
    });
    expect(prove(closed, front).verdict).toBe('proved');
  });

  it.each([
    ['another port', { to: [FRONT], ports: [{ port: 22 }] }, 'open-peer'],
    ['a protocol that is not the edge’s', { to: [FRONT], ports: [{ protocol: 'UDP', port: 443 }] }, 'open-peer'],
    ['no ports, so ICMP too', { to: [FRONT] }, 'open-peer'],
    [
      'every pod of the namespace',
      { to: [{ namespaceSelector: FRONT.namespaceSelector }], ports: [{ port: 443 }] },
      'open-peer',
    ],
    ['the pods of any namespace', { to: [{ ...FRONT, namespaceSelector: {} }], ports: [{ port: 443 }] }, 'open-peer'],
    [
      'a namespace by exclusion',
      {
        to: [{ ...FRONT, namespaceSelector: { matchExpressions: [{ key: 'x', operator: 'DoesNotExist' }] } }],
        ports: [{ port: 443 }],
      },
      'namespace-label',
    ],
    ['one address', { to: [{ ipBlock: { cidr: '192.0.2.1/32' } }], ports: [{ port: 443 }] }, 'open-egress'],
    ['IPv6 alone', { to: [{ ipBlock: { cidr: '::/0' } }] }, 'open-egress'],
    ['half of the addresses', { to: [{ ipBlock: { cidr: '128.0.0.0/1' } }], ports: [{ port: 443 }] }, 'open-egress'],
    ['everything', {}, 'open-egress'],
    ['a port by name, which whoever makes the pod gives', { to: [FRONT], ports: [{ port: 'https' }] }, 'open-peer'],
  ])('refutes an egress rule for %s', (_, rule, cause) => {
    const verdict = prove(closed, opening('more', { podSelector: agent, policyTypes: ['Egress'], egress: [rule] }));
    expect(verdict.verdict).toBe('refuted');
    expect(verdict.counterExamples.map((example) => [example.cause, example.because[0]?.field])).toEqual([
      [cause, 'spec.egress[0]'],
    ]);
  });

  it('refutes what opens something for pods that are no agents', () => {
    const other = opening('other', {
      podSelector: { matchLabels: { app: 'job' } },
      policyTypes: ['Egress'],
      egress: [{ to: [FRONT], ports: [{ port: 443 }] }],
    });
    expect(holes(prove(closed, other))).toEqual(['open-peer spec.egress[0] portarium-control-plane/anyone TCP 443']);
  });

  it('refutes ingress from agents of another kind of pod, but not where the other side never lets it out', () => {
    const listening = opening('listening', {
      podSelector: agent,
      policyTypes: ['Ingress'],
      ingress: [{ from: [{ namespaceSelector: named('shop') }], ports: [{ port: 80 }] }],
    });
    expect(holes(prove(closed, listening))).toEqual(['open-ingress spec.ingress[0] portarium-agents/agent TCP 80']);
    const shop = policy('deny', { policyTypes: ['Egress'] }, 'shop');
    expect(prove(closed, listening, shop).verdict).toBe('proved');
  });

  it('is inconclusive where nothing is an agent’s, and where something was not evaluated', () => {
    const nobody = provePackets({
      policies: [],
      notEvaluated: [],
      intent: defaultIntent([], ['shop']),
      admissible: (name) => [podsIn(name)],
    });
    expect(nobody).toMatchObject({ verdict: 'inconclusive', reasons: ['there is no namespace of agents'] });
    const unknown = provePackets({
      policies: readPolicies([closed]).policies,
      notEvaluated: [{ kind: 'EgressFirewall', namespace: NAMESPACE, name: 'x', reason: 'not evaluated' }],
      intent: defaultIntent([], [NAMESPACE]),
      admissible: (name) => [podsIn(name)],
    });
    expect(unknown).toMatchObject({
      verdict: 'inconclusive',
      reasons: [`EgressFirewall ${NAMESPACE}/x: not evaluated`],
    });
  });
});
