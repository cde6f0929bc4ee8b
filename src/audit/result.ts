import { createHash } from 'node:crypto';
import { canonicalJson } from '../model/canonical.js';
import type { KeptResult } from '../model/kept.js';
import { evaluate, type Evaluation } from './evaluate.js';
import { hashOfIds, type Frame } from './frame.js';
import { inputLines, readInputs, type AuditInputs, type AuditOptions, type Nonce } from './inputs.js';

/** Where runs and log came from: a control plane's address, or the files of an export. */
export type Source =
  { readonly kind: 'api'; readonly url: string } | { readonly kind: 'export'; readonly files: readonly SourceFile[] };

export interface SourceFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** What one run of `enforce audit` found; goes into reports. Ids and hashes only, nothing of what entries say. */
export interface AuditResult extends KeptResult, Evaluation {
  readonly kind: 'enforce audit';
  readonly version: 1;
  readonly source: Source;
  readonly frame: Omit<Frame, 'runs' | 'unended' | 'outside' | 'unstored' | 'kind' | 'version' | 'workspaceId'>;
  readonly nonce: Nonce;
  readonly options: AuditOptions;
  /** Of the inputs that it rests on (`inputLines`, each with a line feed): the whole evaluation follows from them. */
  readonly inputs: { readonly sha256: string };
}

export interface AuditHead {
  readonly from: string;
  readonly until: string;
  readonly stack: string;
  readonly workspaceId: string;
  readonly source: Source;
}

/** Judges the inputs, and says what the judgement rests on. */
export function auditResult(head: AuditHead, inputs: AuditInputs): AuditResult {
  const { source, doubts, takenAt, filter, window, count, sha256 } = inputs.frame;
  return {
    kind: 'enforce audit',
    version: 1,
    ...head,
    frame: { source, doubts, takenAt, filter, window, count, sha256 },
    nonce: inputs.nonce,
    options: inputs.options,
    inputs: { sha256: hashOfLines(inputLines(inputs)) },
    ...evaluate(inputs),
  };
}

function hashOfLines(lines: Iterable<string>): string {
  const hash = createHash('sha256');
  for (const line of lines) hash.update(`${line}\n`);
  return hash.digest('hex');
}

/**
 * Why a result does not follow from the inputs that it was kept with, as a sentence; undefined where it does. Needs neither
 * network nor clock.
 *
 * @param lines of the inputs, without line feeds
 */
export function tryRefute(result: AuditResult, lines: Iterable<string>): string | undefined {
  try {
    const kept = [...lines].filter((line) => line !== '');
    if (hashOfLines(kept) !== result.inputs.sha256) return 'the inputs do not have the SHA-256 that the result names.';
    const inputs = readInputs(kept);
    if (hashOfIds(inputs.frame.runs.map(({ runId }) => runId)) !== inputs.frame.sha256)
      return 'the frame does not have the SHA-256 of its run ids.';
    if (inputs.frame.workspaceId !== result.workspaceId) return 'the frame is of another workspace.';
    const { from, until, stack, workspaceId, source } = result;
    const again = auditResult({ from, until, stack, workspaceId, source }, inputs);
    return canonicalJson(again) === canonicalJson(result)
      ? undefined
      : 'judging the inputs again gives another result.';
  } catch (error) {
    return `the inputs cannot be read: ${error instanceof Error ? error.message : String(error)}`;
  }
}
