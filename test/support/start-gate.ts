import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

/** Runs src/start-gate/main.ts, uncompiled, before the gate's own arguments. */
export const startGateProgram: readonly string[] = [
  process.execPath,
  '--disable-warning=ExperimentalWarning',
  '--import',
  join(ROOT, 'test/integration/apply/child/register.js'),
  join(ROOT, 'src/start-gate/main.ts'),
];
