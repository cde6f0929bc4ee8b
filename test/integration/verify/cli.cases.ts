import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Check, Finding } from '../../../src/model/check.js';
import type { VerifyResult } from '../../../src/verify/result.js';
import { enforce, type Ran } from '../../cli/run.js';
import type { Deployed } from './fixture.js';

/** A line of `--watch --json`. */
interface Seen {
  readonly resources?: number;
  readonly checks: readonly Check[];
}

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
};

/** The command as it is called, on what is as it was deployed. */
export function cliCases(deployed: () => Deployed): void {
  describe('enforce verify', () => {
    let dir: string;
    beforeAll(() => {
      dir = mkdtempSync(join(tmpdir(), 'verify-cli-'));
      for (const name of ['ours', 'others']) {
        const { privateKey, publicKey } = generateKeyPairSync('ed25519');
        writeFileSync(join(dir, name), privateKey.export({ type: 'pkcs8', format: 'pem' }));
        writeFileSync(join(dir, `${name}.pub`), publicKey.export({ type: 'spki', format: 'pem' }));
      }
    });
    afterAll(() => rmSync(dir, { recursive: true }));
    const verify = (...args: readonly string[]): Promise<Ran> => enforce('verify', ...args);
    const live = (...args: readonly string[]): Promise<Ran> => {
      const { lab, stacks } = deployed();
      return verify('--stack', 'ws-acme', '--stacks', stacks, '--kubeconfig', lab.kubeconfig, ...args);
    };
    const notPassing = ({ checks }: VerifyResult) => checks.filter(({ verdict }) => verdict !== 'pass');

    test('passes on all but the probes, which the lab’s nodes cannot run: exit code 10', async () => {
      const { code, stdout } = await live('--json', '--elsewhere', 'default');
      const result = JSON.parse(stdout) as VerifyResult;
      expect(notPassing(result).filter(({ name }) => !name.startsWith('probe'))).toEqual([]);
      expect(notPassing(result).filter(({ verdict }) => verdict === 'fail')).toEqual([]);
      const unsent = result.checks.filter(({ note }) => note.includes('nothing really runs on this node'));
      expect(unsent.length).toBeGreaterThan(50);
      expect(result).toMatchObject({ kind: 'enforce verify', stack: 'ws-acme', level: 'enforced' });
      expect(code).toBe(10);
    });

    test('says so to people', async () => {
      const { code, stdout } = await live('--skip-probes');
      expect(stdout).toMatch(
        /^ws-acme at enforced: inconclusive\n\n {2}inconclusive {2}probes: left out by --skip-probes\n\n {2}(\d+) of (\d+) checks pass\n$/,
      );
      expect(code).toBe(10);
    });

    test('keeps what it found, signed, and finds out who changed it', async () => {
      const out = join(dir, 'kept');
      const { code, stderr } = await live('--skip-probes', '--out', out, '--signing-key', join(dir, 'ours'));
      expect(code).toBe(10);
      const [name = ''] = readdirSync(out);
      expect(name).toMatch(/^verify-ws-acme-.*Z\.json$/);
      expect(stderr).toContain(`kept in ${join(out, name)}, signed: sha256 `);
      const check = (file: string, key: string) => verify('--check', file, '--public-key', join(dir, key));
      const file = join(out, name);
      expect(await check(file, 'ours.pub')).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/signed by this key[^]*ws-acme at enforced[^]*: inconclusive\n$/) as string,
      });
      expect(await check(file, 'others.pub')).toMatchObject({
        code: 5,
        stderr: expect.stringContaining('the signature is not this key’s for this result.') as string,
      });
      const changed = join(dir, 'changed.json');
      writeFileSync(changed, readFileSync(file, 'utf8').replace('"verdict":"inconclusive"', '"verdict":"pass"'));
      expect(await check(changed, 'ours.pub')).toMatchObject({
        code: 5,
        stderr: expect.stringContaining('does not have the SHA-256') as string,
      });
    });

    test.each([
      [['--check', 'any'], 2, '--check needs --public-key FILE.'],
      [['--check', 'none', '--public-key', 'none'], 2, 'cannot read none'],
      [[], 2, 'give --stack NAME'],
      [['--stack', 'ws-none'], 6, 'no workspace stack "ws-none" in stacks. There are: ws-acme, ws-globex'],
      [['--stack', 'ws-acme', '--signing-key', 'x'], 2, 'Give --out DIR too.'],
      [['--watch', '--metrics-address', 'nowhere'], 2, 'Expected HOST:PORT'],
      [['--stack', 'ws-acme', '--kubeconfig', '/none'], 1, 'cannot read the kubeconfig /none'],
    ])('%j: exit code %i', async (args, code, says) => {
      const ran = await verify(...args);
      expect(ran.stderr).toContain(says);
      expect(ran.code).toBe(code);
    });
  });
}

/** A change of a live object: makes it, and gives what takes it back. */
export interface Edit {
  readonly what: string;
  readonly make: () => Promise<() => Promise<void>>;
  readonly finding: Finding;
}

/** Changes that the engine does not see, while what is live has drifted already: the network's bindings are gone. */
export function editCases(deployed: () => Deployed, edits: readonly Edit[]): void {
  const args = () => {
    const { lab, stacks } = deployed();
    return ['verify', '--stack', 'ws-acme', '--stacks', stacks, '--kubeconfig', lab.kubeconfig];
  };
  const OBJECTS = 'objects of ws-acme';
  const findingsOf = (checks: readonly Check[]) => checks.find(({ name }) => name === OBJECTS)?.findings ?? [];

  // One by one command, all of them by one that goes on watching: it takes less of everybody's time.
  test.each(edits.slice(0, 1))('enforce verify finds $what, and ends with exit code 5', async ({ make, finding }) => {
    const undo = await make();
    try {
      const { code, stdout } = await enforce(...args(), '--skip-probes', '--json');
      expect(findingsOf((JSON.parse(stdout) as VerifyResult).checks)).toEqual([finding]);
      expect(code).toBe(5);
    } finally {
      await undo();
    }
  });

  test('enforce verify --watch sees each within 60 seconds, and its end, and counts it', async () => {
    const port = await freePort();
    const running = enforce(...args(), '--watch', '--json', '--metrics-address', `127.0.0.1:${port}`);
    const metric = async (name: string): Promise<number> => {
      const text = await fetch(`http://127.0.0.1:${port}/metrics`).then(
        (response) => response.text(),
        () => '',
      );
      return Number(new RegExp(`^${name}{workspace_id="ws-acme"} (\\d+)$`, 'm').exec(text)?.[1]);
    };
    const drifted = async (until: (count: number) => boolean): Promise<number> => {
      for (const start = performance.now(); performance.now() - start < 60_000; await sleep(20)) {
        if ((await metric('portarium_drift_check_success')) !== 1) continue;
        if (until(await metric('portarium_drift_resources'))) return performance.now() - start;
      }
      throw new Error('not seen within 60 s');
    };
    const took: number[] = [];
    let ran: Ran;
    try {
      await drifted((count) => count > 0);
      const before = await metric('portarium_drift_resources');
      for (const { make } of edits) {
        const undo = await make();
        took.push(await drifted((count) => count === before + 1));
        await undo();
        took.push(await drifted((count) => count === before));
      }
    } finally {
      process.emit('SIGTERM');
      ran = await running;
    }
    console.log(`drift and its end seen after ${took.map((ms) => `${(ms / 1000).toFixed(1)} s`).join(', ')}`);
    expect(ran.code).toBe(0);
    const lines = ran.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Seen);
    const findings = lines.map(({ checks }) => findingsOf(checks));
    for (const { finding } of edits) expect(findings).toContainEqual([finding]);
  });
}
