import { startPrometheus } from '../lab/prometheus.js';
import { collect, Evidence, judge, type Subject } from '../src/gate/index.js';
import { cpuOfProcess } from './process.js';
import { openMetrics } from '../test/integration/gate/series.js';
import { HOUR, platformSeries, QUESTION, subject, workspaceSeries } from '../test/integration/gate/workspace.js';

/** One pass of the enforcement gate over many workspaces, on a Prometheus of this machine. */
export interface GatePass {
  /** Seconds from the first question to the last verdict. */
  readonly seconds: number;
  /** Of them, those that it took to judge. */
  readonly judging: number;
  /** Seconds of CPU, ours and the server's: what a machine that does other things too is judged by. */
  readonly cpu: number;
  /** MiB of the answers. */
  readonly answered: number;
}

/** @param count workspaces of three agents, each with 48 hours of series, a sample a minute */
export async function measureGate(count: number, runs: number): Promise<readonly GatePass[]> {
  const now = Math.floor(Date.now() / 60_000) * 60;
  const subjects = Array.from({ length: count }, (_each, index): Subject => ({
    ...subject(`ws-${index}`),
    agents: ['sales-bot', 'report-reader', 'invoice-clerk'],
  }));
  const series = [...platformSeries(), ...subjects.flatMap((each) => workspaceSeries(each, 'clean', { now }))];
  process.stderr.write(`gate: ${series.length} series of 49 hours are made\n`);
  const prometheus = await startPrometheus({ series: openMetrics(series, now - 49 * HOUR, now + HOUR, 60) });
  try {
    const passes: GatePass[] = [];
    for (let run = 0; run < runs; run += 1) {
      process.stderr.write(`run ${run + 1} of ${runs}: the gate for ${count} workspaces\n`);
      const before = cpuOf(prometheus.pid);
      const taken = await pass(prometheus.url, subjects);
      passes.push({ ...taken, cpu: (cpuOf(prometheus.pid) - before) / 1000 });
    }
    return passes;
  } finally {
    await prometheus.stop();
  }
}

/** Milliseconds so far, of the server and of this process. */
const cpuOf = (server: number): number => cpuOfProcess(server) + cpuOfProcess(process.pid);

async function pass(url: string, subjects: readonly Subject[]): Promise<Omit<GatePass, 'cpu'>> {
  const started = performance.now();
  const { question, heard } = await collect({
    access: { url },
    question: QUESTION,
  });
  const answered = performance.now();
  const evidence = new Evidence(question, heard);
  for (const each of subjects) {
    const { verdict, checks } = judge(evidence, each);
    if (verdict !== 'pass') throw new Error(`${each.workspaceId} must pass: ${JSON.stringify(checks)}`);
  }
  const ended = performance.now();
  const bytes = heard.reduce((sum, { body = '' }) => sum + body.length, 0);
  return { seconds: (ended - started) / 1000, judging: (ended - answered) / 1000, answered: bytes / 2 ** 20 };
}
