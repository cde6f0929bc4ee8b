import { request as https } from 'node:https';
import { afterEach, expect, test } from 'vitest';
import { createAuthority } from '../../../lab/authority.js';
import { LabError } from '../../../lab/errors.js';
import { startOpenFga, type LabOpenFga, type OpenFgaOptions } from '../../../lab/openfga.js';

const started: LabOpenFga[] = [];
const start = async (options: OpenFgaOptions = {}): Promise<LabOpenFga> => {
  const server = await startOpenFga(options);
  started.push(server);
  return server;
};
afterEach(() => Promise.all(started.splice(0).map((server) => server.stop())));

const status = async (url: string, token?: string): Promise<number> =>
  (await fetch(`${url}/stores`, { headers: token === undefined ? {} : { authorization: `Bearer ${token}` } })).status;

test('takes its own key and no other, and is empty again after a stop', async () => {
  const server = await start();
  expect(await status(server.url, server.token)).toBe(200);
  expect(await status(server.url, `${server.token}x`)).toBe(401);
  expect(await status(server.url)).toBe(401);
  await fetch(`${server.url}/stores`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.token}` },
    body: JSON.stringify({ name: 'portarium' }),
  });
  await server.stop();
  await server.stop();
  await expect(status(server.url, server.token)).rejects.toThrow('fetch failed');
  await server.start();
  const stores = await fetch(`${server.url}/stores`, { headers: { authorization: `Bearer ${server.token}` } });
  expect(((await stores.json()) as { stores: unknown[] }).stores).toEqual([]);
});

test('serves TLS with the certificate that it is given', async () => {
  const authority = await createAuthority();
  const server = await start({ tls: await authority.issue({ dns: ['openfga.test'] }) });
  const ask = (ca: string): Promise<number> =>
    new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${server.token}` };
      const asked = https(
        `${server.url}/stores`,
        { ca, servername: 'openfga.test', headers, agent: false },
        (answer) => {
          answer.resume();
          resolve(answer.statusCode ?? 0);
        },
      );
      asked.once('error', reject).end();
    });
  expect(await ask(authority.certificate)).toBe(200);
  await expect(ask((await createAuthority()).certificate)).rejects.toThrow(/certificate/);
});

test('says why it does not start', async () => {
  await expect(startOpenFga({ args: ['--datastore-engine=none'] })).rejects.toThrow(LabError);
  await expect(startOpenFga({ args: ['--datastore-engine=none'] })).rejects.toThrow(
    /openfga ended with exit code \d+:[^]*none/,
  );
});
