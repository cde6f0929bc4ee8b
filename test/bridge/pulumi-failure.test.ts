import { ConcurrentUpdateError, CommandError, StackNotFoundError } from '@pulumi/pulumi/automation/index.js';
import { describe, expect, test } from 'vitest';
import { diagnosticsOf, failure, PulumiFailed } from '../../src/bridge/pulumi-failure.js';

const result = (stderr: string, stdout = '') =>
  ({ stdout, stderr, code: 1, toString: () => `${stdout}${stderr}` }) as never;

describe('what the engine’s failures say', () => {
  test('a lock: whose it may be, how to release it, and the way around it', async () => {
    const failed = await failure(
      'ws-acme',
      new ConcurrentUpdateError(result('the stack is currently locked by 1 lock')),
    );
    expect(failed).toBeInstanceOf(PulumiFailed);
    expect(failed).toMatchObject({
      reason: 'locked',
      message:
        'stack "ws-acme" is being updated by another process. Wait for it, or, if it is dead for certain, release the lock with: pulumi cancel --stack ws-acme. The path without a backend is: npm run -s enforce -- apply --stack ws-acme',
    });
  });

  test('a stack that the backend does not have', async () => {
    expect(await failure('ws-acme', new StackNotFoundError(result('no stack named')))).toMatchObject({
      reason: 'no such stack',
      message: 'the backend has no stack "ws-acme".',
    });
  });

  test('anything else: the engine’s own error lines, without progress and warnings', async () => {
    const output = [
      'Updating (ws-acme):',
      ' +  kubernetes:core/v1:ConfigMap a creating',
      'Diagnostics:',
      '  pulumi:pulumi:Stack (portarium-ws-acme):',
      '    warning: using pulumi-resource-kubernetes from $PATH',
      '    error: No Relaxation covers egress.',
      '',
      'Resources:',
      '    21 unchanged',
    ].join('\n');
    expect(await failure('ws-acme', new CommandError(result('', output)))).toMatchObject({
      reason: 'failed',
      message:
        'pulumi stopped on stack "ws-acme":\n  pulumi:pulumi:Stack (portarium-ws-acme):\n    error: No Relaxation covers egress.',
    });
  });

  test('output without diagnostics is shown whole', () => {
    expect(diagnosticsOf('error: no Pulumi.yaml found')).toBe('error: no Pulumi.yaml found');
  });

  test('an error that is not the engine’s stays what it is', async () => {
    const error = new TypeError('x');
    expect(await failure('ws-acme', error)).toBe(error);
  });
});
