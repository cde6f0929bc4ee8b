import { describe, expect, it } from 'vitest';
import { renderPlatform, renderWorkspace } from '../../src/charts/render.js';
import { keyOf } from '../../src/model/kube-object.js';
import { CONTROLS, LEVELS } from '../../src/model/levels.js';
import { ANNOTATIONS, LABELS } from '../../src/model/names.js';
import { policyHash } from '../../src/model/policy.js';
import type { Workspace } from '../../src/model/workspace.js';
import { ACME, PLATFORM } from '../model/examples.js';

interface Templated {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly template: {
      readonly metadata: { readonly annotations: Readonly<Record<string, string>> };
      readonly spec: { readonly initContainers?: unknown; readonly volumes?: unknown };
    };
  };
}

describe('a workspace’s stack', () => {
  it('is these objects at `enforced`', () => {
    expect(renderWorkspace(PLATFORM, ACME).map(keyOf).sort()).toEqual([
      'ConfigMap portarium-agents/agent-dns-ws-acme',
      'ConfigMap portarium-agents/invoice-clerk-envoy',
      'ConfigMap portarium-agents/report-reader-envoy',
      'ConfigMap portarium-agents/sales-bot-envoy',
      'Deployment.apps portarium-agents/agent-dns-ws-acme',
      'Deployment.apps portarium-agents/invoice-clerk',
      'Deployment.apps portarium-agents/report-reader',
      'Deployment.apps portarium-agents/sales-bot',
      'NetworkPolicy.networking.k8s.io portarium-agents/agent-deny-default-ws-acme',
      'NetworkPolicy.networking.k8s.io portarium-agents/agent-dns-ws-acme-allow',
      'NetworkPolicy.networking.k8s.io portarium-agents/agents-ws-acme-allow',
      'NetworkPolicy.networking.k8s.io portarium-agents/invoice-clerk-allow',
      'NetworkPolicy.networking.k8s.io portarium-agents/sales-bot-allow',
      'Service portarium-agents/agent-dns-ws-acme',
      'ServiceAccount portarium-agents/agent-dns-ws-acme',
      'ServiceAccount portarium-agents/invoice-clerk',
      'ServiceAccount portarium-agents/report-reader',
      'ServiceAccount portarium-agents/sales-bot',
      'WorkspacePolicy.enforcement.portarium.io portarium-policy/ws-acme',
    ]);
  });

  it('has these more at `routing`, and none less', () => {
    const closed = renderWorkspace(PLATFORM, ACME).map(keyOf);
    const open = renderWorkspace(PLATFORM, { ...ACME, level: 'routing' }).map(keyOf);
    expect(open.filter((key) => !closed.includes(key)).sort()).toEqual([
      'NetworkPolicy.networking.k8s.io portarium-agents/agent-dns-ws-acme-open-egress',
      'NetworkPolicy.networking.k8s.io portarium-agents/agents-ws-acme-open-egress',
      'NetworkPolicy.networking.k8s.io portarium-agents/agents-ws-acme-open-mtls',
      'NetworkPolicy.networking.k8s.io portarium-control-plane/api-server-ws-acme-open-mtls',
    ]);
    expect(closed.filter((key) => !open.includes(key))).toEqual([]);
  });

  it('names what a Relaxation opens after it, so that another Relaxation opens by objects of its own', () => {
    const names = (relaxation: string): string[] =>
      renderWorkspace(PLATFORM, { ...ACME, relaxing: { controls: ['egress'], relaxation, as: 'rollback 1' } })
        .filter(({ metadata }) => metadata.labels?.[LABELS.opens] !== undefined)
        .map(({ metadata }) => metadata.name);
    expect(names('inc-1')).toEqual(['agent-dns-ws-acme-open-egress-inc-1', 'agents-ws-acme-open-egress-inc-1']);
    expect(names('inc-2')).toEqual(['agent-dns-ws-acme-open-egress-inc-2', 'agents-ws-acme-open-egress-inc-2']);
  });

  it('carries the policy’s hash on every object, at every level', () => {
    for (const level of LEVELS) {
      for (const { metadata } of renderWorkspace(PLATFORM, { ...ACME, level })) {
        expect(metadata.annotations?.[ANNOTATIONS.policyHash]).toBe(policyHash(PLATFORM, ACME));
      }
    }
  });

  it('has the same sidecars at every level and while relaxed: a change of level changes no agent’s Envoy', () => {
    const sidecars = (workspace: Workspace): unknown =>
      renderWorkspace(PLATFORM, workspace).flatMap((object): readonly unknown[] => {
        const { kind, metadata, spec } = object as unknown as Templated;
        if (kind === 'ConfigMap' && metadata.name.endsWith('-envoy')) return [object];
        if (kind !== 'Deployment' || !('portarium.io/envoy' in spec.template.metadata.annotations)) return [];
        const { initContainers, volumes } = spec.template.spec;
        return [[metadata.name, spec.template.metadata.annotations['portarium.io/envoy'], initContainers, volumes]];
      });
    const expected = sidecars(ACME);
    expect(expected).toHaveLength(2 * ACME.agents.length);
    for (const level of LEVELS) expect(sidecars({ ...ACME, level }), level).toEqual(expected);
    const relaxing = { controls: CONTROLS, relaxation: 'inc-1', as: 'rollback full' };
    expect(sidecars({ ...ACME, relaxing })).toEqual(expected);
  });

  it('keeps its baseline and its policy object for good, and nothing else', () => {
    const kept = renderWorkspace(PLATFORM, ACME).filter(({ metadata }) => metadata.labels?.[LABELS.keep] !== undefined);
    expect(kept.map(keyOf).sort()).toEqual([
      'NetworkPolicy.networking.k8s.io portarium-agents/agent-deny-default-ws-acme',
      'WorkspacePolicy.enforcement.portarium.io portarium-policy/ws-acme',
    ]);
  });
});

describe('the platform’s stack', () => {
  const objects = renderPlatform(PLATFORM);

  it('keeps every namespace, definition, guard and baseline for good', () => {
    const keepOf = (kind: RegExp): readonly unknown[] => [
      ...new Set(objects.filter((each) => kind.test(each.kind)).map(({ metadata }) => metadata.labels?.[LABELS.keep])),
    ];
    expect(keepOf(/^Namespace$/)).toEqual(['namespace']);
    expect(keepOf(/^CustomResourceDefinition$/)).toEqual(['definition']);
    expect(keepOf(/^ValidatingAdmissionPolicy(Binding)?$/)).toEqual(['guard']);
    const baselines = objects.filter(({ metadata }) => metadata.name === 'deny-default');
    expect(new Set(baselines.map(({ metadata }) => metadata.labels?.[LABELS.keep]))).toEqual(new Set(['baseline']));
  });

  it('is not rendered at all where SPIRE would not work, whatever let such a platform through', () => {
    const spire = { ...PLATFORM.spire, x509Ttl: '5h' };
    expect(() => renderPlatform({ ...PLATFORM, spire })).toThrow(
      /^SPIRE would not work as rendered:\ndefault_x509_svid_ttl: a lifetime of 5h cannot be met; with ca_ttl 24h the longest is 4h\.\n/,
    );
  });

  it('does not know any workspace’s level, agents or systems of record', () => {
    const text = JSON.stringify(objects);
    for (const { name } of ACME.agents) expect(text).not.toContain(name);
  });
});
