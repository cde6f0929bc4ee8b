import { describe, expect, it } from 'vitest';
import { renderPlatform, renderWorkspace } from '../../src/charts/render.js';
import { LEVELS } from '../../src/model/levels.js';
import { explain, reachedBy, type Cluster } from '../../src/prove/index.js';
import { ACME } from '../model/examples.js';
import { clusterOf, deployed, podsOf, TWO } from './cluster.js';
import { RUNBOOK } from '../support/runbook.js';

const PODS = podsOf(TWO, deployed('enforced'));
const agent = (name: string) => ({ namespace: ACME.namespace, name });
const SALES_BOT = agent('sales-bot');
const RELAY = { namespace: 'evil', name: 'control-plane' };
const SHOP = { namespace: 'shop', name: 'shop' };
const theirs = clusterOf(PODS, [RUNBOOK]);
const ours = LEVELS.map((level) => [level, clusterOf(PODS, deployed(level))] as const);
const enforced = clusterOf(PODS, deployed('enforced'));

type Packet = Parameters<typeof explain>[2];
const verdict = (cluster: Cluster, from: typeof SALES_BOT, packet: Packet): string =>
  explain(cluster, from, packet).verdict;

describe('the runbook’s own policy is open where ours is closed:', () => {
  it.each(['8.8.8.8', '203.0.113.66', '2001:db8::66', '10.0.0.5', '169.254.169.254'])(
    'port 53 to %s, in UDP and TCP, at every level',
    (destination) => {
      for (const protocol of ['UDP', 'TCP'] as const) {
        expect(verdict(theirs, SALES_BOT, { destination, protocol, port: 53 })).toBe('allowed');
        for (const [, cluster] of ours) {
          expect(verdict(cluster, SALES_BOT, { destination, protocol, port: 53 })).toBe('denied');
        }
      }
    },
  );

  it('port 53 to any pod', () => {
    expect(verdict(theirs, SALES_BOT, { destination: SHOP, protocol: 'UDP', port: 53 })).toBe('allowed');
    for (const [, cluster] of ours) {
      expect(verdict(cluster, SALES_BOT, { destination: SHOP, protocol: 'UDP', port: 53 })).toBe('denied');
    }
  });

  it('a tenant’s pod in a namespace that the tenant labelled as the control plane', () => {
    expect(verdict(theirs, SALES_BOT, { destination: RELAY, protocol: 'TCP', port: 443 })).toBe('allowed');
    for (const [, cluster] of ours) {
      expect(verdict(cluster, SALES_BOT, { destination: RELAY, protocol: 'TCP', port: 443 })).toBe('denied');
    }
  });

  it('a pod of the agents’ namespace without the role label', () => {
    expect(verdict(theirs, agent('unlabelled'), { destination: '8.8.8.8', protocol: 'TCP', port: 443 })).toBe(
      'allowed',
    );
    for (const [, cluster] of ours) {
      expect(verdict(cluster, agent('unlabelled'), { destination: '8.8.8.8', protocol: 'TCP', port: 443 })).toBe(
        'denied',
      );
    }
  });

  it('ingress from everywhere', () => {
    expect(reachedBy(theirs, SALES_BOT).isolated).toBe(false);
    expect(verdict(theirs, SHOP, { destination: SALES_BOT, protocol: 'TCP', port: 8080 })).toBe('allowed');
    for (const [, cluster] of ours) {
      expect(reachedBy(cluster, SALES_BOT).isolated).toBe(true);
      expect(verdict(cluster, SHOP, { destination: SALES_BOT, protocol: 'TCP', port: 8080 })).toBe('denied');
    }
  });

  it('and what the runbook means to allow is allowed by ours, on the port that clients dial and the one pods serve', () => {
    const api = { namespace: 'portarium-control-plane', name: 'api-server' };
    const collector = { namespace: 'portarium-observability', name: 'otel-collector' };
    const dns = agent('agent-dns-ws-acme');
    for (const port of [443, 8443, 50051]) {
      expect(verdict(enforced, SALES_BOT, { destination: api, protocol: 'TCP', port })).toBe('allowed');
    }
    expect(verdict(enforced, SALES_BOT, { destination: collector, protocol: 'TCP', port: 4317 })).toBe('allowed');
    for (const protocol of ['UDP', 'TCP'] as const) {
      for (const port of [53, 1053]) {
        expect(verdict(enforced, SALES_BOT, { destination: dns, protocol, port })).toBe('allowed');
      }
    }
  });

  it('nobody else’s pods are agents by wearing an agent’s labels elsewhere', () => {
    const front = { namespace: 'portarium-control-plane', name: 'api-server' };
    const pretender = { namespace: 'evil', name: 'agent' };
    for (const [, cluster] of ours) {
      expect(verdict(cluster, pretender, { destination: front, protocol: 'TCP', port: 8443 })).toBe('denied');
      expect(verdict(cluster, pretender, { destination: front, protocol: 'TCP', port: 8444 })).toBe('denied');
    }
  });
});

type Spec = {
  podSelector: object;
  policyTypes: string[];
  egress: { to: { ipBlock?: { cidr: string } }[]; ports: object[] }[];
  ingress: { from: object[]; ports: object[] }[];
};

describe('every NetworkPolicy of ours', () => {
  const policies = LEVELS.flatMap((level) => [
    ...renderWorkspace(TWO, { ...ACME, level }),
    ...renderPlatform(TWO),
  ]).filter(({ kind }) => kind === 'NetworkPolicy');
  const specs = policies.map(({ spec }) => spec as Spec);

  it('names both directions, so that nothing is left to a default', () => {
    for (const { policyTypes } of specs) expect(policyTypes).toEqual(['Ingress', 'Egress']);
  });

  it('writes out both lists of rules, empty ones too', () => {
    for (const { egress, ingress } of specs)
      expect([Array.isArray(egress), Array.isArray(ingress)]).toEqual([true, true]);
  });

  it('has no rule without peers or without ports, which would open everything', () => {
    for (const { egress, ingress } of specs) {
      for (const { to, ports } of egress) expect([to.length > 0, ports.length > 0]).toEqual([true, true]);
      for (const { from, ports } of ingress) expect([from.length > 0, ports.length > 0]).toEqual([true, true]);
    }
  });

  it('selects peers by the API server’s own namespace label and by pod labels, or by address without `except`', () => {
    for (const { egress, ingress } of specs) {
      for (const peer of [...egress.flatMap(({ to }) => to), ...ingress.flatMap(({ from }) => from)]) {
        if ('ipBlock' in peer) expect(peer.ipBlock).toEqual({ cidr: expect.any(String) });
        else {
          expect(peer).toEqual({
            namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': expect.any(String) } },
            podSelector: { matchLabels: expect.any(Object) },
          });
          const { podSelector } = peer as { podSelector: { matchLabels: object } };
          expect(Object.keys(podSelector.matchLabels)).not.toEqual([]);
        }
      }
    }
  });

  it('names protocol and number of each port: no named port, no range', () => {
    for (const port of specs.flatMap(({ egress, ingress }) => [...egress, ...ingress].flatMap(({ ports }) => ports))) {
      expect(port).toEqual({ protocol: expect.stringMatching(/^(TCP|UDP)$/), port: expect.any(Number) });
    }
  });
});

describe('the deny baseline', () => {
  it('is this object, at every level', () => {
    for (const level of LEVELS) {
      const objects = renderWorkspace(TWO, { ...ACME, level });
      expect(objects.filter(({ metadata }) => metadata.name === 'agent-deny-default-ws-acme')).toEqual([
        {
          apiVersion: 'networking.k8s.io/v1',
          kind: 'NetworkPolicy',
          metadata: {
            name: 'agent-deny-default-ws-acme',
            namespace: 'portarium-agents',
            labels: {
              'portarium.io/keep': 'baseline',
              'portarium.io/stack': 'ws-acme',
              'portarium.io/workspace': 'ws-acme',
            },
            annotations: { 'portarium.io/policy-hash': expect.any(String) },
          },
          spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'], ingress: [], egress: [] },
        },
      ]);
    }
  });

  it('stands in every namespace of the platform', () => {
    const names = renderPlatform(TWO)
      .filter(({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.name === 'deny-default')
      .map(({ metadata, spec }) => [metadata.namespace, metadata.labels?.['portarium.io/keep'], spec]);
    const nothing = { podSelector: {}, policyTypes: ['Ingress', 'Egress'], ingress: [], egress: [] };
    expect(names.sort()).toEqual(
      ['control-plane', 'execution', 'observability', 'policy', 'spire'].map((name) => [
        `portarium-${name}`,
        'baseline',
        nothing,
      ]),
    );
  });
});
