import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { inputLines, type AuditInputs, type AuditResult } from '../../audit/index.js';
import { writeKept } from '../kept.js';
import type { Output } from '../output.js';

const BUFFER = 1 << 20;

/** Writes what the result rests on, `audit-<stack>-<time>.inputs.ndjson`, and then the result, which has its hash. */
export function keepAudit(
  result: AuditResult,
  inputs: AuditInputs,
  dir: string,
  keyFile: string | undefined,
  output: Output,
): void {
  mkdirSync(dir, { recursive: true });
  const file = join(dir, `audit-${result.stack}-${result.until.replaceAll(':', '')}.inputs.ndjson`);
  const descriptor = openSync(file, 'wx');
  try {
    let text = '';
    for (const line of inputLines(inputs)) {
      text += `${line}\n`;
      if (text.length < BUFFER) continue;
      writeSync(descriptor, text);
      text = '';
    }
    writeSync(descriptor, text);
  } finally {
    closeSync(descriptor);
  }
  output.progress(`what it rests on in ${file}: sha256 ${result.inputs.sha256}`);
  writeKept(result, dir, keyFile, output);
}
