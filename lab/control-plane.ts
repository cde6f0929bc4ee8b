import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { auditLog, auditPolicy } from './audit.js';
import type { Credentials } from './credentials.js';
import type { ProcessSpec } from './processes.js';
import type { ObtainedServer } from './obtain.js';
import type { ServerName } from './servers.js';

/** Addresses inside the lab. No packet is ever sent to them; policies and Services only name them. */
export const labNetwork = {
  serviceCidr: '10.96.0.0/16',
  dnsServiceIp: '10.96.0.10',
  podCidr: '10.244.0.0/16',
  /** What the `kubernetes` Service points at, and what the sample platform says: an endpoint may not be a loopback address. */
  advertisedApiServer: '10.0.0.2',
  nodeIp: (index: number): string => `172.31.0.${index + 10}`,
  nodePodCidr: (index: number): string => `10.244.${index}.0/24`,
} as const;

export type Binaries = Readonly<Partial<Record<ServerName, ObtainedServer>>>;

/** Starting is bound by the processor, and much of it is garbage collection; memory is plenty for a lab's few objects. */
const env = { ...process.env, GOGC: '200' };

/** What the command lines of the control plane depend on. */
export interface ControlPlaneFiles {
  readonly folder: string;
  readonly binaries: Binaries;
  readonly credentials: Credentials;
  readonly port: number;
}

/** etcd listens on a socket in the lab's folder: it asks nobody who they are, so no port may lead to it. */
export function etcd({ folder, binaries }: ControlPlaneFiles): ProcessSpec {
  const client = `unix://${etcdSocket(folder)}`;
  const peer = `unix://${join(folder, 'peer.sock')}`;
  return {
    name: 'etcd',
    command: path(binaries, 'etcd'),
    env,
    args: [
      `--data-dir=${join(folder, 'etcd')}`,
      `--listen-client-urls=${client}`,
      `--advertise-client-urls=${client}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=default=${peer}`,
      // A lab never outlives its machine: no write has to reach the disk before it is answered.
      '--unsafe-no-fsync',
      '--log-level=warn',
    ],
  };
}

export function etcdSocket(folder: string): string {
  return join(folder, 'etcd.sock');
}

/** The API server makes its own serving certificate, and the authority that signs it, in `apiserver.crt`. */
export function apiServer({ folder, binaries, credentials, port }: ControlPlaneFiles): ProcessSpec {
  return {
    name: 'kube-apiserver',
    command: path(binaries, 'kube-apiserver'),
    env,
    args: [
      `--etcd-servers=unix://${etcdSocket(folder)}`,
      '--bind-address=127.0.0.1',
      `--secure-port=${port}`,
      `--advertise-address=${labNetwork.advertisedApiServer}`,
      `--cert-dir=${folder}`,
      `--token-auth-file=${credentials.tokenFile}`,
      '--authorization-mode=Node,RBAC',
      '--enable-admission-plugins=NodeRestriction',
      '--allow-privileged=true',
      `--service-cluster-ip-range=${labNetwork.serviceCidr}`,
      '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
      `--service-account-key-file=${credentials.serviceAccountPublicKey}`,
      `--service-account-signing-key-file=${credentials.serviceAccountKey}`,
      `--audit-policy-file=${auditPolicy(folder)}`,
      `--audit-log-path=${auditLog(folder)}`,
      '--profiling=false',
    ],
  };
}

/**
 * The API server's certificate and the authority that signed it, or undefined as long as they are not complete: it
 * writes that file bit by bit, and the key after it.
 */
export function tryReadCertificate(folder: string): string | undefined {
  return existsSync(join(folder, 'apiserver.key')) ? readFileSync(certificateFile(folder), 'utf8') : undefined;
}

function certificateFile(folder: string): string {
  return join(folder, 'apiserver.crt');
}

export function controllerManager(files: ControlPlaneFiles, kubeconfig: string, typeChecking: boolean): ProcessSpec {
  return {
    name: 'kube-controller-manager',
    command: path(files.binaries, 'kube-controller-manager'),
    env,
    args: [
      `--kubeconfig=${kubeconfig}`,
      // Without a port of its own there is nothing to choose, to guard or to collide with.
      '--secure-port=0',
      '--leader-elect=false',
      ...(typeChecking ? [] : ['--controllers=*,-validatingadmissionpolicy-status-controller']),
      '--use-service-account-credentials',
      `--service-account-private-key-file=${files.credentials.serviceAccountKey}`,
      `--root-ca-file=${certificateFile(files.folder)}`,
      '--kube-api-qps=500',
      '--kube-api-burst=1000',
      // A laptop that sleeps must not find its pods evicted when it wakes up.
      '--node-monitor-grace-period=24h',
    ],
  };
}

export function scheduler(files: ControlPlaneFiles, kubeconfig: string): ProcessSpec {
  return {
    name: 'kube-scheduler',
    command: path(files.binaries, 'kube-scheduler'),
    env,
    args: [
      `--kubeconfig=${kubeconfig}`,
      '--secure-port=0',
      '--leader-elect=false',
      '--kube-api-qps=500',
      '--kube-api-burst=1000',
    ],
  };
}

export function kwok(files: ControlPlaneFiles, kubeconfig: string, stages: string): ProcessSpec {
  return {
    name: 'kwok',
    command: path(files.binaries, 'kwok'),
    env,
    args: [
      `--kubeconfig=${kubeconfig}`,
      `--config=${stages}`,
      '--manage-all-nodes=true',
      `--cidr=${labNetwork.podCidr}`,
      `--node-ip=${labNetwork.nodeIp(0)}`,
      '--node-lease-duration-seconds=40',
    ],
  };
}

function path(binaries: Binaries, name: ServerName): string {
  const server = binaries[name];
  if (server === undefined) throw new Error(`${name} has not been obtained`);
  return server.path;
}
