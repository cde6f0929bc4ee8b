import { execFile } from 'node:child_process';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { attempt } from '../../src/start-gate/attempt.js';
import { startGateProgram } from '../support/start-gate.js';

interface Ran {
  readonly code: number;
  readonly said: string;
}
const run = (...args: readonly string[]): Promise<Ran> =>
  new Promise((resolve) => {
    const [command = '', ...program] = startGateProgram;
    execFile(command, [...program, ...args], (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), said: stdout + stderr }),
    );
  });

describe('the start gate’s program', () => {
  let server: Server;
  let open: string;
  let shut: string;

  beforeAll(async () => {
    server = createServer((client) => client.end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    open = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    shut = `127.0.0.1:${(other.address() as AddressInfo).port}`;
    await new Promise((resolve) => other.close(resolve));
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  test('tells an answer from a reset', async () => {
    expect(await attempt(open, 1000)).toEqual({ target: open, outcome: 'answers' });
    expect(await attempt(shut, 1000)).toEqual({ target: shut, outcome: 'refuses' });
  });

  test('ends well, not well in time, or at once when it is called wrongly, and says why', async () => {
    const [opens, stays, wrong, none] = await Promise.all([
      run('--denied', shut, '--denied', shut, '--reached', open),
      run('--denied', open, '--reached', open, '--seconds', '0.1'),
      run('--denied', 'api:443', '--reached', open),
      run('--reached', open),
    ]);
    expect(opens.code).toBe(0);
    expect(opens.said).toContain(`start gate: open after 0.`);
    expect(opens.said).toContain(`while ${open} answers`);
    expect(stays.code).toBe(1);
    expect(stays.said).toContain(
      'still shut after 0.1 s, so that the agent has not been started: no policy is in force',
    );
    expect(stays.said).toContain('The kubelet tries again. See whether the network layer enforces on this node');
    expect(wrong).toMatchObject({ code: 2, said: expect.stringContaining('"api:443" is no ADDRESS:PORT.') as string });
    expect(none).toMatchObject({
      code: 2,
      said: expect.stringContaining('--denied and --reached are needed.') as string,
    });
  });
});
