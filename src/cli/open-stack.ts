import { renderStack } from '../bridge/render.js';
import { loadStack, type Stack } from '../config/load.js';
import type { KubeObject } from '../model/kube-object.js';
import type { StackOptions } from './stack.js';

export interface OpenStack {
  readonly name: string;
  readonly config: Stack;
  /** As rendered without a cluster. */
  readonly objects: readonly KubeObject[];
}

/** Loads and renders a stack. Throws ConfigError, before anything is changed, where the config is wrong. */
export function openStack({ stack, stacks, level }: Omit<StackOptions, 'json'>): OpenStack {
  const config = loadStack(stack, { dir: stacks, ...(level && { level }) });
  return { name: stack, config, objects: renderStack(config) };
}
