import { request } from 'node:https';
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify, type JSONWebKeySet } from 'jose';
import { afterEach, describe, expect, it } from 'vitest';
import { createAuthority } from '../../lab/authority.js';
import { startIssuer, type Issuer } from '../../lab/issuer.js';

const authority = await createAuthority();
let issuer: Issuer;
afterEach(() => issuer.stop());

const start = async (options: { algorithm?: 'ES256' | 'RS256' } = {}): Promise<void> => {
  issuer = await startIssuer({ authority, issuer: 'https://id.example/', ...options });
};

const keys = (): Promise<JSONWebKeySet> =>
  new Promise((resolve, reject) => {
    const call = request(
      { host: '127.0.0.1', port: issuer.port, servername: 'id.example', ca: authority.certificate, agent: false },
      (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () => resolve(JSON.parse(text) as JSONWebKeySet));
      },
    );
    call.on('error', reject);
    call.end();
  });

describe('the token issuer of the lab', () => {
  it.each(['ES256', 'RS256'] as const)('mints tokens that verify by the keys it publishes (%s)', async (algorithm) => {
    await start({ algorithm });
    const token = await issuer.mint({ sub: 'sales-bot', aud: 'portarium', workspaceId: 'ws-acme' });
    const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet(await keys()), {
      issuer: 'https://id.example/',
      audience: 'portarium',
      typ: 'at+jwt',
    });
    expect(protectedHeader.alg).toBe(algorithm);
    expect(payload).toMatchObject({ sub: 'sales-bot', workspaceId: 'ws-acme' });
    expect(Number(payload.exp) - Number(payload.iat)).toBe(300);
    expect(issuer.fetches()).toBe(1);
  });

  it('mints what no honest issuer would', async () => {
    await start();
    const jwks = createLocalJWKSet(await keys());
    const expired = await issuer.mint({ sub: 'sales-bot' }, { expiresInSeconds: -60 });
    await expect(jwtVerify(expired, jwks)).rejects.toThrow('"exp" claim timestamp check failed');
    const endless = await issuer.mint(
      { sub: 'sales-bot', exp: undefined, iss: 'https://other.example/' },
      { typ: 'JWT' },
    );
    const { payload } = await jwtVerify(endless, jwks);
    expect(payload.iss).toBe('https://other.example/');
    expect(payload.exp).toBeUndefined();
    expect(decodeProtectedHeader(endless).typ).toBe('JWT');
  });

  it('signs with another key after a rotation, and publishes that one alone', async () => {
    await start();
    const before = await issuer.mint({ sub: 'sales-bot' });
    await issuer.rotate();
    const jwks = createLocalJWKSet(await keys());
    await expect(jwtVerify(before, jwks)).rejects.toThrow('no applicable key found');
    await expect(jwtVerify(await issuer.mint({ sub: 'sales-bot' }), jwks)).resolves.toBeDefined();
  });

  it('can be away and come back on the same port', async () => {
    await start();
    await issuer.stop();
    await issuer.stop();
    await expect(keys()).rejects.toThrow('ECONNREFUSED');
    await issuer.start();
    expect((await keys()).keys).toHaveLength(1);
  });
});
