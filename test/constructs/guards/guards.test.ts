import { describe, expect, it } from 'vitest';
import { Guards } from '../../../src/constructs/guards/guards.js';
import type { Platform } from '../../../src/model/platform.js';
import { platform, render, type Binding, type Policy } from './fixture.js';

const rendered = (of: Platform = platform) => render((scope) => new Guards(scope, 'guards', { platform: of }));
const expressionsOf = ({ spec }: Policy): readonly string[] => [
  ...(spec.variables ?? []).map(({ expression }) => expression),
  ...spec.validations.flatMap(({ expression, messageExpression }) => [expression, messageExpression ?? '']),
];
const textsOf = ({ spec }: Policy): readonly string[] =>
  spec.validations.flatMap(({ message, messageExpression }) => [message, messageExpression ?? '']);

const AGENTS = ['portarium-agents', 'shared'];
const PLATFORM = [
  'portarium-control-plane',
  'portarium-execution',
  'portarium-observability',
  'portarium-policy',
  'portarium-spire',
];
const ALL = [...AGENTS, ...PLATFORM].sort();

const namespacesOf = ({ spec }: Binding) => spec.matchResources.namespaceSelector.matchExpressions?.[0]?.values;

describe('Guards', () => {
  it('bind every policy where it applies', () => {
    expect(
      Object.fromEntries(rendered().bindings.map((binding) => [binding.metadata.name, namespacesOf(binding)])),
    ).toEqual({
      'portarium-guard-agent-accounts-ws-acme': ['portarium-agents'],
      'portarium-guard-agent-accounts-ws-one': ['shared'],
      'portarium-guard-agent-accounts-ws-two': ['shared'],
      'portarium-guard-agent-annotations': AGENTS,
      'portarium-guard-agent-claims': AGENTS,
      'portarium-guard-agent-names': AGENTS,
      'portarium-guard-agent-pods': AGENTS,
      'portarium-guard-agent-rights': undefined,
      'portarium-guard-agent-services': AGENTS,
      'portarium-guard-agent-tokens': AGENTS,
      'portarium-guard-agent-tolerations': AGENTS,
      'portarium-guard-agent-volumes': AGENTS,
      'portarium-guard-agent-workspace-portarium-agents': ['portarium-agents'],
      'portarium-guard-agent-workspace-shared': ['shared'],
      'portarium-guard-bindings': ALL,
      'portarium-guard-endpoints': ALL,
      'portarium-guard-host-access': ALL.filter((name) => name !== 'portarium-spire'),
      'portarium-guard-interactive-access': ALL,
      'portarium-guard-label-changes': ['ingress', 'kube-system', ...ALL],
      'portarium-guard-mesh-labels': AGENTS,
      'portarium-guard-namespaces': undefined,
      'portarium-guard-node-name': ALL,
      'portarium-guard-node-proxy': undefined,
      'portarium-guard-peer-labels': ['ingress', 'kube-system', ...PLATFORM],
      'portarium-guard-platform-annotations': PLATFORM,
      'portarium-guard-privileges': ALL.filter((name) => name !== 'portarium-spire'),
      'portarium-guard-probe-pods': AGENTS,
      'portarium-guard-resource-claims': AGENTS,
      'portarium-guard-services': ALL,
      'portarium-guard-sidecar-agents': AGENTS,
      'portarium-guard-sidecar-files': ALL,
      'portarium-guard-sidecar-front': ['portarium-control-plane'],
      'portarium-guard-sidecar-workers': ['portarium-execution'],
      'portarium-guard-svid-volumes-agents': AGENTS,
      'portarium-guard-svid-volumes-api-server': ['portarium-control-plane'],
      'portarium-guard-svid-volumes-others': ['portarium-observability', 'portarium-policy'],
      'portarium-guard-svid-volumes-worker': ['portarium-execution'],
      'portarium-guard-spire-pods': ['portarium-control-plane', 'portarium-spire'],
      'portarium-guard-spire-tokens': ['portarium-control-plane', 'portarium-spire'],
      'portarium-guard-spire-workloads': ['portarium-control-plane', 'portarium-spire'],
      'portarium-guard-token-requests': AGENTS,
      'portarium-guard-token-secrets': AGENTS,
      'portarium-guard-workloads': AGENTS,
    });
  });

  it('bind each workspace to its own policy object', () => {
    const binding = rendered().bindings.find(({ metadata }) => metadata.name.endsWith('accounts-ws-one'))!;
    expect(binding.spec).toEqual({
      policyName: 'portarium-guard-agent-accounts',
      validationActions: ['Deny'],
      matchResources: {
        matchPolicy: 'Equivalent',
        namespaceSelector: {
          matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values: ['shared'] }],
        },
        objectSelector: {
          matchExpressions: [
            { key: 'portarium.io/role', operator: 'In', values: ['agent'] },
            { key: 'portarium.io/workspace', operator: 'In', values: ['ws-one'] },
            { key: 'portarium.io/agent', operator: 'NotIn', values: ['portarium-probe'] },
          ],
        },
      },
      paramRef: { name: 'ws-one', namespace: 'portarium-policy', parameterNotFoundAction: 'Deny' },
    });
  });

  it('refuse, fail closed, and are never pruned', () => {
    const { objects, policies, bindings } = rendered();
    expect(objects.every(({ metadata }) => metadata.labels?.['portarium.io/keep'] === 'guard')).toBe(true);
    expect(objects.every(({ metadata }) => metadata.name.startsWith('portarium-guard-'))).toBe(true);
    expect(policies.every(({ spec }) => spec.failurePolicy === 'Fail')).toBe(true);
    expect(policies.flatMap(({ spec }) => spec.validations).every(({ reason }) => reason === 'Forbidden')).toBe(true);
    expect(bindings.every(({ spec }) => spec.validationActions.join() === 'Deny')).toBe(true);
    expect(new Set(bindings.map(({ spec }) => spec.policyName))).toEqual(
      new Set(policies.map(({ metadata }) => metadata.name)),
    );
  });

  it('in audit differ in their bindings only', () => {
    const audit = rendered({ ...platform, guards: 'audit' });
    expect(audit.policies).toEqual(rendered().policies);
    expect(audit.bindings.every(({ spec }) => spec.validationActions.join() === 'Audit,Warn')).toBe(true);
  });

  it('speak in one line of ASCII, since Warning headers carry no other characters unharmed', () => {
    for (const text of rendered().policies.flatMap(textsOf)) expect(text).toMatch(/^[\x20-\x7e]*$/);
  });

  it('judge a projected pod certificate, which the lab’s API server drops before admission', () => {
    const tokens = rendered().policies.find(({ metadata }) => metadata.name === 'portarium-guard-agent-tokens')!;
    expect(tokens.spec.validations[2]).toEqual({
      expression:
        'object.spec.?volumes.orValue([]).all(volume, volume.?projected.?sources.orValue([]).all(source, !has(source.podCertificate)))',
      message:
        'Projected pod certificates are refused: some signers make clients of the Kubernetes API. Agents have an SVID from SPIRE.',
      reason: 'Forbidden',
    });
  });

  it('allow no DNS server where cluster DNS answers through Cilium', () => {
    const { policies } = rendered({ ...platform, agentDns: { ...platform.agentDns, mode: 'cilium' } });
    const pods = policies.find(({ metadata }) => metadata.name === 'portarium-guard-agent-pods')!;
    expect(pods.spec.variables).toContainEqual({ name: 'isDns', expression: 'false' });
    expect(
      policies.find(({ metadata }) => metadata.name === 'portarium-guard-agent-names')!.spec.validations,
    ).toHaveLength(1);
  });

  it('bind nothing of the agents’ where there is no workspace yet', () => {
    const { bindings } = rendered({ ...platform, workspaces: [] });
    expect(bindings.some(({ metadata }) => metadata.name.startsWith('portarium-guard-agent'))).toBe(false);
    expect(bindings.every((binding) => namespacesOf(binding)?.length !== 0)).toBe(true);
  });

  it('have no expression that grows with the number of workspaces, since CEL ends at 100,000 characters', () => {
    const workspaces = Array.from({ length: 100 }, (_, n) => ({ id: `ws-${n}`, namespace: `portarium-agents-${n}` }));
    // Bindings of roles stand in any namespace and name any other, so that one has the list, in chunks (`oneOfMany`).
    const expressions = (of: Platform) =>
      rendered(of)
        .policies.map(expressionsOf)
        .map((all) => all.filter((each) => !/^\["portarium-agents/.test(each)));
    expect(expressions({ ...platform, workspaces })).toEqual(expressions(platform));
    const many = Array.from({ length: 600 }, (_, n) => ({ id: `ws-${n}`, namespace: `${n}-`.padEnd(63, 'x') }));
    const { policies } = rendered({ ...platform, workspaces: many });
    const rights = policies.find(({ metadata }) => metadata.name === 'portarium-guard-agent-rights')!;
    const lengths = expressionsOf(rights).map(({ length }) => length);
    expect(Math.max(...lengths)).toBeGreaterThan(30_000);
    expect(Math.max(...lengths)).toBeLessThan(100_000);
  });
});
