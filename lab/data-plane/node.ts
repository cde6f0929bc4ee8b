import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { LabError } from '../errors.js';
import { lastLines, type Processes } from '../processes.js';

/** Where a command runs: the node's own network namespace, or one that stands in it, by name. */
export type Where = 'node' | { readonly namespace: string };

/**
 * A mount and a network namespace that play a node. Whatever is made inside (links, routes, mounts, pinned programs, the
 * namespaces of pods) is gone when their last process has ended, however that ends, and no link leads out of it.
 */
export interface LabNode {
  /** The same command, made to run inside. */
  inside(
    where: Where,
    command: string,
    args?: readonly string[],
  ): { readonly command: string; readonly args: string[] };
  /** Runs a command to its end and returns what it printed. Rejects with a `LabError` that shows its complaint. */
  run(where: Where, command: string, args?: readonly string[], options?: RunOptions): Promise<string>;
  /** Runs lines of a shell, ended by the first that fails. */
  shell(lines: readonly string[]): Promise<string>;
}

export interface RunOptions {
  /** @default nothing */
  readonly input?: string;
  /** Added to the environment of this process. @default none */
  readonly env?: NodeJS.ProcessEnv;
  /** @default 60000 */
  readonly timeoutMilliseconds?: number;
}

/** What a node has for itself; the directories of the machine are otherwise the same. */
const mounts: readonly string[] = [
  'mount -t tmpfs -o mode=755 tmpfs /run',
  'mount -t sysfs sysfs /sys',
  'mount -t bpf bpf /sys/fs/bpf',
  'mkdir /run/cgroup2 /run/netns /run/cilium',
  'mount -t cgroup2 cgroup2 /run/cgroup2',
  // What holds for the whole machine stays as it is, whatever an agent would like.
  'mount --bind /proc/sys/kernel /proc/sys/kernel',
  'mount -o remount,bind,ro /proc/sys/kernel',
  // The machine's own, with room for folders that volumes are mounted on.
  'mkdir /run/etc && mount --rbind /etc /run/etc && mount -t tmpfs -o mode=755 tmpfs /etc',
  'for each in /run/etc/*; do ln -s "$each" /etc/; done',
  '[ -e /etc/resolv.conf ] || : > /etc/resolv.conf',
  'ip link set lo up',
];

/** Why this machine cannot have a data plane, or undefined when it can. */
export function whyNoDataPlane(): string | undefined {
  if (process.platform !== 'linux') return `it needs Linux, and this is ${process.platform}`;
  if (process.getuid?.() !== 0) return 'it needs root, for network namespaces and BPF';
  return undefined;
}

/** Starts one among the given processes. */
export async function startNode(processes: Processes): Promise<LabNode> {
  const holder = await processes.start({
    name: 'node',
    command: 'unshare',
    args: ['--mount', '--net', '--propagation', 'private', 'sh', '-c', 'echo ready; exec sleep infinity'],
  });
  while (!lastLines(holder.log).includes('ready')) {
    if (holder.end() !== undefined) throw new LabError(`no namespaces can be made:\n${lastLines(holder.log)}`);
    await sleep(10);
  }
  const node = of(holder.pid);
  await node.shell(mounts);
  return node;
}

function of(pid: number): LabNode {
  const inside: LabNode['inside'] = (where, command, args = []) => ({
    command: 'nsenter',
    args: [
      ...['--target', String(pid), '--mount', '--net', '--'],
      ...(where === 'node' ? [] : ['ip', 'netns', 'exec', where.namespace]),
      command,
      ...args,
    ],
  });
  const run: LabNode['run'] = (where, command, args, options = {}) =>
    new Promise((resolve, reject) => {
      const wrapped = inside(where, command, args);
      const child = execFile(
        wrapped.command,
        wrapped.args,
        {
          env: { ...process.env, ...options.env },
          timeout: options.timeoutMilliseconds ?? 60_000,
          maxBuffer: 64 * 1024 * 1024,
        },
        (error, stdout, stderr) => {
          if (error === null) resolve(stdout);
          else
            reject(new LabError(`${command} ${(args ?? []).join(' ')} failed: ${stderr || stdout || error.message}`));
        },
      );
      child.stdin?.on('error', () => undefined);
      child.stdin?.end(options.input ?? '');
    });
  return { inside, run, shell: (lines) => run('node', 'sh', ['-euc', lines.join('\n')]) };
}
