import { expect, test } from 'vitest';
import { closingHook } from '../../src/bridge/pulumi-closing.js';
import { ClusterProvider } from '../../src/bridge/pulumi-provider.js';
import { registerObjects } from '../../src/bridge/pulumi-resources.js';
import { record } from '../support/recording-monitor.js';
import { workspace } from './pulumi-fixtures.js';

test('what closes is deleted before a workload changes, by a hook on workloads alone', async () => {
  const objects = workspace('ws-acme', 'enforced');
  const { registrations } = await record({ stack: 'test' }, () =>
    registerObjects(objects, { provider: new ClusterProvider({}), beforeWorkloads: closingHook([]) }),
  );
  const hooked = registrations.filter(({ beforeUpdate }) => beforeUpdate.length > 0);
  expect([...new Set(hooked.map(({ type }) => type))]).toEqual(['kubernetes:apps/v1:Deployment']);
  expect(hooked).toHaveLength(objects.filter(({ kind }) => kind === 'Deployment').length);
  expect(hooked[0]?.beforeUpdate).toEqual(['close-before-restart']);
});
