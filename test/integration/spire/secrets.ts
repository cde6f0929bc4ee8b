import { credentials, makeClientConstructor, type ClientDuplexStream, type ServiceError } from '@grpc/grpc-js';
import { X509Certificate } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { readSecret, secretDiscovery, type DiscoveryResponse, type Secret } from '../../../lab/sds-messages.js';

/** What came of a subscription: a secret, or the error that ended the stream. */
export type Event =
  { readonly at: number; readonly secret: Secret } | { readonly at: number; readonly error: ServiceError };

/** A stream of SDS as Envoy holds one: every answer is acknowledged. */
export class Subscription {
  readonly events: Event[] = [];
  readonly #client;
  readonly #stream: ClientDuplexStream<object, DiscoveryResponse>;

  constructor(socket: string, name: string) {
    const Client = makeClientConstructor(secretDiscovery, 'Secrets');
    this.#client = new Client(`unix:${socket}`, credentials.createInsecure());
    this.#stream = (this.#client['StreamSecrets'] as () => ClientDuplexStream<object, DiscoveryResponse>).call(
      this.#client,
    );
    this.#stream.on('data', (answer: DiscoveryResponse) => {
      for (const resource of answer.resources) this.events.push({ at: Date.now(), secret: readSecret(resource) });
      this.#stream.write({ resourceNames: [name], responseNonce: answer.nonce });
    });
    this.#stream.on('error', (error: ServiceError) => this.events.push({ at: Date.now(), error }));
    this.#stream.write({ resourceNames: [name] });
  }

  /** The event of that index, once it has come. */
  async event(index: number, seconds: number): Promise<Event> {
    const deadline = Date.now() + seconds * 1000;
    for (;;) {
      const event = this.events[index];
      if (event !== undefined) return event;
      if (Date.now() > deadline) throw new Error(`waited ${seconds} s for the answer ${index} of SDS`);
      await sleep(50);
    }
  }

  /** The certificates that came, in order. Throws where an error came. */
  certificates(): readonly X509Certificate[] {
    return this.events.map((event) => certificateOf(event));
  }

  close(): void {
    this.#stream.cancel();
    this.#client.close();
  }
}

export function secretOf(event: Event): Secret {
  if ('error' in event) throw event.error;
  return event.secret;
}

export const certificateOf = (event: Event): X509Certificate =>
  new X509Certificate(secretOf(event).tlsCertificate!.certificateChain.inlineBytes);

/** Milliseconds for which a certificate is still valid. */
export const left = ({ validTo }: X509Certificate, at = Date.now()): number => new Date(validTo).getTime() - at;
