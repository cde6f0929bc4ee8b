import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderPlatform, renderWorkspace } from '../../src/charts/render.js';
import { isPatch, keyOf, type KubeObject } from '../../src/model/kube-object.js';
import { CONTROLS, LEVELS, modesAt, relax, relaxedBy, ROLLBACK_TARGETS, type Control } from '../../src/model/levels.js';
import { LABELS } from '../../src/model/names.js';
import type { Platform } from '../../src/model/platform.js';
import type { Workspace } from '../../src/model/workspace.js';
import { ACME, GLOBEX, PLATFORM } from '../model/examples.js';
import { permuted } from '../model/permuted.js';

const withNetwork = (network: Partial<Platform['network']>, mode: Platform['agentDns']['mode'] = 'agent-dns') => ({
  ...PLATFORM,
  network: { ...PLATFORM.network, ...network },
  agentDns: { ...PLATFORM.agentDns, mode },
});
const EVERYTHING = withNetwork({ cilium: true, clusterNetworkPolicy: true });
const PLATFORMS: readonly (readonly [string, Platform])[] = [
  ['NetworkPolicy', PLATFORM],
  ['NetworkPolicy and ClusterNetworkPolicy', withNetwork({ clusterNetworkPolicy: true })],
  ['NetworkPolicy and Cilium', withNetwork({ cilium: true })],
  ['NetworkPolicy, Cilium and ClusterNetworkPolicy', EVERYTHING],
  ['Cilium’s DNS', withNetwork({ cilium: true, clusterNetworkPolicy: true }, 'cilium')],
];

type Rendered = ReadonlyMap<string, string>;
const byKey = (objects: readonly KubeObject[]): Rendered =>
  new Map(objects.map((object) => [keyOf(object), JSON.stringify(object)]));
const render = (platform: Platform, workspace: Workspace): Rendered => byKey(renderWorkspace(platform, workspace));
const at = (level: Workspace['level'], ...controls: Control[]): Workspace => ({
  ...ACME,
  level,
  ...(controls.length > 0 && { relaxing: { controls, relaxation: 'inc-4711', as: 'relax' } }),
});

const network = (key: string): boolean => /Policy\.(networking|policy|cilium)/.test(key);
const appeared = (before: Rendered, after: Rendered): string[] => [...after.keys()].filter((key) => !before.has(key));
const changed = (before: Rendered, after: Rendered): string[] =>
  [...after].filter(([key, text]) => before.has(key) && before.get(key) !== text).map(([key]) => key);
const labelsOf = (text: string): Readonly<Record<string, string>> =>
  (JSON.parse(text) as KubeObject).metadata.labels ?? {};

describe.each(PLATFORMS)('with %s', (_what, platform) => {
  const closed = render(platform, at('enforced'));

  it.each(LEVELS)('every standing network object at `%s` is, byte for byte, the one at `enforced`', (level) => {
    const open = render(platform, at(level));
    for (const [key, text] of closed) if (network(key)) expect(open.get(key)).toBe(text);
    for (const key of appeared(closed, open)) expect(labelsOf(open.get(key)!)).toHaveProperty([LABELS.opens]);
  });

  it('nothing standing carries the label of what opens', () => {
    for (const text of closed.values()) expect(labelsOf(text)).not.toHaveProperty([LABELS.opens]);
  });

  it('relaxing egress adds objects of that control alone, each naming the Relaxation', () => {
    const open = render(platform, at('enforced', 'egress'));
    const added = appeared(closed, open);
    expect(added).not.toEqual([]);
    expect(appeared(open, closed)).toEqual([]);
    for (const key of added) {
      expect(network(key)).toBe(true);
      expect(labelsOf(open.get(key)!)).toMatchObject({ [LABELS.opens]: 'egress', [LABELS.relaxation]: 'inc-4711' });
    }
  });

  it('relaxing changes the names that DNS answers, the agents’ pods and the policy object, and no other standing object', () => {
    const dns = platform.agentDns.mode === 'agent-dns';
    const agents = ACME.agents.map(({ name }) => `Deployment.apps portarium-agents/${name}`).sort();
    const server = [
      'ConfigMap portarium-agents/agent-dns-ws-acme',
      'Deployment.apps portarium-agents/agent-dns-ws-acme',
    ];
    const policy = 'WorkspacePolicy.enforcement.portarium.io portarium-policy/ws-acme';
    expect(changed(closed, render(platform, at('enforced', 'egress'))).sort()).toEqual(
      [...(dns ? server : []), ...agents, policy].sort(),
    );
    // Only egress decides whether established flows may be left: the others restart no agent.
    expect(changed(closed, render(platform, at('enforced', 'mtls'))).sort()).toEqual(
      [...(dns ? server : []), policy].sort(),
    );
    expect(changed(closed, render(platform, at('enforced', 'authz', 'allowlist')))).toEqual([policy]);
  });

  it.each(Object.entries(ROLLBACK_TARGETS))('rollback %s opens what level `%s` opens', (_to, target) => {
    const content = (rendered: Rendered): string[] =>
      [...rendered]
        .filter(([key]) => network(key))
        .map(([, text]) => {
          const { metadata, ...rest } = JSON.parse(text) as KubeObject;
          return JSON.stringify({ ...rest, namespace: metadata.namespace, opens: metadata.labels?.[LABELS.opens] });
        })
        .sort();
    const rolledBack = render(platform, at('enforced', ...relaxedBy('enforced', target)));
    expect(content(rolledBack)).toEqual(content(render(platform, at(target))));
  });

  it('ending a relaxation gives back the same objects, but for what restarts the agents', () => {
    expect(render(platform, at('enforced'))).toEqual(closed);
    const after = byKey(renderWorkspace(platform, at('enforced'), { closedAfter: 'inc-4711' }));
    expect(changed(closed, after).sort()).toEqual(
      ACME.agents.map(({ name }) => `Deployment.apps portarium-agents/${name}`).sort(),
    );
    expect([...after.keys()]).toEqual([...closed.keys()]);
  });

  it('no level and no relaxation of one workspace shows in another’s objects or the platform’s', () => {
    const others = render(platform, GLOBEX);
    for (const level of LEVELS) {
      render(platform, at(level, 'egress', 'mtls'));
      expect(render(platform, GLOBEX)).toEqual(others);
    }
    const text = JSON.stringify(renderPlatform(platform));
    for (const { name } of ACME.systemsOfRecord) expect(text).not.toContain(`"${name}"`);
  });

  it('objects have the same kind, name, namespace and selectors at every level, so that none is ever replaced', () => {
    const standing = (rendered: Rendered): unknown[] =>
      [...rendered.values()]
        .map((text) => JSON.parse(text) as KubeObject & { spec?: Record<string, unknown>; type?: string })
        .filter(({ metadata }) => metadata.labels?.[LABELS.opens] === undefined)
        .map(({ apiVersion, kind, metadata, spec }) => [
          ...[apiVersion, kind, metadata.namespace, metadata.name],
          kind === 'Deployment' || kind === 'Service' ? spec?.['selector'] : undefined,
          kind === 'Service' ? spec?.['clusterIP'] : undefined,
        ]);
    for (const level of LEVELS) expect(standing(render(platform, at(level)))).toEqual(standing(closed));
  });
});

describe('rendering', () => {
  it('gives the same bytes for a config whose lists are in another order', () => {
    const platform = JSON.stringify(renderPlatform(EVERYTHING));
    const workspace = JSON.stringify(renderWorkspace(EVERYTHING, at('routing')));
    fc.assert(
      fc.property(permuted(EVERYTHING), permuted(at('routing')), (otherPlatform, otherWorkspace) => {
        expect(JSON.stringify(renderWorkspace(otherPlatform, otherWorkspace))).toBe(workspace);
        expect(JSON.stringify(renderPlatform(otherPlatform))).toBe(platform);
      }),
      { numRuns: 20 },
    );
  });

  it('gives every object once, with the stack’s label, and in a workspace’s stack the policy hash and a namespace', () => {
    for (const [, platform] of PLATFORMS) {
      for (const level of LEVELS) {
        const objects = renderWorkspace(platform, at(level));
        expect(new Set(objects.map(keyOf)).size).toBe(objects.length);
        for (const { metadata } of objects) {
          expect(metadata.labels).toMatchObject({ [LABELS.stack]: 'ws-acme' });
          expect(metadata.annotations?.['portarium.io/policy-hash']).toMatch(/^[0-9a-f]{64}$/);
          const beside = metadata.labels?.[LABELS.opens] === 'mtls' ? ['portarium-control-plane'] : [];
          expect(['portarium-agents', 'portarium-policy', ...beside]).toContain(metadata.namespace);
        }
      }
      const objects = renderPlatform(platform);
      expect(new Set(objects.map(keyOf)).size).toBe(objects.length);
      for (const object of objects) {
        const label = isPatch(object) ? LABELS.patchedBy : LABELS.stack;
        expect(object.metadata.labels).toMatchObject({ [label]: 'platform' });
      }
    }
  });

  it('names no object as two workspaces of one namespace would both', () => {
    const beta: Workspace = {
      ...ACME,
      id: 'ws-beta',
      stack: 'ws-beta',
      allowlist: { ...ACME.allowlist, workspaceId: 'ws-beta' },
      agents: [{ ...ACME.agents[0]!, name: 'beta-bot' }],
    };
    const names = [at('routing'), beta].flatMap((workspace) => renderWorkspace(EVERYTHING, workspace).map(keyOf));
    expect(names).toEqual([...new Set(names)]);
  });

  it('says in the agents’ pods whether their network was ever open', () => {
    const told = (workspace: Workspace, live = {}): unknown =>
      renderWorkspace(PLATFORM, workspace, live)
        .filter(({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'sales-bot')
        .map(
          ({ spec }) => (spec as { template: KubeObject }).template.metadata.annotations?.['portarium.io/egress'],
        )[0];
    expect(told(at('routing'))).toBe('shadow');
    expect(told(at('allowlist', 'mtls'))).toBe('shadow');
    expect(told(at('enforced'))).toBe('closed');
    expect(told(at('enforced', 'mtls'))).toBe('closed');
    expect(told(at('enforced', 'egress'))).toBe('open-by-inc-4711');
    expect(told({ ...at('enforced'), relaxing: { controls: ['egress'], as: 'rollback 1' } })).toBe(
      'open-by-an-unnamed-relaxation',
    );
    expect(told(at('enforced'), { closedAfter: 'inc-4711' })).toBe('closed-after-inc-4711');
  });
});

describe('the modes that objects are rendered for', () => {
  it('decide alone what opens: equal modes open equal edges', () => {
    fc.assert(
      fc.property(fc.constantFrom(...LEVELS), fc.subarray([...CONTROLS]), (level, relaxed) => {
        const controls = relaxed.filter((control) => modesAt(level)[control] === 'enforce');
        const modes = relax(level, controls);
        const opens = [...render(PLATFORM, at(level, ...controls)).values()]
          .map(labelsOf)
          .map((labels) => labels[LABELS.opens]);
        expect(opens.includes('egress')).toBe(modes.egress === 'shadow');
        expect(opens.includes('mtls')).toBe(modes.mtls === 'shadow');
        expect(opens.every((control) => [undefined, 'egress', 'mtls'].includes(control))).toBe(true);
      }),
    );
  });
});
