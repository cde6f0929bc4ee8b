import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts } from '../../../lab/ports.js';
import { lastLines, startProcesses, type Processes, type RunningProcess } from '../../../lab/processes.js';
import type { Platform } from '../../../src/model/platform.js';
import { SPIRE_SOCKETS } from '../../../src/model/spire.js';
import { ask, programs } from './binaries.js';
import { configsOf, type Configs } from './rendered.js';

export interface SpireOptions {
  /** Whose rendered configuration is run. */
  readonly platform: Platform;
  /** Lifetime of SVIDs, seconds; it takes the place of the configured one. */
  readonly ttl: number;
}

/** SPIRE's server and one agent on loopback, run from the rendered configuration. */
export interface RunningSpire {
  /** The Workload API, and Envoy's SDS on the same socket. */
  readonly socket: string;
  /** Registers a process of this user as `spiffeId`. */
  register(spiffeId: string): Promise<void>;
  stopServer(): Promise<void>;
  startServer(): Promise<void>;
  /** What an SVID of this trust domain is verified with. */
  authorities(): Promise<readonly X509Certificate[]>;
  end(): Promise<void>;
}

/**
 * Only what is bound to Kubernetes and to places is replaced: the attestors (join token and Unix user), keys and datastore by
 * files, the published bundle by one that is fetched, paths, ports and the lifetime; there is no upstream authority.
 */
export async function startSpire({ platform, ttl }: SpireOptions): Promise<RunningSpire> {
  const folder = mkdtempSync(join(tmpdir(), 'spire-'));
  const processes = await startProcesses(join(folder, 'run'));
  try {
    const spire = new Spire(folder, processes, configsOf(platform), await freePorts(5), ttl);
    await spire.startServer();
    await spire.startAgent();
    return spire;
  } catch (error) {
    await processes.stop();
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

class Spire implements RunningSpire {
  readonly socket: string;
  readonly #admin: string;
  #server: RunningProcess | undefined;
  #parent = '';

  constructor(
    readonly folder: string,
    readonly processes: Processes,
    readonly configs: Configs,
    readonly ports: readonly number[],
    readonly ttl: number,
  ) {
    this.socket = join(folder, 'sockets', SPIRE_SOCKETS.file);
    this.#admin = join(folder, 'api.sock');
    for (const name of ['server', 'agent', 'sockets']) mkdirSync(join(folder, name));
  }

  async startServer(): Promise<void> {
    const { server: config } = this.configs;
    const [grpc, health, metrics] = this.ports;
    const path = this.#write('server.conf', {
      ...config,
      server: {
        ...config.server,
        bind_address: '127.0.0.1',
        bind_port: grpc,
        data_dir: join(this.folder, 'server'),
        socket_path: this.#admin,
        default_x509_svid_ttl: `${this.ttl}s`,
        // The agent is to be seen with and without the server for longer than one such lifetime.
        agent_ttl: '1h',
      },
      // Without the upstream authority, whose Secret is nowhere, and the ConfigMap of the bundle.
      plugins: {
        DataStore: plugin('sql', {
          database_type: 'sqlite3',
          connection_string: join(this.folder, 'server', 'datastore.sqlite3'),
        }),
        KeyManager: plugin('disk', { keys_path: join(this.folder, 'server', 'keys.json') }),
        NodeAttestor: plugin('join_token', {}),
      },
      ...listening(config, health!, metrics!),
    });
    this.#server = await this.processes.start({
      name: `server-${Date.now()}`,
      command: programs.server,
      args: ['run', '-config', path],
    });
    await this.#until('the server is healthy', this.#server, async () => {
      const { failed } = await ask('server', 'healthcheck', '-socketPath', this.#admin);
      return !failed;
    });
  }

  async stopServer(): Promise<void> {
    await this.#server?.stop();
  }

  async startAgent(): Promise<void> {
    const { agent: config } = this.configs;
    const [grpc, , , health, metrics] = this.ports;
    const bundle = join(this.folder, 'bundle.spiffe');
    writeFileSync(bundle, await this.#say('bundle', 'show', '-format', 'spiffe'));
    const { value: token } = JSON.parse(await this.#say('token', 'generate', '-ttl', '600', '-output', 'json')) as {
      value: string;
    };
    this.#parent = `spiffe://${String(config.agent['trust_domain'])}/spire/agent/join_token/${token}`;
    const path = this.#write('agent.conf', {
      ...config,
      agent: {
        ...config.agent,
        data_dir: join(this.folder, 'agent'),
        server_address: '127.0.0.1',
        server_port: grpc,
        socket_path: this.socket,
        trust_bundle_path: bundle,
        join_token: token,
      },
      plugins: {
        ...config.plugins,
        NodeAttestor: plugin('join_token', {}),
        WorkloadAttestor: plugin('unix', {}),
      },
      ...listening(config, health!, metrics!),
    });
    const agent = await this.processes.start({
      name: 'agent',
      command: programs.agent,
      args: ['run', '-config', path],
    });
    await this.#until('the agent is healthy', agent, async () => {
      const { failed } = await ask('agent', 'healthcheck', '-socketPath', this.socket);
      return !failed;
    });
  }

  async register(spiffeId: string): Promise<void> {
    const selector = `unix:uid:${process.getuid!()}`;
    await this.#say('entry', 'create', '-parentID', this.#parent, '-spiffeID', spiffeId, '-selector', selector);
  }

  async authorities(): Promise<readonly X509Certificate[]> {
    const text = await this.#say('bundle', 'show', '-format', 'pem');
    const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
    return blocks.map((block) => new X509Certificate(block));
  }

  async end(): Promise<void> {
    await this.processes.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #say(...args: readonly string[]): Promise<string> {
    const { failed, text, stdout } = await ask('server', ...args, '-socketPath', this.#admin);
    if (failed) throw new Error(`spire-server ${args.join(' ')}: ${text}`);
    return stdout;
  }

  #write(name: string, config: object): string {
    const path = join(this.folder, name);
    writeFileSync(path, JSON.stringify(config), { mode: 0o600 });
    return path;
  }

  async #until(what: string, process: RunningProcess, holds: () => Promise<boolean>): Promise<void> {
    const deadline = performance.now() + 30_000;
    while (!(await holds())) {
      if (process.end() !== undefined || performance.now() > deadline) {
        throw new Error(`waited until ${what}:\n${lastLines(process.log)}`);
      }
      await sleep(200);
    }
  }
}

const plugin = (name: string, data: object): readonly object[] => [{ [name]: { plugin_data: data } }];

const listening = ({ health_checks }: { health_checks: object }, health: number, metrics: number): object => ({
  health_checks: { ...health_checks, bind_address: '127.0.0.1', bind_port: String(health) },
  telemetry: [{ Prometheus: [{ host: '127.0.0.1', port: metrics }] }],
});

/** Whether a PEM key is the one of a certificate. */
export const isKeyOf = (certificate: X509Certificate, key: string): boolean =>
  certificate.checkPrivateKey(createPrivateKey(key));
