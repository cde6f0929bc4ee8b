import { randomUUID } from 'node:crypto';
import { createServer } from 'node:https';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose';
import type { Authority } from './authority.js';
import { listenOnLoopback, type Listening } from './listening.js';

export interface IssuerOptions {
  /** Signs the certificate of the server that publishes the keys. */
  readonly authority: Authority;
  /** `iss` of the tokens. */
  readonly issuer: string;
  /** Name in the server's certificate. @default the host in `issuer` */
  readonly host?: string;
  /** Of the signatures. @default ES256 */
  readonly algorithm?: 'ES256' | 'RS256';
}

/** Claims beside `iss`, `iat` and `jti`, which are set; `undefined` takes one out that would be set. */
export type Claims = Readonly<Record<string, unknown>>;

export interface MintOptions {
  /** @default at+jwt (RFC 9068) */
  readonly typ?: string;
  /** Of `exp`; a negative number has expired. @default 300 */
  readonly expiresInSeconds?: number;
}

/** An issuer of access tokens (RFC 9068) that publishes its keys over HTTPS on loopback, whatever the path. */
export interface Issuer {
  readonly issuer: string;
  readonly port: number;
  mint(claims: Claims, options?: MintOptions): Promise<string>;
  /** Signs with a new key from now on, and publishes that one alone. */
  rotate(): Promise<void>;
  /** How often the keys were fetched. */
  fetches(): number;
  /** Takes the keys away; minting goes on. Safe to call twice. */
  stop(): Promise<void>;
  /** Brings the keys back on the same port. */
  start(): Promise<void>;
}

export async function startIssuer(options: IssuerOptions): Promise<Issuer> {
  const { issuer, algorithm = 'ES256', host = new URL(issuer).hostname } = options;
  const tls = await options.authority.issue({ dns: [host, 'localhost'] });
  let key = await signingKey(algorithm);
  let fetches = 0;
  let listening: Listening | undefined;
  const listen = (port: number): Promise<Listening> =>
    listenOnLoopback(
      createServer({ cert: tls.certificate, key: tls.key }, (_request, response) => {
        fetches += 1;
        response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: [key.published] }));
      }),
      port,
    );
  listening = await listen(0);
  const { port } = listening;
  return {
    issuer,
    port,
    fetches: () => fetches,
    rotate: async () => {
      key = await signingKey(algorithm);
    },
    mint: (claims, { typ = 'at+jwt', expiresInSeconds = 300 } = {}) => {
      const now = Math.floor(Date.now() / 1000);
      const all = { iss: issuer, iat: now, exp: now + expiresInSeconds, jti: randomUUID(), ...claims };
      return new SignJWT(all).setProtectedHeader({ alg: algorithm, typ, kid: key.id }).sign(key.secret);
    },
    stop: async () => {
      const before = listening;
      listening = undefined;
      await before?.close();
    },
    start: async () => {
      listening ??= await listen(port);
    },
  };
}

async function signingKey(
  algorithm: string,
): Promise<{ readonly id: string; readonly secret: CryptoKey; readonly published: JWK }> {
  const { privateKey, publicKey } = await generateKeyPair(algorithm);
  const jwk = await exportJWK(publicKey);
  const id = await calculateJwkThumbprint(jwk);
  return { id, secret: privateKey, published: { ...jwk, kid: id, alg: algorithm, use: 'sig' } };
}
