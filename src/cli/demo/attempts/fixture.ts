import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../../../bridge/cluster.js';
import { approveRelaxation, endRelaxation } from '../../../bridge/relaxations.js';
import type { Control } from '../../../model/levels.js';
import type { Scene, Who } from './attempt.js';
import { ACME, GLOBEX, relaxation, relaxationRef, type Sample } from './objects.js';

type ClusterOf = (who: Who) => Promise<Cluster>;

/** How long a Relaxation may live that must be seen to expire, minutes. */
const BRIEF = 4 / 60;

/** Relaxations that attempts are made with: stored, since an approval has no effect in a dry run. */
export interface StoredRelaxations {
  readonly asked: Scene['relaxations']['asked'];
  readonly expired?: NonNullable<Scene['relaxations']['expired']>;
  /** Ends and deletes them. */
  readonly remove: () => Promise<void>;
}

/** @param expired also some that were approved and whose time is over, which takes a few seconds */
export async function storeRelaxations(
  admin: Cluster,
  clusterOf: ClusterOf,
  { expired = false } = {},
): Promise<StoredRelaxations> {
  const stored: string[] = [];
  const ask = async (of: Sample, who: Who, name: string, minutes: number, controls?: readonly Control[]) => {
    await (await clusterOf(who)).create(relaxation(of, who, minutes, { name, ...(controls && { controls }) }));
    stored.push(name);
    return name;
  };
  const remove = async (): Promise<void> => {
    for (const name of stored) {
      const [apiVersion, kind, metadata] = relaxationRef(name);
      await endRelaxation(admin, name);
      await admin.delete({ apiVersion, kind, metadata });
    }
  };
  try {
    const asked = {
      'ws-acme': await ask(ACME, 'bob', 'demo-asked-acme', 30),
      'ws-globex': await ask(GLOBEX, 'ws-globex-deployer', 'demo-asked-globex', 30),
    };
    if (!expired) return { asked, remove };
    const over = performance.now() + BRIEF * 60_000;
    const past = {
      'ws-acme': await ask(ACME, 'ws-acme-deployer', 'demo-expired-acme', BRIEF),
      'ws-globex': await ask(GLOBEX, 'ws-globex-deployer', 'demo-expired-globex', BRIEF, ['egress', 'mtls']),
    };
    const carol = await clusterOf('carol');
    for (const name of Object.values(past)) await approveRelaxation(carol, name);
    await sleep(Math.max(0, over - performance.now()) + 100);
    return { asked, expired: past, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}
