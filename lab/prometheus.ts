import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { LabError } from './errors.js';
import { tryFindExecutable } from './executable.js';
import { obtain } from './obtain.js';
import { steadyPorts } from './ports.js';
import { describeEnd, lastLines, startProcesses, type Processes, type RunningProcess } from './processes.js';

export interface PrometheusOptions {
  /** The processes that it runs among, whose folder takes its log. @default - of its own, which end with it */
  readonly processes?: Processes;
  /** For its log and folder, where several run. @default prometheus */
  readonly name?: string;
  /** Its configuration as YAML. @default - it scrapes nothing */
  readonly config?: string;
  /**
   * Series that it begins with, in the text format of OpenMetrics. A text is read once for every two hours that are in
   * it: many short ones are faster than a long one.
   */
  readonly series?: Iterable<string>;
  /** Added to its arguments. @default none */
  readonly args?: readonly string[];
}

/** Prometheus on loopback, with its data in a folder that ends with it. */
export interface LabPrometheus {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Path of the file with its output. */
  readonly log: string;
  stop(): Promise<void>;
}

/** The programs of Debian's packages, or those that are on PATH. */
export async function prometheusTool(name: 'prometheus' | 'promtool' | 'alertmanager' | 'amtool'): Promise<string> {
  const onPath = tryFindExecutable(name, process.env);
  if (onPath !== undefined) return onPath;
  const { path } = await obtain('prometheus-tools');
  return join(path, 'usr/bin', name === 'alertmanager' ? 'prometheus-alertmanager' : name);
}

const startMilliseconds = 30_000;
const QUIET = 'global: { scrape_interval: 15s }\n';

/** Resolves when it answers queries. Rejects with a `LabError` that shows the end of its log when it does not within 30 s. */
export async function startPrometheus(options: PrometheusOptions = {}): Promise<LabPrometheus> {
  const { name = 'prometheus', config = QUIET, series = [], args = [] } = options;
  const command = await prometheusTool('prometheus');
  const processes =
    options.processes ?? (await startProcesses(mkdtempSync(join(tmpdir(), 'prometheus-')), { temporary: true }));
  const stop = async (server?: RunningProcess): Promise<void> => {
    await server?.stop();
    if (options.processes === undefined) await processes.stop();
  };
  let server: RunningProcess | undefined;
  try {
    const folder = join(processes.folder, name);
    mkdirSync(folder, { recursive: true });
    await fill(folder, series);
    writeFileSync(join(folder, 'prometheus.yml'), config);
    const [port = 0] = await steadyPorts(1);
    const url = `http://127.0.0.1:${port}`;
    server = await processes.start({
      name,
      command,
      args: [
        `--config.file=${join(folder, 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        '--storage.tsdb.retention.time=30d',
        `--web.listen-address=127.0.0.1:${port}`,
        '--log.level=warn',
        ...args,
      ],
    });
    await untilReady(server, url);
    const { pid, log } = server;
    const running = server;
    return { url, port, pid, log, stop: () => stop(running) };
  } catch (error) {
    await stop(server);
    throw error;
  }
}

async function fill(folder: string, series: Iterable<string>): Promise<void> {
  const promtool = await prometheusTool('promtool');
  const text = join(folder, 'series.txt');
  for (const each of series) {
    writeFileSync(text, each);
    await promisify(execFile)(promtool, [
      'tsdb',
      'create-blocks-from',
      'openmetrics',
      '--quiet',
      text,
      join(folder, 'data'),
    ]);
  }
}

/** Waits for what answers `/-/ready`. Rejects with a `LabError` that shows the end of its log when it does not within 30 s. */
export async function untilReady(server: RunningProcess, url: string): Promise<void> {
  const deadline = performance.now() + startMilliseconds;
  while (!(await isReady(url))) {
    const end = server.end();
    if (end === undefined && performance.now() < deadline) {
      await sleep(20);
      continue;
    }
    const problem = end === undefined ? 'is not ready after 30 s' : describeEnd(end);
    throw new LabError(`${server.name} ${problem}:\n${lastLines(server.log)}`);
  }
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/-/ready`)).ok;
  } catch {
    return false;
  }
}
