import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Authority } from '../../../lab/authority.js';
import { freePorts } from '../../../lab/ports.js';
import { SANDBOX_USER, sandboxed } from '../../support/sandbox.js';
import { ask, type Answer, type Question } from './ask.js';
import { openfga } from './program.js';
import { DATABASE_HOST, FILES, HOST, startOf, type Here } from './rendered.js';

export const KEYS = ['key-of-yesterday', 'key-of-today'] as const;

/** OpenFGA's own program in the place of its container: the same user, a read-only root, the rendered environment. */
export interface Running {
  readonly process: ChildProcess;
  readonly here: Here;
  /** Both streams, line by line. */
  readonly log: readonly string[];
  /** Resolves with the exit code, or the signal that ended it. */
  readonly ended: Promise<number | string | null>;
  ask(question: Omit<Question, 'port' | 'ca'>): Promise<Answer>;
  /** Puts another certificate in the place of the server's. */
  renew(): Promise<void>;
  stop(): Promise<void>;
}

export interface Options {
  readonly authority: Authority;
  readonly datastore: Here['datastore'];
  /** Values of the datastore's Secrets, by `name/key`. */
  readonly secrets: Here['secrets'];
  /** PEM. @default the authority's */
  readonly databaseCa?: string;
  /** Settings that are not rendered. @default none */
  readonly extra?: Readonly<Record<string, string>>;
  /** A writable /tmp, as rendered. @default true */
  readonly tmp?: boolean;
}

export async function start(kind: 'Deployment' | 'Job', options: Options): Promise<Running> {
  const { authority, datastore, databaseCa = authority.certificate, tmp = kind === 'Deployment' } = options;
  const folder = mkdtempSync(join(tmpdir(), 'openfga-'));
  chmodSync(folder, 0o755);
  const [http = 0, grpc = 0, metrics = 0] = await freePorts(3);
  const secrets = { 'openfga-keys/keys': KEYS.join(','), ...options.secrets };
  const here: Here = { http, grpc, metrics, folder, datastore, secrets };
  const renew = async (): Promise<void> => {
    const { certificate, key } = await authority.issue({ dns: [HOST] });
    write(join(folder, FILES.certificate), certificate);
    write(join(folder, FILES.key), key);
  };
  await renew();
  write(join(folder, FILES.databaseCa), databaseCa);
  // The kubelet gives every pod one.
  const hosts = join(folder, 'hosts');
  write(hosts, `127.0.0.1 localhost ${DATABASE_HOST}\n`);
  const { args, env } = startOf(kind, here);
  const sandbox = sandboxed(
    {
      files: { '/openfga': openfga, '/etc/hosts': hosts },
      readable: [folder],
      tmp,
      env: { ...env, ...options.extra },
    },
    ['/openfga', ...args],
  );
  const [command = '', ...rest] = sandbox.command;
  const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
  const log: string[] = [];
  for (const stream of [child.stdout, child.stderr]) createInterface(stream).on('line', (line) => log.push(line));
  const ended = new Promise<number | string | null>((resolve) =>
    child.once('close', (code, signal) => resolve(code ?? signal)),
  );
  return {
    process: child,
    here,
    log,
    ended,
    ask: (question) => ask({ port: http, ca: authority.certificate, ...question }),
    renew,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      await ended;
      sandbox.remove();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Waits, 20 s at most, until the kubelet's probe of readiness would succeed. Throws with the end of the server's log. */
export const healthy = (running: Running): Promise<void> => healthIs(running, (status) => status === 200);

/** Waits until it would fail, by an answer: the server is there and says that it is not well. */
export const unhealthy = (running: Running): Promise<void> => healthIs(running, (status) => status >= 500);

async function healthIs(running: Running, wanted: (status: number) => boolean): Promise<void> {
  for (const deadline = Date.now() + 20_000; ; await sleep(100)) {
    const { status, why } = await running.ask({ path: '/healthz' }).then(
      (answer) => ({ status: answer.status, why: JSON.stringify(answer.body) }),
      ({ message }: Error) => ({ status: 0, why: message }),
    );
    if (wanted(status)) return;
    if (Date.now() > deadline) throw new Error(`/healthz: ${status} ${why}\n${running.log.slice(-8).join('\n')}`);
  }
}

/** As a Secret's file: the group may read it. */
function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text, { mode: 0o440 });
  chownSync(path, 0, SANDBOX_USER);
}
