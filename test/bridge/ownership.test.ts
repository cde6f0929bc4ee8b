import { describe, expect, it } from 'vitest';
import { Cluster } from '../../src/bridge/cluster.js';
import { readStack } from '../../src/bridge/ownership.js';
import { keyOf, type KubeObject } from '../../src/model/kube-object.js';
import { fakeApi } from './fake-api.js';

const policy = (namespace: string, name: string): KubeObject => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name, namespace, labels: { 'portarium.io/stack': 'ws-acme', 'portarium.io/opens': 'mtls' } },
});
const allow = policy('portarium-agents', 'agents-ws-acme-allow');
const opening = policy('portarium-control-plane', 'api-server-ws-acme-open-mtls');

/** May list network policies in namespaces only, and not in all of them. */
const inNamespaces = (...readable: readonly string[]) =>
  fakeApi(({ path: address }) => {
    const [path = ''] = address.split('?');
    const list = (items: readonly KubeObject[]) => ({ body: { metadata: {}, items } });
    if (/\/(configmaps|namespaces|workspacepolicies)$/.test(path)) return list([]);
    if (!path.endsWith('/networkpolicies')) return undefined;
    const [, namespace] = /\/namespaces\/([^/]+)\//.exec(path) ?? [];
    if (namespace === undefined || !readable.includes(namespace)) {
      return { status: 403, body: { reason: 'Forbidden', message: 'cannot list resource "networkpolicies"' } };
    }
    return list([allow, opening].filter(({ metadata }) => metadata.namespace === namespace));
  });

describe('what a stack owns', () => {
  it('is looked for beside the control plane too, although nothing is rendered there any more', async () => {
    const cluster = new Cluster(inNamespaces('portarium-agents', 'portarium-control-plane'));
    const { live, extra } = await readStack(cluster, 'ws-acme', [allow]);
    expect([...live.keys()]).toEqual([keyOf(allow)]);
    expect(extra.map(keyOf)).toEqual([keyOf(opening)]);
  });

  it('must be readable where the inventory knows something to be, not where there may be nothing', async () => {
    const cluster = new Cluster(inNamespaces('portarium-agents'));
    expect((await readStack(cluster, 'ws-acme', [allow])).extra).toEqual([]);
    await expect(readStack(cluster, 'ws-acme', [allow], { hint: [opening] })).rejects.toThrow('cannot list');
  });
});
