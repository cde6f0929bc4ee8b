import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { accessOf } from '../../src/cli/gate/access.js';
import { enforce } from './run.js';

const dir = mkdtempSync(join(tmpdir(), 'gate-cli-'));
const file = join(dir, 'token');
writeFileSync(file, 'secret');
afterAll(() => rmSync(dir, { recursive: true }));

const gate = async (...args: readonly string[]) => {
  const { code, stderr } = await enforce('gate', ...args);
  return [code, stderr.replace(/^error: /, '').trim()];
};
const ACME = ['--stack', 'ws-acme', '--gate', 'enforcement'];
const AT = ['--prometheus', 'http://127.0.0.1:1'];

describe('enforce gate refuses', () => {
  test.each<[string, readonly string[], number, string]>([
    [
      'no workspace',
      ['--gate', 'routing', ...AT],
      2,
      'give --stack NAME, the stack of a workspace, or --all, and not both.',
    ],
    [
      'one and all',
      [...ACME, '--all', ...AT],
      2,
      'give --stack NAME, the stack of a workspace, or --all, and not both.',
    ],
    [
      'a stack that is none',
      ['--stack', 'ws-nobody', '--gate', 'routing', ...AT],
      6,
      'no workspace stack "ws-nobody" in stacks. There are: ws-acme, ws-globex.',
    ],
    ['no gate', ['--stack', 'ws-acme'], 2, "required option '--gate <gate>' not specified"],
    [
      'a gate that is none',
      ['--stack', 'ws-acme', '--gate', 'x'],
      2,
      "option '--gate <gate>' argument 'x' is invalid. Allowed choices are routing, enforcement.",
    ],
    [
      'a window that proves nothing',
      [...ACME, ...AT, '--window', '47h'],
      2,
      '--window 47h: that proves nothing for the enforcement gate. Allowed: 48h or more.',
    ],
    [
      'a window that is none',
      [...ACME, ...AT, '--window', '2d'],
      2,
      "option '--window <duration>' argument '2d' is invalid. Allowed: a duration, for example 48h, 5m or 90s.",
    ],
    [
      'a window of seconds',
      [...ACME, ...AT, '--window', '48h1s'],
      2,
      "option '--window <duration>' argument '48h1s' is invalid. Allowed: whole minutes, for example 48h.",
    ],
    [
      'an interval that does not fit',
      [...ACME, ...AT, '--interval', '7s'],
      2,
      '--interval: the window of 48h must be a whole number of intervals.',
    ],
    [
      'no calls',
      [...ACME, ...AT, '--min-calls', '0'],
      2,
      "option '--min-calls <n>' argument '0' is invalid. Allowed: a whole number, 1 or more.",
    ],
    [
      'no server',
      ACME,
      2,
      'no server to ask. Give --prometheus URL, or the platform’s config monitoring.prometheus.url.',
    ],
    [
      'a server that is none',
      [...ACME, '--prometheus', 'prometheus:9090'],
      2,
      '--prometheus: "prometheus:9090" is no address. Allowed: http:// or https://, host and path prefix.',
    ],
    [
      'a secret in the address',
      [...ACME, '--prometheus', 'https://a:b@example.com'],
      2,
      '--prometheus: the address names a user, and would be kept. Use --username and --password-file.',
    ],
    [
      'a query in the address',
      [...ACME, '--prometheus', 'https://example.com/?a=b'],
      2,
      '--prometheus: "https://example.com/?a=b" has a query or a fragment. Allowed: host and path prefix.',
    ],
    [
      'a secret in the clear',
      [...ACME, '--prometheus', 'http://prometheus.example.com', '--bearer-token-file', file],
      2,
      'a secret is not sent to prometheus.example.com in the clear. Use https://.',
    ],
    [
      'a file that is not there',
      [...ACME, ...AT, '--bearer-token-file', join(dir, 'x')],
      2,
      `there is no file ${join(dir, 'x')}.`,
    ],
    ['half a password', [...ACME, ...AT, '--username', 'a'], 2, '--username and --password-file go together.'],
    ['half a certificate', [...ACME, ...AT, '--cert-file', file], 2, '--cert-file and --key-file go together.'],
    [
      'two secrets',
      [...ACME, ...AT, '--username', 'a', '--password-file', file, '--bearer-token-file', file],
      2,
      'either --bearer-token-file or --username, not both.',
    ],
    [
      'a header that is none',
      [...ACME, ...AT, '--header', 'X'],
      2,
      "option '--header <header>' argument 'X' is invalid. A header is a name and a value: 'X-Scope-OrgID: acme'.",
    ],
    [
      'a key without a place',
      [...ACME, ...AT, '--signing-key', file],
      2,
      '--signing-key signs what is kept. Give --out DIR too.',
    ],
  ])('%s', async (_what, args, code, message) => {
    expect(await gate(...args)).toEqual([code, message]);
  });
});

describe('how the server is asked', () => {
  const configured = {
    url: 'https://mimir.example.com/prometheus',
    bearerTokenFile: file,
    tls: { caFile: file },
    headers: { 'X-Scope-OrgID': 'acme' },
    jobs: 'x',
  };

  test('is the platform’s config, and what the options change of it', () => {
    expect(accessOf({}, configured)).toEqual({
      url: configured.url,
      bearerTokenFile: file,
      tls: { caFile: file },
      headers: { 'X-Scope-OrgID': 'acme' },
    });
    const basic = { username: 'gate', passwordFile: file };
    const changed = accessOf({ ...basic, header: { 'X-Scope-OrgID': 'globex' } }, configured);
    expect(changed).toEqual({
      url: configured.url,
      basic,
      tls: { caFile: file },
      headers: { 'X-Scope-OrgID': 'globex' },
    });
  });

  test('takes no secret of the config to another server', () => {
    expect(accessOf({ prometheus: 'https://elsewhere.example.com' }, configured)).toEqual({
      url: 'https://elsewhere.example.com',
      tls: {},
      headers: {},
    });
  });

  test('may send secrets over loopback', () => {
    expect(accessOf({ prometheus: 'http://127.0.0.1:9090', bearerTokenFile: file }, undefined)).toMatchObject({
      bearerTokenFile: file,
    });
  });
});
