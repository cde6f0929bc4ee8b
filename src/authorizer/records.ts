import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PATH_ID } from '../model/routes.js';
import { httpClient } from './http-client.js';

/** A run or an approval as far as it matters to who may do what. */
export interface AppRecord {
  /** Subject of the token that it began with. */
  readonly initiator?: string;
  readonly runId?: string;
  readonly assignee?: string;
  /** Of an approval that an agent's proposed action waits for: the tool, and the agent it is for, whoever proposed. */
  readonly tool?: string;
  readonly agent?: string;
}

export interface RecordRef {
  readonly kind: 'run' | 'approval';
  readonly workspaceId: string;
  readonly id: string;
}

export interface Records {
  /** `'absent'` when the control plane says that there is none. Throws when it cannot be asked. */
  read(ref: RecordRef): Promise<AppRecord | 'absent'>;
}

export interface RecordsOptions {
  /** The control plane behind the front, `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Folder with a file per workspace: the token by which the authorizer reads in it. */
  readonly tokensDir: string;
  readonly timeoutMs: number;
  /** How long an answer may be used again, at most 5 s (upstream ADR-0098). */
  readonly cacheMs: number;
  /** @default performance.now */
  readonly clock?: () => number;
}

const MAX_ENTRIES = 10_000;

/** Reads runs and approvals from the control plane, under the authorizer's own identity. */
export function records(options: RecordsOptions): Records {
  const clock = options.clock ?? (() => performance.now());
  const send = httpClient(options);
  const cache = new Map<string, { readonly until: number; readonly found: Promise<AppRecord | 'absent'> }>();
  const fetchRecord = async ({ kind, workspaceId, id }: RecordRef): Promise<AppRecord | 'absent'> => {
    // The id of an approval's run is what somebody wrote there; in a path it could name something else.
    if (!PATH_ID.test(id)) return 'absent';
    const { status, text } = await send({
      path: `/v1/workspaces/${workspaceId}/${kind}s/${id}`,
      token: tokenIn(options.tokensDir, workspaceId),
    });
    if (status === 404) return 'absent';
    if (status !== 200) throw new Error(`the control plane answered ${status} to the question for the ${kind}`);
    return recordOf(kind, JSON.parse(text) as Readonly<Record<string, unknown>>, workspaceId, id);
  };
  return {
    async read(ref) {
      const key = `${ref.kind}/${ref.workspaceId}/${ref.id}`;
      const known = cache.get(key);
      if (known !== undefined && clock() < known.until) return known.found;
      cache.delete(key);
      const found = fetchRecord(ref);
      // What failed is asked again; so is what is not there, since it may come any moment.
      const forget = (): void => {
        if (cache.get(key)?.found === found) cache.delete(key);
      };
      cache.set(key, { until: clock() + options.cacheMs, found });
      if (cache.size > MAX_ENTRIES) cache.delete(cache.keys().next().value!);
      const record = await found.catch((error: unknown) => {
        forget();
        throw error;
      });
      if (record === 'absent') forget();
      return record;
    },
  };
}

/** A record that is of another workspace, or another one than was asked for, is none. */
function recordOf(
  kind: RecordRef['kind'],
  value: Readonly<Record<string, unknown>>,
  workspaceId: string,
  id: string,
): AppRecord | 'absent' {
  if (value['workspaceId'] !== workspaceId || value[`${kind}Id`] !== id) return 'absent';
  const text = (key: string) => (typeof value[key] === 'string' && value[key] !== '' ? value[key] : undefined);
  const initiator = text(kind === 'run' ? 'initiatedByUserId' : 'requestedByUserId');
  const [runId, assignee] = [text('runId'), text('assigneeUserId')];
  const { toolName: tool, agentId: agent } = (value['agentActionProposal'] ?? {}) as {
    readonly toolName?: unknown;
    readonly agentId?: unknown;
  };
  return {
    ...(initiator !== undefined && { initiator }),
    ...(kind === 'approval' && runId !== undefined && { runId }),
    ...(assignee !== undefined && { assignee }),
    ...(typeof tool === 'string' && { tool }),
    ...(typeof agent === 'string' && { agent }),
  };
}

/** Read for every record: a Secret's files are replaced while it runs. */
function tokenIn(dir: string, workspaceId: string): string {
  const path = join(dir, workspaceId);
  if (!existsSync(path)) throw new Error(`there is no token to read records of "${workspaceId}" with`);
  return readFileSync(path, 'utf8').trim();
}
