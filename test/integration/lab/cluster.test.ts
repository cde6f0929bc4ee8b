import { CoreV1Api, KubeConfig, AuthorizationV1Api } from '@kubernetes/client-node';
import { describe, expect, inject, it } from 'vitest';

const lab = inject('lab');

function configOf(path: string): KubeConfig {
  const config = new KubeConfig();
  config.loadFromFile(path);
  return config;
}

const core = configOf(lab.kubeconfig).makeApiClient(CoreV1Api);

describe('the lab', () => {
  it('has two Ready nodes', async () => {
    const { items } = await core.listNode();
    const ready = items.filter(({ status }) =>
      status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True'),
    );
    expect(ready.map(({ metadata }) => metadata?.name).sort()).toEqual(['lab-node-1', 'lab-node-2']);
  });
});
void AuthorizationV1Api;
