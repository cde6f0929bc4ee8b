import { describe, expect, it } from 'vitest';
import { renderPlatform } from '../../src/charts/render.js';
import type { KubeObject } from '../../src/model/kube-object.js';
import { PLATFORM } from '../model/examples.js';

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
}
type Binding = KubeObject & {
  readonly roleRef: { readonly kind: string; readonly name: string };
  readonly subjects: readonly { readonly kind: string; readonly name: string }[];
};
/** SPIRE has accounts of its own, with rights of their own: `spire/rights.test.ts`. */
const isSpires = ({ metadata }: KubeObject): boolean => /^(portarium-)?spire-/.test(metadata.name);
const objects = renderPlatform(PLATFORM).filter((object) => !isSpires(object));
const roles = objects.filter(({ kind }) => kind === 'Role' || kind === 'ClusterRole');
const bindings = objects.filter(({ kind }) => kind.endsWith('RoleBinding')) as Binding[];
const rulesOf = (role: KubeObject): readonly Rule[] => role['rules'] as readonly Rule[];

describe('the principals', () => {
  it('are groups, never single users; of service accounts the front’s alone', () => {
    for (const { metadata, subjects } of bindings.filter(({ metadata }) => metadata.name !== 'portarium-authorizer')) {
      for (const { kind, name } of subjects)
        expect([metadata.name, kind, name]).toEqual([metadata.name, 'Group', expect.stringMatching(/^portarium:/)]);
    }
  });

  it('the authorizer, in the api-server’s pod, reads what it obeys, says what it has loaded, and nothing else', () => {
    const bound = bindings.filter(({ subjects }) => subjects.some(({ kind }) => kind === 'ServiceAccount'));
    expect(bound.map(({ kind, metadata, roleRef, subjects }) => ({ kind, metadata, roleRef, subjects }))).toMatchObject(
      [
        {
          kind: 'RoleBinding',
          metadata: { name: 'portarium-authorizer', namespace: 'portarium-policy' },
          roleRef: { kind: 'Role', name: 'portarium-authorizer' },
          subjects: [{ kind: 'ServiceAccount', name: 'api-server', namespace: 'portarium-control-plane' }],
        },
      ],
    );
    const role = roles.find(({ metadata }) => metadata.name === 'portarium-authorizer')!;
    expect(rulesOf(role)).toEqual([
      {
        apiGroups: ['enforcement.portarium.io'],
        resources: ['workspacepolicies', 'relaxations', 'authorizationmodels', 'onboardings'],
        verbs: ['get', 'list', 'watch'],
      },
      {
        apiGroups: ['enforcement.portarium.io'],
        resources: ['workspacepolicies/status'],
        verbs: ['update', 'patch'],
      },
    ]);
  });

  it('hold no wildcard, no impersonation, no exec and no token of another', () => {
    for (const role of roles) {
      for (const { apiGroups, resources, verbs } of rulesOf(role)) {
        expect([...apiGroups, ...resources, ...verbs]).not.toContain('*');
        expect(verbs).not.toContain('impersonate');
        for (const resource of resources) {
          expect(resource).not.toMatch(/\/(exec|attach|portforward|proxy|ephemeralcontainers|token|binding)$/);
          expect(resource).not.toBe('secrets');
        }
      }
    }
  });

  it('only the platform’s deployers and break-glass may write what is cluster-scoped', () => {
    const writing = roles.filter(
      (role) => role.kind === 'ClusterRole' && rulesOf(role).some(({ verbs }) => verbs.includes('create')),
    );
    const held = writing.map(({ metadata }) => [
      metadata.name,
      bindings.filter(({ roleRef }) => roleRef.name === metadata.name).flatMap(({ subjects }) => subjects),
    ]);
    expect(Object.fromEntries(held)).toEqual({
      'portarium-platform-deployer': [expect.objectContaining({ name: 'portarium:platform-deployers' })],
      'portarium-break-glass': [expect.objectContaining({ name: 'portarium:break-glass' })],
    });
  });

  it('a workspace’s deployers write in its namespace, network policies beside the front, and their own policy object', () => {
    for (const { id, namespace } of PLATFORM.workspaces) {
      const theirs = bindings.filter(
        ({ kind, subjects }) =>
          kind === 'RoleBinding' && subjects.some(({ name }) => name === `portarium:deployers:${id}`),
      );
      expect(theirs.map(({ metadata }) => metadata.namespace).sort()).toEqual(
        [namespace, 'portarium-control-plane', 'portarium-policy'].sort(),
      );
      const front = roles.find(({ metadata }) => metadata.namespace === 'portarium-control-plane')!;
      expect(rulesOf(front).flatMap(({ resources }) => resources)).toEqual([
        'networkpolicies',
        'ciliumnetworkpolicies',
      ]);
      const policy = roles.find(
        ({ metadata }) => metadata.namespace === 'portarium-policy' && metadata.name === `portarium-deployer-${id}`,
      )!;
      for (const { resources, verbs, resourceNames } of rulesOf(policy)) {
        if (resources.includes('workspacepolicies') && verbs.includes('update')) expect(resourceNames).toEqual([id]);
        expect(verbs).not.toContain('delete');
      }
    }
  });

  it('who approves cannot ask: approvers may not create a Relaxation', () => {
    const approver = roles.find(({ metadata }) => metadata.name === 'portarium-approver')!;
    expect(rulesOf(approver)).toEqual([
      { apiGroups: ['enforcement.portarium.io'], resources: ['relaxations'], verbs: ['update', 'patch'] },
    ]);
  });

  it('nobody but break-glass may delete a Relaxation or a policy object', () => {
    for (const role of roles) {
      if (role.metadata.name === 'portarium-break-glass') continue;
      for (const { resources, verbs } of rulesOf(role)) {
        if (!resources.some((resource) => /^(relaxations|workspacepolicies)$/.test(resource))) continue;
        expect(verbs).not.toContain('delete');
        expect(verbs).not.toContain('deletecollection');
      }
    }
  });
});
