import { describe, expect, it } from 'vitest';
import { renderPlatform, renderWorkspace } from '../../../src/charts/render.js';
import { updatesOf } from '../../../src/cli/prove/updates.js';
import { loadStacks } from '../../../src/config/load.js';
import type { KubeObject } from '../../../src/model/kube-object.js';
import { LEVELS, modesAt } from '../../../src/model/levels.js';
import type { Level } from '../../../src/model/levels.js';
import type { ClaimName, ClaimVerdict } from '../../../src/prove/claims/claim.js';
import type { Proof } from '../../../src/prove/claims/prove.js';
import { proveWorkspace } from '../../../src/prove/claims/workspace-claims.js';
import type { Update } from '../../../src/prove/claims/workspace-proof.js';

const { platform, workspaces } = loadStacks({ dir: 'stacks' });
const LAYERS = {
  NetworkPolicy: platform,
  Cilium: { ...platform, network: { cilium: true, clusterNetworkPolicy: true } },
} as const;

interface Wanted {
  readonly id?: string;
  readonly level?: Level;
  readonly layer?: keyof typeof LAYERS;
  readonly change?: (objects: readonly KubeObject[]) => readonly KubeObject[];
  readonly updates?: readonly Update[];
  readonly complete?: boolean;
}

function prove({
  id = 'ws-acme',
  level = 'enforced',
  layer = 'NetworkPolicy',
  change = (all) => all,
  ...more
}: Wanted = {}): Proof {
  const facts = LAYERS[layer];
  const rendered = renderPlatform(facts);
  const own = workspaces.find((found) => found.id === id)!;
  const workspace = { ...own, level };
  const others = workspaces.filter((other) => other !== own);
  const objects = [...rendered, ...[workspace, ...others].flatMap((each) => renderWorkspace(facts, each))];
  return proveWorkspace({
    ...{ platform: facts, workspace, workspaces, rendered },
    modes: modesAt(level),
    objects: change(objects),
    notEvaluated: [],
    complete: false,
    updates: [],
    ...more,
  });
}

const claim = (proof: Proof, name: ClaimName): ClaimVerdict => proof.claims.find((found) => found.claim === name)!;
const verdicts = ({ claims }: Proof): string =>
  claims.map(({ claim: name, verdict }) => `${name} ${verdict}`).join(', ');

describe.each(Object.keys(LAYERS) as (keyof typeof LAYERS)[])('the committed stacks on %s', (layer) => {
  it.each(workspaces.flatMap(({ id }) => LEVELS.map((level) => [id, level] as const)))('%s at %s', (id, level) => {
    const proof = prove({ id, level, layer });
    expect(claim(proof, 'P')).toMatchObject({ verdict: 'proved', counterExamples: [], reasons: [] });
    expect(claim(proof, 'D').verdict).toBe(level === 'enforced' ? 'proved' : 'not claimed');
    expect(proof.zeroBypass).toBe(false);
  });
});

describe('claims by level, from manifests alone', () => {
  it.each([
    ['routing', 'P proved, C not claimed, I not claimed, D not claimed, W not claimed'],
    ['authz', 'P proved, C not claimed, I not claimed, D not claimed, W inconclusive'],
    ['identity', 'P proved, C not claimed, I proved, D not claimed, W inconclusive'],
    ['allowlist', 'P proved, C not claimed, I proved, D not claimed, W inconclusive'],
    ['enforced', 'P proved, C inconclusive, I proved, D proved, W inconclusive'],
  ] as const)('%s', (level, expected) => {
    expect(verdicts(prove({ level }))).toBe(expected);
  });
});

describe('a hole refutes claim P:', () => {
  const policyNamed = (name: string) => (object: KubeObject) =>
    object.kind === 'NetworkPolicy' && object.metadata.name === name;

  it('a baseline that is not there, once a guard is gone as well: each holds without the other', () => {
    const without =
      (...names: readonly string[]) =>
      (all: readonly KubeObject[]) =>
        all.filter(({ metadata }) => !names.includes(metadata.name));
    const baseline = 'agent-deny-default-ws-acme';
    expect(claim(prove({ change: without(baseline) }), 'P').verdict).toBe('proved');
    const { verdict, counterExamples } = claim(prove({ change: without(baseline, 'portarium-guard-agent-pods') }), 'P');
    expect(verdict).toBe('refuted');
    expect(counterExamples[0]).toMatchObject({
      cause: 'unselected-pod',
      because: [],
      packet: { from: 'portarium-agents/unlabelled', to: '8.8.8.8' },
    });
  });

  it('a rule that somebody appends, by object and field', () => {
    const change = (all: readonly KubeObject[]) =>
      all.map((each) =>
        policyNamed('agents-ws-acme-allow')(each)
          ? {
              ...each,
              spec: { ...(each['spec'] as object), egress: [...(each['spec'] as { egress: object[] }).egress, {}] },
            }
          : each,
      );
    expect(claim(prove({ change }), 'P').counterExamples.map(({ because }) => because)).toEqual([
      [
        {
          object: 'NetworkPolicy portarium-agents/agents-ws-acme-allow',
          field: expect.stringMatching(/^spec\.egress\[\d]$/),
        },
      ],
    ]);
  });

  it('a policy of another kind beside them', () => {
    const cilium = {
      apiVersion: 'cilium.io/v2',
      kind: 'CiliumNetworkPolicy',
      metadata: { name: 'debug', namespace: 'portarium-agents' },
      spec: { endpointSelector: {}, egress: [{ toEntities: ['world'] }] },
    } as unknown as KubeObject;
    expect(claim(prove({ change: (all) => [...all, cilium] }), 'P').counterExamples[0]).toMatchObject({
      cause: 'open-egress',
      because: [{ object: 'CiliumNetworkPolicy portarium-agents/debug', field: 'spec.egress[0]' }],
    });
  });

  it('a guard that does not hold pods to their shape: an agent that is its own DNS server', () => {
    const change = (all: readonly KubeObject[]) =>
      all.filter(({ metadata }) => metadata.name !== 'portarium-guard-agent-pods');
    const { verdict, counterExamples } = claim(prove({ change }), 'P');
    expect(verdict).toBe('refuted');
    expect(counterExamples[0]!.objects[0]).toMatchObject({
      kind: 'Pod',
      metadata: { labels: { 'portarium.io/role': 'agent', 'portarium.io/component': 'agent-dns-ws-acme' } },
    });
  });

  it('an edge that is declared and closed', () => {
    const change = (all: readonly KubeObject[]) => all.filter((each) => !policyNamed('agents-ws-acme-allow')(each));
    const { counterExamples } = claim(prove({ change }), 'P');
    expect(new Set(counterExamples.map(({ cause }) => cause))).toEqual(new Set(['closed-edge']));
  });
});

describe('each step of an update', () => {
  it('keeps claim P, between every pair of levels', () => {
    for (const level of LEVELS) {
      const standing = renderPlatform(platform);
      const updates = updatesOf({ stack: 'ws-acme', stacks: 'stacks' }, level, standing);
      expect(updates).toHaveLength(8);
      const proof = claim(prove({ level, updates }), 'P');
      expect(proof).toMatchObject({ verdict: 'proved', counterExamples: [] });
    }
  });

  it('that closes what both ends have open, or opens what neither has, refutes it', () => {
    const at = (level: Level): readonly KubeObject[] => [
      ...renderPlatform(platform),
      ...renderWorkspace(platform, { ...workspaces[0]!, level }),
    ];
    const cut = at('routing').filter(({ metadata }) => metadata.name !== 'agents-ws-acme-allow');
    const wide = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'for-a-moment', namespace: 'portarium-agents' },
      spec: { podSelector: {}, policyTypes: ['Egress'], egress: [{}] },
    } as unknown as KubeObject;
    const update: Update = {
      name: 'routing -> enforced',
      states: [
        { after: 'start', objects: at('routing') },
        { after: 'delete an allow', objects: cut },
        { after: 'open everything', objects: [...at('routing'), wide] },
        { after: 'end', objects: at('enforced') },
      ],
      before: modesAt('routing'),
      after: modesAt('enforced'),
    };
    const { verdict, counterExamples } = claim(prove({ updates: [update] }), 'P');
    expect(verdict).toBe('refuted');
    const told = counterExamples.map(({ cause, summary }) => `${cause} ${summary.slice(0, summary.indexOf('”') + 1)}`);
    expect(new Set(told)).toEqual(
      new Set([
        'closed-edge in routing -> enforced, after “delete an allow”',
        'open-egress in routing -> enforced, after “open everything”',
      ]),
    );
  });
});
