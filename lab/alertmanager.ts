import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { LabError } from './errors.js';
import { steadyPorts } from './ports.js';
import { startProcesses, type Processes, type RunningProcess } from './processes.js';
import { prometheusTool, untilReady } from './prometheus.js';

export interface AlertmanagerOptions {
  /** Its configuration as YAML. */
  readonly config: string;
  /** The processes that it runs among, whose folder takes its log. @default - of its own, which end with it */
  readonly processes?: Processes;
}

/** Alertmanager on loopback, alone: it joins no cluster. */
export interface LabAlertmanager {
  /** `127.0.0.1:port`, as Prometheus' `alertmanagers` wants it. */
  readonly address: string;
  readonly url: string;
  /** Path of the file with its output. */
  readonly log: string;
  stop(): Promise<void>;
}

/** Resolves when it is ready. Rejects with a `LabError` that shows the end of its log when it is not within 30 s. */
export async function startAlertmanager(options: AlertmanagerOptions): Promise<LabAlertmanager> {
  const command = await prometheusTool('alertmanager');
  const processes =
    options.processes ?? (await startProcesses(mkdtempSync(join(tmpdir(), 'alertmanager-')), { temporary: true }));
  const stop = async (server?: RunningProcess): Promise<void> => {
    await server?.stop();
    if (options.processes === undefined) await processes.stop();
  };
  let server: RunningProcess | undefined;
  try {
    const folder = join(processes.folder, 'alertmanager');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'alertmanager.yml'), options.config);
    const [port = 0] = await steadyPorts(1);
    const address = `127.0.0.1:${port}`;
    server = await processes.start({
      name: 'alertmanager',
      ...withTemplates(command, [
        `--config.file=${join(folder, 'alertmanager.yml')}`,
        `--storage.path=${join(folder, 'data')}`,
        `--web.listen-address=${address}`,
        '--cluster.listen-address=',
        '--log.level=warn',
      ]),
    });
    const running = server;
    await untilReady(running, `http://${address}`);
    return { address, url: `http://${address}`, log: running.log, stop: () => stop(running) };
  } catch (error) {
    await stop(server);
    throw error;
  }
}

/**
 * Debian's Alertmanager opens its templates by an absolute path. Where it is not installed, it runs in a mount namespace
 * of its own in which they are there; that takes root. Nothing of the machine changes.
 */
function withTemplates(command: string, args: readonly string[]): { command: string; args: string[] } {
  const share = join(dirname(command), '../share');
  const isUnpacked = command !== '/usr/bin/prometheus-alertmanager' && existsSync(join(share, TEMPLATE));
  if (!isUnpacked) return { command, args: [...args] };
  const mount = 'mount -t overlay overlay -o "lowerdir=$1:/usr/share" /usr/share && shift && exec "$@"';
  return { command: 'unshare', args: ['--mount', 'sh', '-c', mount, 'sh', share, command, ...args] };
}
const TEMPLATE = 'prometheus/alertmanager/default.tmpl';

/** What one of the tools said, and whether it was content. */
export interface Said {
  readonly ok: boolean;
  /** Both of its outputs. */
  readonly output: string;
}

export const promtool = (...args: readonly string[]): Promise<Said> => tool('promtool', args);
export const amtool = (...args: readonly string[]): Promise<Said> => tool('amtool', args);

async function tool(name: 'promtool' | 'amtool', args: readonly string[]): Promise<Said> {
  const command = await prometheusTool(name);
  return new Promise((resolve, reject) => {
    execFile(command, [...args], { maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (typeof error?.code === 'string') reject(new LabError(`${name}: ${error.message}`));
      else resolve({ ok: error === null, output: stdout + stderr });
    });
  });
}
