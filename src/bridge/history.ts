import { rank, relax, tryLevelOf, type Control, type Level } from '../model/levels.js';
import { stackHistory } from './automation.js';
import type { Cluster } from './cluster.js';
import { readInventory, tryPrevious } from './inventory.js';

/**
 * The level that was in force before the last update: from `pulumi stack history`, or without Pulumi from the
 * inventory. Undefined when there was none, or what was in force is no preset.
 */
export async function previousLevel(
  engine: 'pulumi' | 'apply',
  cluster: Cluster,
  stack: string,
  stacksDir: string,
): Promise<Level | undefined> {
  const entry =
    engine === 'pulumi'
      ? (await stackHistory(stack, stacksDir)).at(-2)
      : tryPrevious(await readInventory(cluster, stack));
  return entry && inForce(entry);
}

const inForce = ({
  level,
  relaxing,
}: {
  readonly level: Level;
  readonly relaxing: readonly Control[];
}): Level | undefined => {
  const found = tryLevelOf(relax(level, relaxing));
  return found !== undefined && rank(found) <= rank(level) ? found : undefined;
};
