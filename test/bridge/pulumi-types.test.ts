import { describe, expect, test } from 'vitest';
import { ClusterProvider } from '../../src/bridge/pulumi-provider.js';
import { registerObjects } from '../../src/bridge/pulumi-resources.js';
import { classOf } from '../../src/bridge/pulumi-types.js';
import { record } from '../support/recording-monitor.js';
import { platform, workspace } from './pulumi-fixtures.js';

describe('the class of a kind', () => {
  test.each([
    ['v1', 'ConfigMap', 'kubernetes:core/v1:ConfigMap'],
    ['v1', 'Namespace', 'kubernetes:core/v1:Namespace'],
    ['apps/v1', 'Deployment', 'kubernetes:apps/v1:Deployment'],
    ['networking.k8s.io/v1', 'NetworkPolicy', 'kubernetes:networking.k8s.io/v1:NetworkPolicy'],
    [
      'enforcement.portarium.io/v1alpha1',
      'WorkspacePolicy',
      'kubernetes:enforcement.portarium.io/v1alpha1:WorkspacePolicy',
    ],
    ['cilium.io/v2', 'CiliumNetworkPolicy', 'kubernetes:cilium.io/v2:CiliumNetworkPolicy'],
  ])('%s %s is registered as %s', async (apiVersion, kind, type) => {
    const object = { apiVersion, kind, metadata: { name: 'name', namespace: 'ns' }, spec: {} };
    const { registrations } = await record({ stack: 'test' }, () =>
      registerObjects([object], { provider: new ClusterProvider({}) }),
    );
    expect(registrations.map((registration) => registration.type)).toContain(type);
  });

  test('of a core kind that is not in the table is refused: its URN would depend on when it was added', () => {
    expect(() => classOf({ apiVersion: 'v1', kind: 'LimitRange', metadata: { name: 'x' } })).toThrow(
      'v1 LimitRange has no class yet: add it to src/bridge/pulumi-types.ts first.',
    );
  });

  test('is there for every kind that a stack renders', () => {
    for (const object of [...platform(), ...workspace('ws-acme', 'routing')]) expect(classOf(object)).toBeDefined();
  });
});
