import { describe, expect, test } from 'vitest';
import type { LiveObject } from '../../src/bridge/cluster.js';
import { blindSpots } from '../../src/bridge/pulumi-blind-spots.js';
import type { Recorded } from '../../src/bridge/pulumi-state.js';
import { keyOf, type KubeObject } from '../../src/model/kube-object.js';
import { LABELS } from '../../src/model/names.js';

const policy = (name: string, egress: readonly unknown[], labels: Record<string, string> = {}): KubeObject => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name, namespace: 'ns', labels: { [LABELS.stack]: 'ws', ...labels } },
  spec: { podSelector: {}, policyTypes: ['Egress'], egress },
});

const deny = policy('deny', []);
const open = policy('deny', [{}]);
const live = (object: KubeObject): LiveObject => ({
  ...object,
  metadata: { ...object.metadata, uid: 'uid', resourceVersion: '1' },
});

interface Situation {
  readonly live?: readonly KubeObject[];
  readonly extra?: readonly KubeObject[];
  readonly unpatch?: readonly KubeObject[];
  readonly recorded?: readonly KubeObject[];
  /** What a server-side apply would leave. @default - what is applied */
  readonly dryRun?: KubeObject;
}

const found = (rendered: readonly KubeObject[], situation: Situation): Promise<readonly string[]> =>
  blindSpots(rendered, {
    state: {
      live: new Map((situation.live ?? []).map((object) => [keyOf(object), live(object)])),
      extra: (situation.extra ?? []).map(live),
      unpatch: (situation.unpatch ?? []).map(live),
    },
    recorded: new Map(
      (situation.recorded ?? []).map((object): [string, Recorded] => [keyOf(object), { object, inputs: object }]),
    ),
    dryRun: (object) => Promise.resolve(situation.dryRun ?? object),
    isThere: (object) => Promise.resolve((situation.unpatch ?? []).some((other) => keyOf(other) === keyOf(object))),
  });

describe('what Pulumi would leave as it is', () => {
  test('nothing: as registered last and as rendered now', async () => {
    expect(await found([deny], { live: [deny], recorded: [deny] })).toEqual([]);
  });

  test('nothing: a change that this update makes', async () => {
    const next = policy('deny', [{ to: [] }]);
    expect(await found([next], { live: [deny], recorded: [deny] })).toEqual([]);
  });

  test('nothing: another engine brought it to where it is to be', async () => {
    expect(await found([deny], { live: [deny], recorded: [open] })).toEqual([]);
  });

  test('nothing: what this update deletes', async () => {
    const opening = policy('open', [{}], { [LABELS.opens]: 'egress' });
    expect(await found([deny], { live: [deny], recorded: [deny, opening], extra: [opening] })).toEqual([]);
  });

  test('nothing: what no engine deletes', async () => {
    const kept = policy('old-baseline', [], { [LABELS.keep]: 'baseline' });
    expect(await found([], { extra: [kept] })).toEqual([]);
  });

  test('a rule that was added where none is declared', async () => {
    expect(await found([deny], { live: [open], recorded: [deny] })).toEqual([
      'NetworkPolicy.networking.k8s.io ns/deny was changed by others (spec.egress): an update may not see it.',
    ]);
  });

  test('a rollback by another engine: objects that it added, and those that it changed', async () => {
    const opening = policy('open', [{}], { [LABELS.opens]: 'egress' });
    expect(await found([deny], { live: [open], recorded: [deny], extra: [opening] })).toEqual([
      'NetworkPolicy.networking.k8s.io ns/deny was changed by others (spec.egress): an update may not see it.',
      "NetworkPolicy.networking.k8s.io ns/open is live but neither rendered nor in Pulumi's state, so no update removes it.",
    ]);
  });

  test('an object that is gone', async () => {
    expect(await found([deny], { recorded: [deny] })).toEqual([
      "NetworkPolicy.networking.k8s.io ns/deny is in Pulumi's state but gone from the cluster: no update would make it anew.",
    ]);
  });

  test('an object to be adopted that fields of others would keep open', async () => {
    expect(await found([deny], { live: [open], dryRun: open })).toEqual([
      'NetworkPolicy.networking.k8s.io ns/deny would be adopted, but not made as rendered (spec.egress).',
    ]);
    expect(await found([deny], { live: [open], dryRun: deny })).toEqual([]);
  });

  test('not a workload that someone scaled: those are not compared whole', async () => {
    const scaled = (replicas: number): KubeObject => ({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'agent', namespace: 'ns' },
      spec: { replicas },
    });
    expect(await found([scaled(1)], { live: [scaled(3)], recorded: [scaled(1)] })).toEqual([]);
  });
});

describe('of patches', () => {
  const patch = (image: string): KubeObject => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'api-server', namespace: 'ns', labels: { [LABELS.patchedBy]: 'ws' } },
    spec: { template: { spec: { initContainers: [{ name: 'envoy', image }] } } },
  });
  const [one, two] = [patch('envoy:1'), patch('envoy:2')];

  test('nothing: not applied yet, in place, changed by this update, or released by it', async () => {
    const bare = { ...one, metadata: { name: 'api-server', namespace: 'ns' }, spec: {} };
    expect(await found([one], {})).toEqual([]);
    expect(await found([one], { live: [bare] })).toEqual([]);
    expect(await found([one], { live: [one], recorded: [one] })).toEqual([]);
    expect(await found([two], { live: [one], recorded: [one] })).toEqual([]);
    expect(await found([], { unpatch: [one], recorded: [one] })).toEqual([]);
  });

  test('one that somebody changed', async () => {
    expect(await found([one], { live: [two], recorded: [one] })).toEqual([
      'Deployment.apps ns/api-server was changed by others (spec.template.spec.initContainers[envoy].image): an update may not see it.',
    ]);
  });

  test('one that another engine applied and that is not rendered any more', async () => {
    expect(await found([], { unpatch: [one] })).toEqual([
      "Deployment.apps ns/api-server has a patch of the stack that is neither rendered nor in Pulumi's state, so no update releases it.",
    ]);
  });

  test('one whose workload is gone, rendered or not: the release would fail', async () => {
    expect(await found([one], { recorded: [one] })).toEqual([
      "Deployment.apps ns/api-server is in Pulumi's state but gone from the cluster: no update would make it anew.",
    ]);
    expect(await found([], { recorded: [one] })).toEqual([
      "Deployment.apps ns/api-server, which Pulumi's state has as patched, is gone: its release would fail.",
    ]);
  });
});
