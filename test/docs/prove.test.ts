import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { LEVELS } from '../../src/model/levels.js';
import type { Proof } from '../../src/prove/claims/prove.js';
import { enforce } from '../cli/run.js';
import { RUNBOOK } from '../support/runbook.js';

const page = readFileSync('docs/prove.md', 'utf8');
const after = (marker: string): string => page.slice(page.indexOf(`<!-- ${marker} -->`));

async function prove(
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly proofs: readonly Proof[] }> {
  const { code, stdout } = await enforce('prove', ...args, '--json');
  return { code, ...(JSON.parse(stdout) as { proofs: Proof[] }) };
}

describe('docs/prove.md', () => {
  const rows = after('expected')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );

  it.each(LEVELS)('says what is proved at %s, and with which exit code', async (level) => {
    for (const stack of ['ws-acme', 'ws-globex']) {
      const { code, proofs } = await prove('--stack', stack, '--level', level);
      const verdicts = proofs[0]!.claims.map(({ verdict }) => verdict);
      expect(rows.find(([of]) => of === `\`${level}\``)?.slice(1)).toEqual([...verdicts, String(code)]);
    }
  });

  it('shows by what the runbook’s own policy is refuted', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'portarium-runbook-'));
    try {
      writeFileSync(join(folder, 'policy.yaml'), stringify(RUNBOOK));
      const { code, proofs } = await prove('--manifests', folder);
      const [packets] = proofs[0]!.claims;
      expect(code).toBe(5);
      const told = packets!.counterExamples.map(({ cause, summary }) => `${cause.padEnd(17)} ${summary}`);
      const text = after('runbook');
      expect(text.slice(text.indexOf('```text\n') + 8, text.indexOf('\n```\n')).split('\n')).toEqual(told);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
