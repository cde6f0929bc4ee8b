import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ApiextensionsV1Api,
  AuthenticationV1Api,
  AuthorizationV1Api,
  CoreV1Api,
  KubeConfig,
  VersionApi,
} from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startLab, type Lab } from '../../../lab/cluster.js';
import { obtainAll } from '../../../lab/obtain.js';
import { identify } from '../../../lab/process-identity.js';
import { controlPlane } from '../../../lab/servers.js';
import { labUsers } from '../../../lab/users.js';
import { runProgram } from '../../lab/support/program.js';
import { listeningAddresses } from './sockets.js';
import { workerLab } from '../worker-lab.js';

const lab = workerLab();

function configOf(path: string): KubeConfig {
  const config = new KubeConfig();
  config.loadFromFile(path);
  return config;
}

const admin = configOf(lab.kubeconfig);
const core = admin.makeApiClient(CoreV1Api);

/** Runs the work in a namespace of its own and removes that afterwards. */
async function inNamespace(work: (namespace: string) => Promise<void>): Promise<void> {
  const { metadata } = await core.createNamespace({ body: { metadata: { generateName: 'lab-test-' } } });
  const namespace = metadata?.name ?? '';
  try {
    await work(namespace);
  } finally {
    await core.deleteNamespace({ name: namespace });
  }
}

describe('the shared lab', () => {
  it('is Kubernetes 1.36.3', async () => {
    expect((await admin.makeApiClient(VersionApi).getCode()).gitVersion).toBe('v1.36.3');
  });

  it('has two Ready nodes with an address and a pod range each', async () => {
    const { items } = await core.listNode();
    expect(
      items.map(({ metadata, spec, status }) => ({
        name: metadata?.name,
        podCIDR: spec?.podCIDR,
        address: status?.addresses?.find(({ type }) => type === 'InternalIP')?.address,
        ready: status?.conditions?.find(({ type }) => type === 'Ready')?.status,
      })),
    ).toEqual([
      { name: 'lab-node-1', podCIDR: '10.244.0.0/24', address: '172.31.0.10', ready: 'True' },
      { name: 'lab-node-2', podCIDR: '10.244.1.0/24', address: '172.31.0.11', ready: 'True' },
    ]);
  });

  it('schedules a pod and plays it Running and Ready, with an address of its node, and deletes it', async () => {
    await inNamespace(async (namespace) => {
      await expect
        .poll(() =>
          core.readNamespacedServiceAccount({ name: 'default', namespace }).then(
            () => true,
            () => false,
          ),
        )
        .toBe(true);
      await core.createNamespacedPod({
        namespace,
        body: {
          metadata: { name: 'probe' },
          spec: {
            initContainers: [{ name: 'sidecar', image: 'x', restartPolicy: 'Always' }],
            containers: [{ name: 'main', image: 'x' }],
          },
        },
      });
      const read = (): ReturnType<typeof core.readNamespacedPod> =>
        core.readNamespacedPod({ name: 'probe', namespace });
      await expect.poll(async () => (await read()).status?.phase, { timeout: 10_000 }).toBe('Running');
      const { spec, status } = await read();
      expect(spec?.nodeName).toMatch(/^lab-node-[12]$/);
      expect(status?.podIP).toMatch(spec?.nodeName === 'lab-node-1' ? /^10\.244\.0\./ : /^10\.244\.1\./);
      expect(status?.conditions?.find(({ type }) => type === 'Ready')?.status).toBe('True');
      await core.deleteNamespacedPod({ name: 'probe', namespace });
      await expect
        .poll(
          () =>
            read().then(
              () => 'there',
              () => 'gone',
            ),
          { timeout: 10_000 },
        )
        .toBe('gone');
    });
  });

  it('has a stand-in for cluster DNS at its usual address, with two pods behind it', async () => {
    const service = await core.readNamespacedService({ name: 'kube-dns', namespace: 'kube-system' });
    expect(service.spec?.clusterIP).toBe('10.96.0.10');
    const { items } = await core.listNamespacedPod({ namespace: 'kube-system', labelSelector: 'k8s-app=kube-dns' });
    expect(items.map(({ status }) => status?.phase)).toEqual(['Running', 'Running']);
  });

  it('serves the foreign kinds that we render, in the version that we render', async () => {
    const { items } = await admin.makeApiClient(ApiextensionsV1Api).listCustomResourceDefinition();
    const served = items.flatMap(({ spec }) =>
      spec.versions.filter(({ served }) => served).map(({ name }) => `${spec.group}/${name} ${spec.names.kind}`),
    );
    expect(served).toEqual(
      expect.arrayContaining([
        'cilium.io/v2 CiliumNetworkPolicy',
        'cilium.io/v2 CiliumClusterwideNetworkPolicy',
        'policy.networking.k8s.io/v1alpha2 ClusterNetworkPolicy',
        'monitoring.coreos.com/v1 PodMonitor',
      ]),
    );
  });

  it('knows every user with its groups', async () => {
    for (const { name, groups } of labUsers) {
      const review = await configOf(lab.users[name] ?? '')
        .makeApiClient(AuthenticationV1Api)
        .createSelfSubjectReview({ body: {} });
      expect(review.status?.userInfo).toMatchObject({ username: name, groups: [...groups, 'system:authenticated'] });
    }
  });

  it('gives no user a right that the tests have not bound', async () => {
    const review = await configOf(lab.users['mallory'] ?? '')
      .makeApiClient(AuthorizationV1Api)
      .createSelfSubjectAccessReview({
        body: { spec: { resourceAttributes: { verb: '*', resource: '*', group: '*' } } },
      });
    expect(review.status?.allowed).toBe(false);
  });

  it('is not reached without the certificate of its own', async () => {
    await expect(fetch(`${lab.server}/version`)).rejects.toThrow('fetch failed');
  });
});

describe('a second lab', { timeout: 120_000 }, () => {
  const dir = mkdtempSync(join(tmpdir(), 'portarium-second-'));
  let second: Lab;
  beforeAll(async () => {
    second = await startLab({ dir, nodes: 1, users: [{ name: 'eve', groups: [] }] });
  });
  afterAll(async () => {
    await second.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  it('stands beside the first, on another port and with other credentials', async () => {
    expect(second.server).not.toBe(lab.server);
    const config = configOf(second.kubeconfig);
    expect((await config.makeApiClient(CoreV1Api).listNode()).items).toHaveLength(1);
    const mixed = configOf(second.kubeconfig);
    mixed.users = admin.users.map((user) => ({ ...user, name: 'lab-admin' }));
    await expect(mixed.makeApiClient(CoreV1Api).listNode()).rejects.toThrow('Unauthorized');
  });

  it('has a kubeconfig for each of its users and no other', () => {
    expect(existsSync(second.kubeconfigFor('eve'))).toBe(true);
    expect(() => second.kubeconfigFor('bob')).toThrow('the lab has no user bob; it has: eve');
  });

  it.runIf(process.platform === 'linux')('listens on one port of 127.0.0.1 and on nothing else', () => {
    const { port } = new URL(second.server);
    const addresses = Object.entries(second.pids()).flatMap(([name, pid]) =>
      listeningAddresses(pid).map((address) => `${name} ${address}`),
    );
    expect(addresses).toEqual([`kube-apiserver 127.0.0.1:${port}`]);
  });

  it('refuses a third in its folder while it runs', async () => {
    await expect(startLab({ dir })).rejects.toThrow(
      /belongs to processes that are still running \(supervisor \d+, etcd/,
    );
  });

  it('leaves no process when it is stopped, and its folder can be used again at once', async () => {
    const before = Object.values(second.pids());
    await second.stop();
    expect(before.filter((pid) => identify(pid) !== undefined)).toEqual([]);
    second = await startLab({ dir, nodes: 0 });
    const config = configOf(second.kubeconfig);
    expect((await config.makeApiClient(CoreV1Api).listNode()).items).toEqual([]);
  });
});

describe('a lab whose program is killed', { timeout: 120_000 }, () => {
  it('ends with all its servers and its temporary folder', async () => {
    const { child, answer } = await runProgram<{ dir: string; pids: Record<string, number> }>('./lab-parent.ts');
    expect(Object.keys(answer.pids).sort()).toEqual(
      ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kwok', 'supervisor'].sort(),
    );
    child.kill('SIGKILL');
    await expect
      .poll(() => Object.entries(answer.pids).filter(([, pid]) => identify(pid) !== undefined), { timeout: 10_000 })
      .toEqual([]);
    expect(existsSync(answer.dir)).toBe(false);
  });
});

describe('a lab without Go', { timeout: 120_000 }, () => {
  it('runs on the binaries on PATH, says which versions, and which kinds it lacks', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'portarium-without-go-'));
    const obtained = await obtainAll(controlPlane);
    for (const { name, path } of Object.values(obtained)) symlinkSync(path, join(folder, name));
    const lines: string[] = [];
    const alone = await startLab({
      env: { PATH: folder, XDG_CACHE_HOME: folder },
      onProgress: (line) => lines.push(line),
    });
    try {
      expect(lines).toContain(
        `kube-apiserver: taken from PATH, Kubernetes v1.36.3 (${join(folder, 'kube-apiserver')})`,
      );
      expect(alone.missingKinds).toEqual([
        'CiliumNetworkPolicy',
        'CiliumClusterwideNetworkPolicy',
        'ClusterNetworkPolicy',
        'PodMonitor',
        'PrometheusRule',
        'AlertmanagerConfig',
      ]);
      expect(lines).toContainEqual(
        expect.stringMatching(/^going on without Cilium.*no `go` is on PATH; Go 1\.26 or newer/),
      );
      expect((await configOf(alone.kubeconfig).makeApiClient(CoreV1Api).listNode()).items).toHaveLength(2);
    } finally {
      await alone.stop();
      rmSync(folder, { recursive: true });
    }
  });
});

describe('a lab that cannot start', () => {
  it('shows the end of the log of the server that ended, and leaves nothing running', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'portarium-broken-'));
    const bin = mkdtempSync(join(tmpdir(), 'portarium-bin-'));
    writeFileSync(join(bin, 'kube-apiserver'), '#!/bin/sh\necho "a flag is wrong" >&2\nexit 1\n');
    chmodSync(join(bin, 'kube-apiserver'), 0o755);
    const env = { ...process.env, PATH: `${bin}:${process.env['PATH']}` };
    await expect(startLab({ dir, env })).rejects.toThrow(
      /^kube-apiserver ended with exit code 1 before .*kube-apiserver\.log:\na flag is wrong$/s,
    );
    expect(readdirSync(dir)).not.toContain('processes.json');
    expect(readFileSync(join(dir, 'kube-apiserver.log'), 'utf8')).toBe('a flag is wrong\n');
    for (const folder of [dir, bin]) rmSync(folder, { recursive: true });
  });
});
