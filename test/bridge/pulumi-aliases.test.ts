import { describe, expect, test } from 'vitest';
import { aliasesOf, logicalName, RENAMES } from '../../src/bridge/pulumi-aliases.js';
import { ClusterProvider } from '../../src/bridge/pulumi-provider.js';
import { registerObjects } from '../../src/bridge/pulumi-resources.js';
import { record } from '../support/recording-monitor.js';

const policy = {
  apiVersion: 'policy.networking.k8s.io/v1alpha2',
  kind: 'ClusterNetworkPolicy',
  metadata: { name: 'portarium-agents-never' },
};

describe('names of resources', () => {
  test('are namespace and name of the object, so that nothing but these can change a URN', () => {
    expect(logicalName({ metadata: { name: 'agents-allow', namespace: 'portarium-agents' } })).toBe(
      'portarium-agents/agents-allow',
    );
    expect(logicalName(policy)).toBe('portarium-agents-never');
  });
});

describe('aliases', () => {
  test('there are none while nothing was ever renamed', () => {
    expect(RENAMES).toEqual({ apiVersions: {}, logicalNames: {} });
    expect(aliasesOf(policy)).toEqual([]);
  });

  test('a kind that was rendered with another apiVersion before keeps its state', () => {
    const renames = {
      apiVersions: { 'policy.networking.k8s.io/ClusterNetworkPolicy': ['policy.networking.k8s.io/v1alpha1'] },
      logicalNames: {},
    };
    expect(aliasesOf(policy, renames)).toEqual([
      { type: 'kubernetes:policy.networking.k8s.io/v1alpha1:ClusterNetworkPolicy' },
    ]);
  });

  test('both renames together give every combination that a state may hold', () => {
    const renames = {
      apiVersions: { 'policy.networking.k8s.io/ClusterNetworkPolicy': ['policy.networking.k8s.io/v1alpha1'] },
      logicalNames: { 'policy.networking.k8s.io/ClusterNetworkPolicy portarium-agents-never': ['never'] },
    };
    expect(aliasesOf(policy, renames)).toEqual([
      { type: 'kubernetes:policy.networking.k8s.io/v1alpha1:ClusterNetworkPolicy' },
      { name: 'never' },
      { type: 'kubernetes:policy.networking.k8s.io/v1alpha1:ClusterNetworkPolicy', name: 'never' },
    ]);
  });

  test('reach the engine', async () => {
    const renames = {
      apiVersions: {},
      logicalNames: { 'policy.networking.k8s.io/ClusterNetworkPolicy portarium-agents-never': ['never'] },
    };
    const { registrations } = await record({ stack: 'test' }, () =>
      registerObjects([policy], { provider: new ClusterProvider({}), renames }),
    );
    expect(registrations.find(({ name }) => name === 'portarium-agents-never')?.aliases).toEqual([{ name: 'never' }]);
  });
});
