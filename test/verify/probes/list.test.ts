import { describe, expect, it } from 'vitest';
import { modesAt, relax } from '../../../src/model/levels.js';
import type { Platform } from '../../../src/model/platform.js';
import { judge } from '../../../src/verify/probes/judge.js';
import { probesOf, type Surroundings } from '../../../src/verify/probes/list.js';
import type { Place, Probe } from '../../../src/verify/probes/probe.js';
import { ACME, PLATFORM } from '../../model/examples.js';

const SURROUNDINGS: Surroundings = {
  nodes: ['10.0.0.4', 'fd00::4'],
  fronts: ['10.244.0.9'],
  otherAgents: ['10.244.1.7'],
  apiService: '10.96.0.1',
  hosts: { 'api.hubspot.com': ['104.16.1.1', '2606:4700::1'], 'erp.example.com': ['192.0.2.7'] },
  nonce: 'nonce',
};
const at = (modes = modesAt('enforced'), surroundings = SURROUNDINGS, platform: Platform = PLATFORM) =>
  probesOf(platform, ACME, modes, surroundings);
const names = (probes: readonly Probe[], expected: Probe['expect'], from: Place = 'agents'): readonly string[] =>
  probes.filter((probe) => probe.expect === expected && (probe.from ?? 'agents') === from).map(({ name }) => name);

/** Runbook Phase 4, step 5: what an agent must not reach at any level. */
const NEVER = [
  'DNS of 1.1.1.1 over UDP',
  'DNS of 1.1.1.1 over TCP',
  'DNS of 2606:4700:4700::1111 over UDP',
  'DNS of 2606:4700:4700::1111 over TCP',
  'a strange name',
  'a strange name over TCP',
  'cluster DNS over UDP',
  'cluster DNS over TCP',
  'metadata 169.254.169.254:80',
  'metadata [fd00:ec2::254]:80',
  'metadata 168.63.129.16:80',
  'metadata 100.100.100.200:80',
  'node 10.0.0.4:10250',
  'node 10.0.0.4:22',
  'node [fd00::4]:10250',
  'node [fd00::4]:22',
  'ping of a node',
  'API server 10.96.0.1:443',
  'API server 10.96.0.1:6443',
  'API server 35.190.1.1:6443',
  'another workspace’s agent 10.244.1.7:9464',
  'front for people 10.96.80.3:443',
  'api-server past its sidecar 10.244.0.9:8080',
  'control plane without an SVID',
  'runs of another workspace',
];
/** While egress is open, plain policies open the systems' ports to the world; by name only Cilium can. */
const INTERNET = ['the internet 1.1.1.1:443', 'the internet [2606:4700:4700::1111]:443'];
/** Item 1: systems of record, each address of each host on each port, and the names. */
const SYSTEMS = [
  'system of record api.hubspot.com 104.16.1.1:443',
  'system of record api.hubspot.com [2606:4700::1]:443',
  'system of record erp.example.com 192.0.2.7:8443',
  'system of record erp.example.com 192.0.2.7:443',
];
const SYSTEM_NAMES = ['the name api.hubspot.com', 'the name erp.example.com'];
const BEARER = 'front by bearer token 10.96.80.2:443';
const UNLISTED = 'an unlisted tool';
const CONTROLS = [
  'front by its Service',
  'collector',
  'own DNS, the front’s name',
  'an agent asks for its workspace’s runs',
];

const sorted = (...lists: readonly (readonly string[])[]): readonly string[] => lists.flat().sort();

describe('the list', () => {
  it.each([
    ['enforced', modesAt('enforced'), [SYSTEMS, SYSTEM_NAMES, INTERNET, [BEARER, UNLISTED]], []],
    ['allowlist', modesAt('allowlist'), [[BEARER, UNLISTED]], SYSTEMS],
    ['identity', modesAt('identity'), [[BEARER]], [...SYSTEMS, UNLISTED]],
    ['routing', modesAt('routing'), [], [...SYSTEMS, UNLISTED]],
    ['egress relaxed', relax('enforced', ['egress']), [[BEARER, UNLISTED]], SYSTEMS],
    ['mtls relaxed', relax('enforced', ['mtls']), [SYSTEMS, SYSTEM_NAMES, INTERNET, [UNLISTED]], []],
  ] as const)('at %s has every probe of step 5', (_, modes, denied, allowed) => {
    const probes = at(modes);
    expect(names(probes, 'denied').toSorted()).toEqual(sorted(NEVER, ...denied));
    expect(names(probes, 'allowed').toSorted()).toEqual(sorted(CONTROLS, allowed));
  });

  it('by name alone while Cilium opens them: nothing else on the internet is reached', () => {
    const platform: Platform = { ...PLATFORM, network: { ...PLATFORM.network, cilium: true } };
    const probes = at(modesAt('routing'), SURROUNDINGS, platform);
    expect(names(probes, 'denied')).toEqual(expect.arrayContaining(INTERNET));
  });

  it('tries 8080 from other pods and from the nodes, each beside a control of its own', () => {
    for (const from of ['elsewhere', 'node'] as const) {
      expect(names(at(), 'denied', from)).toEqual([`api-server past its sidecar 10.244.0.9:8080 from ${from}`]);
      expect(names(at(), 'allowed', from)).toEqual([`cluster DNS from ${from}`]);
    }
  });

  it('names each probe once', () => {
    const all = at().map(({ name }) => name);
    expect(new Set(all).size).toBe(all.length);
  });

  it.each(at().filter(({ expect: must }) => must === 'denied'))(
    '$name is paired with what must succeed from the same place, as the same caller',
    (probe) => {
      const control = at().find(({ name }) => name === probe.pairedWith);
      expect(control).toMatchObject({ expect: 'allowed' });
      expect(control!.from).toBe(probe.from);
      // What anybody may reach is a control for an agent too, but not the other way round.
      if (probe.as === undefined) expect(control!.as).toBeUndefined();
      const results = [probe, control!].map(({ name }) => ({ name, outcome: 'timeout' as const, detail: '', ms: 1 }));
      expect(judge([probe, control!], results)[0]!.verdict).toBe('inconclusive');
    },
  );

  it('asks for a name that nobody has asked for before, so that no cache answers', () => {
    const asked = at().flatMap(({ name, target }) => (name.startsWith('a strange name') ? [target.question] : []));
    expect(asked).toEqual(['nonce.example.com', 'nonce.example.com']);
  });

  it('asks the workspace’s own DNS server, and cluster DNS where Cilium holds names', () => {
    const own = (probes: readonly Probe[]) => probes.find(({ name }) => name === 'own DNS, the front’s name')?.target;
    expect(own(at())).toMatchObject({
      address: '10.96.53.1',
      question: 'api-server.portarium-control-plane.svc.cluster.local',
    });
    const byCilium = at(modesAt('enforced'), SURROUNDINGS, {
      ...PLATFORM,
      agentDns: { ...PLATFORM.agentDns, mode: 'cilium' },
    });
    expect(own(byCilium)).toMatchObject({ address: '10.96.0.10' });
    expect(names(byCilium, 'denied').filter((name) => name.startsWith('cluster DNS'))).toEqual([]);
  });

  it('leaves out what has no address, which is said elsewhere', () => {
    const none: Surroundings = { nodes: [], fronts: [], otherAgents: [], hosts: {}, nonce: 'n' };
    const left = names(at(), 'denied').filter((name) => !names(at(modesAt('enforced'), none), 'denied').includes(name));
    expect(left.toSorted()).toEqual(
      sorted(
        SYSTEMS,
        NEVER.filter((name) => /^(node|ping|another workspace|api-server past|API server 10.96.0.1:443)/.test(name)),
      ),
    );
  });
});
