import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { obtain } from '../../../lab/obtain.js';
import { freePorts } from '../../../lab/ports.js';
import { lastLines, startProcesses } from '../../../lab/processes.js';
import { decode, query, type Message, type Type } from './message.js';
import { overTcp, overUdp } from './transport.js';

export interface CoreDns {
  readonly port: number;
  readonly metrics: number;
  ask(name: string, type: Type, options?: { class?: number; opcode?: number; tcp?: boolean }): Promise<Message>;
  stop(): Promise<void>;
}

/** What of a Corefile is changed to run it here: addresses and ports, nothing else. */
function onLoopback(corefile: string, ports: Readonly<Record<string, number>>, upstream: number): string {
  return corefile
    .replaceAll(/:1053 \{/g, `:${ports['dns']} {\n  bind 127.0.0.1`)
    .replaceAll('0.0.0.0:9464', `127.0.0.1:${ports['metrics']}`)
    .replaceAll('0.0.0.0:8080', `127.0.0.1:${ports['health']}`)
    .replaceAll('0.0.0.0:8181', `127.0.0.1:${ports['ready']}`)
    .replaceAll(/forward \. \S+/g, `forward . 127.0.0.1:${upstream}`);
}

/** Runs the real CoreDNS with a rendered Corefile, once it says it is ready. */
export async function startCoreDns(corefile: string, upstream: number): Promise<CoreDns> {
  const { path } = await obtain('coredns');
  const [dns = 0, metrics = 0, health = 0, ready = 0] = await freePorts(4);
  const folder = mkdtempSync(join(tmpdir(), 'coredns-'));
  writeFileSync(join(folder, 'Corefile'), onLoopback(corefile, { dns, metrics, health, ready }, upstream));
  const processes = await startProcesses(folder, { temporary: true });
  const server = await processes.start({ name: 'coredns', command: path, args: ['-conf', join(folder, 'Corefile')] });
  for (const deadline = Date.now() + 10_000; ; await new Promise((resolve) => setTimeout(resolve, 50))) {
    const isReady = await fetch(`http://127.0.0.1:${ready}/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isReady) break;
    if (server.end() !== undefined || Date.now() > deadline) {
      const log = lastLines(server.log);
      await processes.stop();
      throw new Error(`CoreDNS is not ready:\n${log}`);
    }
  }
  let id = 1;
  return {
    port: dns,
    metrics,
    ask: async (name, type, { tcp = false, ...options } = {}) => {
      id += 1;
      const message = query(id, name, type, options);
      const answered = decode(await (tcp ? overTcp(dns, message) : overUdp(dns, message)));
      if (answered.id !== id) throw new Error('the answer is another query’s');
      return answered;
    },
    stop: () => processes.stop(),
  };
}
