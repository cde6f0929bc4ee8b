import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

/** Runs src/authorizer/main.ts, uncompiled: the program, before the authorizer's own arguments. */
export const authorizerProgram: readonly string[] = [
  process.execPath,
  '--experimental-transform-types',
  '--disable-warning=ExperimentalWarning',
  '--import',
  join(ROOT, 'test/integration/apply/child/register.js'),
  join(ROOT, 'src/authorizer/main.ts'),
];
