import { renderStack } from '../../src/bridge/render.js';
import { loadStack, type Stack } from '../../src/config/load.js';
import { readStackFile } from '../../src/config/stack-file.js';
import type { KubeObject } from '../../src/model/kube-object.js';
import type { Control, Level } from '../../src/model/levels.js';

const dir = 'stacks';

export const WORKSPACES = ['ws-acme', 'ws-globex'] as const;

export const platform = (): readonly KubeObject[] => renderStack(loadStack('platform', { dir }));

/** A workspace's objects at a level, with what is relaxed below it. */
export function workspace(stack: string, level: Level, relaxed: readonly Control[] = []): readonly KubeObject[] {
  return renderStack(configured(stack, level, relaxed));
}

/** The stack's own file with another `enforcement`. */
export function configured(stack: string, level: Level, relaxed: readonly Control[] = []): Stack {
  const file = readStackFile(dir, stack);
  const relax = { controls: relaxed, relaxation: 'incident-4711' };
  const enforcement = { level, ...(relaxed.length > 0 && { relax }) };
  return loadStack(stack, { dir, replace: { ...file, config: { ...file.config, enforcement } } });
}
