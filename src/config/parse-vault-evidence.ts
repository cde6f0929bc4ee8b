import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { VaultEvidence } from '../model/vault-evidence.js';
import { ConfigError, renderPath } from './messages.js';
import { plainWords, strict } from './values.js';
import { parseOneDocument } from './yaml-document.js';

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
export function parseVaultEvidence(text: string, path: string): VaultEvidence {
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

export const loadVaultEvidence = (path: string): VaultEvidence => parseVaultEvidence(readFileSync(path, 'utf8'), path);
