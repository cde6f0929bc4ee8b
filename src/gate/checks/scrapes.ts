import { inconclusive } from '../../model/check.js';
import { Doubt } from '../answer.js';
import type { Evidence } from '../evidence.js';
import { counted, judged, percent, type Judgement } from './judgement.js';
import { passing } from './pass.js';

/** That what is scraped answered: share of scrapes of each job in the window. */
export const scrapes = (evidence: Evidence): Judgement =>
  judged('scrapes', () => {
    const { jobs, criteria } = evidence.question;
    const worst = evidence.count('scrapesWorst', '', 1);
    const rows = evidence.rows('scrapeRows', '');
    const least = Math.min(...rows.map(({ value }) => value));
    if (rows.length === 0 || least < worst)
      throw new Doubt('the server contradicts itself about the scrapes of the jobs.');
    if (worst >= criteria.coverage) {
      return {
        check: passing(
          'scrapes',
          `${counted(rows.length, 'job')}, of the worst ${percent(worst)} of the scrapes succeeded`,
        ),
      };
    }
    const bad = rows.filter(({ value }) => value < criteria.coverage);
    return {
      check: inconclusive(
        'scrapes',
        `of a job of ${jobs} only ${percent(worst)} of the scrapes succeeded, fewer than ${percent(criteria.coverage)}`,
        bad.map(({ labels, value }) => ({
          object: `job ${labels['job'] ?? ''}`,
          found: percent(value),
          problem: 'of its scrapes succeeded',
        })),
      ),
    };
  });
