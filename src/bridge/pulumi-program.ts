import { join } from 'node:path';
import { getRootDirectory, getStack, log, runtime, RunError } from '@pulumi/pulumi';
import { ConfigError } from '../config/messages.js';
import { loadStack, type Stack } from '../config/load.js';
import { relax } from '../model/levels.js';
import { policyHash } from '../model/policy.js';
import { closingHook } from './pulumi-closing.js';
import { contractHash } from './pulumi-contract.js';
import { registerOpenFga } from './pulumi-openfga.js';
import { patchingHook } from './pulumi-patching.js';
import { preflighted } from './pulumi-preflight.js';
import { ClusterProvider } from './pulumi-provider.js';
import { registerObjects } from './pulumi-resources.js';
import { rawStackOf } from './pulumi-config.js';

/** `stackConfigDir` of Pulumi.yaml; the engine tells the program the project's root, and runs it elsewhere. */
const STACKS = 'stacks';

/**
 * The Pulumi program: the stack's config -> what is live -> objects -> one resource each. Returns the stack's outputs.
 * Throws RunError, before anything is registered, where the config is wrong or something live forbids the update; in a
 * preview the latter is a warning.
 */
export async function deploy(stacksDir = join(getRootDirectory(), STACKS)): Promise<Readonly<Record<string, unknown>>> {
  const name = getStack();
  const stack = loaded(name, stacksDir);
  const { objects, provider, closing, relaxation, warnings } = await preflighted(name, stack, runtime.isDryRun());
  for (const warning of warnings) await log.warn(warning);
  const beforePatches = patchingHook(objects);
  const resources = registerObjects(objects, {
    provider: new ClusterProvider(provider),
    ...(beforePatches && { beforePatches }),
    ...(closing.length > 0 && { beforeWorkloads: closingHook(closing) }),
  });
  await registerOpenFga(stack, [...resources.values()]);
  return outputsOf(stack, relaxation);
}

function loaded(name: string, dir: string): Stack {
  try {
    return loadStack(name, { dir, replace: rawStackOf(name, runtime.allConfig()) });
  } catch (error) {
    if (error instanceof ConfigError) throw new RunError(error.message);
    throw error;
  }
}

/** For people, for `stack history`, and for the comparison of contracts; no other stack takes values from them. */
export function outputsOf(stack: Stack, relaxation?: string): Readonly<Record<string, unknown>> {
  const { kind, platform } = stack;
  if (kind === 'platform') return { kind, guards: platform.guards, contractHash: contractHash(platform) };
  const { workspace } = stack;
  return {
    kind,
    level: workspace.level,
    modes: relax(workspace.level, workspace.relaxing?.controls ?? []),
    ...(workspace.relaxing && { relaxing: workspace.relaxing.as, relaxation }),
    policyHash: policyHash(platform, workspace),
    contractHash: contractHash(platform),
  };
}
