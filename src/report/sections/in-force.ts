import { inconclusive, type Check } from '../../model/check.js';
import { CONTROLS, type Control, type Level } from '../../model/levels.js';
import type { ReportInput } from '../input.js';
import type { ObservedControl } from '../observed.js';
import { sectionOf, type Section } from '../section.js';

const NOT_READ = 'the live cluster was not read (--no-cluster)';

/** What each control does, by live objects, pods and the front’s replicas. */
export function inForceSection({ observed }: ReportInput, level: EffectiveLevel): Section {
  if (observed === undefined) {
    return sectionOf('inForce', NOT_READ, [inconclusive('controls in force', NOT_READ)], []);
  }
  const unread = observed.unread.map(({ what, why }) => inconclusive(what, `it could not be read: ${why}`));
  const checks = [
    ...CONTROLS.map((control) => checkOf(control, observed.controls[control])),
    sharingCheck(level),
    ...unread,
  ];
  return sectionOf('inForce', summaryOf(observed.controls), checks, ['cluster']);
}

/** `enforced: authz, mtls; relaxed: egress`. */
function summaryOf(controls: Readonly<Record<Control, ObservedControl>>): string {
  const found = Map.groupBy(CONTROLS, (control) => controls[control].verdict);
  return [...found].map(([verdict, of]) => `${verdict}: ${of.join(', ')}`).join('; ');
}

const checkOf = (control: Control, { verdict, note }: ObservedControl): Check => ({
  name: `control ${control}`,
  verdict: verdict === 'enforced' ? 'pass' : 'inconclusive',
  note: `${verdict}${note === '' ? '' : `: ${note}`}`,
  findings: [],
});

/** The lowest level among workspaces of one namespace, and whose it is. */
export interface EffectiveLevel {
  readonly own: Level;
  readonly effective: Level;
  readonly because?: string;
}

const sharingCheck = ({ own, effective, because }: EffectiveLevel): Check =>
  own === effective
    ? {
        name: 'shared namespace',
        verdict: 'pass',
        note: 'no workspace at a lower level is in the same namespace',
        findings: [],
      }
    : inconclusive(
        'shared namespace',
        `workspaces of one namespace are one trust domain: ${because ?? 'another'} is at ${effective}, so this one counts as ${effective}`,
      );
