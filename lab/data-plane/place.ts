import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { LabError } from '../errors.js';
import { describeEnd, lastLines, type Processes, type ProcessSpec, type RunningProcess } from '../processes.js';
import { standaloneScript } from '../standalone.js';
import type { CallAnswer, CallRequest } from './call.js';
import type { LabNode, Where } from './node.js';
import type { Probe, ProbeRequest, ProbeResult } from './probe.js';

export type { Probe, ProbeResult } from './probe.js';

/** A port that a stub server listens on: `tcp:443`. */
export type ListenerPort = `${'tcp' | 'udp'}:${number}`;

/** Probes that go on until they are stopped. */
export interface Watching {
  /** What has come out so far, in the order in which it was known. */
  readonly results: () => readonly ProbeResult[];
  /** Ends them and returns everything. */
  readonly stop: () => Promise<readonly ProbeResult[]>;
}

/** A connection that is kept. */
export interface Holding {
  /** When what was sent came back, in milliseconds since 1970. */
  echoes(): readonly number[];
  stop(): Promise<void>;
}

/** A network namespace in which processes can be started: a pod's, the node's or the world's. */
export interface Place {
  readonly where: Where;
  /** Starts a process there, which ends with the data plane at the latest. */
  start(spec: ProcessSpec): Promise<RunningProcess>;
  /** Starts one and resolves when its output has a line `ready`. */
  startReady(spec: ProcessSpec): Promise<RunningProcess>;
  /** A stub server that answers with its name. */
  listen(name: string, ports: readonly ListenerPort[]): Promise<RunningProcess>;
  /** Tries all at once and resolves when every outcome is known. @param timeoutMilliseconds for silence, default 1000 */
  probe(probes: readonly Probe[], timeoutMilliseconds?: number): Promise<readonly ProbeResult[]>;
  /** Tries again and again. */
  watch(request: ProbeRequest): Promise<Watching>;
  /** Runs one of the scripts that stand alone to its end, and returns what it printed. */
  script(path: string, args: readonly string[]): Promise<string>;
  /** One HTTP call, without TLS. Never rejects for what comes of it. */
  call(request: Omit<CallRequest, 'timeoutMilliseconds'>): Promise<CallAnswer>;
  /** Opens a TCP connection to a stub server and keeps it busy. Resolves when the server has answered once. */
  hold(address: string, port: number, everyMilliseconds: number): Promise<Holding>;
}

let started = 0;

/** Log files are named after processes, so every process has a name of its own. */
const unique = (name: string): string => `${name}-${(started += 1)}`;

/** @param onStart is told of every process that is started there */
export function placeIn(
  node: LabNode,
  processes: Processes,
  where: Where,
  onStart: (process: RunningProcess) => void = () => undefined,
): Place {
  const start: Place['start'] = async (spec) => {
    const running = await processes.start({ ...spec, ...node.inside(where, spec.command, spec.args) });
    onStart(running);
    return running;
  };
  const startReady: Place['startReady'] = async (spec) => {
    const running = await start(spec);
    while (!readFileSync(running.log, 'utf8').includes('ready\n')) {
      const end = running.end();
      if (end !== undefined) throw new LabError(`${spec.name} ${describeEnd(end)}:\n${lastLines(running.log)}`);
      await sleep(20);
    }
    return running;
  };
  const execute: Place['script'] = (path, args) => node.run(where, process.execPath, [path, ...args]);
  return {
    where,
    start,
    startReady,
    script: execute,
    call: async (request) => {
      const whole: CallRequest = { ...request, timeoutMilliseconds: 10_000 };
      const output = await execute(standaloneScript('call', import.meta.url), [JSON.stringify(whole)]);
      return JSON.parse(output) as CallAnswer;
    },
    listen: (name, ports) => {
      const [command = '', ...args] = listenProgram(name, ports);
      return startReady({ name: unique(`listen-${name}`), command, args });
    },
    probe: async (probes, timeoutMilliseconds = 1000) => {
      const request: ProbeRequest = { probes, timeoutMilliseconds };
      const output = await node.run(where, process.execPath, [
        standaloneScript('probe', import.meta.url),
        JSON.stringify(request),
      ]);
      return resultsIn(output);
    },
    watch: async (request) => {
      const running = await start(script(unique('watch'), 'probe', [JSON.stringify(request)]));
      const results = () => resultsIn(readFileSync(running.log, 'utf8'));
      return {
        results,
        stop: async () => {
          await running.stop();
          return results();
        },
      };
    },
    hold: async (address, port, everyMilliseconds) => {
      const running = await start(script(unique('hold'), 'hold', [address, port, everyMilliseconds].map(String)));
      const echoes = () => readFileSync(running.log, 'utf8').split('\n').slice(0, -1).map(Number);
      while (echoes().length === 0) {
        if (running.end() !== undefined) throw new LabError(`no connection to ${address}:${port}`);
        await sleep(20);
      }
      return { echoes, stop: () => running.stop().then(() => undefined) };
    },
  };
}

/** The stub server as a program, with its arguments. */
export const listenProgram = (name: string, ports: readonly ListenerPort[]): readonly string[] => [
  process.execPath,
  standaloneScript('listen', import.meta.url),
  name,
  ...ports,
];

const script = (name: string, file: string, args: readonly string[]): ProcessSpec => ({
  name,
  command: process.execPath,
  args: [standaloneScript(file, import.meta.url), ...args],
});

function resultsIn(output: string): readonly ProbeResult[] {
  return output
    .split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('}'))
    .map((line) => JSON.parse(line) as ProbeResult);
}
