import type { KeyObject } from 'node:crypto';
import type { Entry, Run, Source } from '../../audit/index.js';
import { gatherEntries, gatherRuns, type Gathered, type Gathering } from '../../audit/gathered.js';
import { NoList, readEntries, readRuns, type ReadApi } from '../../audit/read-api.js';
import { exportFiles, readExport } from '../../audit/read-export.js';
import type { SourceFile } from '../../audit/result.js';
import { NoAnswer } from '../../http/request.js';
import { CliError, EXIT } from '../exit-codes.js';
import { independent } from './independent.js';

export interface SourceOptions {
  readonly api?: string;
  readonly bearerTokenFile?: string;
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
  readonly timeout: number;
  readonly export?: string;
  readonly runsFrom?: string;
}

export interface FoundRuns {
  /** As the end of "the frame is". */
  readonly from: string;
  readonly runs: readonly Run[];
  /** Ids of another source that the run store does not have. @default - none */
  readonly unstored?: readonly string[];
  readonly doubts: readonly string[];
  /** Nothing could be read at all. */
  readonly failed: boolean;
  readonly skew?: number;
}

export interface AuditSource {
  runs(): Promise<FoundRuns>;
  entries(): Promise<Gathered<Entry>>;
  /** After reading. */
  describe(): Source;
}

export function sourceOf(options: SourceOptions, workspaceId: string, key: KeyObject | undefined): AuditSource {
  const source = options.api === undefined ? fromExport(options, workspaceId, key) : fromApi(options, workspaceId, key);
  const { runsFrom } = options;
  return runsFrom === undefined ? source : { ...source, runs: () => independent(runsFrom, workspaceId, source) };
}

function fromApi(options: SourceOptions, workspaceId: string, key: KeyObject | undefined): AuditSource {
  const url = options.api ?? '';
  const { bearerTokenFile, caFile, certFile, keyFile } = options;
  if (!/^https?:\/\/./.test(url)) throw new CliError(EXIT.usage, `--api ${url}: expected an http or https URL.`);
  const api: ReadApi = {
    access: {
      url,
      ...(bearerTokenFile !== undefined && { bearerTokenFile }),
      tls: {
        ...(caFile !== undefined && { caFile }),
        ...(certFile !== undefined && { certFile }),
        ...(keyFile !== undefined && { keyFile }),
      },
    },
    workspaceId,
    timeout: options.timeout * 1000,
  };
  return {
    async runs() {
      const gathering = gatherRuns(workspaceId);
      const { found: runs, doubts, skew } = await orDoubt(() => readRuns(api, gathering), gathering);
      return {
        from: `the run store at ${url}`,
        runs,
        doubts,
        failed: runs.length === 0 && doubts.length > 0,
        ...(skew !== undefined && { skew }),
      };
    },
    entries() {
      const gathering = gatherEntries(workspaceId, key);
      return orDoubt(() => readEntries(api, gathering, () => gatherEntries(workspaceId)), gathering);
    },
    describe: () => ({ kind: 'api', url }),
  };
}

/** What was read until then is judged all the same, and with a doubt nothing passes. */
async function orDoubt<Of>(read: () => Promise<Gathered<Of>>, gathering: Gathering<Of>): Promise<Gathered<Of>> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof NoList || error instanceof NoAnswer)) throw error;
    gathering.doubt(error.message);
    return { found: gathering.found, doubts: gathering.doubts };
  }
}

function fromExport(options: SourceOptions, workspaceId: string, key: KeyObject | undefined): AuditSource {
  const dir = options.export ?? '';
  const files: SourceFile[] = [];
  const read = async (what: 'runs' | 'evidence', gathering: Gathering<unknown>): Promise<void> => {
    const found = listed(dir, what);
    if (found.length === 0) gathering.doubt(`the export has no file ${what}*.ndjson or ${what}*.json`);
    for (const file of found) files.push(await readExport(file, gathering));
  };
  return {
    async runs() {
      const gathering = gatherRuns(workspaceId);
      await read('runs', gathering);
      const { found: runs, doubts } = gathering;
      return { from: 'the run store’s export', runs, doubts, failed: runs.length === 0 };
    },
    async entries() {
      const gathering = gatherEntries(workspaceId, key);
      await read('evidence', gathering);
      return gathering;
    },
    describe: () => ({ kind: 'export', files }),
  };
}

function listed(dir: string, what: 'runs' | 'evidence'): readonly string[] {
  try {
    return exportFiles(dir, what);
  } catch (error) {
    throw new CliError(EXIT.usage, `--export ${dir}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
