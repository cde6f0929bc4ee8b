import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { applyStack } from '../../../src/bridge/apply.js';
import { Cluster } from '../../../src/bridge/cluster.js';
import { preflight } from '../../../src/bridge/preflight.js';
import { loadStack } from '../../../src/config/load.js';
import { connect, liveOf, smallStack, BASELINE, unique } from './fixture.js';

let cluster: Cluster;
beforeAll(async () => {
  cluster = await connect();
});
afterAll(() => cluster.close());

test('live objects of the stack that are not in its plan stop it, kept ones do not', async () => {
  const stack = unique('pre');
  await applyStack(cluster, stack, smallStack(stack));
  const rendered = smallStack(stack, { open: false, without: [BASELINE] });
  const target = { stack, render: () => rendered };
  await expect(preflight(cluster, target, { extras: 'refuse' })).rejects.toThrow(
    `live objects of stack "${stack}" that are not in its plan: NetworkPolicy.networking.k8s.io ${stack}/agent-open-egress. Run: enforce apply --stack ${stack}, which prunes them.`,
  );
  expect((await preflight(cluster, target, { extras: 'allow' })).objects).toBe(rendered);
});

test('drift that Pulumi cannot see stops it, with the place', async () => {
  const stack = unique('pre');
  const objects = smallStack(stack);
  await applyStack(cluster, stack, objects);
  const target = { stack, render: () => objects };
  await preflight(cluster, target, { extras: 'refuse', drift: 'refuse' });
  const baseline = (await liveOf(cluster, objects, 'NetworkPolicy', BASELINE))!;
  await cluster.mergePatch(baseline, { spec: { egress: [{}] } });
  await expect(preflight(cluster, target, { extras: 'refuse', drift: 'refuse' })).rejects.toThrow(
    `live objects of stack "${stack}" hold more than was rendered, which Pulumi does not see: NetworkPolicy.networking.k8s.io ${stack}/${BASELINE} spec.egress. Run: enforce apply --stack ${stack}, which repairs them.`,
  );
});

test('a cluster that cannot be reached is an error, in a preview a warning', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'portarium-gone-')), 'kubeconfig');
  // Port 1 is never listened on.
  writeFileSync(
    file,
    readFileSync(inject('lab').kubeconfig, 'utf8').replaceAll(inject('lab').server, 'https://127.0.0.1:1'),
  );
  const gone = await Cluster.connect({ kubeconfig: file });
  const stack = loadStack('ws-acme', { dir: 'stacks' });
  const target = {
    stack: 'ws-acme',
    ...(stack.kind === 'workspace' && { workspace: stack.workspace }),
    render: () => [],
  };
  await expect(preflight(gone, target, { extras: 'refuse' })).rejects.toMatchObject({ name: 'ClusterUnreachable' });
  const { warnings, facts } = await preflight(gone, target, { extras: 'refuse', unreachable: 'warn' });
  expect(facts).toEqual({});
  expect(warnings.join()).toMatch(/refuses connections.*relaxations, guards and foreign changes were not checked/);
  gone.close();
});
