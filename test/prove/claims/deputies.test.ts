import { describe, expect, it } from 'vitest';
import type { ClaimVerdict } from '../../../src/prove/claims/claim.js';
import { proveDeputies } from '../../../src/prove/claims/deputies.js';
import { intentOf } from '../../../src/prove/claims/intent.js';
import type { OpenEdge } from '../../../src/prove/claims/intent.js';
import { knownEdges } from '../../../src/prove/claims/matrix.js';
import { readForProof } from '../../../src/prove/claims/read-for-proof.js';
import type { KubeObject } from '../../../src/prove/index.js';
import { egress, object, policy } from '../objects.js';

const pods = (namespace: string) => ({ kind: 'pods', name: namespace, namespace, labels: { app: namespace } }) as const;
const ports = [{ protocol: 'TCP', service: 443, target: 443 }] as const;
const to = (end: OpenEdge['to'], forwards?: OpenEdge['forwards'], from: OpenEdge['from'] = pods('bots')): OpenEdge => ({
  id: `${from.name} to ${end.name}`,
  ...{ from, to: end, ports },
  ...(forwards && { forwards }),
});
const keeps = { does: false, why: 'it decides' };
const sends = { does: true, why: 'it is a proxy' };
const selecting = (name: string) => ({ matchLabels: { 'kubernetes.io/metadata.name': name } });
const opening = (from: string, peer: object): KubeObject =>
  policy('opening', egress({ to: [peer], ports: [{ port: 443 }] }), from);
const closed = (name: string): KubeObject => policy('closed', egress(), name);
const peer = (name: string) => ({ namespaceSelector: selecting(name), podSelector: { matchLabels: { app: name } } });

function prove(edges: readonly OpenEdge[], objects: readonly KubeObject[], complete = true): ClaimVerdict {
  return proveDeputies({
    ...readForProof([opening('bots', peer('proxy')), ...objects]),
    intent: intentOf(edges, ['bots'], undefined),
    edges: knownEdges(edges, undefined),
    complete,
  });
}

describe('claim D', () => {
  it('believes a destination that is declared not to send on, and says why', () => {
    const verdict = prove([to(pods('proxy'), keeps)], []);
    expect(verdict.verdict).toBe('proved');
    expect(verdict.argument).toContain('does not send on, as declared: “bots to proxy”: it decides');
  });

  it.each([
    ['that is not isolated', []],
    ['by a rule', [opening('proxy', { ipBlock: { cidr: '0.0.0.0/0' } })]],
  ])('is refuted by a proxy that reaches any address %s', (_, objects) => {
    const { verdict, counterExamples } = prove([to(pods('proxy'), sends)], objects);
    expect(verdict).toBe('refuted');
    expect(counterExamples).toMatchObject([{ cause: 'deputy', packet: { from: 'bots/agent', to: '8.8.8.8' } }]);
    expect(counterExamples[0]!.summary).toBe(
      'what an agent sends by “bots to proxy” is sent on to 8.8.8.8: it is a proxy',
    );
  });

  it('lets a proxy be that reaches nobody', () => {
    expect(prove([to(pods('proxy'), sends)], [closed('proxy')]).verdict).toBe('proved');
  });

  it('follows from one that sends on to the next, and names the whole way', () => {
    const edges = [to(pods('proxy'), sends), to(pods('relay'), sends, pods('proxy'))];
    const between = opening('proxy', peer('relay'));
    expect(prove(edges, [between, closed('relay')]).verdict).toBe('proved');
    const { counterExamples } = prove(edges, [between]);
    expect(counterExamples[0]!.summary).toMatch(/by “bots to proxy”, then “proxy to relay” is sent on to/);
    expect(prove([edges[0]!, to(pods('relay'), keeps, pods('proxy'))], [between]).verdict).toBe('proved');
  });

  it('is inconclusive about what is reached beyond the declared, and ends on a circle', () => {
    const edges = [to(pods('proxy'), sends)];
    const beyond = prove(edges, [opening('proxy', peer('relay'))]);
    expect(beyond.verdict).toBe('inconclusive');
    expect(beyond.reasons[0]).toMatch(
      /after “bots to proxy” a pod in proxy reaches pods in relay of which nothing is declared/,
    );
    const circle = [...edges, to(pods('proxy'), sends, pods('proxy'))];
    expect(prove(circle, [opening('proxy', peer('proxy'))]).verdict).toBe('proved');
  });

  it('is inconclusive about ports beyond the declared, and about what was not understood once policies are asked', () => {
    const edges = [to(pods('proxy'), sends), to(pods('relay'), keeps, pods('proxy'))];
    const wide = policy('wide', egress({ to: [peer('relay')], ports: [{ port: 443 }, { port: 8080 }] }), 'proxy');
    const beyond = prove(edges, [wide]);
    expect(beyond.verdict).toBe('inconclusive');
    expect(beyond.reasons).toEqual([
      expect.stringMatching(/reaches pods in relay on TCP 8080, of which nothing is decl/),
    ]);
    const calico = object('projectcalico.org/v3', 'GlobalNetworkPolicy', { metadata: { name: 'x' }, spec: {} });
    expect(prove([edges[0]!], [closed('proxy'), calico]).reasons).toEqual([
      'GlobalNetworkPolicy x: projectcalico.org/v3 is not evaluated',
    ]);
    expect(prove([to(pods('proxy'), keeps)], [calico]).verdict).toBe('proved');
  });

  it('takes what nobody has declared for one that sends on', () => {
    expect(prove([to(pods('proxy'))], [closed('proxy')]).verdict).toBe('proved');
    expect(prove([to(pods('proxy'))], []).counterExamples[0]!.summary).toMatch(/: nobody has said that it does not$/);
  });

  it('is inconclusive where the policies of the destination were not read, and names it', () => {
    const { verdict, reasons } = prove([to(pods('proxy'))], [], false);
    expect(verdict).toBe('inconclusive');
    expect(reasons).toEqual([
      'nobody has said whether the destination of “bots to proxy” sends on what it is given, and the policies of proxy were not read',
    ]);
  });

  it('is refuted by a DNS server that forwards any name, and open where names are narrowed', () => {
    const dns = {
      ...to(pods('dns'), { does: true, why: 'it forwards' }),
      ports: [{ protocol: 'UDP', service: 53, target: 53 }],
    } as const;
    const plain = policy('dns', egress({ to: [peer('dns')], ports: [{ protocol: 'UDP', port: 53 }] }), 'bots');
    expect(prove([dns], [plain, closed('dns')])).toMatchObject({
      verdict: 'refuted',
      counterExamples: [{ cause: 'dns-tunnel' }],
    });
    const byName = {
      apiVersion: 'cilium.io/v2',
      kind: 'CiliumNetworkPolicy',
      metadata: { name: 'dns', namespace: 'bots' },
      spec: {
        endpointSelector: {},
        egress: [
          {
            toEndpoints: [{ matchLabels: { 'k8s:io.kubernetes.pod.namespace': 'dns' } }],
            toPorts: [
              { ports: [{ port: '53', protocol: 'UDP' }], rules: { dns: [{ matchName: 'front.example.com' }] } },
            ],
          },
        ],
      },
    } as unknown as KubeObject;
    expect(prove([dns], [byName, closed('dns')]).verdict).toBe('inconclusive');
    expect(prove([dns], [byName, plain, closed('dns')]).verdict).toBe('refuted');
  });

  it('ends at addresses: whoever is there may send on', () => {
    const away = to({ kind: 'addresses', name: 'bank', cidrs: ['192.0.2.0/24'] });
    expect(prove([away], []).counterExamples).toMatchObject([{ packet: { to: '192.0.2.0' } }]);
  });
});
