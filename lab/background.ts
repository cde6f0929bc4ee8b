import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { clearFolder, startLab } from './cluster.js';
import { withLock } from './lock.js';
import type { Progress } from './obtain.js';
import { backgroundFolder } from './paths.js';
import { isRunning } from './process-identity.js';
import { recordedProcesses, stopRecorded } from './processes.js';
import { controlPlane } from './servers.js';
import { labUsers, type LabUser } from './users.js';

export interface BackgroundOptions {
  /** @default `PORTARIUM_LAB_DIR`, else `portarium-lab` under `XDG_STATE_HOME` or `~/.local/state` */
  readonly dir?: string;
  /** @default nothing is shown */
  readonly onProgress?: Progress;
  /** @default process.env */
  readonly env?: NodeJS.ProcessEnv;
}

export interface LabUpOptions extends BackgroundOptions {
  /** @default 2 */
  readonly nodes?: number;
  /** @default labUsers */
  readonly users?: readonly LabUser[];
}

/** What is known of the lab in the background; plain data. */
export interface LabStatus {
  readonly dir: string;
  /** All servers of the control plane run. False with `pids` not empty: some have ended, `labUp` starts anew. */
  readonly running: boolean;
  /** Processes of the lab that run, by name. */
  readonly pids: Readonly<Record<string, number>>;
  /** URL of the API server; only when running, like the next three. */
  readonly server?: string;
  /** Path of the administrator's kubeconfig. */
  readonly kubeconfig?: string;
  /** Path of the kubeconfig of each user, by name. */
  readonly users?: Readonly<Record<string, string>>;
  readonly uptimeSeconds?: number;
}

/** What `lab.json` in the folder holds, from Ready to `labDown`. */
interface LabFile {
  readonly server: string;
  readonly kubeconfig: string;
  readonly users: Readonly<Record<string, string>>;
  readonly startedAt: string;
}

/**
 * Starts the lab that outlives this process, or finds it running, and returns its status. One that has lost some of its
 * servers is ended and started anew; a lab always starts empty. Rejects as `startLab` does; nothing runs then.
 */
export async function labUp(options: LabUpOptions = {}): Promise<LabStatus> {
  const dir = folderOf(options);
  return withLock(
    join(dir, 'lock'),
    async () => {
      const before = labStatus(options);
      if (before.running) return before;
      await stopRecorded(dir);
      const users = options.users ?? labUsers;
      const lab = await startLab({
        dir,
        users,
        ...(options.nodes === undefined ? {} : { nodes: options.nodes }),
        ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
        ...(options.env === undefined ? {} : { env: options.env }),
      });
      write(dir, {
        server: lab.server,
        kubeconfig: lab.kubeconfig,
        users: Object.fromEntries(users.map(({ name }) => [name, lab.kubeconfigFor(name)])),
        startedAt: new Date().toISOString(),
      });
      await lab.detach();
      return labStatus(options);
    },
    {
      onWait: (pid) =>
        options.onProgress?.(`waiting for process ${pid}, which is starting or ending the lab in ${dir}`),
    },
  );
}

/** Ends the lab in the background and removes its data and credentials; its logs stay. False when none was running. */
export async function labDown(options: BackgroundOptions = {}): Promise<boolean> {
  const dir = folderOf(options);
  return withLock(join(dir, 'lock'), async () => {
    const wasThere = Object.keys(labStatus(options).pids).length > 0;
    await stopRecorded(dir);
    clearFolder(dir, { keepLogs: true });
    rmSync(join(dir, 'lab.json'), { force: true });
    return wasThere;
  });
}

/** Looks at the recorded processes themselves; asks no server anything. */
export function labStatus(options: BackgroundOptions = {}): LabStatus {
  const dir = folderOf(options);
  const record = recordedProcesses(dir);
  const alive = (
    record === undefined ? [] : [{ name: 'supervisor', ...record.supervisor }, ...record.processes]
  ).filter(isRunning);
  const pids = Object.fromEntries(alive.map(({ name, pid }) => [name, pid]));
  const file = read(dir);
  if (file === undefined || ![...controlPlane, 'supervisor'].every((name) => name in pids)) {
    return { dir, running: false, pids };
  }
  const { startedAt, ...rest } = file;
  return { dir, running: true, pids, ...rest, uptimeSeconds: Math.round((Date.now() - Date.parse(startedAt)) / 1000) };
}

function folderOf(options: BackgroundOptions): string {
  return resolve(options.dir ?? backgroundFolder(options.env));
}

function read(dir: string): LabFile | undefined {
  try {
    return JSON.parse(readFileSync(join(dir, 'lab.json'), 'utf8')) as LabFile;
  } catch {
    return undefined;
  }
}

function write(dir: string, file: LabFile): void {
  const draft = join(dir, 'lab.json.draft');
  writeFileSync(draft, JSON.stringify(file, undefined, 2), { mode: 0o600 });
  renameSync(draft, join(dir, 'lab.json'));
}
