import { createHash, createPublicKey, randomBytes, type KeyObject } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { frameOf, readFrame, type AuditInputs, type Frame, type Nonce, type Source } from '../../audit/index.js';
import { canonicalJson } from '../../model/canonical.js';
import { CliError, EXIT } from '../exit-codes.js';
import { checkSigning } from '../kept.js';
import { openWorkspace } from '../stack.js';
import type { Output } from '../output.js';
import { anchorOf } from './anchor.js';
import { sourceOf, type SourceOptions } from './source.js';

export interface AuditCommandOptions extends SourceOptions {
  readonly stack: string;
  readonly stacks: string;
  readonly from?: string;
  readonly until?: string;
  readonly freeze?: string;
  readonly frame?: string;
  readonly nonce?: string;
  readonly sample: number;
  readonly least: number;
  readonly census: boolean;
  readonly anchor?: string;
  readonly publicKey?: string;
  readonly out?: string;
  readonly signingKey?: string;
  readonly json?: boolean;
}

export interface GatheredAudit {
  readonly stack: string;
  readonly workspaceId: string;
  readonly source: Source;
  readonly inputs: AuditInputs;
}

/** Freezes the frame, then the nonce, then reads the log. Undefined where only the frame was asked for. */
export async function gather(options: AuditCommandOptions, output: Output): Promise<GatheredAudit | undefined> {
  checkOptions(options);
  const workspaceId = openWorkspace(options.stack, options.stacks).workspace.id;
  const key = options.publicKey === undefined ? undefined : publicKeyIn(options.publicKey);
  const anchor = options.anchor === undefined ? undefined : anchorOf(options.anchor, workspaceId);
  const source = sourceOf(options, workspaceId, key);
  const kept = options.frame === undefined ? undefined : frameIn(options.frame, workspaceId);
  const found = await source.runs();
  const { from, until } = options;
  const taken = frameOf({
    workspaceId,
    source: found.from,
    window: { ...(from !== undefined && { from }), ...(until !== undefined && { until }) },
    takenAt: new Date(),
    runs: found.runs,
    ...(found.unstored && { unstored: found.unstored }),
    doubts: found.doubts,
  });
  if (options.freeze !== undefined) return freeze(taken, options.freeze, output);
  const frame = kept ?? taken;
  const nonce = nonceOf(options);
  output.progress(`frame of ${frame.count} runs, sha256 ${frame.sha256}; nonce ${nonce.text}`);
  const log = await source.entries();
  const known = new Set([...taken.runs, ...taken.unended].map(({ runId }) => runId).concat(taken.outside));
  const skew = log.skew ?? found.skew;
  return {
    stack: options.stack,
    workspaceId,
    source: source.describe(),
    inputs: {
      frame,
      nonce,
      entries: log.found,
      doubts: log.doubts,
      readAt: new Date().toISOString(),
      lost:
        kept === undefined || found.failed ? [] : kept.runs.map(({ runId }) => runId).filter((id) => !known.has(id)),
      ...(skew !== undefined && { skew }),
      options: {
        sample: options.sample,
        census: options.census,
        least: options.least,
        ...(anchor !== undefined && { anchor }),
        ...(key !== undefined && { keySha256: fingerprint(key) }),
      },
    },
  };
}

function checkOptions({ api, export: dir, frame, freeze, from, until, signingKey, out }: AuditCommandOptions): void {
  const wrong = (message: string): never => {
    throw new CliError(EXIT.usage, message);
  };
  if ((api === undefined) === (dir === undefined))
    wrong('give either --api URL or --export DIR, where the evidence log is.');
  if (frame !== undefined && freeze !== undefined)
    wrong('--freeze takes a frame and --frame draws from one. Give one of them.');
  if (frame !== undefined && (from ?? until) !== undefined)
    wrong('the window is the frame’s. Leave --from and --until out with --frame.');
  if (from !== undefined && until !== undefined && from >= until)
    wrong(`--from ${from} is not before --until ${until}.`);
  if (until !== undefined && Date.parse(until) > Date.now())
    wrong(`--until ${until} is in the future: runs would come into the window after it was frozen.`);
  checkSigning({ signingKey, out });
}

function freeze(frame: Frame, file: string, output: Output): undefined {
  writeFileSync(file, `${canonicalJson(frame)}\n`, { flag: 'wx' });
  for (const doubt of frame.doubts) output.line(`doubt: ${doubt}`);
  output.line(`${frame.count} ended runs of ${frame.workspaceId}, frozen in ${file}`);
  output.line(`sha256 ${frame.sha256}`);
  output.line('Let the auditor answer this hash with a nonce, then: --frame FILE --nonce TEXT.');
  output.result({ frame: file, count: frame.count, sha256: frame.sha256, doubts: frame.doubts });
  if (frame.count === 0 || frame.doubts.length > 0) process.exitCode = EXIT.inconclusive;
}

function frameIn(file: string, workspaceId: string): Frame {
  let frame: Frame;
  try {
    frame = readFrame(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new CliError(EXIT.usage, `--frame ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (frame.workspaceId === workspaceId) return frame;
  throw new CliError(EXIT.usage, `--frame ${file} is of workspace ${frame.workspaceId}, not ${workspaceId}.`);
}

function nonceOf({ nonce, frame }: AuditCommandOptions): Nonce {
  if (nonce === undefined) return { text: randomBytes(16).toString('hex'), origin: 'random' };
  return { text: nonce, origin: frame === undefined ? 'given-before' : 'given' };
}

function publicKeyIn(file: string): KeyObject {
  try {
    return createPublicKey(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new CliError(
      EXIT.usage,
      `--public-key ${file}: ${error instanceof Error ? error.message : String(error)}. Allowed: Ed25519, RSA or EC, as PEM.`,
    );
  }
}

const fingerprint = (key: KeyObject): string =>
  createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex');
