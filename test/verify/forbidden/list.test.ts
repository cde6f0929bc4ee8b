import { describe, expect, it } from 'vitest';
import { renderStack } from '../../../src/bridge/render.js';
import type { Platform } from '../../../src/model/platform.js';
import type { Workspace } from '../../../src/model/workspace.js';
import { tryAgentPod } from '../../../src/verify/forbidden/agent-pods.js';
import { forbiddenRequests } from '../../../src/verify/forbidden/list.js';
import { ACME, GLOBEX, PLATFORM } from '../../model/examples.js';

const CILIUM: Platform = { ...PLATFORM, network: { cilium: true, clusterNetworkPolicy: false } };

function requests(platform: Platform, workspace: Workspace, { withPod = true } = {}) {
  const platformObjects = renderStack({ kind: 'platform', platform });
  const objects = renderStack({ kind: 'workspace', platform, workspace });
  const pod = withPod ? tryAgentPod(objects) : undefined;
  const found = forbiddenRequests({ platform, workspace, objects, platformObjects, ...(pod && { pod }) });
  const policies = platformObjects.filter(({ kind }) => kind === 'ValidatingAdmissionPolicy');
  return { found, policies: policies.map(({ metadata }) => metadata.name) };
}

describe.each([
  ['NetworkPolicy', PLATFORM, ACME],
  ['Cilium', CILIUM, ACME],
  ['a workspace at routing', PLATFORM, { ...GLOBEX, level: 'routing' as const }],
])('%s', (_, platform, workspace) => {
  const { found, policies } = requests(platform, workspace);

  it.each(policies)('%s has a request that it must refuse', (name) => {
    expect(found.filter(({ by }) => by === name)).toHaveLength(1);
  });

  it('no request is for a policy that is not rendered', () => {
    expect(found.map(({ by }) => by).filter((name) => !policies.includes(name))).toEqual([]);
  });

  it('each says something else', () => {
    expect(new Set(found.map(({ what }) => what)).size).toBe(found.length);
  });
});

it('without an agent only what is about agents’ pods is left out', () => {
  const all = requests(PLATFORM, ACME).found.map(({ by }) => by);
  const without = requests(PLATFORM, ACME, { withPod: false }).found.map(({ by }) => by);
  const left = all.filter((name) => !without.includes(name));
  expect(left).toContain('portarium-guard-agent-pods');
  expect(left.filter((name) => !name.startsWith('portarium-guard-'))).toEqual([]);
});

it('another principal’s groups are taken only where that principal is let through by another policy', () => {
  const { found } = requests(PLATFORM, ACME);
  const by = (group: string) =>
    found.filter(({ as }) => as?.groups?.includes(group)).map((request) => request.by.replace('portarium-', ''));
  expect(by('portarium:break-glass')).toEqual([]);
  expect(by('portarium:platform-deployers')).toEqual([
    'policy-namespace-kept',
    'network-workspace',
    'network-front-shape',
    'cilium-front-shape',
    'authorizationmodel-pinned',
  ]);
  expect(by('portarium:deployers:ws-acme')).toEqual([
    'network-shape',
    'cilium-shape',
    'network-opens',
    'network-relaxed',
    'network-baseline',
    'network-front',
    'workspacepolicy-approved',
  ]);
  expect(by('portarium:approvers')).toEqual(['relaxation-approver']);
});
