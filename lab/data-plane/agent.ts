import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LabError } from '../errors.js';
import { cacheFolder, serverFolders } from '../paths.js';
import { describeEnd, lastLines, type RunningProcess } from '../processes.js';
import { addresses } from './addresses.js';

/** Where the agent finds things. */
export interface AgentFiles {
  readonly folder: string;
  readonly kubeconfig: string;
  /** The unpacked packages of `lab/servers/cilium-tools`. */
  readonly tools: string;
  /** Name of the Node that it plays. */
  readonly node: string;
  /** Whether its DNS proxy runs, which rules by name need. */
  readonly dnsProxy: boolean;
}

export const agentSocket = (folder: string): string => join(folder, 'cilium.sock');

/** A writable copy of the sources of its programs. */
export const agentLibrary = (folder: string): string => join(folder, 'cilium-lib');

/** As `lab/README.md` says: native routing over one device, policies by identity, and nothing that this machine shares. */
export const agentArguments = ({ folder, kubeconfig, dnsProxy }: AgentFiles): readonly string[] => [
  `--k8s-kubeconfig-path=${kubeconfig}`,
  `--lib-dir=${agentLibrary(folder)}`,
  `--state-dir=${join(folder, 'cilium-state')}`,
  `--socket-path=${agentSocket(folder)}`,
  '--cgroup-root=/run/cgroup2',
  '--bpf-root=/sys/fs/bpf',
  '--ipam=kubernetes',
  '--enable-ipv4=true',
  '--enable-ipv6=true',
  '--routing-mode=native',
  `--ipv4-native-routing-cidr=${addresses.clusterCidr}`,
  `--ipv6-native-routing-cidr=${addresses.clusterCidr6}`,
  '--enable-ipv4-masquerade=false',
  '--enable-ipv6-masquerade=false',
  // Programs at the pods' own links translate Services; one at the root cgroup would reach every process of the machine.
  '--kube-proxy-replacement=false',
  '--identity-allocation-mode=crd',
  '--enable-k8s-cluster-network-policy=true',
  `--enable-l7-proxy=${dnsProxy}`,
  // Its DNS proxy is its own; of Envoy, which nothing here needs, it shall not start one.
  `--external-envoy-proxy=${dnsProxy}`,
  '--enable-health-checking=false',
  '--enable-endpoint-health-checking=false',
  '--enable-hubble=false',
  '--devices=eth0',
  '--direct-routing-device=eth0',
  '--enable-endpoint-routes=true',
  '--cluster-name=lab',
  '--cluster-id=0',
  '--cni-exclusive=false',
  '--agent-health-port=0',
  '--enable-xt-socket-fallback=false',
];

/** Found first on the agent's PATH. */
const compilers = (folder: string): string => join(folder, 'compilers');

/**
 * Puts a compiler there that remembers what it made: the programs are the same for every data plane, and take nine
 * seconds of a processor.
 */
export function rememberCompiled({ folder }: AgentFiles): void {
  // Its own address in the cluster is compiled in: without this, which is read as what a run before left, it is random.
  const globals = join(folder, 'cilium-state/state/globals');
  mkdirSync(globals, { recursive: true });
  writeFileSync(
    join(globals, 'node_config.h'),
    `#define IPV4_GATEWAY 0xfe00f40a\n cilium.v6.internal.raw 0xfd, 0x0, 0x0, 0x10, 0x2, 0x44, ${'0x0, '.repeat(8)}0xff, 0xfe\n`,
  );
  mkdirSync(compilers(folder));
  copyFileSync(join(serverFolders(), 'cilium-tools/clang.sh'), join(compilers(folder), 'clang'));
}

/** The unpacked tools come with libraries and extensions that the system does not look for where they are. */
export function agentEnvironment({ folder, tools, node }: AgentFiles): NodeJS.ProcessEnv {
  const libraries = join(tools, 'usr/lib', `${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`);
  return {
    PATH: [
      compilers(folder),
      join(tools, 'usr/lib/llvm-19/bin'),
      join(tools, 'usr/bin'),
      join(tools, 'usr/sbin'),
      process.env['PATH'],
    ].join(':'),
    LD_LIBRARY_PATH: [libraries, join(tools, 'usr/lib/llvm-19/lib')].join(':'),
    XTABLES_LIBDIR: join(libraries, 'xtables'),
    HOME: '/root',
    K8S_NODE_NAME: node,
    REAL_CLANG: join(tools, 'usr/lib/llvm-19/bin/clang'),
    CCACHE_DIR: join(cacheFolder(), 'ccache'),
    CCACHE_MAXSIZE: '100M',
    // Every data plane has a folder of its own, with fresh copies of the same sources.
    CCACHE_BASEDIR: folder,
    CCACHE_NOHASHDIR: '1',
    CCACHE_SLOPPINESS: 'include_file_mtime,include_file_ctime',
  };
}

/** Resolves when the agent says that it is well. Rejects with the end of its log when it ends, or is not within so long. */
export async function untilReady(agent: RunningProcess, folder: string, milliseconds: number): Promise<void> {
  const deadline = performance.now() + milliseconds;
  while (!(await isHealthy(agentSocket(folder)))) {
    const end = agent.end();
    if (end !== undefined || performance.now() > deadline) {
      const problem = end === undefined ? `is not ready after ${milliseconds / 1000} s` : describeEnd(end);
      throw new LabError(`cilium-agent ${problem}:\n${lastLines(agent.log, 40)}`);
    }
    await sleep(100);
  }
}

const isHealthy = (socketPath: string): Promise<boolean> =>
  new Promise((resolve) => {
    const asked = request({ socketPath, path: '/v1/healthz', timeout: 5000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    asked.on('error', () => resolve(false));
    asked.on('timeout', () => asked.destroy());
    asked.end();
  });
