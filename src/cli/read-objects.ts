import { existsSync } from 'node:fs';
import { readLiveObjects } from '../bridge/live-objects.js';
import type { NotEvaluated } from '../prove/index.js';
import { readFolder } from '../prove/input/folder.js';
import { inputOfCluster, inputOfFiles, type Input } from '../prove/input/input.js';
import { decidesProof } from '../prove/input/kinds.js';
import { preflight, PREFLIGHT_READS, type Preflight } from '../prove/preflight.js';
import type { Cluster } from '../bridge/cluster.js';
import { ApiError } from '../bridge/api-error.js';
import type { SecretRef } from '../prove/claims/credentials-stores.js';
import { connect, type ClusterOptions } from './cluster.js';
import { CliError, EXIT } from './exit-codes.js';

/** @param path a folder, or one file. @throws CliError where it holds nothing to read */
export function readManifestsAt(path: string): Input {
  if (!existsSync(path)) throw new CliError(EXIT.usage, `--manifests ${path}: there is no such folder or file.`);
  const files = readFolder(path);
  if (files.length === 0) {
    throw new CliError(EXIT.usage, `--manifests ${path}: holds no file that ends in .yaml, .yml or .json.`);
  }
  return inputOfFiles(files);
}

/** The objects of a live cluster of the kinds wanted. What the API server does not tell is named as not evaluated. */
export async function readClusterObjects(
  options: ClusterOptions,
  wanted: Parameters<typeof readLiveObjects>[1],
): Promise<Input> {
  const cluster = await connect(options);
  try {
    return await readObjects(cluster, wanted);
  } finally {
    cluster.close();
  }
}

async function readObjects(cluster: Cluster, wanted: Parameters<typeof readLiveObjects>[1]): Promise<Input> {
  const { objects, silent } = await readLiveObjects(cluster, wanted);
  const unknown = silent.map(({ apiVersion, problem }): NotEvaluated => {
    return { kind: 'API group', name: apiVersion, reason: `its kinds are not known: ${problem}` };
  });
  return inputOfCluster(objects, unknown);
}

export interface LiveSource {
  readonly input: Input;
  readonly preflight: Preflight;
  /** Address of the API server, and who asked. */
  readonly cluster: { readonly server: string; readonly by: string };
  /** Absent where nobody asked for them, or the caller may not list them. */
  readonly secrets?: readonly SecretRef[];
}

/** The Secrets of a namespace by name and type; what is in them is let go of. Undefined where the caller may not list them. */
async function secretsIn(cluster: Cluster, namespace: string): Promise<readonly SecretRef[] | undefined> {
  try {
    const secrets = await cluster.list({ apiVersion: 'v1', kind: 'Secret', namespace });
    return secrets.map(({ metadata, type }) => ({
      namespace,
      name: metadata.name,
      type: typeof type === 'string' ? type : 'Opaque',
    }));
  } catch (error) {
    if (error instanceof ApiError && error.status === 403) return undefined;
    throw error;
  }
}

/**
 * What a proof about a live cluster is made from: its objects, and what it says of its own policies' enforcement
 * (bypasses B21, B22, B24, B28). Throws where the caller may not read that.
 *
 * @param agents namespace whose Secrets are listed
 */
export async function readClusterForProof(options: ClusterOptions, agents?: string): Promise<LiveSource> {
  const cluster = await connect(options);
  try {
    const input = await readObjects(cluster, decidesProof);
    const named = PREFLIGHT_READS.filter((read) => 'name' in read);
    const settings = await Promise.all(
      named.map(({ apiVersion, kind, namespace, name }) =>
        cluster.tryGet({ apiVersion, kind, metadata: { namespace, name } }),
      ),
    );
    const objects = [...input.objects, ...settings.filter((object) => object !== undefined)];
    const version = await cluster.version();
    const { username } = await cluster.whoAmI();
    const secrets = agents === undefined ? undefined : await secretsIn(cluster, agents);
    return {
      input,
      preflight: input.reading(() => preflight(objects, version)),
      cluster: { server: cluster.server, by: username },
      ...(secrets && { secrets }),
    };
  } finally {
    cluster.close();
  }
}
