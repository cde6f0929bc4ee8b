import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Authority } from '../../../lab/authority.js';
import { tryFindExecutable } from '../../../lab/executable.js';
import { freePorts } from '../../../lab/ports.js';
import { DATABASE_HOST } from './rendered.js';

/** In the name of every test that cannot run without a Postgres of the machine's own. */
export const NEEDS_POSTGRES = '[needs postgres]';

/** Postgres refuses to run as root, and wants a user that the machine knows. */
const USER = 'postgres';
const id = (flag: string): number => Number(spawnSync('id', [flag, USER], { encoding: 'utf8' }).stdout.trim() || NaN);
const [uid, gid] = [id('-u'), id('-g')];

export const hasPostgres =
  ['postgres', 'initdb', 'psql'].every((name) => tryFindExecutable(name, process.env) !== undefined) && uid > 0;

/** A Postgres that takes TLS alone, by a certificate for the rendered host and localhost, and scram. */
export interface Postgres {
  readonly port: number;
  /** What psql says; rejects for a failure. @param as role and password @default the superuser */
  sql(statements: string, database?: string, as?: { readonly user: string; readonly password: string }): string;
  stop(): Promise<void>;
  /** Again, with what it had. */
  start(): Promise<void>;
  remove(): Promise<void>;
}

const SUPERUSER = { user: 'root', password: 'password-of-root' } as const;

export async function startPostgres(authority: Authority): Promise<Postgres> {
  const folder = mkdtempSync(join(tmpdir(), 'postgres-'));
  const [port = 0] = await freePorts(1);
  const { certificate, key } = await authority.issue({ dns: ['localhost', DATABASE_HOST] });
  const files = {
    'tls.crt': certificate,
    'tls.key': key,
    'ca.crt': authority.certificate,
    password: SUPERUSER.password,
  };
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    chownSync(join(folder, name), uid, gid);
  }
  chownSync(folder, uid, gid);
  const data = join(folder, 'data');
  const asUser = { uid, gid, cwd: folder } as const;
  execFileSync(
    'initdb',
    ['-D', data, '-U', SUPERUSER.user, '-A', 'scram-sha-256', `--pwfile=${join(folder, 'password')}`],
    {
      ...asUser,
      stdio: 'ignore',
    },
  );
  writeFileSync(join(data, 'pg_hba.conf'), 'hostssl all all 127.0.0.1/32 scram-sha-256\n');
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    ssl: 'on',
    ssl_cert_file: join(folder, 'tls.crt'),
    ssl_key_file: join(folder, 'tls.key'),
  };
  let server: ChildProcess | undefined;
  const postgres: Postgres = {
    port,
    sql(statements, database = 'postgres', { user, password } = SUPERUSER) {
      return execFileSync('psql', ['-X', '-q', '-t', '-A', '-v', 'ON_ERROR_STOP=1', '-d', url(user, database)], {
        ...{ input: statements, encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'] },
        env: { ...process.env, PGPASSWORD: password },
      }).trim();
    },
    async start() {
      const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
      server = spawn('postgres', ['-D', data, ...options], { ...asUser, stdio: 'ignore' });
      for (const deadline = Date.now() + 20_000; ; await sleep(100)) {
        try {
          return void postgres.sql('SELECT 1');
        } catch (error) {
          if (Date.now() > deadline) throw error;
        }
      }
    },
    async stop() {
      const ended = new Promise((resolve) => server?.once('close', resolve));
      // Immediately: connections end without a word, as when a node is lost.
      server?.kill('SIGQUIT');
      await ended;
    },
    async remove() {
      if (server?.exitCode === null) await postgres.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  const url = (user: string, database: string): string =>
    `postgres://${user}@localhost:${port}/${database}?sslmode=verify-full&sslrootcert=${join(folder, 'ca.crt')}`;
  await postgres.start();
  return postgres;
}
