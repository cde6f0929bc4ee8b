import { spawnSync } from 'node:child_process';
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { canonicalJson } from '../src/model/canonical.js';

export interface AuditMeasured {
  /** Seconds of the whole command, from start to exit. */
  readonly seconds: number;
  /** MiB at the peak. */
  readonly peak: number;
  readonly entries: number;
  readonly verdict: string;
}

const WORKSPACE = 'ws-acme';
/** Policy, request, decision, dispatch, execution. */
const STEPS = ['Policy', 'Approval', 'Approval', 'Action', 'Action'] as const;

/** A signed log with five entries a run, as an export of lines; and its first hash, as an anchor. */
function writeExport(dir: string, count: number): { readonly anchor: string; readonly entries: number } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  writeFileSync(join(dir, 'key.pem'), publicKey.export({ type: 'spki', format: 'pem' }));
  const [runs, entries]: [string[], string[]] = [[], []];
  let [previous, anchor]: [string | undefined, string] = [undefined, ''];
  for (let index = 0; index < count; index += 1) {
    const id = (what: string): string => createHash('sha256').update(`${what} ${index}`).digest('hex').slice(0, 36);
    const at = Date.parse('2026-10-01T00:00:00Z') + index * 60_000;
    const run = {
      schemaVersion: 1,
      runId: id('run'),
      workspaceId: WORKSPACE,
      workflowId: 'wf',
      correlationId: id('correlation'),
      executionTier: 'HumanApprove',
      initiatedByUserId: `agent-${index % 20}`,
      status: 'Succeeded',
      createdAtIso: new Date(at).toISOString(),
    };
    runs.push(JSON.stringify(run));
    STEPS.forEach((category, step) => {
      const decides = step === 2;
      const content = {
        schemaVersion: 1,
        evidenceId: id(`entry ${step}`),
        workspaceId: WORKSPACE,
        correlationId: run.correlationId,
        occurredAtIso: new Date(at + step * 1000).toISOString(),
        category,
        summary: step === 4 ? 'ActionCompleted evidence for action a.' : `Step ${step} of what an entry has to say.`,
        actor: { kind: 'User', userId: decides ? 'u-olaf' : run.initiatedByUserId },
        links: { runId: run.runId, approvalId: id('approval') },
        payloadRefs: [{ kind: 'Snapshot', uri: `evidence://evidence/${id('payload')}.json`, sha256: 'a'.repeat(64) }],
        traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
        ...(step === 0 && { decision: 'NeedsApproval', executionTier: run.executionTier }),
        ...(decides && { approvalDecision: 'Approved' }),
        ...(previous !== undefined && { previousHash: previous }),
      };
      previous = createHash('sha256').update(canonicalJson(content)).digest('hex');
      if (anchor === '') anchor = previous;
      const hashed = { ...content, hashSha256: previous };
      const signatureBase64 = sign(null, Buffer.from(canonicalJson(hashed)), privateKey).toString('base64');
      entries.push(JSON.stringify({ ...hashed, signatureBase64 }));
    });
  }
  writeFileSync(join(dir, 'runs.ndjson'), `${runs.join('\n')}\n`);
  writeFileSync(join(dir, 'evidence.ndjson'), `${entries.join('\n')}\n`);
  return { anchor, entries: entries.length };
}

/** `enforce audit` in processes of its own: a census of so many runs, every entry's hash and signature checked. */
export function measureAudit(count: number, runs: number): readonly AuditMeasured[] {
  const dir = mkdtempSync(join(tmpdir(), 'portarium-audit-'));
  try {
    const { anchor, entries } = writeExport(dir, count);
    return Array.from({ length: runs }, (_each, run) => {
      process.stderr.write(`run ${run + 1} of ${runs}: audit of ${count} runs\n`);
      const began = performance.now();
      const child = spawnSync(
        process.execPath,
        ['--import', REPORT, MAIN, 'audit', '--stack', 'ws-acme', '--export', dir, '--anchor', anchor, '--json'].concat(
          '--public-key',
          join(dir, 'key.pem'),
          '--out',
          join(dir, String(run)),
        ),
        { encoding: 'utf8', maxBuffer: 1 << 26, env: { ...process.env, PORTARIUM_PEAK: join(dir, 'peak') } },
      );
      const seconds = (performance.now() - began) / 1000;
      if (child.status !== 0)
        throw new Error(`audit of ${count} runs: exit ${child.status}\n${child.stderr}${child.stdout.slice(0, 2000)}`);
      const { verdict } = JSON.parse(child.stdout) as { verdict: string };
      return { seconds, peak: Number(readFileSync(join(dir, 'peak'), 'utf8')), entries, verdict };
    });
  } finally {
    rmSync(dir, { recursive: true });
  }
}

const MAIN = fileURLToPath(new URL('../src/cli/main.js', import.meta.url));

/** Writes the peak of the process that loads it when that ends. */
const REPORT = `data:text/javascript,${encodeURIComponent(
  "import { writeFileSync } from 'node:fs'; process.on('exit', () => writeFileSync(process.env.PORTARIUM_PEAK, String(process.resourceUsage().maxRSS / 1024)));",
)}`;
