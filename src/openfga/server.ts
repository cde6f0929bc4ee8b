import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { OpenFgaClient } from '@openfga/sdk';

/** Of the environment, for both engines: one of the server's preshared keys. */
export const TOKEN_VARIABLE = 'OPENFGA_API_TOKEN';

export interface OpenFgaOptions {
  readonly url: string;
  /** @default - OPENFGA_API_TOKEN of the environment */
  readonly token?: string;
  /** PEM. @default - the authorities that Node trusts */
  readonly certificateAuthority?: string;
}

/** OpenFGA could not be reached, or refused. Exit code 1. */
export class OpenFgaFailed extends Error {
  override readonly name = 'OpenFgaFailed';
  constructor(
    message: string,
    /** HTTP status; absent when there was no answer. */
    readonly status?: number,
    /** OpenFGA's own code, `write_failed_due_to_invalid_input` for one. */
    readonly code?: string,
  ) {
    super(message);
  }
}

/** OpenFGA's API under one address and key. Every failure says what was asked, of whom, and what to do about it. */
export class OpenFgaServer {
  private constructor(
    readonly url: string,
    private readonly client: OpenFgaClient,
    private readonly agents: readonly (HttpAgent | HttpsAgent)[],
  ) {}

  /** Sends nothing yet. Throws OpenFgaFailed when there is no key. */
  static async connect({ url, token, certificateAuthority }: OpenFgaOptions): Promise<OpenFgaServer> {
    const key = token ?? process.env[TOKEN_VARIABLE];
    if (key === undefined || key === '') {
      throw new OpenFgaFailed(
        `no key for OpenFGA at ${url}: set ${TOKEN_VARIABLE} to one of its preshared keys, or take openfga.api out of the platform’s config, so that models and tuples are left alone.`,
      );
    }
    // Loading the SDK takes a good part of a second, which commands that do not need it must not pay.
    const { CredentialsMethod, OpenFgaClient } = await import('@openfga/sdk');
    const httpAgent = new HttpAgent({ keepAlive: true });
    const httpsAgent = new HttpsAgent({
      keepAlive: true,
      ...(certificateAuthority !== undefined && { ca: certificateAuthority }),
    });
    const client = new OpenFgaClient({
      apiUrl: url.replace(/\/$/, ''),
      credentials: { method: CredentialsMethod.ApiToken, config: { token: key } },
      // No proxy of the environment: the key must go to this address alone.
      baseOptions: { httpAgent, httpsAgent, proxy: false, timeout: 10_000 },
    });
    return new OpenFgaServer(url, client, [httpAgent, httpsAgent]);
  }

  /** @param what completes "could not …" */
  async ask<Answer>(what: string, call: (client: OpenFgaClient) => Promise<Answer>): Promise<Answer> {
    try {
      return await call(this.client);
    } catch (error) {
      throw this.#failed(what, error);
    }
  }

  close(): void {
    for (const agent of this.agents) agent.destroy();
  }

  /** The SDK's own errors hold the whole request, its key among it: they go no further. */
  #failed(what: string, error: unknown): OpenFgaFailed {
    if (error instanceof OpenFgaFailed) return error;
    const { statusCode, apiErrorCode, apiErrorMessage, message } = error as {
      statusCode?: number;
      apiErrorCode?: string;
      apiErrorMessage?: string;
      message?: string;
    };
    const why = apiErrorMessage ?? message ?? String(error);
    const start = `OpenFGA at ${this.url} could not ${what}: `;
    if (statusCode === 401 || statusCode === 403) {
      return new OpenFgaFailed(
        `${start}it does not take the key (${statusCode}). Set ${TOKEN_VARIABLE} to one of its preshared keys.`,
        statusCode,
        apiErrorCode,
      );
    }
    if (statusCode === undefined) {
      return new OpenFgaFailed(`${start}it does not answer (${why}). Check openfga.api of the platform’s config.`);
    }
    return new OpenFgaFailed(`${start}${why} (${statusCode}).`, statusCode, apiErrorCode);
  }
}
