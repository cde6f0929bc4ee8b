import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ConfigError, renderPath } from './messages.js';
import { plainWords, strict } from './values.js';
import { parseOneDocument } from './yaml-document.js';

/** What somebody who may read Vault's policies found that agents may use, as `enforce prove --vault-evidence` reads it. */
export interface VaultEvidenceFile {
  /** Who read them, and when. */
  readonly source: string;
  /** Every path that a role bound to an agent's service account may use; empty: none. */
  readonly grants: readonly {
    readonly account: string;
    readonly policy: string;
    readonly path: string;
    readonly capabilities: readonly string[];
  }[];
}

const words = z.string().min(1);
const schema = strict({
  source: words,
  grants: z.array(
    strict({
      account: z.string().regex(/^[a-z0-9-]+\/[a-z0-9.-]+$/, 'Not an account. <namespace>/<service account>.'),
      policy: words,
      path: words,
      capabilities: z.array(words),
    }),
  ),
});

/** Throws ConfigError with every problem and its line: evidence that is not understood is none. */
export function parseVaultEvidence(text: string, path: string): VaultEvidenceFile {
  const document = parseOneDocument(text, path);
  const result = schema.safeParse(document.root, { error: plainWords });
  if (result.success) return result.data;
  throw new ConfigError(
    result.error.issues.map((issue) => ({
      where: document.where(issue.path),
      path: renderPath(issue.path),
      message: issue.message,
    })),
  );
}

export const loadVaultEvidence = (path: string): VaultEvidenceFile =>
  parseVaultEvidence(readFileSync(path, 'utf8'), path);
