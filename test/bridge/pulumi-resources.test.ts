import { beforeAll, describe, expect, test } from 'vitest';
import { DuplicateObject } from '../../src/bridge/order.js';
import { ClusterProvider } from '../../src/bridge/pulumi-provider.js';
import { registerObjects } from '../../src/bridge/pulumi-resources.js';
import { isPatch, type KubeObject } from '../../src/model/kube-object.js';
import { LABELS } from '../../src/model/names.js';
import { record, type Registration } from '../support/recording-monitor.js';
import { platform, workspace, WORKSPACES } from './pulumi-fixtures.js';

const PROVIDER = 'pulumi:providers:kubernetes';

const recordObjects = async (objects: readonly KubeObject[]): Promise<readonly Registration[]> => {
  const register = (): unknown => registerObjects(objects, { provider: new ClusterProvider({}) });
  return (await record({ stack: 'test', invoke: () => ({}) }, register)).registrations;
};

const withoutProvider = (registrations: readonly Registration[]): readonly Registration[] =>
  registrations.filter(({ type }) => type !== PROVIDER);

const stacks = [
  { name: 'platform', objects: platform },
  ...WORKSPACES.map((name) => ({ name, objects: () => workspace(name, 'routing') })),
  { name: 'ws-acme at enforced', objects: () => workspace('ws-acme', 'enforced') },
  { name: 'ws-acme rolled back', objects: () => workspace('ws-acme', 'enforced', ['mtls', 'allowlist', 'egress']) },
];

describe.each(stacks)('$name as Pulumi resources', ({ objects: render }) => {
  const objects = render();
  let all: readonly Registration[];
  let registered: readonly Registration[];
  const of = (object: Pick<KubeObject, 'kind' | 'metadata'>): Registration => {
    const { kind, metadata } = object;
    const name = metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`;
    const type = isPatch(object) ? `:${kind}Patch` : `:${kind}`;
    return registered.find((entry) => entry.name === name && entry.type.endsWith(type))!;
  };

  beforeAll(async () => {
    all = await recordObjects(objects);
    registered = withoutProvider(all);
  });

  test('registers every object exactly once, whole, beside the annotations for the provider', () => {
    const without = ({ inputs }: Registration): unknown => {
      const copy = structuredClone(inputs) as KubeObject & { metadata: { annotations?: Record<string, string> } };
      const own = Object.entries(copy.metadata.annotations ?? {}).filter(([key]) => !key.startsWith('pulumi.com/'));
      if (own.length > 0) copy.metadata.annotations = Object.fromEntries(own);
      else delete copy.metadata.annotations;
      return copy;
    };
    expect(registered).toHaveLength(objects.length);
    for (const object of objects) expect(without(of(object))).toEqual(object);
  });

  test('has no two resources of one URN, and none with a parent', () => {
    expect(new Set(all.map(({ urn }) => urn)).size).toBe(all.length);
    expect(registered.map(({ parent }) => parent).filter((parent) => parent !== '')).toEqual([]);
  });

  test('has one provider, and every resource names it', () => {
    expect(all.filter(({ type }) => type === PROVIDER).map(({ name }) => name)).toEqual(['cluster']);
    expect([...new Set(registered.map(({ provider }) => provider))]).toEqual([
      `urn:pulumi:test::portarium::${PROVIDER}::cluster::cluster-id`,
    ]);
  });

  test('applies with the field manager of both engines', () => {
    const managers = registered.map(
      ({ inputs }) => (inputs as KubeObject).metadata.annotations?.['pulumi.com/patchFieldManager'],
    );
    expect([...new Set(managers)]).toEqual(['portarium-enforcement']);
  });

  test('deletes in the background: nothing but the API server decides when an opening is gone', () => {
    const policies = registered.map(
      ({ inputs }) => (inputs as KubeObject).metadata.annotations?.['pulumi.com/deletionPropagationPolicy'],
    );
    expect([...new Set(policies)]).toEqual(['background']);
  });

  test('protects the baseline alone, and keeps what is labelled so', () => {
    for (const object of objects) {
      const keep = object.metadata.labels?.[LABELS.keep];
      const { protect, retainOnDelete } = of(object);
      expect({ protect, retainOnDelete }).toEqual({ protect: keep === 'baseline', retainOnDelete: keep !== undefined });
    }
  });

  test('gives no object more than two minutes, but servers four: what asks them waits until they have rolled out', () => {
    for (const { timeouts, inputs } of registered) {
      const most = (inputs as KubeObject).kind === 'StatefulSet' ? '4m' : '2m';
      expect(timeouts).toEqual({ create: most, update: most, delete: '2m' });
    }
  });

  test('waits for no workload but a StatefulSet, for no Service, and for everything else', () => {
    const skipped = registered.filter(
      ({ inputs }) => (inputs as KubeObject).metadata.annotations?.['pulumi.com/skipAwait'] === 'true',
    );
    const waited = objects.filter(({ kind }) => ['Deployment', 'DaemonSet', 'Job', 'Service'].includes(kind));
    expect(skipped.map(({ urn }) => urn).toSorted()).toEqual(waited.map((object) => of(object).urn).toSorted());
  });

  test('registers nothing before what it depends on', () => {
    const seen = new Set<string>();
    for (const { urn, dependencies } of all) {
      expect(dependencies.filter((needed) => !seen.has(needed))).toEqual([]);
      seen.add(urn);
    }
  });

  test('puts namespaces and definitions before what is in them and of them', () => {
    for (const object of objects) {
      const namespace = objects.find(
        ({ kind, metadata }) => kind === 'Namespace' && metadata.name === object.metadata.namespace,
      );
      const definition = objects.find(
        ({ kind, spec }) =>
          kind === 'CustomResourceDefinition' && (spec as { names: { kind: string } }).names.kind === object.kind,
      );
      for (const needed of [namespace, definition]) {
        if (needed) expect(of(object).dependencies).toContain(of(needed).urn);
      }
    }
  });

  test('puts guards before policies before workloads', () => {
    const guards = objects.filter(({ kind }) => kind === 'ValidatingAdmissionPolicyBinding');
    const policies = objects.filter(({ kind }) => kind === 'NetworkPolicy');
    const workloads = objects.filter(({ kind }) => kind === 'Deployment');
    const before = (earlier: readonly KubeObject[], later: readonly KubeObject[]): void => {
      for (const object of later) {
        const needed = reachable(of(object), registered);
        expect(earlier.filter((other) => !needed.has(of(other).urn)).map(({ metadata }) => metadata.name)).toEqual([]);
      }
    };
    before(guards, policies);
    before(policies, workloads);
  });

  test('opens before it denies, so that the first deployment cuts nothing off', () => {
    const baseline = objects.filter(
      ({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.labels?.[LABELS.keep] === 'baseline',
    );
    for (const deny of baseline) {
      const allows = objects.filter(
        ({ kind, metadata }) =>
          kind === 'NetworkPolicy' &&
          metadata.labels?.[LABELS.keep] === undefined &&
          metadata.namespace === deny.metadata.namespace,
      );
      expect(of(deny).dependencies).toEqual(expect.arrayContaining(allows.map((allow) => of(allow).urn)));
    }
  });
});

test('two objects of one kind, namespace and name are refused before anything is registered', async () => {
  const [first] = workspace('ws-acme', 'routing');
  const seen: Registration[] = [];
  await expect(
    record({ stack: 'test', invoke: () => ({}) }, () => {
      const provider = new ClusterProvider({});
      registerObjects([first!, { ...first! }], { provider });
    }).then(({ registrations }) => seen.push(...registrations)),
  ).rejects.toThrow(DuplicateObject);
  expect(seen).toEqual([]);
});

test('values of a Secret are marked secret, its name is not', async () => {
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'key', namespace: 'ns' },
    stringData: { key: 'hunter2' },
  };
  const [registration] = withoutProvider(await recordObjects([secret]));
  expect(registration).toMatchObject({
    type: 'kubernetes:core/v1:Secret',
    secrets: ['stringData'],
    inputs: { stringData: { key: 'hunter2' } },
  });
});

/** The URNs that a registration waits for, directly or not. */
function reachable(from: Registration, all: readonly Registration[]): ReadonlySet<string> {
  const byUrn = new Map(all.map((registration) => [registration.urn, registration]));
  const found = new Set<string>();
  const queue = [...from.dependencies];
  for (let urn = queue.pop(); urn !== undefined; urn = queue.pop()) {
    if (found.has(urn)) continue;
    found.add(urn);
    queue.push(...(byUrn.get(urn)?.dependencies ?? []));
  }
  return found;
}
