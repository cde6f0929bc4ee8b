import { describe, expect, it } from 'vitest';
import { explain, explanationLines } from '../../src/prove/index.js';
import { egress, ingress, object, pod, policy } from './objects.js';

const SOURCE = { namespace: 'a', name: 'agent' };
const SERVER = { namespace: 'a', name: 'server' };
const objects = [
  pod('agent', { ips: ['10.0.0.1'], labels: { role: 'agent' } }),
  pod('server', { ips: ['10.0.0.2'], labels: { app: 'server' } }),
  policy('deny', egress()),
  policy('https', egress({ ports: [{ port: 80 }], to: [] }, { to: [{ podSelector: {} }], ports: [{ port: 443 }] })),
  policy('closed', { ...ingress({ ports: [{ port: 443 }] }), podSelector: { matchLabels: { app: 'server' } } }),
];

describe('explain', () => {
  it('names the rules that allow a packet, on both sides', () => {
    const told = explain(objects, SOURCE, { destination: SERVER, protocol: 'TCP', port: 443 });
    expect(told).toEqual({
      verdict: 'allowed',
      networkPolicy: 'allowed',
      source: 'a/agent[Pod]',
      destination: 'a/server[Pod]',
      egress: {
        allowed: true,
        isolatedBy: ['a/deny', 'a/https'],
        allowedBy: [{ policy: 'a/https', field: 'spec.egress[1]' }],
      },
      ingress: {
        allowed: true,
        isolatedBy: ['a/closed'],
        allowedBy: [{ policy: 'a/closed', field: 'spec.ingress[0]' }],
      },
      notEvaluated: [],
    });
    expect(explanationLines(told)).toEqual([
      'a/agent[Pod] to a/server[Pod]: allowed',
      'egress: allowed by a/https spec.egress[1]',
      'ingress: allowed by a/closed spec.ingress[0]',
    ]);
  });

  it('names the policies that isolate when no rule allows', () => {
    const told = explain(objects, SOURCE, { destination: SERVER, protocol: 'TCP', port: 80 });
    expect(explanationLines(told)).toEqual([
      'a/agent[Pod] to a/server[Pod]: denied',
      'egress: allowed by a/https spec.egress[0]',
      'ingress: isolated by a/closed; no rule allows it',
    ]);
  });

  it('takes an address that is a pod for that pod, and any other as an address', () => {
    const toPod = explain(objects, SOURCE, { destination: '10.0.0.2', protocol: 'TCP', port: 80 });
    expect(toPod).toMatchObject({ verdict: 'denied', destination: 'a/server[Pod]' });
    const outside = explain(objects, SOURCE, { destination: '192.0.2.1', protocol: 'TCP', port: 80 });
    expect(explanationLines(outside)).toEqual([
      'a/agent[Pod] to 192.0.2.1: allowed',
      'egress: allowed by a/https spec.egress[0]',
    ]);
  });

  it('knows that a pod cannot be kept from itself', () => {
    expect(explain(objects, SOURCE, { destination: SOURCE, protocol: 'TCP', port: 1 }).verdict).toBe('allowed');
    expect(explain(objects, SOURCE, { destination: '10.0.0.1', protocol: 'UDP', port: 1 }).verdict).toBe('allowed');
  });

  it('answers for protocols without ports', () => {
    const ping = { destination: SERVER, protocol: 'other' } as const;
    expect(explain(objects, SOURCE, ping).verdict).toBe('denied');
    expect(explain(objects.slice(0, 2), SOURCE, ping).verdict).toBe('allowed');
  });

  it('says "not evaluated", never "denied", beside a policy it does not know', () => {
    const other = object('crd.projectcalico.org/v1', 'NetworkPolicy', { metadata: { name: 'x', namespace: 'a' } });
    const told = explain([...objects, other], SOURCE, { destination: '8.8.8.8', protocol: 'UDP', port: 53 });
    expect(told).toMatchObject({ verdict: 'not evaluated', networkPolicy: 'denied' });
    expect(explanationLines(told).at(-1)).toBe(
      'not evaluated: NetworkPolicy a/x (crd.projectcalico.org/v1 is not evaluated)',
    );
  });

  it.each([0, 65536, 1.5, undefined])('refuses port %s', (port) => {
    const packet = { destination: SERVER, protocol: 'TCP', ...(port !== undefined && { port }) } as const;
    expect(() => explain(objects, SOURCE, packet)).toThrow(`a TCP packet needs a port from 1 to 65535, not ${port}`);
  });

  it('refuses what is no address', () => {
    const packet = { destination: 'example.com', protocol: 'TCP', port: 1 } as const;
    expect(() => explain(objects, SOURCE, packet)).toThrow('"example.com" is not an IPv4 or IPv6 address');
  });
});
