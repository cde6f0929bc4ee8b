import type { Verdict } from '../../model/check.js';
import type { Report } from '../report.js';
import type { ReportedClaim } from '../sections/claims.js';
import { markup, NOTHING, type Html } from './escape.js';
import { badge, code, facts, list, short, sign, table, time, type Shown } from './parts.js';

/** Exceptions that the first page shows, newest first. */
const EXCEPTIONS = 4;
/** Reasons that the first page shows. */
const REASONS = 4;

const WORDS: Readonly<Record<Verdict, string>> = { pass: 'Pass', fail: 'Fail', inconclusive: 'Inconclusive' };

/** Verdict, claims, results and exceptions: what a reader who stops here must know. */
export const firstPage = (report: Report): Html =>
  markup` <header>
      <div class="brand"><span>Portarium enforcement</span><span>Compliance report</span></div>
      <div class="lead">
        <div>
          <p class="what">Workspace</p>
          <h1>${report.subject.workspaceId}</h1>
        </div>
        <p>
          ${time(report.period.from)} to ${time(report.period.until)}<br />Made ${time(report.madeAt)}<br />${report.observed?.server ?? 'live cluster not read'}
        </p>
      </div>
    </header>
    ${verdictBox(report)} ${headFacts(report)} ${claimsTable(report)} ${exceptionsTable(report)} ${resultsTable(report)}`;

function verdictBox({ verdict, headline, reasons }: Report): Html {
  const worst = reasons.filter((reason) => reason.verdict === verdict);
  const shown = worst.slice(0, REASONS);
  const more = reasons.length - shown.length;
  return markup`<section class="verdict ${verdict}" aria-label="Verdict">
    <div class="word ${verdict}">${sign(verdict)}${WORDS[verdict]}</div>
    <p class="headline">${headline}</p>
    ${list(shown.map(({ text }) => text))}
    ${more > 0 ? markup`<p class="more">${more} more ${more === 1 ? 'reason' : 'reasons'} in the sections below.</p>` : NOTHING}
  </section>`;
}

function headFacts({ subject, level, tool }: Report): Html {
  const lowered =
    level.own === level.effective
      ? NOTHING
      : markup`, counts as <strong>${level.effective}</strong> (shared namespace)`;
  return facts(
    [
      ['Level', markup`<strong>${level.own}</strong>${lowered}`],
      ['Policy', short(level.policyHash)],
      ['Namespace', code(subject.namespace)],
      ['Made by', `${tool.name} ${tool.version}${tool.commit === undefined ? '' : ` (${tool.commit.slice(0, 7)})`}`],
    ],
    true,
  );
}

const CLAIM_SIGN: Readonly<Record<ReportedClaim['verdict'], Shown>> = {
  proved: 'pass',
  refuted: 'fail',
  inconclusive: 'inconclusive',
  'not claimed': 'none',
  'no evidence': 'inconclusive',
};

export const claimBadge = ({ verdict }: ReportedClaim): Html => badge(CLAIM_SIGN[verdict], verdict);

const claimsTable = ({ claims }: Report): Html =>
  table(
    'The five claims that together say: there is no way around',
    [{ head: '', narrow: true }, { head: 'Claim' }, { head: 'Verdict', narrow: true }],
    claims.map((claim) => [markup`<strong>${claim.claim}</strong>`, claim.text, claimBadge(claim)]),
  );

const resultsTable = ({ sections }: Report): Html =>
  table(
    'Results',
    [{ head: 'What was looked at', narrow: true }, { head: 'Result' }, { head: 'Verdict', narrow: true }],
    sections
      .filter(({ id }) => id !== 'claims')
      .map(({ id, title, summary, verdict }) => [markup`<a href="#${id}">${title}</a>`, summary, badge(verdict)]),
  );

function exceptionsTable({ exceptions, observed }: Report): Html {
  const name = 'Exceptions in the period';
  if (exceptions.length === 0) {
    const none = observed === undefined ? 'Not known: the live cluster was not read.' : 'None.';
    return markup`<h3 class="caption">${name}</h3>
      <p>${none}</p>`;
  }
  const more = exceptions.length - EXCEPTIONS;
  return table(
    more > 0 ? `${name}: the newest ${EXCEPTIONS} of ${exceptions.length}` : name,
    [
      { head: 'Controls' },
      { head: 'Owner' },
      { head: 'Approved by' },
      { head: 'Expiry', narrow: true },
      { head: 'Ticket' },
      { head: 'State' },
    ],
    exceptions
      .slice(0, EXCEPTIONS)
      .map(({ controls, owner, approver, expires, ticket, state }) => [
        controls.join(', '),
        owner,
        approver ?? 'nobody',
        time(expires),
        ticket,
        state,
      ]),
  );
}
