import { setTimeout as sleep } from 'node:timers/promises';
import type { DataPlane, LabPod } from '../../../../lab/data-plane/data-plane.js';
import { NODE } from '../../../../lab/data-plane/nodes.js';
import type { Cluster } from '../../../bridge/cluster.js';
import { CliError, EXIT } from '../../exit-codes.js';

export type Labels = Readonly<Record<string, string>>;

/**
 * Gives one pod with these labels its network, as soon as it has been scheduled. Throws when there is none within 30 s.
 *
 * @param known one that has its network already, which is taken away if the pod is gone
 */
export async function podOf(
  plane: DataPlane,
  admin: Cluster,
  namespace: string,
  labels: Labels,
  known?: LabPod,
): Promise<LabPod> {
  const selector = Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
  const deadline = performance.now() + 30_000;
  while (performance.now() < deadline) {
    const pods = await admin.list({ apiVersion: 'v1', kind: 'Pod', namespace }, { labels: selector });
    const alive = pods.filter(
      ({ metadata, spec }) =>
        !metadata.deletionTimestamp && (spec as { nodeName?: string } | undefined)?.nodeName === NODE,
    );
    if (known !== undefined && alive.some(({ metadata }) => metadata.name === known.name)) return known;
    const [found] = alive;
    if (found) {
      await known?.remove();
      return plane.attach(namespace, found.metadata.name);
    }
    await sleep(50);
  }
  throw new CliError(EXIT.error, `no pod ${selector} in ${namespace} within 30 s`);
}
