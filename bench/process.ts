import { readFileSync } from 'node:fs';

/** Milliseconds of CPU that a process has taken so far (proc(5), in ticks of 10 ms). */
export function cpuOfProcess(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** MiB of a process. @param key of /proc/<pid>/status (proc(5)) */
export const memoryOfProcess = (pid: number, key: 'VmRSS' | 'RssAnon'): number =>
  Number(new RegExp(`^${key}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
