import { Server, ServerCredentials, status, type ServerDuplexStream } from '@grpc/grpc-js';
import { rmSync } from 'node:fs';
import type { KeyPair } from './authority.js';
import {
  bundleSecret,
  certificateSecret,
  SECRET_TYPE,
  secretDiscovery,
  type Any,
  type DiscoveryRequest,
  type DiscoveryResponse,
} from './sds-messages.js';

/** What SPIRE would serve to the workload behind a socket. */
export interface Secrets {
  /** The workload's SVIDs by SPIFFE ID. @default none: its entry is not there yet */
  readonly svids?: Readonly<Record<string, KeyPair>>;
  /** Authorities (PEM, one or more) by trust domain, the workload's own first. */
  readonly bundles: Readonly<Record<string, string>>;
}

/** A stand-in for SPIRE's agent on one socket: of one workload, since SPIRE attests whoever connects. */
export interface Sds {
  readonly socket: string;
  /** Replaces what is served and pushes it to every open stream: rotation, a new bundle, an entry that is gone. */
  serve(secrets: Secrets): void;
  /** What clients have refused (NACK) so far, as they said it. */
  rejections(): readonly string[];
  /** Takes the socket away and breaks every stream; what is served is remembered. Safe to call twice. */
  stop(): Promise<void>;
  /** Brings the socket back. */
  start(): Promise<void>;
}

type Call = ServerDuplexStream<DiscoveryRequest, DiscoveryResponse>;

/** What a stream asked for last, none before its first request, and the nonce of the last answer. */
interface Stream {
  readonly call: Call;
  names?: readonly string[];
  nonce: string;
}

/**
 * Serves secrets on a unix socket as SPIRE's agent does over SDS: state of the world, an SVID by its exact SPIFFE ID or
 * as `default`, a bundle by `spiffe://<trust domain>`, `ROOTCA` or `ALL` with the SPIFFE validator, and InvalidArgument
 * for any name that the workload has no right to.
 */
export async function startSds(socket: string, secrets: Secrets): Promise<Sds> {
  const sds = new SocketSds(socket, secrets);
  await sds.start();
  return sds;
}

class SocketSds implements Sds {
  readonly socket: string;
  #secrets: Secrets;
  #server: Server | undefined;
  #version = 1;
  #answers = 0;
  readonly #streams = new Set<Stream>();
  readonly #rejections: string[] = [];

  constructor(socket: string, secrets: Secrets) {
    this.socket = socket;
    this.#secrets = secrets;
  }

  async start(): Promise<void> {
    if (this.#server !== undefined) return;
    // A socket that a crash has left would keep its name occupied.
    rmSync(this.socket, { force: true });
    const server = new Server();
    server.addService(secretDiscovery, { StreamSecrets: (call: Call) => this.#receive(call) });
    await new Promise<void>((resolve, reject) =>
      server.bindAsync(`unix:${this.socket}`, ServerCredentials.createInsecure(), (error) =>
        error === null ? resolve() : reject(error),
      ),
    );
    this.#server = server;
  }

  stop(): Promise<void> {
    this.#server?.forceShutdown();
    this.#server = undefined;
    this.#streams.clear();
    rmSync(this.socket, { force: true });
    return Promise.resolve();
  }

  serve(secrets: Secrets): void {
    this.#secrets = secrets;
    this.#version += 1;
    for (const stream of this.#streams) this.#answer(stream);
  }

  rejections(): readonly string[] {
    return [...this.#rejections];
  }

  #receive(call: Call): void {
    const stream: Stream = { call, nonce: '' };
    this.#streams.add(stream);
    const forget = (): void => void this.#streams.delete(stream);
    call.on('data', (request: DiscoveryRequest) => {
      if (request.errorDetail !== null) this.#rejections.push(request.errorDetail.message);
      // An answer to an answer that is no longer the last one.
      if (request.responseNonce !== stream.nonce) return;
      const before = stream.names;
      stream.names = request.resourceNames;
      if (before === undefined || !sameNames(before, stream.names)) this.#answer(stream);
    });
    call.on('end', () => {
      forget();
      call.end();
    });
    call.on('cancelled', forget);
    call.on('error', forget);
  }

  #answer(stream: Stream): void {
    if (stream.names === undefined) return;
    const { resources, unknown } = resourcesOf(this.#secrets, stream.names);
    if (unknown.length > 0) {
      stream.call.emit('error', {
        code: status.INVALID_ARGUMENT,
        details: `workload is not authorized for the requested identities ${JSON.stringify(unknown)}`,
      });
      return;
    }
    this.#answers += 1;
    stream.nonce = String(this.#answers);
    stream.call.write({
      versionInfo: String(this.#version),
      resources,
      typeUrl: SECRET_TYPE,
      nonce: stream.nonce,
    });
  }
}

/** Everything for no names at all, as SPIRE has it. */
function resourcesOf(
  secrets: Secrets,
  names: readonly string[],
): { readonly resources: readonly Any[]; readonly unknown: readonly string[] } {
  const { svids = {}, bundles } = secrets;
  const wanted =
    names.length > 0 ? names : [...Object.keys(bundles).map((domain) => `spiffe://${domain}`), ...Object.keys(svids)];
  const resources: Any[] = [];
  const unknown: string[] = [];
  for (const name of new Set(wanted)) {
    const resource = resourceOf(secrets, name);
    if (resource === undefined) unknown.push(name);
    else resources.push(resource);
  }
  return { resources, unknown };
}

function resourceOf({ svids = {}, bundles }: Secrets, name: string): Any | undefined {
  const svid = name === 'default' ? Object.values(svids)[0] : svids[name];
  if (svid !== undefined) return certificateSecret(name, svid.certificate, svid.key);
  if (name === 'ALL') return bundleSecret(name, bundles);
  const [own] = Object.keys(bundles);
  const domain = name === 'ROOTCA' ? own : Object.keys(bundles).find((key) => name === `spiffe://${key}`);
  const bundle = domain === undefined ? undefined : bundles[domain];
  return domain === undefined || bundle === undefined ? undefined : bundleSecret(name, { [domain]: bundle });
}

const sameNames = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((name) => other.includes(name));
