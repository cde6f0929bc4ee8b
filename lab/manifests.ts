import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { LabError } from './errors.js';
import { downloadModule, goModule, goVersionOf, whyNoGo } from './go.js';
import type { Progress } from './obtain.js';
import { cacheKey } from './origin.js';
import { cacheFolder, serverFolders } from './paths.js';

/** A CustomResourceDefinition, as far as the lab looks into it. */
export interface Crd {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string; readonly plural: string };
    readonly versions: readonly { readonly name: string; readonly served: boolean }[];
  };
}

export interface ManifestOptions {
  /** @default nothing is shown */
  readonly onProgress?: Progress;
  /** @default process.env */
  readonly env?: NodeJS.ProcessEnv;
}

/** The kinds of other projects that we render; the versions are those of `lab/servers/crds/go.mod`. */
const foreignCrds = [
  {
    module: 'github.com/cilium/cilium',
    folder: 'pkg/k8s/apis/cilium.io/client/crds/v2',
    kinds: {
      CiliumNetworkPolicy: 'ciliumnetworkpolicies.yaml',
      CiliumClusterwideNetworkPolicy: 'ciliumclusterwidenetworkpolicies.yaml',
    },
  },
  {
    module: 'sigs.k8s.io/network-policy-api',
    folder: 'config/crd/standard',
    kinds: { ClusterNetworkPolicy: 'policy.networking.k8s.io_clusternetworkpolicies.yaml' },
  },
  {
    module: 'github.com/prometheus-operator/prometheus-operator',
    folder: 'example/prometheus-operator-crd',
    kinds: {
      PodMonitor: 'monitoring.coreos.com_podmonitors.yaml',
      PrometheusRule: 'monitoring.coreos.com_prometheusrules.yaml',
      AlertmanagerConfig: 'monitoring.coreos.com_alertmanagerconfigs.yaml',
    },
  },
] as const;

/** Every kind that `foreignCrdManifests` returns a CRD for. */
export const foreignKinds: readonly string[] = foreignCrds.flatMap(({ kinds }) => Object.keys(kinds));

/** File with kwok's Stage objects, which say what it does to nodes and pods. */
export function kwokStages(): string {
  return join(serverFolders(), 'kwok', 'stages.yaml');
}

/**
 * The CRDs of the foreign kinds, downloaded once as Go modules, whose sums Go checks, and kept in the cache without
 * their descriptions, which are most of their size. Rejects with a `LabError` when they are not in the cache and Go is
 * missing or cannot download.
 */
export async function foreignCrdManifests(options: ManifestOptions = {}): Promise<readonly Crd[]> {
  const env = options.env ?? process.env;
  const module = join(serverFolders(), 'crds');
  const folder = join(
    cacheFolder(env),
    cacheKey(module, { ...goModule, settings: [...goModule.settings, ...foreignKinds] }),
  );
  if (!existsSync(folder)) {
    const problem = await whyNoGo(module, env);
    if (problem !== undefined) {
      throw new LabError(
        `the CRDs of ${foreignKinds.join(', ')} cannot be downloaded: not in the cache, and ${problem}; ` +
          `Go ${goVersionOf(module)} or newer gets them, once`,
      );
    }
    options.onProgress?.(`downloading the CRDs of ${foreignKinds.join(', ')}, once`);
    await download(module, folder, env);
  }
  return readdirSync(folder)
    .sort()
    .map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as Crd);
}

async function download(module: string, folder: string, env: NodeJS.ProcessEnv): Promise<void> {
  mkdirSync(dirname(folder), { recursive: true });
  const draft = mkdtempSync(`${folder}.partial-`);
  try {
    for (const source of foreignCrds) {
      const downloaded = await downloadModule(module, source.module, env);
      for (const [kind, file] of Object.entries(source.kinds)) {
        const crd: unknown = parse(readFileSync(join(downloaded, source.folder, file), 'utf8'));
        writeFileSync(join(draft, `${kind}.json`), JSON.stringify(withoutDescriptions(crd)));
      }
    }
    renameSync(draft, folder);
  } catch (error) {
    // Another run may have put the same files there first.
    if (!existsSync(folder)) throw error instanceof LabError ? error : new LabError(String(error));
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** Drops the `description` of every schema, but not a property that is itself named so. */
function withoutDescriptions(value: unknown, isProperties = false): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutDescriptions(item));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, field]) => isProperties || key !== 'description' || typeof field !== 'string')
      .map(([key, field]) => [key, withoutDescriptions(field, key === 'properties')]),
  );
}
