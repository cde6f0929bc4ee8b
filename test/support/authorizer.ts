import { join } from 'node:path';
import { authorizerContainer } from '../../src/constructs/envoy/sidecar.js';

const ROOT = join(import.meta.dirname, '../..');

/** Node's own arguments of the rendered container, which hold its memory: its command without `node` and the program. */
const flags = authorizerContainer('registry.example.com/authorizer:1').command!.slice(1, -1);

/** Runs src/authorizer/main.ts, uncompiled and in the memory that its pod has, before the authorizer's own arguments. */
export const authorizerProgram: readonly string[] = [
  process.execPath,
  ...flags,
  '--experimental-transform-types',
  '--disable-warning=ExperimentalWarning',
  '--import',
  join(ROOT, 'test/integration/apply/child/register.js'),
  join(ROOT, 'src/authorizer/main.ts'),
];
