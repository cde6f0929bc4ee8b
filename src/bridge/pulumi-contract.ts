import { sha256 } from '../model/canonical.js';
import type { Platform } from '../model/platform.js';
import { tryStackOutputs } from './pulumi-state.js';

/**
 * SHA-256 of the platform's facts that every workspace is rendered from. Without `guards` and the list of workspaces:
 * neither changes another workspace's objects, and neither may stand in the way of its rollback.
 */
export function contractHash({ guards: _guards, workspaces: _workspaces, ...facts }: Platform): string {
  return sha256(facts);
}

/**
 * Why the platform as deployed is not the one that the workspace would be rendered for, as sentences. The facts come
 * from the platform's file; this only compares.
 */
export async function contractProblems(platform: Platform): Promise<readonly string[]> {
  const { stack } = platform;
  const deploy = `Deploy it first: pulumi up --stack ${stack}.`;
  const outputs = await tryStackOutputs(stack);
  if (outputs?.['contractHash'] === undefined) {
    return [`the platform's stack "${stack}" is not deployed from this backend. ${deploy}`];
  }
  if (outputs['contractHash'] === contractHash(platform)) return [];
  return [
    `the platform's stack "${stack}" is deployed with other facts than its file says (contract ${short(outputs['contractHash'])}, the file's is ${short(contractHash(platform))}). ${deploy}`,
  ];
}

const short = (hash: unknown): string => String(hash).slice(0, 12);
