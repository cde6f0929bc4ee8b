import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

const listening = '0A';

/** Addresses (`127.0.0.1:443`, `[::]:443`) on which a process accepts TCP connections; Linux only. */
export function listeningAddresses(pid: number): string[] {
  const sockets = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
      } catch {
        return [];
      }
    }),
  );
  return ['tcp', 'tcp6'].flatMap((table) =>
    readFileSync(`/proc/${pid}/net/${table}`, 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[3] === listening && sockets.has(fields[9] ?? ''))
      .map((fields) => readable(fields[1] ?? '')),
  );
}

/** The kernel prints each 32-bit word of an address in the byte order of the machine. */
function readable(local: string): string {
  const [address = '', port = ''] = local.split(':');
  const words = address.match(/.{8}/g) ?? [];
  const bytes = words.flatMap((word) => (word.match(/../g) ?? []).reverse());
  const host =
    words.length === 1
      ? bytes.map((byte) => parseInt(byte, 16)).join('.')
      : `[${(bytes.join('').match(/.{4}/g) ?? []).join(':')}]`;
  return `${host}:${parseInt(port, 16)}`;
}
