import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { writeAuditPolicy } from './audit.js';
import { apiClient, type ApiAnswer, type ApiClient } from './api.js';
import { dnsDeployment, dnsService, node } from './cluster-objects.js';
import {
  apiServer,
  controllerManager,
  etcd,
  etcdSocket,
  kwok,
  scheduler,
  tryReadCertificate,
  type ControlPlaneFiles,
} from './control-plane.js';
import { writeCredentials, writeKubeconfig } from './credentials.js';
import { LabError } from './errors.js';
import { foreignCrdManifests, foreignKinds, kwokStages, type Crd } from './manifests.js';
import { obtainAll, type Progress } from './obtain.js';
import { freePorts } from './ports.js';
import { describeEnd, lastLines, startProcesses, type Processes, type RunningProcess } from './processes.js';
import { controlPlane } from './servers.js';
import type { LabUser } from './users.js';

export interface StartLabOptions {
  /** Nodes that kwok plays. @default 2 */
  readonly nodes?: number;
  /** Users with a static token each, without any right of their own. @default none */
  readonly users?: readonly LabUser[];
  /** Folder of the lab's files, kept at the end but for what a next lab in it replaces. @default a temporary one */
  readonly dir?: string;
  /** Types of admission policies' expressions are checked, and what is wrong said in their status. Costs
   * processor for each policy. @default true */
  readonly typeChecking?: boolean;
  /** @default nothing is shown */
  readonly onProgress?: Progress;
  /** File with kwok's Stage objects. @default lab/servers/kwok/stages.yaml */
  readonly stages?: string;
  /** Environment for finding and building the servers. @default process.env */
  readonly env?: NodeJS.ProcessEnv;
  /** How long the servers may take from start to Ready. @default 120000 */
  readonly timeoutMilliseconds?: number;
}

/** A running Kubernetes control plane on loopback, Ready. */
export interface Lab {
  /** Path of the kubeconfig of `lab-admin`, in group `system:masters`. */
  readonly kubeconfig: string;
  /** URL of the API server. */
  readonly server: string;
  readonly dir: string;
  /** Foreign kinds whose CRDs could not be had (no Go and not in the cache), so that the API server lacks them. */
  readonly missingKinds: readonly string[];
  /** Ids of the running processes by name. */
  pids(): Readonly<Record<string, number>>;
  /** Path of the kubeconfig of one of the given users. Throws for another name. */
  kubeconfigFor(user: string): string;
  /** Lets the lab outlive this process; `stopRecorded(dir)` ends it then. */
  detach(): Promise<void>;
  /** Ends every process of the lab and resolves when they have ended. Safe to call twice. */
  stop(): Promise<void>;
}

/**
 * Obtains the servers if need be, starts them on loopback and resolves when the cluster is Ready: nodes Ready, the
 * default service account there, cluster DNS running, foreign CRDs served. The lab ends with this process, however that
 * ends. Rejects with a `LabError` that shows the end of a server's log when that server ends; nothing is left running.
 */
export async function startLab(options: StartLabOptions = {}): Promise<Lab> {
  const obtained = {
    ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
    ...(options.env === undefined ? {} : { env: options.env }),
  };
  const binaries = await obtainAll(controlPlane, obtained);
  let crds: readonly Crd[] = [];
  let missingKinds: readonly string[] = [];
  try {
    crds = await foreignCrdManifests(obtained);
  } catch (error) {
    // The servers may all come from PATH of a machine without Go: everything but the foreign kinds works there.
    if (!(error instanceof LabError)) throw error;
    missingKinds = foreignKinds;
    options.onProgress?.(`going on without ${foreignKinds.join(', ')}: ${error.message}`);
  }
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start(options, binaries, crds, missingKinds);
    } catch (error) {
      // A port that was free when we looked may be taken when the API server asks for it.
      if (attempt === 3 || !/address already in use/.test(String(error))) throw error;
    }
  }
}

async function start(
  options: StartLabOptions,
  binaries: ControlPlaneFiles['binaries'],
  crds: readonly Crd[],
  missingKinds: readonly string[],
): Promise<Lab> {
  const started = performance.now();
  const temporary = options.dir === undefined;
  const dir = options.dir === undefined ? mkdtempSync(join(tmpdir(), 'portarium-lab-')) : resolve(options.dir);
  if (etcdSocket(dir).length > 100) {
    throw new LabError(`${dir} is too long a path for a lab: a socket in it may have 100 characters at most`);
  }
  const processes = await startProcesses(dir, { temporary });
  try {
    clearFolder(dir);
    const [port = 0] = await freePorts(1);
    const credentials = writeCredentials(dir, options.users ?? []);
    writeAuditPolicy(dir);
    const files: ControlPlaneFiles = { folder: dir, binaries, credentials, port };
    const server = `https://127.0.0.1:${port}`;
    const startup = new Startup(processes, performance.now() + (options.timeoutMilliseconds ?? 120_000));

    await startup.start(etcd(files));
    await startup.until('etcd listens', () => Promise.resolve(existsSync(etcdSocket(dir))));
    await startup.start(apiServer(files));
    let certificate = '';
    await startup.until('the API server has its certificate', () => {
      certificate = tryReadCertificate(dir) ?? '';
      return Promise.resolve(certificate !== '');
    });

    mkdirSync(join(dir, 'kubeconfigs'), { mode: 0o700 });
    const kubeconfigOf = (user: string): string => join(dir, 'kubeconfigs', `${user.replace(/^system:/, '')}.yaml`);
    for (const user of credentials.users) {
      writeKubeconfig(kubeconfigOf(user), {
        server,
        certificate,
        user,
        token: credentials.token(user),
      });
    }
    const api = apiClient(server, certificate, credentials.token('lab-admin'));
    try {
      await startup.until('the API server answers', async () => (await api.get('/readyz')).status > 0);
      // Half of the API server's start is writing the roles that its own controllers need; members of system:masters,
      // which we and kwok are, need none.
      const ready = startup.until('the API server is ready', async () => (await api.get('/readyz')).status === 200);
      await Promise.all([
        ready.then(() =>
          Promise.all([
            startup.start(
              controllerManager(files, kubeconfigOf('system:kube-controller-manager'), options.typeChecking ?? true),
            ),
            startup.start(scheduler(files, kubeconfigOf('system:kube-scheduler'))),
            startClusterDns(api, startup, options.nodes ?? 2),
          ]),
        ),
        startup.start(kwok(files, kubeconfigOf('system:kwok'), options.stages ?? kwokStages())),
        createNodesAndKinds(api, startup, options.nodes ?? 2, crds),
      ]);
    } finally {
      api.close();
    }
    options.onProgress?.(`lab Ready in ${((performance.now() - started) / 1000).toFixed(1)} s: ${server}`);
    return {
      kubeconfig: kubeconfigOf('lab-admin'),
      server,
      dir,
      missingKinds,
      pids: () => processes.pids(),
      kubeconfigFor: (user) => {
        const path = kubeconfigOf(user);
        if (!(options.users ?? []).some(({ name }) => name === user)) {
          throw new LabError(
            `the lab has no user ${user}; it has: ${(options.users ?? []).map(({ name }) => name).join(', ') || 'none'}`,
          );
        }
        return path;
      },
      detach: () => processes.detach(),
      stop: () => processes.stop(),
    };
  } catch (error) {
    await processes.stop();
    throw error;
  }
}

/**
 * Removes what a lab has put into its folder, and nothing else there. A lab always starts empty: what an earlier one
 * left would come back as objects and identities.
 */
export function clearFolder(dir: string, { keepLogs = false } = {}): void {
  const data = ['etcd', 'etcd.sock', 'peer.sock', 'kubeconfigs', 'audit-policy.json'];
  const secrets = ['apiserver.crt', 'apiserver.key', 'tokens.csv', 'service-account.key', 'service-account.pub'];
  const logs = keepLogs ? [] : controlPlane.map((name) => `${name}.log`);
  for (const name of [...data, ...secrets, ...logs]) rmSync(join(dir, name), { recursive: true, force: true });
}

/** What needs no role of the API server's own: done while it is still writing those. */
async function createNodesAndKinds(api: ApiClient, startup: Startup, nodes: number, crds: readonly Crd[]) {
  await Promise.all([
    ...Array.from({ length: nodes }, (_, index) => create(api, startup, '/api/v1/nodes', node(index))),
    ...crds.map((crd) => create(api, startup, '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', crd)),
  ]);
  await Promise.all([
    startup.until('the nodes are Ready', async () => {
      const { body } = await api.get('/api/v1/nodes');
      return items(body).filter(isNodeReady).length === nodes;
    }),
    startup.until('the default service account exists', async () => {
      return (await api.get('/api/v1/namespaces/default/serviceaccounts/default')).status === 200;
    }),
    ...crds.map((crd) => startup.until(`${crd.metadata.name} is served`, () => isServed(api, crd))),
  ]);
}

/** Only for an API server that is ready: before, it refuses every cluster IP as out of range. */
async function startClusterDns(api: ApiClient, startup: Startup, nodes: number): Promise<void> {
  await Promise.all([
    create(api, startup, '/api/v1/namespaces/kube-system/services', dnsService),
    create(api, startup, '/apis/apps/v1/namespaces/kube-system/deployments', dnsDeployment),
  ]);
  if (nodes === 0) return;
  await startup.until('cluster DNS runs', async () => {
    const { body } = await api.get('/apis/apps/v1/namespaces/kube-system/deployments/coredns');
    return (body as { status?: { readyReplicas?: number } }).status?.readyReplicas === 2;
  });
}

/** Early in the life of an API server a create may be refused for a moment, for lack of a namespace for instance. */
async function create(api: ApiClient, startup: Startup, path: string, object: object): Promise<void> {
  await startup.until(`${path} accepts an object`, async () => isCreated(await api.post(path, object), path));
}

function isCreated({ status, body }: ApiAnswer, path: string): boolean {
  if (status === 201 || status === 409) return true;
  if (status === 400 || status === 422)
    throw new LabError(`${path} refuses an object of the lab: ${JSON.stringify(body)}`);
  return false;
}

function items(list: unknown): readonly unknown[] {
  return (list as { items?: unknown[] }).items ?? [];
}

function isNodeReady(object: unknown): boolean {
  const { status, spec } = object as {
    status?: { conditions?: { type: string; status: string }[] };
    spec?: { taints?: unknown[] };
  };
  // Ready comes first, the taint that keeps pods away goes a moment later.
  return (
    status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') === true &&
    (spec?.taints ?? []).length === 0
  );
}

async function isServed(api: ApiClient, { spec }: Crd): Promise<boolean> {
  const version = spec.versions.find(({ served }) => served)?.name ?? '';
  const { status, body } = await api.get(`/apis/${spec.group}/${version}`);
  const kinds = (body as { resources?: { kind: string }[] }).resources ?? [];
  return (
    status === 200 &&
    kinds.some(({ kind }) => kind === spec.names.kind) &&
    (await api.get(`/apis/${spec.group}/${version}/${spec.names.plural}?limit=1`)).status === 200
  );
}

/** Starts servers and waits for conditions, and gives up at once when a server that was started ends. */
class Startup {
  readonly #servers: RunningProcess[] = [];

  readonly #processes: Processes;
  readonly #deadline: number;

  constructor(processes: Processes, deadline: number) {
    this.#processes = processes;
    this.#deadline = deadline;
  }

  async start(spec: Parameters<Processes['start']>[0]): Promise<void> {
    this.#servers.push(await this.#processes.start(spec));
  }

  async until(what: string, condition: () => Promise<boolean>): Promise<void> {
    let lastError: unknown;
    for (;;) {
      try {
        // Whatever answers on the port of a server that has ended may keep us waiting for long.
        const ended = this.#servers.map((server) => server.ended.then(() => false));
        if (await Promise.race([condition(), ...ended])) return;
      } catch (error) {
        if (error instanceof LabError) throw error;
        lastError = error;
      }
      for (const server of this.#servers) {
        const end = server.end();
        if (end !== undefined) {
          throw new LabError(
            `${server.name} ${describeEnd(end)} before ${what}; the end of ${server.log}:\n${lastLines(server.log)}`,
          );
        }
      }
      if (performance.now() > this.#deadline) {
        const logs = this.#servers.map(({ name, log }) => `--- ${name}\n${lastLines(log, 5)}`).join('\n');
        const why = lastError instanceof Error ? ` (${lastError.message})` : '';
        throw new LabError(`the lab did not become Ready in time: waited until ${what}${why}\n${logs}`);
      }
      await sleep(50);
    }
  }
}
