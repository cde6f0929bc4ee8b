import { randomBytes } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KeyPair } from './authority.js';
import { LabError } from './errors.js';
import { obtain } from './obtain.js';
import { steadyPorts } from './ports.js';
import { describeEnd, lastLines, startProcesses, type Processes, type RunningProcess } from './processes.js';

export interface OpenFgaOptions {
  /** The processes that it runs among, whose folder takes its log. @default - of its own, which end with it */
  readonly processes?: Processes;
  /** For its log and process, where several run. @default openfga */
  readonly name?: string;
  /** Serves `https://` with it. @default - plain HTTP */
  readonly tls?: KeyPair;
  /** Added to its arguments, its caches for one. @default none */
  readonly args?: readonly string[];
}

/** OpenFGA on loopback, with everything in memory: nothing survives a stop. */
export interface LabOpenFga {
  /** Of its HTTP API, by the address 127.0.0.1. */
  readonly url: string;
  readonly port: number;
  /** The one preshared key that it takes. */
  readonly token: string;
  readonly pid: number;
  /** Path of the file with its output. */
  readonly log: string;
  /** Safe to call twice. */
  stop(): Promise<void>;
  /** Starts an empty one on the same port, with the same key. */
  start(): Promise<void>;
}

const startMilliseconds = 30_000;

/** Resolves when it answers. Rejects with a `LabError` that shows the end of its log when it does not within 30 s. */
export async function startOpenFga(options: OpenFgaOptions = {}): Promise<LabOpenFga> {
  const { path } = await obtain('openfga');
  const [port, grpcPort] = (await steadyPorts(2)) as [number, number];
  const server = new Server(options, path, port, grpcPort);
  await server.start();
  return server;
}

class Server implements LabOpenFga {
  readonly token = randomBytes(24).toString('base64url');
  readonly url: string;
  #running: { readonly server: RunningProcess; readonly processes: Processes } | undefined;

  constructor(
    private readonly options: OpenFgaOptions,
    private readonly path: string,
    readonly port: number,
    private readonly grpcPort: number,
  ) {
    this.url = `${options.tls ? 'https' : 'http'}://127.0.0.1:${port}`;
  }

  get pid(): number {
    return this.#server().pid;
  }

  get log(): string {
    return this.#server().log;
  }

  async start(): Promise<void> {
    if (this.#running !== undefined) return;
    const processes =
      this.options.processes ?? (await startProcesses(mkdtempSync(join(tmpdir(), 'openfga-')), { temporary: true }));
    try {
      const server = await processes.start({
        name: this.#name,
        command: this.path,
        args: ['run', ...this.#tls(processes.folder), ...(this.options.args ?? [])],
        env: this.#env(),
      });
      this.#running = { server, processes };
      await this.#until(server);
    } catch (error) {
      if (this.#running) await this.stop();
      else if (this.options.processes === undefined) await processes.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    await running?.server.stop();
    if (this.options.processes === undefined) await running?.processes.stop();
  }

  get #name(): string {
    return this.options.name ?? 'openfga';
  }

  #server(): RunningProcess {
    if (this.#running === undefined) throw new LabError(`${this.#name} has been stopped`);
    return this.#running.server;
  }

  #env(): NodeJS.ProcessEnv {
    return {
      PATH: process.env['PATH'],
      OPENFGA_DATASTORE_ENGINE: 'memory',
      OPENFGA_HTTP_ADDR: `127.0.0.1:${this.port}`,
      OPENFGA_GRPC_ADDR: `127.0.0.1:${this.grpcPort}`,
      OPENFGA_METRICS_ENABLED: 'false',
      OPENFGA_PLAYGROUND_ENABLED: 'false',
      OPENFGA_AUTHN_METHOD: 'preshared',
      // Not among its arguments, which every process of the machine can read.
      OPENFGA_AUTHN_PRESHARED_KEYS: this.token,
      OPENFGA_LOG_LEVEL: 'warn',
    };
  }

  #tls(folder: string): readonly string[] {
    const { tls } = this.options;
    if (tls === undefined) return [];
    const [certificate, key] = [join(folder, `${this.#name}.crt`), join(folder, `${this.#name}.key`)];
    writeFileSync(certificate, tls.certificate);
    writeFileSync(key, tls.key, { mode: 0o600 });
    return ['--http-tls-enabled', `--http-tls-cert=${certificate}`, `--http-tls-key=${key}`];
  }

  async #until(server: RunningProcess): Promise<void> {
    const deadline = performance.now() + startMilliseconds;
    while (!(await this.#healthy())) {
      const end = server.end();
      if (end === undefined && performance.now() < deadline) {
        await sleep(20);
        continue;
      }
      const problem = end === undefined ? 'does not answer after 30 s' : describeEnd(end);
      throw new LabError(`${this.#name} ${problem}:\n${lastLines(server.log)}`);
    }
  }

  #healthy(): Promise<boolean> {
    // Whether it is up, not who it is: no key is sent with this.
    const options = { rejectUnauthorized: false, agent: false };
    return new Promise((resolve) => {
      const asked = (this.options.tls ? https : http).get(`${this.url}/healthz`, options, (response) => {
        response.resume();
        resolve(response.statusCode === 200);
      });
      asked.once('error', () => resolve(false));
    });
  }
}
