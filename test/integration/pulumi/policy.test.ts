import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packageRoot } from '../../../src/bridge/pulumi-project.js';
import { isThere, NEEDS, startBench, type Bench } from './fixture.js';

/** The pack as the engine runs it: beside the compiled program, told where the stack files are. */
describe.skipIf(!isThere)(`the policy pack on the real engine ${NEEDS}`, { timeout: 600_000 }, () => {
  let bench: Bench;
  let options: readonly string[];
  beforeAll(async () => {
    bench = await startBench();
    const build = join(bench.options('platform').dist!, '..');
    const [pack, config] = [join(build, 'policy'), join(build, 'pack-config.json')];
    cpSync(join(packageRoot(), 'policy'), pack, { recursive: true });
    const stacks = { stacks: bench.stacksDir };
    writeFileSync(config, JSON.stringify({ 'no-way-around': stacks, settled: stacks }));
    options = ['--policy-pack', pack, '--policy-pack-config', config];
    for (const stack of ['platform', 'ws-acme']) await bench.pulumi(stack, 'stack', 'init');
  }, 300_000);
  afterAll(() => bench?.end());

  const preview = (stack: string): Promise<string> => bench.pulumi(stack, 'preview', ...options);
  /** What a preview that fails wrote. */
  const refused = (stack: string): Promise<string> =>
    preview(stack).then(
      () => Promise.reject(new Error('the preview went well')),
      (error: unknown) => (error as { stdout: string }).stdout,
    );

  test.each(['platform', 'ws-acme'])('lets the preview of %s pass', async (stack) => {
    const told = await preview(stack);
    expect(told).toContain('portarium@v0.1.0');
    expect(told).not.toContain('[mandatory]');
  });

  test('refuses one of a program that opens something beside its policies, and names the resource', async () => {
    writeFileSync(join(bench.options('ws-acme').dist!, 'src', 'program.js'), WIDENED);
    const told = await refused('ws-acme');
    expect(told).toContain('[mandatory]  no-way-around  (kubernetes:networking.k8s.io/v1:NetworkPolicy: debug)');
    expect(told).toMatch(/claim P is refuted: .* Because: NetworkPolicy portarium-agents\/debug spec\.egress\[0\]/);
  });
});

/** The program, and somebody's policy for debugging. Its provider asks no cluster, so that no guard refuses it first. */
const WIDENED = `
import * as k8s from '@pulumi/kubernetes';
import { deploy } from './bridge/pulumi-program.js';
export default async () => {
  const provider = new k8s.Provider('files', { renderYamlToDirectory: 'out' });
  const metadata = { name: 'debug', namespace: 'portarium-agents' };
  const spec = { podSelector: {}, policyTypes: ['Egress'], egress: [{}] };
  new k8s.networking.v1.NetworkPolicy('debug', { metadata, spec }, { provider });
  return deploy();
};
`;
