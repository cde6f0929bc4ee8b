import { inconclusive, type Check, type Finding, type Verdict } from '../model/check.js';
import { RACE, SKEW, type Chain } from './chain.js';
import type { Entry } from './entry.js';
import type { AuditInputs } from './inputs.js';
import { judged } from './findings.js';

const object = ({ id, computed }: Entry): string => `entry ${id === '' ? `without id, sha256 ${computed}` : id}`;
const finding = (entry: Entry, problem: string): Finding => ({ object: object(entry), problem });

/** What the log is worth as a whole, whatever it says of runs. */
export function chainChecks(inputs: AuditInputs, chain: Chain): readonly Check[] {
  const { entries, doubts } = inputs;
  if (entries.length === 0)
    return [wholeCheck(doubts), inconclusive('evidence log', 'the workspace has no entry: nothing can be shown by it')];
  // Of a log that did not come whole, a hole shows nothing about who made it.
  const broken: Verdict = doubts.length === 0 ? 'fail' : 'inconclusive';
  return [
    wholeCheck(doubts),
    entriesCheck(entries),
    judged(
      'hashes',
      chain.altered.map((each) => ({
        ...finding(each, 'is not what its hash was taken of'),
        expected: each.hash,
        found: each.computed,
      })),
      'fail',
      {
        good: `all ${entries.length} entries have the SHA-256 of what they say`,
        bad: `${chain.altered.length} of ${entries.length} entries were altered, or never had this hash`,
      },
    ),
    linksCheck(chain, broken, entries.length),
    forksCheck(chain),
    anchorCheck(inputs, chain),
    signaturesCheck(inputs),
    clockCheck(inputs, chain),
  ];
}

const wholeCheck = (doubts: readonly string[]): Check =>
  judged(
    'log is whole',
    doubts.map((problem): Finding => ({ object: 'evidence log', problem })),
    'inconclusive',
    {
      good: 'the source gave it without a sign of omission',
      bad: 'the source may not have given the whole log',
    },
  );

const entriesCheck = (entries: readonly Entry[]): Check =>
  judged(
    'entries',
    entries.flatMap((entry) => (entry.problems ?? []).map((problem) => finding(entry, problem))),
    'fail',
    { good: 'every entry is one of this workspace’s log', bad: 'the log has what is no entry of it' },
  );

function linksCheck(chain: Chain, broken: Verdict, count: number): Check {
  const findings = [
    ...chain.orphans.map((each) => ({
      ...finding(each, 'names a predecessor that is not in the log: one was deleted, altered or cut off'),
      expected: each.previous,
    })),
    ...chain.repeated.map((each) => finding(each, 'has the id or the hash of another entry')),
    ...chain.circular.map((each) => finding(each, 'is on no path from the first entry')),
  ];
  const verdict = chain.repeated.length + chain.circular.length > 0 ? 'fail' : broken;
  return judged('links', findings, verdict, {
    good: `every one of ${count} entries is reached from the first by previousHash`,
    bad: 'the chain is broken',
  });
}

/** Apart from the rest: upstream makes forks by itself, and an entry that somebody inserts is one too. */
function forksCheck({ forks }: Chain): Check {
  const findings = forks.map(({ after, branches, asRaced }): Finding => ({
    object: after === undefined ? 'the beginning' : `entry with sha256 ${after}`,
    found: branches.slice(0, 5).map(({ id }) => id),
    problem: `is followed by ${branches.length} entries, ${asRaced ? `as writers leave that do not see each other within ${RACE / 1000} s` : 'which no race of writers explains'}`,
  }));
  return judged('forks', findings, forks.every(({ asRaced }) => asRaced) ? 'inconclusive' : 'fail', {
    good: 'one entry follows each, and one is the first',
    bad: 'the log branches: concurrent writers, or an inserted entry',
  });
}

function anchorCheck({ options: { anchor }, entries, doubts }: AuditInputs, chain: Chain): Check {
  const name = 'anchor';
  if (anchor === undefined) {
    return inconclusive(
      name,
      'nothing outside the log says how long it once was: what was cut off its end is not seen. Keep the head that this audit prints, and give it to the next as --anchor',
    );
  }
  const place = chain.ordered.findIndex(({ hash }) => hash === anchor);
  if (place < 0 && entries.some(({ previous }) => previous === anchor))
    return inconclusive(
      name,
      'the log begins after the earlier head: what was before is gone, by retention or otherwise',
    );
  const findings: readonly Finding[] =
    place >= 0
      ? []
      : [
          {
            object: `entry with sha256 ${anchor}`,
            problem: 'was the head of an earlier audit and is no longer in the log',
          },
        ];
  return judged(name, findings, doubts.length === 0 ? 'fail' : 'inconclusive', {
    good: `the earlier head is in the log, ${entries.length - place - 1} entries before its end`,
    bad: 'the log was truncated or rewritten since',
  });
}

function signaturesCheck({ entries, options: { keySha256 } }: AuditInputs): Check {
  const name = 'signatures';
  const unsigned = entries.filter(({ signature }) => signature === 'absent');
  if (keySha256 === undefined) {
    return inconclusive(
      name,
      unsigned.length === entries.length
        ? 'no entry is signed: who may write the store may rewrite the whole log after the anchor. Upstream has no signer'
        : `${entries.length - unsigned.length} of ${entries.length} entries are signed, and no --public-key was given to check them with`,
    );
  }
  const findings = [
    ...unsigned.map((each) => finding(each, 'is not signed')),
    ...entries
      .filter(({ signature }) => signature === 'invalid')
      .map((each) => finding(each, 'has a signature that is not this key’s for it')),
    ...entries
      .filter(({ signature }) => signature === 'unchecked')
      .map((each) => finding(each, 'has a signature that was not checked')),
  ];
  return judged(name, findings, 'fail', {
    good: `every entry is signed by the key with sha256 ${keySha256}`,
    bad: `${findings.length} of ${entries.length} entries are not signed by the key with sha256 ${keySha256}`,
  });
}

function clockCheck({ entries, skew, frame, readAt }: AuditInputs, chain: Chain): Check {
  const latest = Date.parse(readAt) + SKEW;
  const findings: readonly Finding[] = [
    ...(skew !== undefined && Math.abs(skew) > SKEW
      ? [
          {
            object: 'clock of the source',
            problem: `is ${Math.round(Math.abs(skew) / 1000)} s ${skew > 0 ? 'ahead of' : 'behind'} the auditor’s`,
          },
        ]
      : []),
    ...entries
      .filter(({ at }) => Date.parse(at) > latest)
      .map((each) => ({ ...finding(each, 'is from the future'), found: each.at })),
    ...chain.backwards.map((each) => ({ ...finding(each, 'is earlier than the entry before it'), found: each.at })),
    ...frame.runs
      .filter(({ at }) => at !== undefined && Date.parse(at) > Date.parse(frame.takenAt) + SKEW)
      .map(({ runId, at }) => ({ object: `run ${runId}`, found: at, problem: 'is from the future' })),
  ];
  return judged('clock', findings, 'inconclusive', {
    good: 'times rise along the chain, and none is from the future',
    bad: 'a clock is or was off, or times were altered: the window and the order rest on them',
  });
}
