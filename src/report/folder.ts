import { createHash } from 'node:crypto';
import { canonicalJson } from '../model/canonical.js';
import { envelopeOf, statementOf } from './attestation.js';
import { renderHtml } from './html/page.js';
import type { EvidenceFile } from './input.js';
import { renderOscal } from './oscal.js';
import type { Report } from './report.js';

/** Files of a report’s folder, by path from it. */
export type Files = ReadonlyMap<string, Uint8Array>;

export const NAMES = {
  report: 'report.json',
  html: 'report.html',
  pdf: 'report.pdf',
  oscal: 'oscal-assessment-results.json',
  attestation: 'attestation.json',
  evidence: 'evidence/',
} as const;

/** The bytes of report.json: canonical JSON and a line feed. */
export const reportText = (report: Report): string => `${canonicalJson(report)}\n`;

export const digestOf = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

/** What follows from a report and its evidence, without PDF and signature. */
export function filesOf(report: Report, evidence: readonly EvidenceFile[], manifests: Files): Map<string, Uint8Array> {
  const text = reportText(report);
  return new Map<string, Uint8Array>([
    [NAMES.report, Buffer.from(text)],
    [NAMES.html, Buffer.from(renderHtml(report))],
    [NAMES.oscal, Buffer.from(renderOscal(report, text))],
    ...manifests,
    ...evidence.map(({ file, bytes }) => [`${NAMES.evidence}${file}`, bytes] as const),
  ]);
}

/** The signed statement about all the other files. Throws where the key is no Ed25519 key. */
export function attest(report: Report, files: Files, signingKey: string): Uint8Array {
  return Buffer.from(envelopeOf(statementOf(report, digestsOf(files)), signingKey));
}

export const digestsOf = (files: Files): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...files].filter(([name]) => name !== NAMES.attestation).map(([name, bytes]) => [name, digestOf(bytes)]),
  );
