import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Processes, ProcessSpec } from '../processes.js';
import { standaloneScript } from '../standalone.js';
import type { Place } from './place.js';

let started = 0;

const relay = (name: string, args: readonly string[]): ProcessSpec => ({
  name,
  command: process.execPath,
  args: [standaloneScript('relay', import.meta.url), ...args],
});

/** Starts what takes connections from a new socket to an address, and returns the socket's path. */
async function socketTo(processes: Processes, address: string, from?: Place): Promise<string> {
  const name = `relay-${(started += 1)}`;
  const socket = join(processes.folder, `${name}.sock`);
  const spec = relay(name, ['socket', socket, address]);
  await (from === undefined ? processes.start(spec) : from.start(spec));
  while (!existsSync(socket)) await sleep(10);
  return socket;
}

/** An address of some places, where something of this machine answers. */
export type At = readonly (readonly [place: Place, hostPorts: readonly string[]])[];

/**
 * Makes a loopback port of this machine answer inside, at those `address:port` of those places.
 *
 * @param port on 127.0.0.1
 */
export async function bringIn(processes: Processes, port: number, at: At): Promise<void> {
  const socket = await socketTo(processes, `127.0.0.1:${port}`);
  await Promise.all(
    at.map(([place, hostPorts]) =>
      place.startReady(relay(`relay-${(started += 1)}`, ['address', socket, ...hostPorts])),
    ),
  );
}

/** Makes an `address:port` of a place answer at a loopback port of this machine. */
export async function bringOut(processes: Processes, place: Place, address: string, port: number): Promise<void> {
  const socket = await socketTo(processes, address, place);
  const name = `relay-${(started += 1)}`;
  const outside = await processes.start(relay(name, ['address', socket, `127.0.0.1:${port}`]));
  while (!readFileSync(outside.log, 'utf8').includes('ready\n')) await sleep(10);
}
