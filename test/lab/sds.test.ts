import { credentials, makeClientConstructor, type ClientDuplexStream, type ServiceError } from '@grpc/grpc-js';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAuthority } from '../../lab/authority.js';
import { secretDiscovery, type DiscoveryResponse } from '../../lab/sds-messages.js';
import { startSds, type Sds } from '../../lab/sds.js';

const id = 'spiffe://portarium.io/ns/agents/sa/bot';
const authority = await createAuthority();
const svid = await authority.issue({ uris: [id] });
const bundles = { 'portarium.io': authority.certificate, 'partner.example': authority.certificate };

let folder: string;
let sds: Sds;
let close: (() => void) | undefined;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'portarium-sds-'));
  sds = await startSds(join(folder, 'agent.sock'), { svids: { [id]: svid }, bundles });
});
afterEach(async () => {
  close?.();
  await sds.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A stream as Envoy opens it; `next` is its next answer, or the error that ended it. */
function open() {
  const Client = makeClientConstructor(secretDiscovery, 'Secrets');
  const client = new Client(`unix:${sds.socket}`, credentials.createInsecure());
  close = () => client.close();
  const stream = (client['StreamSecrets'] as () => ClientDuplexStream<object, DiscoveryResponse>).call(client);
  const come: (DiscoveryResponse | ServiceError)[] = [];
  stream.on('data', (answer: DiscoveryResponse) => come.push(answer));
  stream.on('error', (error: ServiceError) => come.push(error));
  return {
    ask: (resourceNames: readonly string[], responseNonce = '', message?: string) =>
      stream.write({ resourceNames, responseNonce, ...(message !== undefined && { errorDetail: { message } }) }),
    next: async () => {
      await expect.poll(() => come.length, { interval: 5 }).toBeGreaterThan(0);
      return come.shift() as DiscoveryResponse & ServiceError;
    },
    silent: async () => {
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(come).toEqual([]);
    },
  };
}

/** Which secrets an answer has: their names, and whether each is a certificate or a bundle. */
function secrets({ resources }: DiscoveryResponse): string[] {
  return resources.map(({ typeUrl, value }) => {
    expect(typeUrl).toBe('type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret');
    const text = Buffer.from(value).toString('latin1');
    const name = text.slice(2, 2 + text.charCodeAt(1));
    return `${name} ${text.includes('PRIVATE KEY') ? 'certificate' : 'bundle'}`;
  });
}

describe('the SDS server of the lab', () => {
  it.each([
    [[id], [`${id} certificate`]],
    [['default'], ['default certificate']],
    [['spiffe://portarium.io'], ['spiffe://portarium.io bundle']],
    [['spiffe://partner.example'], ['spiffe://partner.example bundle']],
    [['ROOTCA'], ['ROOTCA bundle']],
    [['ALL'], ['ALL bundle']],
    [
      [id, 'ROOTCA'],
      [`${id} certificate`, 'ROOTCA bundle'],
    ],
    [[], ['spiffe://portarium.io bundle', 'spiffe://partner.example bundle', `${id} certificate`]],
  ])('answers %j as SPIRE does', async (names, wanted) => {
    const stream = open();
    stream.ask(names);
    expect(secrets(await stream.next())).toEqual(wanted);
  });

  it.each(['spiffe://portarium.io/ns/agents/sa/other', 'spiffe://other.example', 'portarium.io', 'file-root:/x'])(
    'refuses %s, and ends the stream',
    async (name) => {
      const stream = open();
      stream.ask([id, name]);
      const error = await stream.next();
      expect(error.code).toBe(3);
      expect(decodeURIComponent(error.details)).toBe(
        `workload is not authorized for the requested identities ["${name}"]`,
      );
    },
  );

  it('has a bundle, but no SVID, for a workload without an entry', async () => {
    sds.serve({ bundles });
    const first = open();
    first.ask(['ROOTCA']);
    expect(secrets(await first.next())).toEqual(['ROOTCA bundle']);
    close?.();
    const second = open();
    second.ask(['default']);
    expect((await second.next()).code).toBe(3);
  });

  it('pushes what is served from now on to open streams, once each', async () => {
    const stream = open();
    stream.ask([id]);
    const before = await stream.next();
    stream.ask([id], before.nonce);
    await stream.silent();
    sds.serve({ svids: { [id]: await authority.issue({ uris: [id] }) }, bundles });
    const after = await stream.next();
    expect(after.versionInfo).not.toBe(before.versionInfo);
    expect(after.resources).not.toEqual(before.resources);
    stream.ask([id], after.nonce);
    await stream.silent();
  });

  it('ends the stream when the entry goes', async () => {
    const stream = open();
    stream.ask([id]);
    await stream.next();
    sds.serve({ bundles });
    expect((await stream.next()).code).toBe(3);
  });

  it('answers again when the names change, and not to a stale nonce', async () => {
    const stream = open();
    stream.ask([id]);
    const { nonce } = await stream.next();
    stream.ask([id, 'ROOTCA'], 'stale');
    await stream.silent();
    stream.ask([id, 'ROOTCA'], nonce);
    expect(secrets(await stream.next())).toEqual([`${id} certificate`, 'ROOTCA bundle']);
  });

  it('remembers what clients have refused', async () => {
    const stream = open();
    stream.ask([id]);
    const { nonce } = await stream.next();
    stream.ask([id], nonce, 'Failed to load certificate chain');
    await expect.poll(() => sds.rejections()).toEqual(['Failed to load certificate chain']);
  });

  it('goes with its socket and comes back with what it served', async () => {
    const before = open();
    before.ask([id]);
    await before.next();
    await sds.stop();
    await sds.stop();
    expect(existsSync(sds.socket)).toBe(false);
    expect((await before.next()).code).toBeGreaterThan(0);
    writeFileSync(sds.socket, 'left by a crash');
    await sds.start();
    await sds.start();
    const after = open();
    after.ask([id]);
    expect(secrets(await after.next())).toEqual([`${id} certificate`]);
  });
});
