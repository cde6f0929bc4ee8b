import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { RunError } from '@pulumi/pulumi';
import { contractHash } from '../../src/bridge/pulumi-contract.js';
import { deploy, outputsOf } from '../../src/bridge/pulumi-program.js';
import { readStackFile } from '../../src/config/stack-file.js';
import { loadStack } from '../../src/config/load.js';
import { record, type RecordingOptions } from '../support/recording-monitor.js';
import { configured, platform, workspace } from './pulumi-fixtures.js';

/** As the engine hands the stack's file to the program. */
const config = (stack: string, changes: Record<string, unknown> = {}): Record<string, string> =>
  Object.fromEntries(
    Object.entries({ ...readStackFile('stacks', stack).config, ...changes }).map(([key, value]) => [
      `portarium:${key}`,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );

const facts = loadStack('platform', { dir: 'stacks' }).platform;

/** A backend in which the platform is deployed as its file says. */
const backend: NonNullable<RecordingOptions['invoke']> = (token, { name }) => {
  if (token !== 'pulumi:pulumi:readStackOutputs') throw new Error(`unexpected ${token}`);
  return name === 'organization/portarium/platform'
    ? { outputs: { contractHash: contractHash(facts) } }
    : { outputs: {} };
};

describe('the program without a cluster', () => {
  beforeEach(() => {
    vi.stubEnv('KUBECONFIG', '/nonexistent/kubeconfig');
    vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  });

  test('shows in a preview what it would register, and warns', async () => {
    let outputs: unknown;
    const { registrations, invokes } = await record(
      { stack: 'ws-acme', config: config('ws-acme'), preview: true, invoke: backend },
      async () => (outputs = await deploy('stacks')),
    );
    expect(registrations).toHaveLength(workspace('ws-acme', 'routing').length + 1);
    expect(invokes).toEqual(['pulumi:pulumi:readStackOutputs']);
    expect(outputs).toMatchObject({ kind: 'workspace', level: 'routing' });
    const said = vi.mocked(console.warn).mock.calls.join('\n');
    expect(said).toContain('an update would stop here: cannot read the kubeconfig');
  });

  test('registers nothing in an update', async () => {
    const run = record({ stack: 'platform', config: config('platform'), invoke: backend }, () => deploy('stacks'));
    await expect(run).rejects.toThrow(RunError);
    await expect(run).rejects.toThrow(/kubeconfig/);
  });

  test('takes its config from the engine, and says where it is wrong', async () => {
    const wrong = config('ws-acme', { enforcement: { level: 'maximum' } });
    const run = record({ stack: 'ws-acme', config: wrong, preview: true, invoke: backend }, () => deploy('stacks'));
    await expect(run).rejects.toThrow(RunError);
    await expect(run).rejects.toThrow(
      'config of stack ws-acme, portarium:enforcement.level: enforcement.level: "maximum"',
    );
  });

  test.each([
    ['is not deployed', {}, 'is not deployed from this backend. Deploy it first: pulumi up --stack platform.'],
    [
      'is deployed with other facts',
      { contractHash: '0'.repeat(64) },
      'is deployed with other facts than its file says',
    ],
  ])('a workspace is refused while its platform %s', async (_, outputs, message) => {
    const options = { stack: 'ws-acme', config: config('ws-acme'), invoke: () => ({ outputs }) };
    await expect(record(options, () => deploy('stacks'))).rejects.toThrow(message);
  });
});

describe('outputs', () => {
  test('of a workspace: level, what is in force, the policy', () => {
    expect(outputsOf(configured('ws-acme', 'enforced', ['egress']), 'incident-4711')).toEqual({
      kind: 'workspace',
      level: 'enforced',
      modes: { authz: 'enforce', mtls: 'enforce', allowlist: 'enforce', egress: 'shadow' },
      relaxing: 'relax egress',
      relaxation: 'incident-4711',
      policyHash: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      contractHash: contractHash(facts),
    });
  });

  test('of the platform: the contract that workspaces are compared with', () => {
    expect(outputsOf(loadStack('platform', { dir: 'stacks' }))).toEqual({
      kind: 'platform',
      guards: 'deny',
      contractHash: contractHash(facts),
    });
    expect(platform().length).toBeGreaterThan(50);
  });
});

describe('the contract', () => {
  test('changes with what workspaces are rendered from', () => {
    expect(contractHash({ ...facts, trustDomain: 'example.org' })).not.toBe(contractHash(facts));
    expect(contractHash({ ...facts, network: { ...facts.network, cilium: true } })).not.toBe(contractHash(facts));
  });

  test('not with guards, nor with other workspaces: neither may stand in the way of a rollback', () => {
    expect(contractHash({ ...facts, guards: 'audit' })).toBe(contractHash(facts));
    expect(contractHash({ ...facts, workspaces: [] })).toBe(contractHash(facts));
  });
});
