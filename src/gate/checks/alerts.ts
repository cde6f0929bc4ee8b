import { inconclusive } from '../../model/check.js';
import { Doubt } from '../answer.js';
import type { Evidence } from '../evidence.js';
import type { Subject } from '../question.js';
import { counted, judged, percent, timeText, type Judgement } from './judgement.js';
import { passing } from './pass.js';

/** That no critical alert of ours fired, of the workspace or of the platform, while the watchdog shows that it would have. */
export const alerts = (evidence: Evidence, { workspaceId }: Subject): Judgement =>
  judged('alerts', () => {
    const { window, step, criteria } = evidence.question;
    const fired = evidence.count('alerts', workspaceId) + evidence.count('alertsOfPlatform');
    const rows = ['', workspaceId].flatMap((key) => evidence.rows('alertRows', key));
    if (fired > 0 || rows.length > 0) {
      const last = Math.max(...rows.map(({ value }) => value));
      return {
        check: {
          name: 'alerts',
          verdict: 'fail',
          note: `${counted(Math.max(fired, rows.length), 'critical alert')} fired in the window`,
          findings: rows.map(({ labels, value }) => ({
            object: labels['alertname'] ?? 'an alert without a name',
            problem: `fired${labels['workspace_id'] ? ` for ${labels['workspace_id']}` : ''}, last at ${timeText(value)}`,
          })),
        },
        restart: { ...(rows.length > 0 && { at: last }), why: 'a critical alert fired' },
      };
    }
    let watched: number;
    try {
      watched = evidence.count('watchdog', '', window / step + 1) / (window / step);
    } catch (error) {
      if (!(error instanceof Doubt)) throw error;
      throw new Doubt(`${error.message} Without the watchdog, an alert that does not fire says nothing.`);
    }
    if (watched < criteria.coverage) {
      return {
        check: inconclusive(
          'alerts',
          `the rules were evaluated for ${percent(watched)} of the window by the watchdog, fewer than ${percent(criteria.coverage)}`,
        ),
      };
    }
    return { check: passing('alerts', 'no critical alert fired, and the watchdog did throughout') };
  });
