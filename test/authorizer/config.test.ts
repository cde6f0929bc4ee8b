import { describe, expect, it } from 'vitest';
import { hostname } from 'node:os';
import { parseConfig, replicaOf } from '../../src/authorizer/config.js';
import { CONFIG } from './fixture.js';

const [worker] = CONFIG.workloads;
const parse = (changes: object = {}) => parseConfig(JSON.stringify({ ...CONFIG, ...changes }));

describe('the configuration', () => {
  it('is read as it stands', () => {
    expect(parse()).toEqual(CONFIG);
  });

  it('lets contact last 30 seconds unless it says otherwise', () => {
    expect(parse({ contactSeconds: undefined }).contactSeconds).toBe(30);
    expect(parse({ contactSeconds: 1.5 }).contactSeconds).toBe(1.5);
  });

  it.each<[string, object, string]>([
    ['an unknown key', { port: 1 }, 'port is unknown. Allowed: trustDomain, policyNamespace, workloads, '],
    [
      'an unknown key of tokens',
      { tokens: { ...CONFIG.tokens, jwks: 'x' } },
      'tokens.jwks is unknown. Allowed: issuer',
    ],
    ['an unknown key of a workload', { workloads: [{ ...worker, x: 1 }] }, 'workloads[0].x is unknown. Allowed: name'],
    ['no trust domain', { trustDomain: undefined }, 'trustDomain is missing: a SPIFFE trust domain.'],
    ['a bad trust domain', { trustDomain: 'a/b' }, 'trustDomain is "a/b", not a SPIFFE trust domain.'],
    ['a bad namespace', { policyNamespace: '../x' }, 'policyNamespace is "../x", not a DNS-1123 label.'],
    ['no tokens', { tokens: undefined }, 'tokens is missing: an object.'],
    ['no issuer', { tokens: { ...CONFIG.tokens, issuer: '' } }, 'tokens.issuer is "", not text that is not empty.'],
    [
      'one audience for all',
      { tokens: { ...CONFIG.tokens, peopleAudience: 'portarium' } },
      'tokens.peopleAudience is the agents’ audience. An agent could then use a person’s token.',
    ],
    [
      'a workload of another trust domain',
      { workloads: [{ ...worker, spiffeId: 'spiffe://evil.example/ns/a/sa/b' }] },
      'workloads[0].spiffeId is "spiffe://evil.example/ns/a/sa/b", not of spiffe://portarium.io/.',
    ],
    [
      'two workloads with one subject',
      { workloads: [worker, { ...worker, name: 'bridge', spiffeId: `${worker!.spiffeId}-2` }] },
      'workloads[1].subject is "execution-worker", which another has.',
    ],
    ['workloads that are no list', { workloads: {} }, 'workloads is {}, not a list.'],
    ['a bad port', { listenerPort: 0 }, 'listenerPort is 0, not a number from 1 to 65535.'],
    ['a port with a fraction', { listenerPort: 1.5 }, 'listenerPort is 1.5, not a whole number from 1 to 65535.'],
    ['a negative grace', { graceSeconds: -1 }, 'graceSeconds is -1, not a number from 0 to 3600.'],
    ['contact that lasts for ever', { contactSeconds: 3600 }, 'contactSeconds is 3600, not a number from 1 to 300.'],
  ])('with %s is refused', (_what, changes, message) => {
    expect(() => parse(changes)).toThrow(message);
  });

  it('that is no JSON is refused', () => {
    expect(() => parseConfig('{')).toThrow('the configuration is no JSON: ');
    expect(() => parseConfig('[]')).toThrow('is [], not an object.');
  });
});

describe('the name of the replica', () => {
  it('is the pod’s, as container runtimes give it', () => {
    expect(replicaOf({ HOSTNAME: 'api-server-5565f79ff8-x2k9p' })).toBe('api-server-5565f79ff8-x2k9p');
  });

  it('is the host’s where there is none', () => {
    expect(replicaOf({})).toBe(hostname());
    expect(replicaOf({ HOSTNAME: '' })).toBe(hostname());
  });
});
