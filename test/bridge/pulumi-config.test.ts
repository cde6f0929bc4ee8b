import { describe, expect, test } from 'vitest';
import { rawStackOf } from '../../src/bridge/pulumi-config.js';
import { loadStack } from '../../src/config/load.js';
import { ConfigError } from '../../src/config/messages.js';
import { readStackFile } from '../../src/config/stack-file.js';

/** The file's config as the engine hands it to the program: text, structured values as JSON. */
const handed = (stack: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(readStackFile('stacks', stack).config).map(([key, value]) => [
      `portarium:${key}`,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );

describe('config from the engine', () => {
  test.each(['platform', 'ws-acme', 'ws-globex'])('of %s is what its file says', (stack) => {
    expect(rawStackOf(stack, handed(stack)).config).toEqual(readStackFile('stacks', stack).config);
  });

  test('counts more than the file: what --config and `config set --path` say', () => {
    const enforcement = JSON.stringify({ level: 'enforced', rollback: { to: 2, relaxation: 'incident-4711' } });
    const replace = rawStackOf('ws-acme', { ...handed('ws-acme'), 'portarium:enforcement': enforcement });
    expect(loadStack('ws-acme', { dir: 'stacks', replace })).toMatchObject({
      workspace: { level: 'enforced', relaxing: { as: 'rollback 2', controls: ['allowlist', 'egress'] } },
    });
  });

  test('names the stack and the path where it is wrong', () => {
    const enforcement = JSON.stringify({ level: 'enforce' });
    const replace = rawStackOf('ws-acme', { ...handed('ws-acme'), 'portarium:enforcement': enforcement });
    expect(() => loadStack('ws-acme', { dir: 'stacks', replace })).toThrow(
      'config of stack ws-acme, portarium:enforcement.level: enforcement.level: "enforce" is not allowed. Allowed: routing, authz, identity, allowlist, enforced. Did you mean "enforced"?',
    );
  });

  test('refuses another namespace, and ignores the engine’s own', () => {
    expect(rawStackOf('s', { 'pulumi:disable-default-providers': '["*"]' }).config).toEqual({});
    expect(() => rawStackOf('s', { 'portarum:kind': 'workspace' })).toThrow(ConfigError);
  });

  test('leaves text alone that only begins like JSON', () => {
    expect(rawStackOf('s', { 'portarium:trustDomain': '[example' }).config).toEqual({ trustDomain: '[example' });
  });
});
