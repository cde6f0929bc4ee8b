import type { ReportInput } from './input.js';
import type { EffectiveLevel } from './sections/in-force.js';
import type { Section } from './section.js';

/** What this report does not show, in plain sentences. */
export function limitsOf(
  { observed, evidenceKey, tool, period, madeAt }: ReportInput,
  level: EffectiveLevel,
  sections: readonly Section[],
  more: readonly string[],
): readonly string[] {
  const silent = sections.filter(({ sources, id }) => sources.length === 0 && id !== 'evidence');
  return [
    ...silent.map(({ title, summary }) => `${title}: nothing is shown, since ${uncapitalised(summary)}.`),
    ...(evidenceKey === undefined
      ? ['No key was named to check evidence by, so no evidence could count as pass.']
      : []),
    ...(level.own === level.effective
      ? []
      : [`The workspace shares its namespace with ${level.because ?? 'another'}: it is judged at ${level.effective}.`]),
    observed === undefined
      ? 'The live cluster was not read: levels, exceptions, approvals and drift are not known.'
      : `The live cluster was read once, at ${observed.at}; what was otherwise before or after is seen only as far as evidence of the period says so.`,
    'The history of levels is the engine’s inventory: whoever may write that object could have changed it.',
    'Relaxations and approvals are those that the cluster still has; nobody but the keepers of the policy namespace could have removed any.',
    'The proof rests on the assumptions that it lists, each with what checks it.',
    ...(tool.commit === undefined ? ['The commit of the program that made this report is not known.'] : []),
    ...(tool.modified === true ? ['The program that made this report differs from its commit.'] : []),
    ...(Date.parse(madeAt) - Date.parse(period.until) > 3_600_000
      ? ['The report was made after the period: the live cluster is as it was then, not at the period’s end.']
      : []),
    ...more,
    'The mapping says for which requirements this may be evidence. It does not say that any is met.',
  ];
}

const uncapitalised = (text: string): string => text.replace(/\.$/, '');
