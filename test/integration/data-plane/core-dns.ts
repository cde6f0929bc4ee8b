import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LabPod } from '../../../lab/data-plane/data-plane.js';
import { obtain } from '../../../lab/obtain.js';
import { lastLines } from '../../../lab/processes.js';

/** Runs the real CoreDNS in a pod, by a Corefile as it stands. @param dir for the file */
export async function startCoreDns(pod: LabPod, dir: string, corefile: string): Promise<void> {
  const { path } = await obtain('coredns');
  const file = join(dir, `${pod.name}.corefile`);
  writeFileSync(file, corefile);
  const server = await pod.start({ name: `coredns-${pod.name}`, command: path, args: ['-conf', file] });
  const deadline = performance.now() + 20_000;
  while (!lastLines(server.log).includes('CoreDNS-')) {
    if (server.end() !== undefined || performance.now() > deadline) {
      throw new Error(`CoreDNS does not run in ${pod.name}:\n${lastLines(server.log)}`);
    }
    await sleep(20);
  }
}
