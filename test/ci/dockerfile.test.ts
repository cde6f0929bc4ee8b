import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { authorizerContainer } from '../../src/constructs/envoy/sidecar.js';
import { RESTRICTED_POD } from '../../src/constructs/restricted.js';
import { startGateContainer } from '../../src/constructs/start-gate.js';
import { PLATFORM } from '../model/examples.js';

/** The image cannot be built here: what of it must fit the rest is read. */

const lines = readFileSync('Dockerfile', 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'));
const of = (instruction: string): readonly string[] =>
  lines.filter((line) => line.startsWith(`${instruction} `)).map((line) => line.slice(instruction.length + 1));

describe('the authorizer’s Dockerfile', () => {
  test('names each base by tag, and by a digest that the build must be given', () => {
    expect(of('ARG')).toEqual(['BUILD_DIGEST', 'RUNTIME_DIGEST']);
    const bases = of('FROM');
    expect(bases).toHaveLength(2);
    for (const base of bases) expect(base).toMatch(/^\S+:[\w.-]+@\$\{(BUILD|RUNTIME)_DIGEST\}( AS build)?$/);
  });

  test('builds with the Node that the tests run with, and runs the same major version', () => {
    const { devDependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      devDependencies: { node: string };
    };
    const [build, runtime] = of('FROM');
    expect(build).toContain(`:${devDependencies.node}-`);
    expect(runtime).toContain(`nodejs${devDependencies.node.split('.')[0]}-`);
  });

  test('has the one file where the pod’s command looks for it, runs no package’s script, and is nobody’s root', () => {
    const { command } = authorizerContainer('registry.example.com/authorizer:1');
    expect(of('COPY').at(-1)).toBe(
      `--from=build --chown=0:0 --chmod=0444 /src/dist-bundle/authorizer.js ${command!.at(-1)}`,
    );
    expect(of('COPY').at(-2)).toMatch(
      new RegExp(`/src/dist-bundle/start-gate\\.js ${startGateContainer(PLATFORM).command!.at(-1)}$`),
    );
    expect(of('RUN')).toEqual(['npm ci --ignore-scripts', 'npm run bundle']);
    const { runAsUser, runAsGroup } = RESTRICTED_POD;
    expect(of('USER')).toEqual([`${runAsUser}:${runAsGroup}`]);
  });

  test('is given nothing but what the bundle is made of', () => {
    expect(readFileSync('.dockerignore', 'utf8').trim().split('\n')).toEqual([
      '*',
      '!package.json',
      '!package-lock.json',
      '!tsconfig.json',
      '!ci/bundle-authorizer.js',
      '!src',
    ]);
  });
});
