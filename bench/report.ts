import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { obtainChromium } from '../lab/chromium.js';
import { auditResult, inputLines } from '../src/audit/index.js';
import { writeKept } from '../src/cli/kept.js';
import { createOutput } from '../src/cli/output.js';
import { Evidence, resultOf } from '../src/gate/index.js';
import { policyHash } from '../src/model/policy.js';
import { printPdf } from '../src/report/index.js';
import { inputsOf, sampleOf } from '../test/audit/log.js';
import { heardOf, question, subject } from '../test/gate/answers.js';
import { deploy, type Deployed } from '../test/integration/verify/fixture.js';

export interface ReportMeasured {
  /** Seconds of the whole command without PDF, from start to exit. */
  readonly seconds: number;
  /** Seconds to print its page. */
  readonly printing: number;
}

const RUNS_AUDITED = 1000;

/** The report of ws-acme, live on a lab, with evidence of all four kinds that is judged again. */
export async function measureReport(runs: number): Promise<readonly ReportMeasured[]> {
  const dir = mkdtempSync(join(tmpdir(), 'portarium-bench-report-'));
  const chromium = await obtainChromium({ onProgress: (line) => void process.stderr.write(`lab: ${line}\n`) });
  const deployed = await deploy();
  try {
    const key = join(dir, 'key.pem');
    writeFileSync(key, generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }));
    const evidence = join(dir, 'evidence');
    const kept = ['--out', evidence, '--signing-key', key];
    enforce(deployed, ['prove', '--cluster', ...kept]);
    enforce(deployed, ['verify', '--skip-probes', ...kept]);
    await keepRest(deployed, evidence, key);
    const measured: ReportMeasured[] = [];
    for (let run = 0; run < runs; run += 1) {
      process.stderr.write(`run ${run + 1} of ${runs}: report\n`);
      const out = join(dir, `report-${run}`);
      const began = performance.now();
      enforce(deployed, ['report', '--evidence', evidence, '--out', out, '--signing-key', key, '--pdf', 'none']);
      const seconds = (performance.now() - began) / 1000;
      const printed = performance.now();
      await printPdf(readFileSync(join(out, 'report.html'), 'utf8'), new Date().toISOString(), chromium);
      measured.push({ seconds, printing: (performance.now() - printed) / 1000 });
    }
    return measured;
  } finally {
    await deployed.end();
    rmSync(dir, { recursive: true });
  }
}

function enforce({ stacks, lab }: Deployed, [command = '', ...more]: readonly string[]): void {
  const main = join(dirname(fileURLToPath(import.meta.url)), '../src/cli/main.js');
  const given = ['--stack', 'ws-acme', '--stacks', stacks, '--kubeconfig', lab.kubeconfig];
  const { status, stderr } = spawnSync(process.execPath, [main, command, ...given, ...more], { encoding: 'utf8' });
  // Inconclusive: no probe runs on the lab's nodes.
  if (status !== 0 && status !== 10) throw new Error(`enforce ${command} ended with ${status}:\n${stderr}`);
}

/** A gate and an audit as their commands keep them, of answers and of a log that are made here. */
async function keepRest(deployed: Deployed, evidence: string, key: string): Promise<void> {
  const { platform, workspace } = deployed.subject;
  const now = new Date().toISOString();
  const output = createOutput(false);
  const heard = heardOf();
  const gated = { ...subject, policyHash: policyHash(platform, workspace) };
  const about = { from: now, until: now, server: 'https://prometheus', subject: gated, heard };
  mkdirSync(join(evidence, 'answers'), { recursive: true });
  for (const { sha256 = '', body = '' } of heard) writeFileSync(join(evidence, 'answers', sha256), body);
  writeKept(resultOf(new Evidence(question, heard), about), evidence, key, output);
  const inputs = await inputsOf(sampleOf(RUNS_AUDITED));
  writeFileSync(join(evidence, 'audit.inputs.ndjson'), [...inputLines(inputs)].map((line) => `${line}\n`).join(''));
  const head = { from: now, until: now, stack: 'ws-acme', workspaceId: 'ws-acme' };
  writeKept(auditResult({ ...head, source: { kind: 'export', files: [] } }, inputs), evidence, key, output);
}
