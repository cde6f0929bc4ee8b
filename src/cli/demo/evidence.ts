import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { obtainChromium } from '../../../lab/chromium.js';
import { startPrometheus, type LabPrometheus } from '../../../lab/prometheus.js';
import { CliError, EXIT, type ExitCode } from '../exit-codes.js';
import type { Output } from '../output.js';
import type { Stage } from './stage.js';

/** The command line, as its users run it. */
const ENFORCE = fileURLToPath(new URL('../main.js', import.meta.url));
const LINES = 12;

/** What scrapes the front while the demo runs, and is asked by the gate at its end. */
export async function watchFront(metricsPort: number, output: Output): Promise<LabPrometheus | undefined> {
  const scrape = {
    job_name: 'portarium-front',
    scrape_interval: '1s',
    static_configs: [{ targets: [`127.0.0.1:${metricsPort}`] }],
  };
  try {
    return await startPrometheus({ config: JSON.stringify({ scrape_configs: [scrape] }) });
  } catch (error) {
    output.line(`  no Prometheus watches the front: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

/** The environment with the lab's Chromium, from which the report gets its PDF. */
async function withChromium(output: Output): Promise<NodeJS.ProcessEnv> {
  if (process.env['CHROME_PATH'] !== undefined) return process.env;
  try {
    const path = await obtainChromium({ onProgress: (line) => output.progress(line) });
    return { ...process.env, CHROME_PATH: path };
  } catch (error) {
    output.line(`  no Chromium, so no PDF: ${error instanceof Error ? error.message : String(error)}`);
    return process.env;
  }
}

interface Step {
  readonly title: string;
  readonly args: readonly string[];
  /** What it must answer with here, and why that and nothing else. */
  readonly code: ExitCode;
  readonly because: string;
  /** Lines of its answer that are printed. @default the first of them */
  readonly lines?: RegExp;
}

/**
 * Keeps what prove, verify, gate and audit say of the live workspace as signed evidence, makes the report of it and checks
 * that offline. Each runs as its users run it. What the lab cannot have stays inconclusive, and a step that says anything
 * better, or worse, ends the demo.
 *
 * @param folder new or empty; it stays
 */
export async function report({ stage, workspace, folder, prometheus }: Evidence, output: Output): Promise<void> {
  const evidence = join(folder, 'evidence');
  mkdirSync(evidence, { recursive: true });
  const keys = { signing: join(folder, 'demo-signing-key.pem'), public: join(folder, 'demo-public-key.pem') };
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  writeFileSync(keys.signing, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  writeFileSync(keys.public, publicKey.export({ type: 'spki', format: 'pem' }));
  const of = ['--stack', workspace, '--stacks', stage.stacks];
  const cluster = ['--kubeconfig', stage.adminKubeconfig];
  const kept = ['--out', evidence, '--signing-key', keys.signing];
  const made = join(folder, 'report');
  const server = prometheus?.url ?? 'http://127.0.0.1:9';
  const steps: readonly Step[] = [
    {
      title: 'prove --cluster',
      args: ['prove', ...of, ...cluster, '--cluster', ...kept],
      code: EXIT.inconclusive,
      because: 'the lab has no Vault and no network layer',
      lines: /^(\S+ at|[PCIDW] |  [?x] )/,
    },
    {
      title: 'verify',
      args: ['verify', ...of, ...cluster, ...kept],
      code: EXIT.inconclusive,
      because: 'pods do not run on kwok’s nodes, so probes see nothing',
      lines: /^(?! +pass )/,
    },
    {
      title: 'gate --gate enforcement',
      args: ['gate', ...of, '--gate', 'enforcement', '--prometheus', server, ...kept],
      code: EXIT.inconclusive,
      because: 'the workspace has been enforced for a minute, not for 48 hours',
    },
    {
      title: 'audit',
      args: ['audit', ...of, '--export', emptyExport(folder), ...kept],
      code: EXIT.inconclusive,
      because: 'the control plane is stood in for, and keeps no runs',
    },
    {
      title: 'report',
      args: ['report', ...of, ...cluster, '--evidence', evidence, '--signing-key', keys.signing, '--out', made],
      code: EXIT.inconclusive,
      because: 'its evidence is',
    },
    {
      title: 'report verify, offline',
      args: ['report', 'verify', made, '--public-key', keys.public],
      code: EXIT.ok,
      because: 'nobody has changed a byte',
    },
  ];
  const env = await withChromium(output);
  for (const step of steps) await run(step, env, output);
  for (const name of ['report.html', 'report.pdf']) {
    const file = resolve(made, name);
    output.line(
      `  ${existsSync(file) ? `open ${file}` : `no ${name}: there is no Chromium on PATH or at CHROME_PATH`}`,
    );
  }
}

export interface Evidence {
  readonly stage: Stage;
  readonly workspace: string;
  readonly folder: string;
  /** @default - there is none, and the gate finds nobody to ask */
  readonly prometheus?: LabPrometheus;
}

/** What a control plane without runs exports. */
function emptyExport(folder: string): string {
  const path = join(folder, 'export');
  mkdirSync(path, { recursive: true });
  for (const name of ['runs.ndjson', 'evidence.ndjson']) writeFileSync(join(path, name), '');
  return path;
}

async function run(
  { title, args, code, because, lines: wanted = /^/ }: Step,
  env: NodeJS.ProcessEnv,
  output: Output,
): Promise<void> {
  const { exitCode, stdout, stderr } = await enforce(args, env);
  output.line(`  $ enforce ${title}\n`);
  const lines = stdout
    .trimEnd()
    .split('\n')
    .filter((line) => wanted.test(line));
  const shown =
    lines.length > LINES ? [...lines.slice(0, LINES - 1), `… ${lines.length - LINES + 1} more lines`] : lines;
  for (const line of shown) output.line(`    ${line}`.trimEnd());
  if (exitCode !== code) {
    throw new CliError(
      EXIT.policy,
      `enforce ${title} answered ${exitCode}, not ${code} (${because}):\n${stdout}\n${stderr}`,
    );
  }
  output.line(`\n    exit code ${exitCode}: ${because}\n`);
}

const enforce = (args: readonly string[], env: NodeJS.ProcessEnv) =>
  new Promise<{ exitCode: number; stdout: string; stderr: string }>((done) => {
    execFile(process.execPath, [ENFORCE, ...args], { env, maxBuffer: 64 << 20 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : EXIT.error;
      done({ exitCode: code, stdout, stderr });
    });
  });
