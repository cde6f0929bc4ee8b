import { readFileSync } from 'node:fs';
import type { Run } from '../../audit/index.js';
import { gatherRuns } from '../../audit/gathered.js';
import { CliError, EXIT } from '../exit-codes.js';
import type { AuditSource, FoundRuns } from './source.js';

/**
 * Runs of a source that the control plane does not write, such as Temporal or a system of record's own audit log: lines of
 * JSON (`RunV1`, or `runId` alone) or of bare ids. What they do not say is taken from the run store; runs that only one
 * of both knows are doubts.
 */
export async function independent(file: string, workspaceId: string, store: AuditSource): Promise<FoundRuns> {
  const gathering = gatherRuns(workspaceId);
  linesOf(file).forEach((line, index) => {
    const text = line.trim();
    if (text === '') return;
    const where = `line ${index + 1} of --runs-from`;
    try {
      gathering.add(text.startsWith('{') ? JSON.parse(text) : { runId: text }, where);
    } catch {
      gathering.doubt(`${where} is no JSON`);
    }
  });
  const stored = await store.runs();
  const byId = new Map(stored.runs.map((run) => [run.runId, run]));
  const runs = gathering.found.map((run): Run => ({ ...byId.get(run.runId), ...run }));
  const given = new Set(runs.map(({ runId }) => runId));
  // A run store that could not list all is the reason to give another source; what it lacks then shows nothing.
  const partial = stored.doubts.length > 0;
  const unstored = partial ? [] : runs.map(({ runId }) => runId).filter((id) => !byId.has(id));
  const ungiven = stored.runs.filter(({ runId }) => !given.has(runId));
  if (ungiven.length > 0) gathering.doubt(`--runs-from does not have ${some(ungiven)}, which the run store has`);
  const { doubts } = gathering;
  return {
    ...stored,
    from: 'a source besides the run store (--runs-from)',
    runs,
    unstored,
    doubts,
    failed: runs.length === 0,
  };
}

const some = (runs: readonly Run[]): string =>
  `${runs.length} of the runs, such as ${runs
    .slice(0, 3)
    .map(({ runId }) => runId)
    .join(', ')}`;

function linesOf(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8').split('\n');
  } catch (error) {
    throw new CliError(EXIT.usage, `--runs-from ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
