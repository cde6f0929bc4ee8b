import { inconclusive, type Check } from '../../model/check.js';
import { KINDS, type Judged } from '../judged.js';
import { sectionOf, type Section } from '../section.js';

/** Whether the evidence folder holds what cannot be believed: such a file decides nothing, and is never passed over. */
export function evidenceSection(evidence: readonly Judged[]): Section {
  const doubtful = evidence.filter(({ signature }) => signature === 'doubtful');
  const accepted = evidence.filter((each) => each.accepted);
  const checks: readonly Check[] = doubtful.map(({ file, reason }) =>
    inconclusive(`file ${file}`, reason ?? 'It cannot be believed.', [
      { object: file, problem: reason ?? 'cannot be believed' },
    ]),
  );
  const whole: Check =
    accepted.length === 0
      ? inconclusive(
          'evidence folder',
          `none of its ${evidence.length} files is accepted; wanted are results of ${KINDS.join(', ')}`,
        )
      : {
          name: 'evidence folder',
          verdict: 'pass',
          note: `${accepted.length} of ${evidence.length} files accepted`,
          findings: [],
        };
  const summary = `${accepted.length} of ${evidence.length} files accepted, ${accepted.filter(({ signature }) => signature === 'valid').length} signed by the evidence key${doubtful.length > 0 ? `; ${doubtful.length} cannot be believed` : ''}`;
  return sectionOf('evidence', summary, [...checks, whole], []);
}
