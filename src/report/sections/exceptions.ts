import { checkOf, inconclusive, type Check } from '../../model/check.js';
import type { Control } from '../../model/levels.js';
import { tryRefusal } from '../../model/relaxation.js';
import type { ReportInput } from '../input.js';
import type { ObservedRelaxation } from '../observed.js';
import { sectionOf, type Section } from '../section.js';

/** A Relaxation of the period: the only kind of exception that there is. */
export interface Exception {
  readonly name: string;
  readonly controls: readonly Control[];
  /** Who asked for it and answers for it. */
  readonly owner: string;
  /** @default - nobody: it never opened anything */
  readonly approver?: string;
  readonly reason: string;
  readonly ticket: string;
  /** ISO 8601. */
  readonly from: string;
  readonly expires: string;
  readonly state: 'in force' | 'expired' | 'ended' | 'not approved' | 'void';
  /** How it ended, or why it permits nothing; a sentence. */
  readonly note?: string;
}

export function exceptionsSection({ observed, period }: ReportInput): {
  readonly section: Section;
  readonly exceptions: readonly Exception[];
} {
  if (observed === undefined) {
    const why = 'Relaxations are read from the live cluster, which was not read (--no-cluster)';
    return { section: sectionOf('exceptions', why, [inconclusive('exceptions', why)], []), exceptions: [] };
  }
  const unread = observed.unread.find(({ what }) => what === 'Relaxations');
  const exceptions = observed.relaxations
    .filter(
      (each) =>
        Date.parse(endOf(each)) >= Date.parse(period.from) && Date.parse(each.createdAt) <= Date.parse(period.until),
    )
    .map((each) => exceptionOf(each, new Date(observed.at)));
  const checks = [
    ...exceptions.map(exceptionCheck),
    ...(unread ? [inconclusive('Relaxations', `they could not be read: ${unread.why}`)] : []),
    ...(exceptions.length === 0 && !unread ? [checkOf('Relaxations', [], 'none in the period')] : []),
  ];
  return { section: sectionOf('exceptions', summaryOf(exceptions), checks, ['cluster']), exceptions };
}

const endOf = ({ endedAt, expiresAt }: ObservedRelaxation): string =>
  endedAt !== undefined && Date.parse(endedAt) < Date.parse(expiresAt) ? endedAt : expiresAt;

function exceptionOf(relaxation: ObservedRelaxation, now: Date): Exception {
  const { name, controls, requestedBy, approvedBy, reason, ticket, createdAt, expiresAt, endedAt, endedBy } =
    relaxation;
  return {
    ...{ name, controls, owner: requestedBy, reason, ticket, from: createdAt, expires: expiresAt },
    ...(approvedBy !== undefined && { approver: approvedBy }),
    ...stateOf(relaxation, now),
    ...(endedAt !== undefined && {
      note: `Ended ${endedAt.slice(0, 16).replace('T', ' ')} UTC by ${endedBy ?? 'nobody named'}.`,
    }),
  };
}

function stateOf(relaxation: ObservedRelaxation, now: Date): Pick<Exception, 'state' | 'note'> {
  const { state, approvedBy, expiresAt } = relaxation;
  const asWritten = {
    ...{ ...relaxation, workspaceId: '', planHash: '' },
    createdAt: new Date(relaxation.createdAt),
    expiresAt: new Date(expiresAt),
  };
  // What it was worth while it lasted, whatever became of it.
  const worth =
    approvedBy === undefined ? undefined : tryRefusal({ ...asWritten, state: 'approved' }, asWritten.createdAt);
  if (worth !== undefined) return { state: 'void', note: worth };
  if (approvedBy === undefined) return { state: 'not approved' };
  if (state === 'ended') return { state: 'ended' };
  return { state: asWritten.expiresAt.getTime() <= now.getTime() ? 'expired' : 'in force' };
}

function exceptionCheck({ name, state, controls, note, expires }: Exception): Check {
  const what = `Relaxation ${name} of ${controls.join(', ')}`;
  if (state === 'void')
    return checkOf(what, [{ object: what, problem: note ?? 'is void' }], 'two persons, and no longer than allowed');
  if (state === 'in force') return inconclusive(what, `in force until ${expires}: what it opens is open`);
  return checkOf(what, [], state);
}

function summaryOf(exceptions: readonly Exception[]): string {
  if (exceptions.length === 0) return 'no Relaxation in the period';
  const open = exceptions.filter(({ state }) => state === 'in force').length;
  const count = `${exceptions.length} Relaxation${exceptions.length === 1 ? '' : 's'} in the period`;
  return `${count}, ${open === 0 ? 'none' : open} in force at its end`;
}
