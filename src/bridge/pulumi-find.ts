import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Both engine and plugin, by path. */
export interface PulumiPaths {
  readonly cli: string;
  readonly kubernetesPlugin: string;
}

/** The Pulumi CLI and the kubernetes plugin, when both are on PATH; nothing is downloaded. */
export function tryFindPulumi(env: NodeJS.ProcessEnv = process.env): PulumiPaths | undefined {
  const find = (name: string): string | undefined =>
    (env['PATH'] ?? '')
      .split(delimiter)
      .filter((folder) => folder !== '')
      .map((folder) => join(folder, name))
      .find(isExecutable);
  const cli = find('pulumi');
  const kubernetesPlugin = find('pulumi-resource-kubernetes');
  return cli === undefined || kubernetesPlugin === undefined ? undefined : { cli, kubernetesPlugin };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
