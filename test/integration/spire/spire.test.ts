import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { tryFindExecutable } from '../../../lab/executable.js';
import { steadyPorts } from '../../../lab/ports.js';
import { startProcesses, type Processes } from '../../../lab/processes.js';
import { renderPlatform } from '../../../src/charts/render.js';
import { loadStacks } from '../../../src/config/load.js';
import { spiffeId } from '../../../src/model/identity.js';

/**
 * SPIRE itself judges and runs what we render. Kubernetes attests nodes and pods in a cluster; here a join token and the
 * Unix user do, and addresses, paths and times are the test's.
 */
const NEEDS = '[needs spire]';
const isThere = ['spire-server', 'spire-agent'].every((name) => tryFindExecutable(name, process.env) !== undefined);
const run = promisify(execFile);

const { platform } = loadStacks({ dir: 'stacks' });
const dataOf = (name: string): Readonly<Record<string, string>> => {
  const object = renderPlatform(platform).find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === name);
  return (object as unknown as { data: Record<string, string> }).data;
};
const SERVER = dataOf('spire-server')['server.conf']!;
const AGENT = dataOf('spire-agent')['agent.conf']!;

const dir = mkdtempSync(join(tmpdir(), 'spire-'));
const write = (name: string, content: object | string): string => {
  const path = join(dir, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
};
let processes: Processes | undefined;
afterAll(async () => {
  await processes?.stop();
  rmSync(dir, { recursive: true, force: true });
});

const validate = (program: string, config: string): Promise<string> =>
  run(program, ['validate', '-config', write('validate.conf', config), '-expandEnv']).then(
    ({ stdout }) => stdout.trim(),
    (error: unknown) => (error as { stderr: string }).stderr,
  );

describe.skipIf(!isThere)(`SPIRE’s own validate ${NEEDS}`, () => {
  it(`takes the rendered server.conf and agent.conf ${NEEDS}`, async () => {
    expect(await validate('spire-server', SERVER)).toBe('SPIRE server configuration file is valid.');
    expect(await validate('spire-agent', AGENT)).toBe('SPIRE agent configuration file is valid.');
  });

  it(`refuses them with a misspelt key ${NEEDS}`, async () => {
    expect(await validate('spire-server', SERVER.replace('"ca_ttl"', '"ca_tll"'))).toContain(
      'unknown configuration detected',
    );
    expect(await validate('spire-agent', AGENT.replace('"rebootstrap_mode"', '"rebootstap_mode"'))).toContain(
      'unknown configuration detected',
    );
  });
});

interface Conf {
  readonly server: object;
  readonly agent: object;
  readonly plugins: object;
}

/** Seconds. Renewed at half of it; what 1 h and 25 m are in the config, scaled. */
const TTL = 40;
const TOLERANCE = (TTL * 25) / 60;

describe.skipIf(!isThere)(`a real server and agent from the rendered configuration ${NEEDS}`, () => {
  const socket = join(dir, 'agent.sock');
  const id = spiffeId('portarium-agents', 'sales-bot', platform.trustDomain);

  /** SPIFFE ID and end of validity of the SVID that the Workload API gives. */
  const svid = async (): Promise<{ readonly id: string; readonly until: string } | undefined> => {
    const { stdout } = await run('spire-agent', ['api', 'fetch', 'x509', '-socketPath', socket]).catch(() => ({
      stdout: '',
    }));
    const found = /SPIFFE ID:\s+(\S+)[^]*?SVID Valid Until:\s+(.+)/.exec(stdout);
    return found ? { id: found[1]!, until: found[2]! } : undefined;
  };

  it(`issue the SVID of an agent, renew it at half of its life, and it outlives the server as long as the docs say ${NEEDS}`, async () => {
    processes = await startProcesses(join(dir, 'run'));
    const [port = 0, serverHealth = 0, agentHealth = 0] = await steadyPorts(3);
    const api = join(dir, 'server.sock');
    const server = JSON.parse(SERVER) as Conf;
    const base = { bind_address: '127.0.0.1', bind_port: port, data_dir: join(dir, 'data'), socket_path: api };
    const health = (at: number) => ({
      listener_enabled: true,
      bind_address: '127.0.0.1',
      bind_port: String(at),
      ready_path: '/ready',
    });
    const serverConf = {
      ...server,
      server: { ...server.server, ...base, ca_ttl: '1h' },
      plugins: {
        DataStore: [{ sql: { plugin_data: { database_type: 'sqlite3', connection_string: join(dir, 'db.sqlite3') } } }],
        NodeAttestor: [{ join_token: { plugin_data: {} } }],
        KeyManager: [{ memory: { plugin_data: {} } }],
      },
      health_checks: health(serverHealth),
      telemetry: undefined,
    };
    const start = (name: string, args: readonly string[]) => processes!.start({ name, command: name, args });
    const running = await start('spire-server', ['run', '-config', write('server.conf', serverConf)]);
    const onServer = (...args: string[]) =>
      run('spire-server', [...args, '-socketPath', api]).then(({ stdout }) => stdout);
    await vi.waitUntil(() => onServer('healthcheck').catch(() => false), { timeout: 30_000, interval: 200 });
    const token = /Token: (\S+)/.exec(
      await onServer('token', 'generate', '-spiffeID', 'spiffe://portarium.io/node'),
    )![1]!;
    const bundle = write('bundle.pem', await onServer('bundle', 'show'));
    await onServer(
      'entry',
      'create',
      '-parentID',
      'spiffe://portarium.io/node',
      '-spiffeID',
      id,
      '-selector',
      'unix:uid:0',
      '-x509SVIDTTL',
      String(TTL),
    );
    const agent = JSON.parse(AGENT) as Conf;
    const agentConf = {
      ...agent,
      agent: {
        ...agent.agent,
        ...{ data_dir: join(dir, 'agent'), server_address: '127.0.0.1', server_port: port, socket_path: socket },
        ...{ trust_bundle_path: bundle, trust_bundle_format: 'pem', join_token: token },
        rebootstrap_mode: 'never',
      },
      plugins: {
        NodeAttestor: [{ join_token: { plugin_data: {} } }],
        KeyManager: [{ memory: { plugin_data: {} } }],
        WorkloadAttestor: [{ unix: { plugin_data: {} } }],
      },
      health_checks: health(agentHealth),
      telemetry: undefined,
    };
    await start('spire-agent', ['run', '-config', write('agent.conf', agentConf)]);
    const first = await vi.waitUntil(svid, { timeout: 40_000, interval: 500 });
    expect(first.id).toBe(id);
    const renewed = await vi.waitUntil(async () => ((await svid())?.until === first.until ? undefined : svid()), {
      timeout: TTL * 1000,
      interval: 500,
    });
    expect(renewed.id).toBe(id);

    await running.stop();
    const down = Date.now();
    // Whatever the moment, 45 % of its life is left, and that is more than the tolerance that the config promises.
    const left = Date.parse(renewed.until.replace(' +0000 UTC', 'Z').replace(' ', 'T')) - down;
    expect(left / 1000).toBeGreaterThan(TOLERANCE);
    expect(await svid()).toEqual(renewed);
  }, 150_000);
});
