import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { applyStack } from '../../../src/bridge/apply.js';
import { destroyStack } from '../../../src/bridge/destroy.js';
import type { Cluster } from '../../../src/bridge/cluster.js';
import type { NotOwned } from '../../../src/bridge/ownership.js';
import { differences } from '../../../src/bridge/compare.js';
import { keyOf, type KubeObject } from '../../../src/model/kube-object.js';
import { LABELS } from '../../../src/model/names.js';
import { BASELINE, connect, liveOf, smallStack, unique } from './fixture.js';

let cluster: Cluster;
beforeAll(async () => {
  cluster = await connect();
});
afterAll(() => cluster.close());

/** Applied, as the starting point of a test. */
async function applied(): Promise<{ stack: string; objects: KubeObject[] }> {
  const stack = unique('apply');
  const objects = smallStack(stack);
  await applyStack(cluster, stack, objects);
  return { stack, objects };
}

const merge = (object: KubeObject, patch: unknown) =>
  cluster.mergePatch(object, patch, { fieldManager: 'kubectl-edit' });
const find = (objects: readonly KubeObject[], kind: string, name: string): KubeObject =>
  objects.find((object) => object.kind === kind && object.metadata.name === name)!;

describe('applyStack', () => {
  test('creates everything, in dependency order, and says how long each took', async () => {
    const stack = unique('apply');
    const seen: string[] = [];
    const result = await applyStack(cluster, stack, smallStack(stack), { onProgress: ({ key }) => seen.push(key) });
    expect(result.created).toHaveLength(10);
    expect(result.changes.map(({ key }) => key)).toEqual(seen);
    expect(result.changes.every(({ ms }) => ms > 0)).toBe(true);
    expect(seen[0]).toBe(`Namespace ${stack}`);
    expect(seen.at(-1)).toBe(`Deployment.apps ${stack}/agent`);
    const baseline = seen.indexOf(`NetworkPolicy.networking.k8s.io ${stack}/${BASELINE}`);
    expect(baseline).toBeGreaterThan(seen.indexOf(`NetworkPolicy.networking.k8s.io ${stack}/agent-open-egress`));
  });

  test('changes nothing when run again', async () => {
    const { stack, objects } = await applied();
    const before = await liveOf(cluster, objects, 'Deployment', 'agent');
    const again = await applyStack(cluster, stack, [...objects].reverse());
    expect(again.unchanged).toHaveLength(objects.length);
    expect(again).toMatchObject({ created: [], updated: [], repaired: [], pruned: [] });
    const after = await liveOf(cluster, objects, 'Deployment', 'agent');
    expect(after!.metadata['generation']).toBe(before!.metadata['generation']);
  });

  test('writes only what changed, prunes the opening after every other policy and before the workload restarts', async () => {
    const { stack } = await applied();
    const result = await applyStack(cluster, stack, smallStack(stack, { open: false, version: 'two' }));
    expect(result.updated).toEqual([`ConfigMap ${stack}/agent-dns`, `Deployment.apps ${stack}/agent`]);
    expect(result.pruned).toEqual([`NetworkPolicy.networking.k8s.io ${stack}/agent-open-egress`]);
    const order = result.changes.map(({ key }) => key);
    expect(order.indexOf(result.pruned[0]!)).toBeLessThan(order.indexOf(`Deployment.apps ${stack}/agent`));
    expect(order.indexOf(result.pruned[0]!)).toBeGreaterThan(
      order.indexOf(`NetworkPolicy.networking.k8s.io ${stack}/${BASELINE}`),
    );
    expect(result.ms).toBeLessThan(2000);
  });

  test('removes a field that is not rendered any more', async () => {
    const { stack, objects } = await applied();
    const without = structuredClone(objects);
    const spec = find(without, 'Deployment', 'agent')['spec'] as {
      template: { spec: { containers: { env?: unknown }[] } };
    };
    delete spec.template.spec.containers[0]!.env;
    const result = await applyStack(cluster, stack, without);
    expect(result.updated).toEqual([`Deployment.apps ${stack}/agent`]);
    const live = await liveOf(cluster, objects, 'Deployment', 'agent');
    expect(JSON.stringify(live)).not.toContain('"value":"one"');
    expect((await applyStack(cluster, stack, without)).updated).toEqual([]);
  });

  test('never prunes what is kept, and says so', async () => {
    const { stack, objects } = await applied();
    const rest = objects.filter(({ kind, metadata }) => kind === 'Namespace' || metadata.name === 'agent');
    const result = await applyStack(cluster, stack, rest);
    expect(result.kept).toEqual([`NetworkPolicy.networking.k8s.io ${stack}/${BASELINE}`]);
    expect(result.pruned).toContain(`ConfigMap ${stack}/agent-dns`);
    expect(await liveOf(cluster, objects, 'NetworkPolicy', BASELINE)).toBeDefined();
  });

  test('an opening is pruned even when somebody labels it to be kept', async () => {
    const { stack, objects } = await applied();
    await merge(find(objects, 'NetworkPolicy', 'agent-open-egress'), {
      metadata: { labels: { [LABELS.keep]: 'baseline' } },
    });
    const result = await applyStack(cluster, stack, smallStack(stack, { open: false }));
    expect(result.pruned).toEqual([`NetworkPolicy.networking.k8s.io ${stack}/agent-open-egress`]);
  });

  test('does not prune when told so', async () => {
    const { stack } = await applied();
    const result = await applyStack(cluster, stack, smallStack(stack, { open: false }), { prune: false });
    expect(result.pruned).toEqual([]);
    expect(result.kept).toEqual([`NetworkPolicy.networking.k8s.io ${stack}/agent-open-egress`]);
  });

  test('a dry run stores nothing, before the namespace exists and after', async () => {
    const stack = unique('apply');
    const first = await applyStack(cluster, stack, smallStack(stack), { dryRun: true });
    expect(first.created).toHaveLength(10);
    expect(await liveOf(cluster, smallStack(stack), 'Namespace', stack)).toBeUndefined();
    await applyStack(cluster, stack, smallStack(stack));
    const second = await applyStack(cluster, stack, smallStack(stack, { open: false, version: 'two' }), {
      dryRun: true,
    });
    expect(second).toMatchObject({
      updated: [expect.stringContaining('ConfigMap'), expect.stringContaining('Deployment')],
    });
    expect(second.pruned).toHaveLength(1);
    expect(await applyStack(cluster, stack, smallStack(stack))).toMatchObject({ updated: [], repaired: [] });
  });

  test('a field that the API server does not know is an error, not a warning', async () => {
    const stack = unique('apply');
    const objects = smallStack(stack);
    Object.assign(find(objects, 'NetworkPolicy', BASELINE)['spec'] as object, { egres: [] });
    await expect(applyStack(cluster, stack, objects)).rejects.toThrow(
      /stopped at NetworkPolicy.networking.k8s.io .*agent-deny-default, \d+ of 10 objects done: .*egres.*\nWhat was done stays/s,
    );
  });

  test('refuses objects of another stack and of nobody, all of them, before anything is written', async () => {
    const { stack: other, objects: theirs } = await applied();
    await merge(find(theirs, 'ConfigMap', 'agent-dns'), { metadata: { labels: { [LABELS.stack]: null } } });
    const stack = unique('apply');
    const objects = smallStack(other).map((object) => ({
      ...object,
      metadata: { ...object.metadata, labels: { ...object.metadata.labels, [LABELS.stack]: stack } },
    }));
    const refused = await applyStack(cluster, stack, objects).then(
      () => undefined,
      (error: unknown) => error as NotOwned,
    );
    expect(refused).toMatchObject({ name: 'NotOwned' });
    expect(refused?.message).toContain(
      `ConfigMap ${other}/agent-dns belongs to no stack; hand it over with: kubectl label -n ${other} configmap agent-dns --overwrite portarium.io/stack=${stack}`,
    );
    expect(refused?.message).toContain(
      `NetworkPolicy.networking.k8s.io ${other}/${BASELINE} belongs to stack "${other}"; hand it over with: kubectl label -n ${other} networkpolicy.networking.k8s.io ${BASELINE}`,
    );
    expect(refused?.objects).toHaveLength(10);
    expect((await liveOf(cluster, theirs, 'Namespace', other))!.metadata.labels![LABELS.stack]).toBe(other);
  });

  test('leaves objects of other stacks in the same namespace alone', async () => {
    const { stack } = await applied();
    const foreign: KubeObject = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'foreign', namespace: stack },
      data: {},
    };
    await cluster.create(foreign);
    await applyStack(cluster, stack, smallStack(stack));
    expect(await cluster.tryGet(foreign)).toBeDefined();
  });
});

describe('drift', () => {
  const repairs: [what: string, kind: string, name: string, patch: unknown][] = [
    ['egress: [] opened to everything', 'NetworkPolicy', BASELINE, { spec: { egress: [{}] } }],
    [
      'a rule appended',
      'NetworkPolicy',
      'agent-allow-front',
      {
        spec: {
          egress: [
            { to: [{ podSelector: { matchLabels: { app: 'front' } } }], ports: [{ protocol: 'TCP', port: 443 }] },
            {},
          ],
        },
      },
    ],
    [
      'podSelector narrowed',
      'NetworkPolicy',
      BASELINE,
      { spec: { podSelector: { matchLabels: { never: 'matches' } } } },
    ],
    [
      'a matchLabel added',
      'NetworkPolicy',
      'agent-allow-front',
      { spec: { podSelector: { matchLabels: { app: 'agent', extra: 'x' } } } },
    ],
    ['policyTypes shortened', 'NetworkPolicy', BASELINE, { spec: { policyTypes: ['Ingress'] } }],
    ['ingress added', 'NetworkPolicy', BASELINE, { spec: { ingress: [{}] } }],
    ['the keep label removed', 'NetworkPolicy', BASELINE, { metadata: { labels: { [LABELS.keep]: null } } }],
    ['an opens label added', 'NetworkPolicy', BASELINE, { metadata: { labels: { [LABELS.opens]: 'egress' } } }],
    [
      'pod security weakened',
      'Namespace',
      '',
      { metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'privileged' } } },
    ],
    [
      'pod security exempted by version',
      'Namespace',
      '',
      { metadata: { labels: { 'pod-security.kubernetes.io/enforce-version': 'v1.20' } } },
    ],
    [
      'a rule added to a role',
      'Role',
      'deployer',
      {
        rules: [
          { apiGroups: [''], resources: ['pods'], verbs: ['get'] },
          { apiGroups: ['*'], resources: ['*'], verbs: ['*'] },
        ],
      },
    ],
    [
      'a subject added',
      'RoleBinding',
      'deployer',
      {
        subjects: [
          { kind: 'User', name: 'someone' },
          { kind: 'User', name: 'mallory' },
        ],
      },
    ],
    ['external addresses on a Service', 'Service', 'agent-dns', { spec: { externalIPs: ['192.0.2.1'] } }],
    ['a second zone file', 'ConfigMap', 'agent-dns', { data: { more: '. { forward . 8.8.8.8 }' } }],
    [
      'another image',
      'Deployment',
      'agent',
      { spec: { template: { spec: { containers: [{ name: 'agent', image: 'evil:1' }] } } } },
    ],
    ['tokens mounted again', 'ServiceAccount', 'agent', { automountServiceAccountToken: true }],
  ];

  test.each(repairs)('%s is seen and undone, and then nothing is left to do', async (_what, kind, name, patch) => {
    const { stack, objects } = await applied();
    const desired = find(objects, kind, name === '' ? stack : name);
    await merge(desired, patch);
    const found = differences(desired, await cluster.get(desired));
    expect(found, 'differences').not.toEqual([]);
    expect(found.every(({ path }) => path !== '')).toBe(true);
    const result = await applyStack(cluster, stack, objects);
    expect([...result.updated, ...result.repaired]).toEqual([keyOf(desired)]);
    expect(differences(desired, await cluster.get(desired))).toEqual([]);
    expect((await applyStack(cluster, stack, objects)).unchanged).toHaveLength(objects.length);
  });

  test('what others add beside the content stays', async () => {
    const { stack, objects } = await applied();
    const desired = find(objects, 'NetworkPolicy', BASELINE);
    await merge(desired, {
      metadata: { labels: { 'example.com/team': 'x' }, annotations: { note: 'y' } },
      spec: { egress: [{}] },
    });
    await applyStack(cluster, stack, objects);
    const live = await cluster.get(desired);
    expect(live.metadata.labels).toMatchObject({ 'example.com/team': 'x' });
    expect(live.metadata.annotations).toMatchObject({ note: 'y' });
  });

  test('objects that were created by a client, not applied, are taken over exactly', async () => {
    const stack = unique('apply');
    const objects = smallStack(stack);
    for (const object of [...objects].reverse()) {
      const extra = object.kind === 'Deployment' ? structuredClone(object) : object;
      if (object.kind === 'Deployment') {
        const spec = extra['spec'] as { template: { spec: Record<string, unknown> } };
        spec.template.spec['hostNetwork'] = true;
      }
      await cluster.create(extra);
    }
    const result = await applyStack(cluster, stack, objects);
    expect(result.repaired).toEqual([`Deployment.apps ${stack}/agent`]);
    expect(result.updated).toHaveLength(objects.length - 1);
    expect(JSON.stringify(await liveOf(cluster, objects, 'Deployment', 'agent'))).not.toContain('hostNetwork":true');
    expect((await applyStack(cluster, stack, objects)).unchanged).toHaveLength(objects.length);
  });
});

describe('destroyStack', () => {
  test('deletes workloads first and openings last, keeps baseline and namespace, and the next apply adopts them', async () => {
    const { stack, objects } = await applied();
    const result = await destroyStack(cluster, stack, objects);
    expect(result.deleted[0]).toBe(`Deployment.apps ${stack}/agent`);
    expect(result.deleted.at(-1)).toBe(`NetworkPolicy.networking.k8s.io ${stack}/agent-open-egress`);
    expect([...result.kept].sort()).toEqual([
      `Namespace ${stack}`,
      `NetworkPolicy.networking.k8s.io ${stack}/${BASELINE}`,
    ]);
    const again = await applyStack(cluster, stack, objects);
    expect([...again.unchanged].sort()).toEqual([...result.kept].sort());
    expect(again.created).toHaveLength(objects.length - 2);
  });

  test('leaves what has been handed over to another stack', async () => {
    const { stack, objects } = await applied();
    const given = find(objects, 'ConfigMap', 'agent-dns');
    await merge(given, { metadata: { labels: { [LABELS.stack]: 'another' } } });
    const { deleted } = await destroyStack(cluster, stack, objects);
    expect(deleted).not.toContain(keyOf(given));
    expect(await cluster.tryGet(given)).toBeDefined();
  });

  test('keeps the baseline even when somebody took its label away', async () => {
    const { stack, objects } = await applied();
    await merge(find(objects, 'NetworkPolicy', BASELINE), { metadata: { labels: { [LABELS.keep]: null } } });
    const { kept } = await destroyStack(cluster, stack, objects);
    expect(kept).toContain(`NetworkPolicy.networking.k8s.io ${stack}/${BASELINE}`);
  });
});

describe('an object that a webhook insists on', () => {
  test('is reported in the end, with the place, and keeps nothing else from being done', async () => {
    const stack = unique('apply');
    const objects = smallStack(stack);
    const name = `insists-${stack}`;
    const api = { apiVersion: 'admissionregistration.k8s.io/v1' };
    const policy = { ...api, kind: 'MutatingAdmissionPolicy', metadata: { name } };
    const binding = { ...api, kind: 'MutatingAdmissionPolicyBinding', metadata: { name } };
    await cluster.apply({
      ...policy,
      spec: {
        reinvocationPolicy: 'Never',
        failurePolicy: 'Fail',
        matchConstraints: {
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': stack } },
          resourceRules: [
            { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['configmaps'] },
          ],
        },
        mutations: [
          { patchType: 'ApplyConfiguration', applyConfiguration: { expression: 'Object{data: {"more": "x"}}' } },
        ],
      },
    });
    await cluster.apply({ ...binding, spec: { policyName: name } });
    const message = async (): Promise<string> => {
      await cluster.delete(find(objects, 'ConfigMap', 'agent-dns'));
      return applyStack(cluster, stack, objects).then(
        () => 'exact',
        (error: unknown) => (error as Error).message,
      );
    };
    await expect
      .poll(message, { timeout: 15_000 })
      .toMatch(
        /ConfigMap .*agent-dns does not stay as it was written.*\n {2}data\.more: wanted nothing, the server keeps "x"/,
      );
    expect(await liveOf(cluster, objects, 'Deployment', 'agent')).toBeDefined();
    await cluster.delete(binding);
    await cluster.delete(policy);
  });
});
