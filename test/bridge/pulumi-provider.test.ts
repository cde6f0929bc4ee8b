import { expect, test } from 'vitest';
import { ClusterProvider, type ClusterProviderArgs } from '../../src/bridge/pulumi-provider.js';
import { record } from '../support/recording-monitor.js';

const inputsOf = async (args: ClusterProviderArgs): Promise<Readonly<Record<string, unknown>>> => {
  const { registrations } = await record({ stack: 'test' }, () => new ClusterProvider(args));
  return registrations.find(({ type }) => type === 'pulumi:providers:kubernetes')!.inputs;
};

const ALWAYS = {
  enableConfigMapMutable: 'true',
  enableSecretMutable: 'true',
  enableServerSideApply: 'true',
  enablePatchForce: 'true',
  upsertExistingObjects: 'true',
};

test('a cluster by kubeconfig and context is strict: no default provider, nothing from the shell', async () => {
  const args = { kubeconfig: '/etc/kubeconfig', context: 'lab', clusterIdentifier: 'uid' };
  expect(await inputsOf(args)).toEqual({ ...ALWAYS, ...args, strictMode: 'true' });
});

test('inside a pod there is no kubeconfig to be strict about', async () => {
  expect(await inputsOf({ clusterIdentifier: 'uid' })).toEqual({ ...ALWAYS, clusterIdentifier: 'uid' });
});

test('a preview without a cluster says nothing of its identity, which replaces nothing', async () => {
  expect(await inputsOf({ kubeconfig: '/etc/kubeconfig' })).toEqual({ ...ALWAYS, kubeconfig: '/etc/kubeconfig' });
});
