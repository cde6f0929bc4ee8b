import { spawn, type ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Config } from '../../../src/authorizer/config.js';
import type { CheckResponse } from '../../../src/authorizer/ext-authz.js';
import type { Facts } from '../../../src/authorizer/facts.js';
import type { DecisionRecord } from '../../../src/authorizer/record.js';
import { question } from '../../authorizer/envoy.js';
import { askingClient, statusOf } from '../../support/asking-client.js';
import { authorizerProgram } from '../../support/authorizer.js';

/** The authorizer in a process of its own, asked as Envoy asks it. */
export interface Authorizer {
  readonly process: ChildProcess;
  readonly records: readonly DecisionRecord[];
  /** Standard error, line by line. */
  readonly log: readonly string[];
  /** Resolves with the exit code, or the signal that ended it. */
  readonly ended: Promise<number | string | null>;
  ask(facts: Facts): Promise<CheckResponse>;
  /** HTTP status of the answer: 200 for one that allows. */
  status(facts: Facts): Promise<number>;
  get(path: string): Promise<{ readonly status: number; readonly body: string }>;
  close(): Promise<void>;
}

/** Runs the authorizer with these arguments. @param program before them */
export const run = (args: readonly string[], program = authorizerProgram): ChildProcess => {
  const [command = '', ...own] = program;
  return spawn(command, [...own, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
};

export function startAuthorizer(
  dir: string,
  kubeconfig: string,
  config: Config,
  program = authorizerProgram,
): Authorizer {
  const [socket, http, file] = ['ext-authz.sock', 'http.sock', 'config.json'].map((name) => join(dir, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(file, JSON.stringify(config));
  const child = run(['--socket', socket, '--http', http, '--config', file, '--kubeconfig', kubeconfig], program);
  const records: DecisionRecord[] = [];
  const log: string[] = [];
  createInterface(child.stdout!).on('line', (line) =>
    records.push((JSON.parse(line) as { data: DecisionRecord }).data),
  );
  createInterface(child.stderr!).on('line', (line) => log.push(line));
  const ended = new Promise<number | string | null>((resolve) =>
    child.once('exit', (code, signal) => resolve(code ?? signal)),
  );
  const client = askingClient(socket);
  const ask = (facts: Facts): Promise<CheckResponse> => client.ask(question(facts));
  return {
    process: child,
    records,
    log,
    ended,
    ask,
    status: async (facts) => statusOf(await ask(facts)),
    get: (path) =>
      new Promise((resolve, reject) =>
        request({ socketPath: http, path }, (response) => {
          let body = '';
          response.setEncoding('utf8').on('data', (chunk) => (body += chunk));
          response.on('end', () => resolve({ status: response.statusCode!, body }));
        })
          .once('error', reject)
          .end(),
      ),
    async close() {
      client.close();
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      await ended;
    },
  };
}
