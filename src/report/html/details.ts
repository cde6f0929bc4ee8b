import type { Check } from '../../model/check.js';
import { FRAMEWORKS, type Framework } from '../mapping.js';
import type { Report } from '../report.js';
import type { ReportedClaim } from '../sections/claims.js';
import { SECTIONS, type SectionId } from '../section.js';
import { markup, NOTHING, type Html } from './escape.js';
import { claimBadge } from './first-page.js';
import { badge, code, facts, hash, list, short, table, time } from './parts.js';

/** Findings of one check that are shown; report.json has them all. */
const FINDINGS = 5;

export interface Chapter {
  readonly id: string;
  readonly title: string;
  readonly body: Html;
}

/** Everything behind the first page, in its order. */
export function chapters(report: Report): readonly Chapter[] {
  const own: Partial<Record<SectionId, (report: Report) => Html>> = {
    claims,
    exceptions,
    approvals,
    evidence,
  };
  return [
    { id: 'scope', title: 'Scope and system boundary', body: scope(report) },
    { id: 'levels', title: 'Level history', body: levels(report) },
    ...report.sections.map(({ id, checks, summary, verdict }) => ({
      id,
      title: SECTIONS[id],
      body: markup`<p class="result">${badge(verdict)}<span>${summary}.</span></p>
        ${own[id]?.(report) ?? NOTHING}${checksTable(checks)}`,
    })),
    { id: 'mapping', title: 'Evidence for requirements of others', body: mapping(report) },
    { id: 'limits', title: 'Limits of this report', body: list(report.limits) },
    { id: 'verify', title: 'How to check this report', body: howToCheck(report) },
  ];
}

function scope({ subject, period, madeAt, observed, tool, manifests, level }: Report): Html {
  return markup`<p>
      This report is about the agents of one workspace and every way by which they could reach a system of record other
      than through the control plane. It rests on what was observed: signed results of checks, and the live cluster.
      What a stack was meant to be is no evidence.
    </p>
    ${facts([
      ['Workspace and stack', markup`${subject.workspaceId}, ${code(subject.stack)} on ${code(subject.platformStack)}`],
      ['Inside', markup`pods in namespace ${code(subject.namespace)}: ${subject.agents.join(', ') || 'no agents'}`],
      [
        'Boundary',
        'the cluster’s network layer, the front of the control plane, admission, and the principals that may change them',
      ],
      ['Outside', markup`systems of record: ${subject.systemsOfRecord.join(', ') || 'none declared'}`],
      [
        'Shares its namespace with',
        subject.sharing.map(({ workspaceId }) => workspaceId).join(', ') || 'no other workspace',
      ],
      ['Period', `${time(period.from)} to ${time(period.until)}`],
      ['Made', time(madeAt)],
      [
        'Cluster',
        observed === undefined ? 'not read' : `${observed.server}, read at ${time(observed.at)} by ${observed.by}`,
      ],
      ['Policy', hash(level.policyHash)],
      [
        'Config as rendered',
        markup`${Object.entries(manifests).map(([file, digest]) => markup`${code(file)} ${hash(digest)}<br />`)}`,
      ],
      [
        'Program',
        `${tool.name} ${tool.version}, commit ${tool.commit ?? 'not known'}${tool.modified === true ? ', modified' : ''}`,
      ],
    ])}`;
}

function levels({ observed, level, evidence }: Report): Html {
  const seen = evidence.filter((each) => each.accepted && each.level !== undefined);
  return markup`<p>
      Reached:
      <strong>${level.own}</strong
      >.${level.because === undefined ? NOTHING : markup` Counts as <strong>${level.effective}</strong>, the lowest in its namespace, that of ${level.because}.`}
      A level once reached never falls; what is looser is an exception.
    </p>
    ${table(
      '',
      [
        { head: 'When', narrow: true },
        { head: 'Level', narrow: true },
        { head: 'Relaxed' },
        { head: 'By' },
        { head: 'Known from' },
      ],
      [
        ...(observed?.history ?? []).map((entry) => [
          time(entry.at),
          entry.level,
          entry.relaxing.join(', ') || 'nothing',
          entry.by,
          'the engine’s inventory',
        ]),
        ...seen.map(({ until, level: at, file }) => [
          time(until ?? ''),
          at ?? '',
          '',
          '',
          markup`evidence ${code(file)}`,
        ]),
      ],
    )}`;
}

const claims = ({ claims: all }: Report): Html => markup`${all.map(claimDetails)}`;

const claimDetails = (claim: ReportedClaim): Html =>
  markup`<div class="claim">
    <h3>${claim.claim}: ${claim.text}</h3>
    <p>${claimBadge(claim)}</p>
    ${claim.counterExamples.map(
      ({ summary, because, fix }) =>
        markup`<div class="example">
          <p><strong>${summary}</strong></p>
          <p>Because of: ${because.join(', ') || 'nothing stops it'}<br />Fix: ${fix}</p>
        </div>`,
    )}
    ${list(claim.reasons)}${list(claim.argument)}
    ${
      claim.assumptions.length === 0
        ? NOTHING
        : markup`<p class="muted">Assumed, and checked by:</p>
            ${list(claim.assumptions.map(({ assumed, checkedBy }) => `${assumed} (${checkedBy})`))}`
    }
  </div>`;

const exceptions = ({ exceptions: all }: Report): Html =>
  all.length === 0
    ? NOTHING
    : table(
        '',
        [
          { head: 'Relaxation' },
          { head: 'Why' },
          { head: 'Asked for, approved' },
          { head: 'From, until', narrow: true },
          { head: 'State' },
        ],
        all.map(({ name, controls, reason, ticket, owner, approver, from, expires, state, note }) => [
          markup`${code(name)}<br />${controls.join(', ')}`,
          markup`${reason}<br /><span class="sub">${ticket}</span>`,
          markup`${owner}<br />${approver ?? 'not approved'}`,
          markup`${time(from)}<br />${time(expires)}`,
          markup`${state}${note === undefined ? NOTHING : markup`<br /><span class="sub">${note}</span>`}`,
        ]),
      );

const approvals = ({ observed }: Report): Html =>
  observed === undefined || observed.approvals.length === 0
    ? NOTHING
    : table(
        '',
        [
          { head: 'When', narrow: true },
          { head: 'Policy', narrow: true },
          { head: 'Approved by' },
          { head: 'Why' },
          { head: 'What changed' },
        ],
        observed.approvals.map(({ approvedAt, policyHash, approvedBy, reason, ticket, changes, live }) => [
          time(approvedAt),
          markup`${short(policyHash)}${live ? markup`<br /><span class="sub">live</span>` : NOTHING}`,
          approvedBy,
          markup`${reason}<br /><span class="sub">${ticket}</span>`,
          changes.length === 0 ? 'nothing' : list(changes),
        ]),
      );

const evidence = ({ evidence: files }: Report): Html =>
  table(
    '',
    [
      { head: 'File' },
      { head: 'What', narrow: true },
      { head: 'Ended', narrow: true },
      { head: 'Signature', narrow: true },
      { head: 'Accepted' },
    ],
    files.map(({ file, sha256, kind, until, signature, accepted, reason }) => [
      markup`${code(file)}<br />${hash(sha256)}`,
      kind?.replace('enforce ', '') ?? 'unknown',
      until === undefined ? '' : time(until),
      badge(signature === 'valid' ? 'pass' : 'inconclusive', signature),
      markup`${accepted ? 'yes' : 'no'}${reason === undefined ? NOTHING : markup`<br /><span class="sub">${reason}</span>`}`,
    ]),
  );

function checksTable(checks: readonly Check[]): Html {
  if (checks.length === 0) return NOTHING;
  const order = { fail: 0, inconclusive: 1, pass: 2 } as const;
  return table(
    'Checks',
    [{ head: 'Verdict', narrow: true }, { head: 'Check' }, { head: 'Found' }],
    checks
      .toSorted((a, b) => order[a.verdict] - order[b.verdict])
      .map(({ name, verdict, note, findings }) => [badge(verdict), name, markup`${note}${findingsList(findings)}`]),
  );
}

function findingsList(findings: Check['findings']): Html {
  const more = findings.length - FINDINGS;
  return list([
    ...findings
      .slice(0, FINDINGS)
      .map(
        ({ object, field, problem }) =>
          markup`${code(`${object}${field === undefined ? '' : ` ${field}`}`)}: ${problem}`,
      ),
    ...(more > 0 ? [`and ${more} more in report.json`] : []),
  ]);
}

function mapping({ mapping: rows }: Report): Html {
  const names = Object.keys(FRAMEWORKS) as Framework[];
  return markup`<p>
      Each row is evidence for the requirements it names, for an auditor to judge. It is no statement that any of them
      is met.
    </p>
    ${table(
      '',
      [
        { head: 'Control of this program' },
        ...names.map((name) => ({ head: FRAMEWORKS[name] })),
        { head: 'Sections' },
        { head: 'Result', narrow: true },
      ],
      rows.map(({ control, frameworks, sections, verdict }) => [
        control,
        ...names.map((name) => frameworks[name].join(', ')),
        sections.map((id) => SECTIONS[id]).join(', '),
        badge(verdict),
      ]),
    )}`;
}

const howToCheck = ({ evidenceKey }: Report): Html =>
  markup`<p>
      This folder holds the report as <code>report.json</code>, from which this page, its PDF and the OSCAL assessment
      results are made; every piece of evidence it rests on, byte for byte; the rendered manifests; and
      <code>attestation.json</code>, an in-toto statement in a DSSE envelope that names the SHA-256 of each of them.
      Offline, with the public key of who made the report:
    </p>
    <p>${code('enforce report verify DIR --public-key FILE')}</p>
    <p>
      makes the report anew from the evidence and compares every byte.
      ${evidenceKey === undefined ? 'No key was named for the evidence.' : 'The key that must have signed the evidence is in report.json.'}
    </p>`;
