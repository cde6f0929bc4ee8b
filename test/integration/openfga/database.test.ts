import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAuthority, type Authority } from '../../../lab/authority.js';
import { hasPostgres, NEEDS_POSTGRES, startPostgres, type Postgres } from './postgres.js';
import { healthy, KEYS, start, unhealthy, type Options, type Running } from './server.js';

/** Server and migration as rendered, each with its own role, on a real Postgres that must prove itself. */

const SETUP = /```sql\n([^]*?)```/.exec(readFileSync('docs/openfga.md', 'utf8'))![1]!;
const SERVER = { user: 'openfga', password: 'server-password' };
const SECRETS = {
  'openfga-datastore/username': SERVER.user,
  'openfga-datastore/password': SERVER.password,
  'openfga-datastore-migration/username': 'openfga_migration',
  'openfga-datastore-migration/password': 'migration-password',
};

let authority: Authority;
let postgres: Postgres;
let server: Running;
const run = (kind: 'Deployment' | 'Job', changes: Partial<Options> = {}): Promise<Running> =>
  start(kind, {
    authority,
    secrets: SECRETS,
    datastore: { engine: 'postgres', port: postgres.port },
    ...changes,
  });
async function migrate(changes: Partial<Options> = {}): Promise<readonly [ended: number | string | null, log: string]> {
  const job = await run('Job', changes);
  const ended = await job.ended;
  await job.stop();
  return [ended, job.log.join('\n')];
}
const post = async (path: string, body: object) => server.ask({ path, key: KEYS[0], body });

describe.skipIf(!hasPostgres)(`${NEEDS_POSTGRES} the database`, () => {
  beforeAll(async () => {
    authority = await createAuthority();
    postgres = await startPostgres(authority);
    postgres.sql(SETUP);
  });
  afterAll(async () => {
    await server?.stop();
    await postgres?.remove();
  });

  test('without its schema leaves the server not ready, and running', async () => {
    server = await run('Deployment');
    await unhealthy(server);
    expect(server.process.exitCode).toBeNull();
  });

  test('is migrated by the Job’s role, after which the same server is ready', async () => {
    const [ended, log] = await migrate();
    expect([ended, log]).toEqual([0, expect.stringContaining('migration done')]);
    expect(log).not.toContain(SECRETS['openfga-datastore-migration/password']);
    await healthy(server);
    const { status, body } = await post('/stores', { name: 'portarium' });
    expect([status, body]).toEqual([201, expect.objectContaining({ name: 'portarium' })]);
  });

  test('may be migrated again, which changes nothing', async () => {
    const version = (): string => postgres.sql('SELECT max(version_id) FROM goose_db_version', 'openfga');
    const before = version();
    expect((await migrate())[0]).toBe(0);
    expect(version()).toBe(before);
    expect((await server.ask({ path: '/stores', key: KEYS[1] })).status).toBe(200);
  });

  test('has a schema that the server’s role cannot change', () => {
    for (const statement of ['CREATE TABLE other ()', 'DROP TABLE tuple', 'ALTER TABLE store ADD COLUMN other int']) {
      expect(() => postgres.sql(statement, 'openfga', SERVER), statement).toThrow(/permission denied|must be owner/);
    }
    expect(postgres.sql('SELECT name FROM store', 'openfga', SERVER)).toBe('portarium');
  });

  test('must prove itself: by another authority there is no connection', async () => {
    const { certificate } = await createAuthority('another');
    const [ended, log] = await migrate({ databaseCa: certificate, extra: { OPENFGA_TIMEOUT: '2s' } });
    expect(ended).not.toBe(0);
    expect(log).toContain('certificate signed by unknown authority');
  });

  test('that goes away takes the server out of the Service, not down; it is ready again by itself', async () => {
    await postgres.stop();
    await unhealthy(server);
    const { status } = await post('/stores', { name: 'another' });
    expect(status).toBeGreaterThanOrEqual(500);
    expect(server.process.exitCode).toBeNull();
    await postgres.start();
    await healthy(server);
    expect((await server.ask({ path: '/stores', key: KEYS[0] })).body).toMatchObject({
      stores: [{ name: 'portarium' }],
    });
  });
});
