import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SCHEMA_FILES, schemaText } from './json-schema.js';

/** `npm run schema`: writes `schema/*.json`, which the stack files name for editors. */
mkdirSync('schema', { recursive: true });
for (const kind of ['platform', 'workspace'] as const) {
  const path = join('schema', SCHEMA_FILES[kind]);
  writeFileSync(path, schemaText(kind));
  process.stdout.write(`${path}\n`);
}
