#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { apiServer } from './api-server.js';
import { parseConfig, replicaOf } from './config.js';
import { eventOf, lineOf } from './record.js';
import { serve } from './serve.js';

const USAGE = `Usage: authorizer --socket PATH --http PATH --config FILE [--kubeconfig FILE]

  --socket      unix socket on which Envoy asks (gRPC envoy.service.auth.v3.Authorization/Check)
  --http        unix socket of GET /ready, /live and /metrics
  --config      JSON: trust domain, tokens, workloads, where OpenFGA and the control plane are
  --kubeconfig  of a cluster outside of which it runs; without it, the pod's own
`;

/** One line of JSON per message on standard error; standard output holds decision records alone. */
const log = (level: string, message: string): void => {
  process.stderr.write(lineOf({ time: new Date().toISOString(), level, message }));
};

class UsageError extends Error {}

function options(): { socket: string; http: string; config: string; kubeconfig?: string } {
  const text = { type: 'string' } as const;
  try {
    const { values } = parseArgs({ options: { socket: text, http: text, config: text, kubeconfig: text } });
    const { socket, http, config, kubeconfig } = values;
    if (socket === undefined || http === undefined || config === undefined) {
      throw new Error('--socket, --http and --config are needed.');
    }
    return { socket, http, config, ...(kubeconfig !== undefined && { kubeconfig }) };
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n\n${USAGE}`);
  }
}

async function main(): Promise<void> {
  const { config: file, kubeconfig, ...sockets } = options();
  const parse = () => {
    try {
      return parseConfig(readFileSync(file, 'utf8'));
    } catch (error) {
      throw new UsageError(`${file}: ${(error as Error).message}`);
    }
  };
  const config = parse();
  const replica = replicaOf(process.env);
  // Sockets are made for user and group alone; nothing else is ever written.
  process.umask(0o117);
  // Without its sink of records it must not decide.
  process.stdout.on('error', () => process.exit(1));
  const { stop } = await serve({
    ...sockets,
    config,
    api: await apiServer(kubeconfig),
    onRecord: (record) => void process.stdout.write(lineOf(eventOf(record, replica))),
    onLog: log,
    replica,
  });
  log('info', `asked on ${sockets.socket}`);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      log('info', `${signal}: finishing what is under way`);
      void stop().then(() => process.exit(0));
    });
  }
}

main().catch((error: unknown) => {
  if (error instanceof UsageError) process.stderr.write(`authorizer: ${error.message}\n`);
  else log('error', error instanceof Error ? error.message : String(error));
  process.exit(error instanceof UsageError ? 2 : 1);
});
