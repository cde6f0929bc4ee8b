import { inconclusive } from '../../model/check.js';
import { Doubt } from '../answer.js';
import type { Evidence } from '../evidence.js';
import type { Subject } from '../question.js';
import { attempt, counted, judged, percent, type Judgement } from './judgement.js';
import { passing } from './pass.js';

/**
 * The second source, which does not depend on an SDK: flows out of the cluster that the network let pass. It is believed
 * only where it has seen the namespace, if only a denied flow: `enforce verify` sends some.
 *
 * @returns undefined where the config says that the cluster has no such source
 */
export function network(evidence: Evidence, { namespace }: Subject): Judgement | undefined {
  const { network: asked, names, window, step, criteria } = evidence.question;
  if (asked.source === 'none') {
    if (asked.declared) return undefined;
    return {
      check: inconclusive(
        'network',
        'one source alone, what the SDKs own up to. Name the second (--network-source hubble), or say in the platform’s config that the cluster has none (monitoring.prometheus.networkSource: none)',
      ),
    };
  }
  return judged('network', () => {
    const counts = (['flows', 'flowsBorn', 'flowsRose'] as const).map((name) =>
      attempt(() => evidence.count(name, namespace)),
    );
    const passed = Math.max(0, ...counts.filter((count) => typeof count === 'number'));
    if (passed > 0) {
      return {
        check: {
          name: 'network',
          verdict: 'fail',
          note: `the network let about ${counted(Math.ceil(passed), 'flow')} out of the cluster from ${namespace}, and none may`,
          findings: [
            {
              object: `Namespace ${namespace}`,
              problem: `sent ${counted(Math.ceil(passed), 'flow')} out of the cluster`,
            },
          ],
        },
        restart: { why: 'a flow went out of the cluster' },
      };
    }
    const doubt = counts.find((count) => count instanceof Doubt);
    if (doubt !== undefined) {
      throw new Doubt(
        `${doubt.message} Nothing shows that ${names.flowsToWorld} sees ${namespace}: run \`enforce verify\`, whose probes are denied and counted.`,
      );
    }
    const seen = evidence.count('flowsCounted', '', window / step + 1) / (window / step);
    if (seen < criteria.coverage) {
      return {
        check: inconclusive(
          'network',
          `${names.flowsToWorld} was there for ${percent(seen)} of the window, fewer than ${percent(criteria.coverage)}`,
        ),
      };
    }
    const lost = evidence.count('lost') + evidence.count('lostBorn');
    if (lost > 0)
      return {
        check: inconclusive(
          'network',
          `about ${Math.ceil(lost)} flows were lost before they were seen (${names.lostEvents})`,
        ),
      };
    return { check: passing('network', `no flow went out of the cluster from ${namespace}, none was lost`) };
  });
}
