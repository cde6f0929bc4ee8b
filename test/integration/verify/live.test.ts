import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connection } from '../../../src/bridge/cluster-connection.js';
import type { Cluster } from '../../../src/bridge/cluster.js';
import { apiServerOf } from '../../../src/verify/api-server.js';
import type { Check, Finding } from '../../../src/model/check.js';
import { look, lookForDrift } from '../../../src/verify/live-checks.js';
import { probeJob } from '../../../src/verify/probes/job.js';
import { watchDrift } from '../../../src/verify/watch.js';
import { deploy, type Deployed } from './fixture.js';

/** A lab of its own: what is broken here holds for everybody. */
let deployed: Deployed;
let breakGlass: Cluster;
beforeAll(async () => {
  deployed = await deploy();
  breakGlass = await deployed.as('breakglass');
});
afterAll(async () => deployed?.end());

const policy = (name: string) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name, namespace: 'portarium-agents' },
});
const keyOf = (name: string) => `NetworkPolicy.networking.k8s.io portarium-agents/${name}`;
const VAP = { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingAdmissionPolicyBinding' };
const OBJECTS = 'objects of ws-acme';
const POLICIES = 'policies of others on agents of ws-acme';

const named = (checks: readonly Check[], name: string): Check => {
  const found = checks.find((check) => check.name === name);
  if (found === undefined) throw new Error(`no check "${name}" among ${checks.map((check) => check.name).join(', ')}`);
  return found;
};
const failing = (checks: readonly Check[]) =>
  checks.filter(({ verdict }) => verdict === 'fail').map(({ name }) => name);

interface Spec {
  readonly podSelector: { readonly matchLabels?: object };
  readonly egress?: readonly object[];
}

/** Changes a policy's spec as break-glass may, and afterwards puts it back. */
async function edited(name: string, change: (spec: Spec) => object): Promise<() => Promise<void>> {
  const live = await deployed.admin.get(policy(name));
  const write = async (spec: object): Promise<void> => {
    const { metadata } = await deployed.admin.get(policy(name));
    await breakGlass.replace({ ...policy(name), metadata, spec });
  };
  await write(change(live['spec'] as Spec));
  return () => write(live['spec'] as object);
}

test('as deployed nothing fails, and the guards that are tried refuse', async () => {
  const { checks } = await look(deployed.admin, deployed.subject);
  expect(failing(checks)).toEqual([]);
  for (const name of [OBJECTS, 'objects of platform', POLICIES, 'running pods of portarium-agents'])
    expect(named(checks, name).verdict, name).toBe('pass');
  const refusing = checks.filter(({ name, verdict }) => name.startsWith('guard ') && verdict === 'pass');
  expect(refusing.length).toBeGreaterThanOrEqual(28);
});

test('admission lets the probe in, and nothing else under its name', async () => {
  const { platform, workspace } = deployed.subject;
  const { namespace } = workspace;
  const job = probeJob({ platform, workspace, probes: [], node: 'any', name: 'probe', from: 'agents', namespace });
  const { template } = job['spec'] as { template: { metadata: object; spec: { containers: readonly object[] } } };
  const pod = (spec: object) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...template.metadata, name: 'probe', namespace },
    spec: { ...template.spec, ...spec },
  });
  const dryRun = { dryRun: true };
  await deployed.admin.create(job, dryRun);
  await deployed.admin.create(pod({}), dryRun);
  const [container] = template.spec.containers;
  for (const change of [
    { serviceAccountName: 'sales-bot' },
    { volumes: [{ name: 'spire', csi: { driver: 'csi.spiffe.io', readOnly: true } }] },
    { containers: [{ ...container, command: ['node', '-e', '1'] }] },
    { containers: [{ ...container, args: ['x'] }] },
    { containers: [{ ...container, image: 'registry.example.com/other:1' }] },
    { containers: [{ ...container, env: [{ name: 'NODE_OPTIONS', value: '--require=/x.js' }] }] },
  ]) {
    await expect(deployed.admin.create(pod(change), dryRun), JSON.stringify(change)).rejects.toThrow(
      /'portarium-guard-(probe-pods|agent-pods)'/,
    );
  }
});

describe('guards', () => {
  const binding = { ...VAP, metadata: { name: 'portarium-guard-agent-names' } };
  const NAMES = 'guard portarium-guard-agent-names';

  /** Breaks the binding, waits until admission has noticed, and puts it back. */
  async function whileBroken(breaking: () => Promise<unknown>, problem: string): Promise<void> {
    const { admin, subject } = deployed;
    const { metadata, ...live } = await admin.get(binding);
    await breaking();
    try {
      const deadline = performance.now() + 20_000;
      for (;;) {
        const { verdict, findings } = named((await look(admin, subject)).checks, NAMES);
        expect(verdict).toBe('fail');
        expect(findings.map((finding) => finding.problem)).toContain(problem);
        if (findings.some((finding) => finding.problem === 'let in an agent that asks cluster DNS')) break;
        if (performance.now() > deadline) throw new Error('admission still refuses');
        await sleep(200);
      }
    } finally {
      const { labels = {}, annotations = {} } = metadata;
      await admin.delete(binding);
      await admin.create({ ...live, metadata: { ...binding.metadata, labels, annotations } });
    }
  }

  test('a binding that is deleted', () => whileBroken(() => deployed.admin.delete(binding), 'is missing'));
  test('a binding that only warns', () =>
    whileBroken(() => deployed.admin.mergePatch(binding, { spec: { validationActions: ['Warn'] } }), 'does not deny'));
});

/** Admission lets nobody make these changes, break-glass neither; they are what is left when it has been taken away. */
const unguarded = async (): Promise<void> => {
  const bindings = await deployed.admin.list(VAP);
  for (const binding of bindings.filter(({ metadata }) => metadata.name.startsWith('portarium-network-'))) {
    await deployed.admin.delete(binding);
  }
  await sleep(3000);
};

const BASELINE = 'agent-deny-default-ws-acme';
const ALLOW = 'agents-ws-acme-allow';

/** Rendered `egress: []` is stored without the field, so the second row is one of a policy for other pods. */
const EDITS: readonly (readonly [string, string, (spec: Spec) => object, Partial<Finding>])[] = [
  [
    'no egress is declared, and everything allowed',
    BASELINE,
    (spec) => ({ ...spec, egress: [{}] }),
    { field: 'spec.egress', found: [{}] },
  ],
  [
    'the same where only ingress has rules',
    'agent-dns-ws-acme-allow',
    (spec) => ({ ...spec, egress: [{}] }),
    { field: 'spec.egress', found: [{}] },
  ],
  [
    'a rule that allows everything appended',
    ALLOW,
    (spec) => ({ ...spec, egress: [...(spec.egress ?? []), {}] }),
    { field: 'spec.egress[3]', found: {} },
  ],
  [
    'everything selected, and now nothing',
    BASELINE,
    (spec) => ({ ...spec, podSelector: { matchLabels: { no: 'pod' } } }),
    { field: 'spec.podSelector.matchLabels', found: { no: 'pod' } },
  ],
  [
    'one more label, so fewer pods',
    ALLOW,
    (spec) => ({ ...spec, podSelector: { matchLabels: { ...spec.podSelector.matchLabels, more: 'x' } } }),
    { field: 'spec.podSelector.matchLabels.more', found: 'x' },
  ],
];

describe('the five edits that the engine does not see (research G, section 0)', () => {
  beforeAll(unguarded);

  test.each(EDITS)('%s', async (_, name, change, expected) => {
    const undo = await edited(name, change);
    try {
      const { checks } = await lookForDrift(deployed.admin, deployed.subject);
      expect(named(checks, OBJECTS).verdict).toBe('fail');
      expect(named(checks, OBJECTS).findings).toEqual([
        { object: keyOf(name), problem: 'is not as rendered', ...expected },
      ]);
    } finally {
      await undo();
    }
    expect(named((await lookForDrift(deployed.admin, deployed.subject)).checks, OBJECTS).verdict).toBe('pass');
  });
});

describe('what no stack renders', () => {
  const spec = { podSelector: {}, policyTypes: ['Egress'], egress: [{}] };
  test('a policy on agents, and not one on pods elsewhere', async () => {
    await breakGlass.create({ ...policy('stranger'), spec });
    const elsewhere = { ...policy('stranger'), metadata: { name: 'stranger', namespace: 'default' }, spec };
    await deployed.admin.create(elsewhere);
    try {
      const { checks } = await lookForDrift(deployed.admin, deployed.subject);
      expect(named(checks, POLICIES).findings).toEqual([
        {
          object: keyOf('stranger'),
          found: expect.objectContaining(spec) as unknown,
          problem: 'selects agents and is no stack’s',
        },
      ]);
    } finally {
      await deployed.admin.delete(elsewhere);
      await breakGlass.delete(policy('stranger'));
    }
  });

  test('an object that claims to be the stack’s', async () => {
    await breakGlass.create({
      ...policy('claimed'),
      metadata: {
        ...policy('claimed').metadata,
        labels: { 'portarium.io/stack': 'ws-acme', 'portarium.io/keep': 'baseline' },
      },
      spec,
    });
    try {
      const { checks } = await lookForDrift(deployed.admin, deployed.subject);
      expect(failing(checks)).toEqual(expect.arrayContaining([OBJECTS, POLICIES]));
    } finally {
      await breakGlass.delete(policy('claimed'));
    }
  });

  test('a label of ours on the namespace', async () => {
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'portarium-agents' } };
    await breakGlass.mergePatch(namespace, { metadata: { labels: { 'portarium.io/component': 'control-plane' } } });
    try {
      const { checks } = await lookForDrift(deployed.admin, deployed.subject);
      expect(named(checks, 'objects of platform').findings).toContainEqual({
        object: 'Namespace portarium-agents',
        field: 'metadata.labels["portarium.io/component"]',
        found: 'control-plane',
        problem: 'is not as rendered',
      });
    } finally {
      await breakGlass.mergePatch(namespace, { metadata: { labels: { 'portarium.io/component': null } } });
    }
  });
});

describe('--watch', () => {
  test('sees a change within 60 seconds, and its end', async () => {
    const ending = new AbortController();
    const api = await connection({ kubeconfig: deployed.lab.kubeconfig });
    const kinds = [await deployed.admin.tryResource('networking.k8s.io/v1', 'NetworkPolicy')].flatMap(
      (kind) => kind ?? [],
    );
    const seen: { readonly at: number; readonly findings: number }[] = [];
    const watching = watchDrift({
      api: apiServerOf(api),
      kinds,
      signal: ending.signal,
      look: async (lost) => {
        expect([...lost]).toEqual([]);
        const { checks } = await lookForDrift(deployed.admin, deployed.subject);
        seen.push({ at: performance.now(), findings: named(checks, OBJECTS).findings.length });
      },
    });
    const until = async (findings: number, after: number): Promise<number> => {
      for (const deadline = performance.now() + 60_000; performance.now() < deadline; await sleep(50)) {
        const found = seen.find((each) => each.at > after && each.findings === findings);
        if (found) return (found.at - after) / 1000;
      }
      throw new Error('not seen within 60 s');
    };
    try {
      await until(0, 0);
      const start = performance.now();
      const undo = await edited(ALLOW, (spec) => ({ ...spec, egress: [...(spec.egress ?? []), {}] }));
      const drift = await until(1, start);
      const again = performance.now();
      await undo();
      const back = await until(0, again);
      console.log(`drift seen after ${drift.toFixed(1)} s, its end after ${back.toFixed(1)} s`);
      expect(Math.max(drift, back)).toBeLessThan(60);
    } finally {
      ending.abort();
      await watching;
      api.close();
    }
  });
});
