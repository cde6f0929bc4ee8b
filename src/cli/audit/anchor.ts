import { readFileSync } from 'node:fs';
import type { AuditResult } from '../../audit/index.js';
import { sha256 } from '../../model/canonical.js';
import type { Kept } from '../../model/kept.js';
import { CliError, EXIT } from '../exit-codes.js';

const HASH = /^(?:sha256:)?([0-9a-f]{64})$/;

/** Checks of a log whose head is worth something. */
const LOG = ['entries', 'hashes', 'links', 'forks', 'anchor', 'signatures'];

/** A hash as it stands, or the head of the log that a kept result of an earlier audit names. */
export function anchorOf(text: string, workspaceId: string): string {
  const hash = HASH.exec(text)?.[1];
  if (hash !== undefined) return hash;
  const wrong = (why: string): never => {
    throw new CliError(
      EXIT.usage,
      `--anchor ${text}: ${why}. Allowed: a SHA-256 of 64 hex digits, or the file of an earlier audit’s kept result.`,
    );
  };
  let kept: Partial<Kept<AuditResult>>;
  try {
    kept = JSON.parse(readFileSync(text, 'utf8')) as Partial<Kept<AuditResult>>;
  } catch (error) {
    return wrong(error instanceof Error ? error.message : String(error));
  }
  if (kept.result?.kind !== 'enforce audit') return wrong('it is no kept result of enforce audit');
  if (sha256(kept.result) !== kept.sha256) return wrong('the result does not have the SHA-256 that it is kept with');
  if (kept.result.workspaceId !== workspaceId)
    return wrong(`it is of workspace ${kept.result.workspaceId}, not ${workspaceId}`);
  const broken = kept.result.checks.find(({ name, verdict }) => LOG.includes(name) && verdict === 'fail');
  if (broken !== undefined) return wrong(`that audit found the log itself broken: ${broken.name}`);
  return kept.result.chain.head ?? wrong('that audit found no single head of the log');
}
