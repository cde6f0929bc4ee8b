import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Cluster } from '../../../src/bridge/cluster.js';
import type { Check, Finding } from '../../../src/model/check.js';
import { lookForDrift } from '../../../src/verify/live-checks.js';
import { probeJob } from '../../../src/verify/probes/job.js';
import { bypassReportCases, reportCases } from '../report/live.cases.js';
import { alertCases } from './alerts.cases.js';
import { cliCases, editCases } from './cli.cases.js';
import { deploy, type Deployed } from './fixture.js';
import { guardCases } from './guards.cases.js';

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

cliCases(() => deployed);
alertCases(() => deployed);
reportCases(() => deployed);
guardCases(() => deployed);

/** Admission lets nobody make these changes, break-glass neither; they are what is left when it has been taken away. */
const unguarded = async (): Promise<void> => {
  const bindings = await deployed.admin.list(VAP);
  for (const binding of bindings.filter(({ metadata }) => metadata.name.startsWith('portarium-network-'))) {
    await deployed.admin.delete(binding);
  }
  const opening = { ...policy('opening'), spec: { podSelector: {}, policyTypes: ['Egress'], egress: [{}] } };
  for (;;) {
    try {
      await breakGlass.create(opening, { dryRun: true });
      return;
    } catch {
      await sleep(200);
    }
  }
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
  const edits = EDITS.map(([what, name, change, finding]) => ({
    what,
    make: () => edited(name, change),
    finding: { object: keyOf(name), problem: 'is not as rendered', ...finding },
  }));
  editCases(() => deployed, edits);
});

describe('what no stack renders', () => {
  const spec = { podSelector: {}, policyTypes: ['Egress'], egress: [{}] };
  bypassReportCases(
    () => deployed,
    () => breakGlass,
  );

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
