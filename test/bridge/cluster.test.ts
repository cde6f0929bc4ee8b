import { describe, expect, test } from 'vitest';
import { ApiError, ClusterUnreachable, UnknownKind } from '../../src/bridge/api-error.js';
import { Cluster } from '../../src/bridge/cluster.js';
import type { KubeObject } from '../../src/model/kube-object.js';
import { fakeApi } from './fake-api.js';

const map: KubeObject = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'a', namespace: 'n' },
  data: { x: '1' },
};
const policy: KubeObject = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'p', namespace: 'n' },
};

describe('Cluster', () => {
  test('applies with our field manager, force and strict validation, and hands on warnings and unknown fields', async () => {
    const stored = { ...policy, spec: { newerThanUs: true } };
    const api = fakeApi(({ method }) =>
      method === 'PATCH' ? { status: 201, body: stored, warnings: ['careful'] } : undefined,
    );
    const written = await new Cluster(api).apply(policy, { dryRun: true });
    expect(written).toEqual({ object: stored, created: true, warnings: ['careful'] });
    expect(api.requests.at(-1)).toMatchObject({
      path: '/apis/networking.k8s.io/v1/namespaces/n/networkpolicies/p?fieldManager=portarium-enforcement&fieldValidation=Strict&dryRun=All&force=true',
      contentType: 'application/apply-patch+yaml',
      body: policy,
    });
  });

  test('reads a group’s kinds once, and again when a kind is missing', async () => {
    let installed = false;
    const api = fakeApi(({ path }) =>
      path === '/apis/example.com/v1'
        ? installed
          ? { body: { resources: [{ kind: 'Thing', name: 'things', namespaced: false }] } }
          : { status: 404 }
        : undefined,
    );
    const cluster = new Cluster(api);
    expect(await cluster.tryResource('example.com/v1', 'Thing')).toBeUndefined();
    expect(await cluster.list({ apiVersion: 'example.com/v1', kind: 'Thing' })).toEqual([]);
    const thing = { apiVersion: 'example.com/v1', kind: 'Thing', metadata: { name: 't' } };
    expect(await cluster.tryGet(thing)).toBeUndefined();
    await expect(cluster.apply(thing)).rejects.toThrow(
      'the cluster does not know Thing of example.com/v1. Install its custom resource definition',
    );
    await expect(cluster.apply(thing)).rejects.toBeInstanceOf(UnknownKind);
    installed = true;
    expect(await cluster.tryResource('example.com/v1', 'Thing')).toMatchObject({ name: 'things', namespaced: false });
    const reads = () => api.requests.filter(({ path }) => path === '/apis/example.com/v1').length;
    const before = reads();
    await cluster.tryResource('example.com/v1', 'Thing');
    expect(reads()).toBe(before);
  });

  test('lists page by page, each item with its kind', async () => {
    const page = (name: string, next?: string) => ({
      body: { items: [{ metadata: { name } }], metadata: { continue: next } },
    });
    const api = fakeApi(({ path }) =>
      path.includes('limit=') ? (path.includes('continue=more') ? page('b') : page('a', 'more')) : undefined,
    );
    const found = await new Cluster(api).list({ apiVersion: 'v1', kind: 'ConfigMap' }, { labels: 'a=b' });
    expect(found.map(({ kind, apiVersion, metadata }) => [apiVersion, kind, metadata.name])).toEqual([
      ['v1', 'ConfigMap', 'a'],
      ['v1', 'ConfigMap', 'b'],
    ]);
    expect(api.requests.at(-1)!.path).toBe('/api/v1/configmaps?labelSelector=a%3Db&limit=500&continue=more');
  });

  test('what is not there is undefined, what is refused is an error that names the object', async () => {
    const cluster = new Cluster(fakeApi());
    expect(await cluster.tryGet(map)).toBeUndefined();
    const forbidden = new Cluster(
      fakeApi(({ path }) =>
        path.includes('/namespaces/')
          ? { status: 403, body: { reason: 'Forbidden', message: 'you may not' } }
          : undefined,
      ),
    );
    const error = await forbidden.tryGet(map).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ status: 403, reason: 'Forbidden', message: 'read ConfigMap n/a: you may not' });
  });

  test('a namespaced object without a namespace is refused before anything is sent', async () => {
    const { namespace: _namespace, ...metadata } = map.metadata;
    void _namespace;
    await expect(new Cluster(fakeApi()).apply({ ...map, metadata })).rejects.toThrow('ConfigMap a has no namespace');
  });

  test('deletes only the object it has seen, and says when there was none', async () => {
    const api = fakeApi(({ method }) => (method === 'DELETE' ? {} : undefined));
    expect(await new Cluster(api).delete(map, { uid: 'u-1' })).toBe(true);
    expect(api.requests.at(-1)!.body).toMatchObject({ preconditions: { uid: 'u-1' }, propagationPolicy: 'Background' });
    expect(await new Cluster(fakeApi()).delete(map)).toBe(false);
  });

  test('waits as the server asks when it is busy, then gives up', async () => {
    let busy = 2;
    const api = fakeApi(({ method, path }) =>
      method === 'GET' && path.includes('configmaps/')
        ? (busy -= 1) >= 0
          ? { status: 429, retryAfter: 0 }
          : { body: map }
        : undefined,
    );
    expect(await new Cluster(api).get(map)).toEqual(map);
    const always = fakeApi(({ path }) => (path.includes('configmaps/') ? { status: 429, retryAfter: 0 } : undefined));
    await expect(new Cluster(always).get(map)).rejects.toMatchObject({ status: 429 });
  });

  test('watches line by line, and an error event is an error', async () => {
    const event = (type: string, object: object) => JSON.stringify({ type, object });
    const cluster = new Cluster(
      fakeApi(undefined, [event('ADDED', map), event('ERROR', { code: 410, message: 'too old' })]),
    );
    const seen: string[] = [];
    const watching = (async () => {
      for await (const { type } of cluster.watch({ apiVersion: 'v1', kind: 'ConfigMap' })) seen.push(type);
    })();
    await expect(watching).rejects.toMatchObject({ status: 410, message: 'watch configmaps: too old' });
    expect(seen).toEqual(['ADDED']);
  });
});

describe('ClusterUnreachable', () => {
  const of = (code: string, message = code) =>
    new ClusterUnreachable('https://h:1', 'prod', 'apply X', Object.assign(new Error(message), { code })).message;
  test.each([
    ['ECONNREFUSED', 'apply X: the API server https://h:1 (context "prod") refuses connections. Check that it runs'],
    ['ENOTFOUND', 'has a name that does not resolve'],
    ['ECONNRESET', 'closed the connection'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'has a certificate that is not trusted'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'do not switch verification off'],
  ])('%s', (code, expected) => expect(of(code)).toContain(expected));
});
