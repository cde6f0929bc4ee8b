import { inconclusive, type Finding } from '../../model/check.js';
import type { Evidence } from '../evidence.js';
import type { Subject } from '../question.js';
import { judged, type Judgement } from './judgement.js';
import { passing } from './pass.js';

/** That each agent of the stack lives, reports, and goes through the front: one that never does may go elsewhere. */
export const agents = (evidence: Evidence, { workspaceId, agents: expected }: Subject): Judgement =>
  judged('agents', () => {
    if (expected.length === 0)
      return { check: inconclusive('agents', 'no agent of the stack has replicas: there is nobody to watch') };
    const rose = (rows: string, agent: string, routed?: string): boolean =>
      evidence
        .rows(rows, workspaceId)
        .some(
          ({ labels, value }) =>
            labels['agent_id'] === agent && (routed === undefined || labels['routed'] === routed) && value > 0,
        );
    const counts = (agent: string): boolean =>
      evidence
        .rows('callRows', workspaceId)
        .some(({ labels }) => labels['agent_id'] === agent && labels['routed'] === 'false');
    const findings = expected.flatMap((agent): readonly Finding[] => {
      const object = `agent ${agent}`;
      if (!rose('beatRows', agent))
        return [
          { object, problem: 'gave no sign of life in the window: its SDK does not report, or it is not running' },
        ];
      if (!rose('beatsNow', agent)) return [{ object, problem: 'gave no sign of life in the last ten minutes' }];
      if (!counts(agent))
        return [{ object, problem: 'does not count its calls past the front: whether there are any is not known' }];
      return rose('callRows', agent, 'true')
        ? []
        : [{ object, problem: 'lives, but no call of it came through the front' }];
    });
    if (findings.length === 0)
      return { check: passing('agents', `${expected.length} of ${expected.length} live and call through the front`) };
    return {
      check: inconclusive(
        'agents',
        `${findings.length} of ${expected.length} are not known to live and to call through the front`,
        findings,
      ),
    };
  });
