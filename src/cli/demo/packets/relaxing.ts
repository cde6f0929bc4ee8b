import { approveRelaxation, endRelaxation, requestRelaxation } from '../../../bridge/relaxations.js';
import { planHash, UNNAMED } from '../../../bridge/live-facts.js';
import { renderStack } from '../../../bridge/render.js';
import { relaxedBy, ROLLBACK_TARGETS, type RollbackTarget } from '../../../model/levels.js';
import type { Workspace } from '../../../model/workspace.js';
import type { Samples } from './samples.js';

const WORKSPACE = 'ws-acme';

/** A rollback that has been opened. */
export interface Opened {
  /** When it was approved, in milliseconds since 1970. */
  readonly approved: number;
  /** Ends the Relaxation, deploys the stack closed and returns when that was asked for. */
  close(): Promise<number>;
}

const now = (): number => performance.timeOrigin + performance.now();

/** Rolls ws-acme back from `enforced`: Alice asks, Bob approves, the stack's own deployer deploys. */
export async function rollBack(samples: Samples, target: RollbackTarget): Promise<Opened> {
  const controls = relaxedBy('enforced', ROLLBACK_TARGETS[target]);
  const relaxing = (relaxation: string): Partial<Workspace> => ({
    relaxing: { controls, as: `rollback ${target}`, relaxation },
  });
  const stack = (more?: Partial<Workspace>) => samples.workspace(WORKSPACE, 'enforced', more);
  const [alice, bob] = await Promise.all([samples.as('alice'), samples.as('bob')]);
  const { name } = await requestRelaxation(alice, {
    workspaceId: WORKSPACE,
    controls,
    planHash: planHash(renderStack(stack(relaxing(UNNAMED)))),
    reason: 'a drill, as announced',
    ticket: 'CHG-3',
  });
  const approved = now();
  await approveRelaxation(bob, name);
  await samples.up(stack(relaxing(name)));
  return {
    approved,
    close: async () => {
      const asked = now();
      await endRelaxation(alice, name);
      await samples.up(stack());
      return asked;
    },
  };
}
