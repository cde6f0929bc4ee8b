import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Processes, ProcessSpec } from '../processes.js';
import { standaloneScript } from '../standalone.js';
import type { Place } from './place.js';

const relay = (name: string, args: readonly string[]): ProcessSpec => ({
  name,
  command: process.execPath,
  args: [standaloneScript('relay', import.meta.url), ...args],
});

/**
 * Makes the lab's API server answer inside: for the node at the address that it has outside, which is in its
 * certificate, and for the world at those that pods may try.
 *
 * @param port of the API server on loopback
 * @param inWorld `address:port` of the world
 */
export async function relayApiServer(
  processes: Processes,
  { node, world }: Readonly<Record<'node' | 'world', Place>>,
  port: string,
  inWorld: readonly string[],
): Promise<void> {
  const socket = join(processes.folder, 'api.sock');
  const outside = `127.0.0.1:${port}`;
  await processes.start(relay('relay', ['socket', socket, outside]));
  while (!existsSync(socket)) await sleep(10);
  await Promise.all([
    node.startReady(relay('relay-node', ['address', socket, outside])),
    world.startReady(relay('relay-world', ['address', socket, ...inWorld])),
  ]);
}
