import { canonicalJson } from '../model/canonical.js';
import { openEnvelope, statementOf } from './attestation.js';
import { digestOf, digestsOf, filesOf, NAMES, type Files } from './folder.js';
import { inputOf, makeReport, type Report } from './report.js';

export interface Verified {
  /** Why the folder cannot be believed, each a sentence; empty where it can be. */
  readonly problems: readonly string[];
  /** What was found to be so. */
  readonly held: readonly string[];
  /** Absent where it cannot be read. */
  readonly report?: Report;
}

/**
 * Whether a report’s folder is what the key signed, and follows from its own evidence. Needs neither network nor clock.
 *
 * @param files every file under the folder
 * @param publicKey PEM of the Ed25519 key of who made the report
 * @param version of this program: another one may write the same report otherwise
 */
export function verifyFolder(files: Files, publicKey: string, version: string): Verified {
  const envelope = files.get(NAMES.attestation);
  if (envelope === undefined) {
    return {
      problems: [`there is no ${NAMES.attestation}: the report was never signed, or its signature was taken away.`],
      held: [],
    };
  }
  let statement: unknown;
  try {
    statement = openEnvelope(text(envelope), publicKey);
  } catch (error) {
    return { problems: [message(error)], held: [] };
  }
  const problems = differingFiles(statement, digestsOf(files));
  const report = tryReport(files);
  if (typeof report === 'string') return { problems: [...problems, report], held: [] };
  const derived = problems.length > 0 ? [] : underivable(report, statement, files, version);
  return {
    problems: [...problems, ...derived],
    held:
      problems.length + derived.length > 0
        ? []
        : [
            'signed by this key, and every file is what was signed',
            'the verdict follows from the evidence and from what the cluster said',
            'page and OSCAL results follow from report.json',
            ...(files.has(NAMES.pdf) ? ['the PDF is the one that was signed; it is not made anew'] : []),
          ],
    report,
  };
}

interface Subject {
  readonly name?: unknown;
  readonly digest?: { readonly sha256?: unknown };
}

/** Changed, added and removed files against the statement’s subjects. */
function differingFiles(statement: unknown, found: Readonly<Record<string, string>>): readonly string[] {
  const { subject } = (statement ?? {}) as { readonly subject?: unknown };
  const subjects = Array.isArray(subject) ? (subject as readonly Subject[]) : [];
  const signed = new Map(subjects.map(({ name, digest }) => [String(name), String(digest?.sha256)]));
  return [
    ...[...signed]
      .filter(([name, digest]) => found[name] !== digest)
      .map(([name]) => (found[name] === undefined ? `${name} is missing.` : `${name} is not what was signed.`)),
    ...Object.keys(found)
      .filter((name) => !signed.has(name))
      .map((name) => `${name} was not signed with the report.`),
  ];
}

function tryReport(files: Files): Report | string {
  try {
    const report = JSON.parse(text(files.get(NAMES.report) ?? new Uint8Array())) as Partial<Report> | null;
    if (report?.kind !== 'enforce report') return `${NAMES.report} is no report.`;
    const { version } = report;
    return version === 1
      ? (report as Report)
      : `${NAMES.report} is of version ${String(version)}; this program reads version 1.`;
  } catch (error) {
    return `${NAMES.report} cannot be read: ${message(error)}`;
  }
}

/** What does not follow from the evidence, although it was signed. */
function underivable(report: Report, statement: unknown, files: Files, version: string): readonly string[] {
  const evidence = [...files]
    .filter(([name]) => name.startsWith(NAMES.evidence))
    .map(([name, bytes]) => ({ file: name.slice(NAMES.evidence.length), bytes }));
  const by =
    report.tool.version === version ? '' : ` It was made by version ${report.tool.version}; this is ${version}.`;
  try {
    const again = makeReport(inputOf(report), evidence);
    const manifests = new Map([...files].filter(([name]) => name in report.manifests));
    const made = filesOf(again, evidence, manifests);
    const differing = [NAMES.report, NAMES.html, NAMES.oscal].filter(
      (name) => digestOf(made.get(name) ?? '') !== digestOf(files.get(name) ?? ''),
    );
    const unlike = Object.entries(report.manifests).filter(
      ([name, digest]) => digestOf(files.get(name) ?? '') !== digest,
    );
    return [
      ...differing.map((name) => `${name} does not follow from the evidence: making it anew gives another.${by}`),
      ...unlike.map(([name]) => `${name} is not the config that report.json names.`),
      ...(canonicalJson(statementOf(again, digestsOf(files))) === canonicalJson(statement)
        ? []
        : [`the statement does not follow from the report.${by}`]),
    ];
  } catch (error) {
    return [`the report cannot be made anew: ${message(error)}${by}`];
  }
}

const text = (bytes: Uint8Array): string => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
const message = (error: unknown): string => (error instanceof Error ? error.message : String(error));
