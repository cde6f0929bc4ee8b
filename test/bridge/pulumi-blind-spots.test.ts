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
  readonly recorded?: readonly KubeObject[];
  /** What a server-side apply would leave. @default - what is applied */
  readonly dryRun?: KubeObject;
}

const found = (rendered: readonly KubeObject[], situation: Situation): Promise<readonly string[]> =>
  blindSpots(rendered, {
    state: {
      live: new Map((situation.live ?? []).map((object) => [keyOf(object), live(object)])),
      extra: (situation.extra ?? []).map(live),
      unpatch: [],
    },
    recorded: new Map(
      (situation.recorded ?? []).map((object): [string, Recorded] => [keyOf(object), { object, inputs: object }]),
    ),
    dryRun: (object) => Promise.resolve(situation.dryRun ?? object),
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
