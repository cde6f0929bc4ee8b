import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from 'esbuild';
import type { Authority } from '../../../lab/authority.js';
import type { Issuer } from '../../../lab/issuer.js';
import { steadyPorts } from '../../../lab/ports.js';
import { lastLines, startProcesses, type Processes } from '../../../lab/processes.js';

/** In the name of a test that needs it: such a test may be skipped. */
export const NEEDS = '[needs upstream]';

const ENTRY = 'src/presentation/runtime/control-plane.ts';

/** A checkout of upstream's repository, by the environment; undefined where there is none. */
export function tryUpstream(): string | undefined {
  const checkout = process.env['PORTARIUM_UPSTREAM'];
  return checkout !== undefined && existsSync(join(checkout, ENTRY)) ? checkout : undefined;
}

/** What upstream's API process needs beside Node. */
const PACKAGES = ['hono', 'jose', 'ioredis', 'pg', '@temporalio/client', '@opentelemetry/api'];

/**
 * Runs upstream's own API process from a checkout, with its stores in memory and a folder of its own: nothing of it is
 * kept. It verifies the tokens of the issuer by itself, as it does behind no front.
 */
export class ControlPlane {
  private constructor(
    readonly folder: string,
    private readonly processes: Processes,
    private readonly program: string,
    private readonly authority: string,
  ) {}

  static async build(checkout: string): Promise<ControlPlane> {
    const folder = mkdtempSync(join(tmpdir(), 'control-plane-'));
    writeFileSync(join(folder, 'package.json'), '{"private":true,"type":"module"}');
    const installed = spawnSync('npm', ['install', '--no-audit', '--no-fund', ...PACKAGES], {
      cwd: folder,
      encoding: 'utf8',
    });
    if (installed.status !== 0) throw new Error(`npm install: ${installed.stderr}`);
    const program = join(folder, 'control-plane.mjs');
    await build({
      entryPoints: [join(checkout, ENTRY)],
      bundle: true,
      platform: 'node',
      format: 'esm',
      packages: 'external',
      outfile: program,
      logLevel: 'error',
    });
    const processes = await startProcesses(folder, { temporary: true });
    return new ControlPlane(folder, processes, program, join(folder, 'authority.pem'));
  }

  /** Resolves with its loopback port when it is ready. @param servers issued the certificate of the issuer's keys */
  async start(issuer: Issuer, servers: Authority): Promise<number> {
    writeFileSync(this.authority, servers.certificate);
    const [port] = await steadyPorts(1);
    const running = await this.processes.start({
      name: 'control-plane',
      command: process.execPath,
      args: [this.program],
      env: {
        PATH: process.env['PATH'],
        NODE_ENV: 'development',
        DEV_STUB_STORES: 'true',
        PORTARIUM_HTTP_PORT: String(port),
        PORTARIUM_DEV_WORKSPACE_ID: 'ws-acme',
        PORTARIUM_JWKS_URI: `https://localhost:${issuer.port}/keys`,
        PORTARIUM_JWT_ISSUER: issuer.issuer,
        PORTARIUM_JWT_AUDIENCE: 'portarium',
        NODE_EXTRA_CA_CERTS: this.authority,
      },
    });
    for (let tries = 0; tries < 200; tries += 1) {
      const ready = await fetch(`http://127.0.0.1:${port}/readyz`).then(
        (answer) => answer.ok,
        () => false,
      );
      if (ready) return port!;
      if (running.end() !== undefined) break;
      await sleep(50);
    }
    throw new Error(`the control plane does not become ready:\n${lastLines(running.log)}`);
  }

  stop(): Promise<void> {
    return this.processes.stop();
  }
}
