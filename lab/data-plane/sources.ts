import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { downloadModule, goModule } from '../go.js';
import type { Crd } from '../manifests.js';
import { cacheKey } from '../origin.js';
import { cacheFolder, serverFolders } from '../paths.js';

/** What Cilium's agent needs of its module besides its binary. */
export interface CiliumSources {
  /** Folder with the sources of the programs that it compiles for each node; read-only. */
  readonly bpf: string;
  /** Definitions of the kinds that it waits for. */
  readonly crds: readonly Crd[];
}

const CRDS = 'pkg/k8s/apis/cilium.io/client/crds';

/** Copied out of the module that `lab/servers/cilium/go.mod` pins, once, and kept in the cache. */
export async function ciliumSources(env: NodeJS.ProcessEnv = process.env): Promise<CiliumSources> {
  const pinned = join(serverFolders(), 'cilium');
  const folder = join(cacheFolder(env), `${cacheKey(pinned, goModule)}-sources`);
  if (!existsSync(folder)) {
    const module = await downloadModule(pinned, 'github.com/cilium/cilium', env);
    mkdirSync(dirname(folder), { recursive: true });
    const draft = mkdtempSync(`${folder}.partial-`);
    try {
      for (const part of ['bpf', `${CRDS}/v2`, `${CRDS}/v2alpha1`]) {
        cpSync(join(module, part), join(draft, part), { recursive: true });
      }
      renameSync(draft, folder);
    } catch (error) {
      // Another run may have put the same files there first.
      if (!existsSync(folder)) throw error;
    } finally {
      rmSync(draft, { recursive: true, force: true });
    }
  }
  const crds = ['v2', 'v2alpha1'].flatMap((version) =>
    readdirSync(join(folder, CRDS, version))
      .filter((file) => file.endsWith('.yaml'))
      .map((file) => parse(readFileSync(join(folder, CRDS, version, file), 'utf8')) as Crd),
  );
  return { bpf: join(folder, 'bpf'), crds };
}
