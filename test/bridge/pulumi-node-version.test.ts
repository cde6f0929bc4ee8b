import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

/** Runs the program's entry on a Node that says it is `version`. */
const runOn = (version: string): { status: number | null; stderr: string } => {
  const pretend = `data:text/javascript,Object.defineProperty(process.versions,'node',{value:'${version}'})`;
  return spawnSync(process.execPath, ['--import', pretend, 'src/program.ts'], { encoding: 'utf8' });
};

test('an old Node is told what to do, before anything that needs a newer one is loaded', () => {
  const { status, stderr } = runOn('22.19.0');
  expect(status).toBe(1);
  expect(stderr).toBe(
    "Node 22.19.0 is too old: this program needs Node 24 or later. The pinned one comes with npm ci; run Pulumi through it, for example: npm exec -c 'pulumi up --stack ws-acme'\n",
  );
});

test('a later one is not', () => {
  expect(runOn('26.0.0').status).toBe(0);
});
