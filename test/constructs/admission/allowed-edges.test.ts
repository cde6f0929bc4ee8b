import { describe, expect, it } from 'vitest';
import {
  AGENT_LABELS,
  allowedEdges,
  frontControls,
  frontEdges,
} from '../../../src/constructs/admission/allowed-edges.js';
import type { Platform } from '../../../src/model/platform.js';
import { PLATFORM } from '../../model/examples.js';

const WORKSPACE = 'variables.workspace';
const agents = `dyn({"portarium.io/role": "agent", "portarium.io/workspace": ${WORKSPACE}})`;
const withCilium: Platform = {
  ...PLATFORM,
  agentDns: { ...PLATFORM.agentDns, mode: 'cilium' },
  cluster: { ...PLATFORM.cluster, dns: { ...PLATFORM.cluster.dns, nodeLocalAddress: '169.254.20.10' } },
};

/** What is open without and with `opens`, which are joined by ` + `. */
const parts = (platform: Platform, direction: 'egress' | 'ingress'): readonly string[] =>
  allowedEdges(platform, direction).split(/ \+ (?=\(variables\.opens)/);

describe('allowedEdges', () => {
  it('has the agents’ edges to the front without the bearer’s port', () => {
    const [always] = parts(PLATFORM, 'egress');
    expect(always).toContain(
      `{"of": ${agents}, "namespace": dyn("portarium-control-plane"), "labels": dyn({"portarium.io/component": "api-server"}), "cidrs": dyn([]), "ports": dyn(["TCP/443","TCP/8443","TCP/50051"]), "dns": dyn(false)}`,
    );
    expect(always).not.toContain('8444');
  });

  it('opens the bearer’s port for mtls and Vault and cluster DNS for egress, each for itself', () => {
    const [, mtls, egress] = parts(PLATFORM, 'egress');
    expect(mtls).toMatch(/^\(variables\.opens == "mtls" \? \[.*"TCP\/8444".*\] : \[\]\)$/);
    expect(mtls).not.toContain('vault');
    expect(egress).toMatch(/^\(variables\.opens == "egress" \? \[.*\] : \[\]\)$/);
    expect(egress).toContain('dyn("kube-system")');
    expect(egress).not.toContain('8444');
  });

  it('names the workspace’s own DNS server in its own namespace', () => {
    const [always] = parts(PLATFORM, 'egress');
    expect(always).toContain(
      `"namespace": dyn(variables.agents_namespace), "labels": dyn({"portarium.io/component": "agent-dns-" + ${WORKSPACE}, "portarium.io/workspace": ${WORKSPACE}})`,
    );
  });

  it('with Cilium’s names has cluster DNS for agents always, by NodeLocal DNSCache’s one address', () => {
    const [always, ...opened] = parts(withCilium, 'egress');
    expect(always).toContain('"namespace": dyn(""), "labels": dyn({}), "cidrs": dyn(["169.254.20.10/32"])');
    expect(always).toContain('"dns": dyn(true)');
    expect(opened.join()).not.toContain('169.254.20.10');
  });

  it('lets in the same whatever is opened', () => {
    expect(parts(PLATFORM, 'ingress')).toHaveLength(1);
    expect(parts(PLATFORM, 'ingress')[0]).toContain('"TCP/18789"');
  });

  it('has cluster DNS for the workspace’s DNS server by name too, where the network layer knows names', () => {
    const [, , egress] = parts(PLATFORM, 'egress');
    expect(egress).toMatch(/dyn\("kube-system"\)[^}]*}[^}]*"dns": dyn\(true\)/);
  });

  it('knows agents by role and workspace', () => {
    expect(AGENT_LABELS).toBe(`{"portarium.io/role": "agent", "portarium.io/workspace": ${WORKSPACE}}`);
  });
});

describe('frontEdges', () => {
  it('let the workspace’s agents and the workers in to the front’s bearer port while mtls is open, and nobody else', () => {
    const front = 'dyn({"portarium.io/component": "api-server"})';
    const ports = '"cidrs": dyn([]), "ports": dyn(["TCP/443","TCP/8444"]), "dns": dyn(false)}';
    expect(frontEdges(PLATFORM)).toBe(
      `[] + (variables.opens == "mtls" ? [` +
        `{"of": ${front}, "namespace": dyn(variables.agents_namespace), "labels": ${agents}, ${ports}, ` +
        `{"of": ${front}, "namespace": dyn("portarium-execution"), "labels": dyn({"portarium.io/component": "worker"}), ${ports}` +
        `] : [])`,
    );
  });

  it('are opened by mtls alone', () => {
    expect(frontControls(PLATFORM)).toEqual(['mtls']);
  });
});
