import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { omit, WORKSPACE, type Document, type Sample } from '../../audit/log.js';

/** How a control plane lists; every default is what upstream does. */
export interface Listing {
  /** Documents that the run store reads at most, whatever the cursor. */
  readonly runsRead?: number;
  /** Documents that the evidence store reads at most. */
  readonly entriesRead?: number;
  /** Entries a page where none is asked for. @default - all */
  readonly entriesAPage?: number;
  /** What the cursor is compared with in place of the id that it is made of: none loses nothing. */
  readonly order?: 'time' | 'id';
  /** Has the last word on an answer. */
  readonly answer?: (url: URL, page: Page, response: ServerResponse) => Page | 'done';
}

export interface Page {
  readonly items: readonly Document[];
  readonly nextCursor?: string;
}

export const TOKEN = 'of an auditor';

/**
 * A server that lists runs and evidence over HTTP as upstream's control plane does: by its routes, its `limit`, its
 * default and largest page, and its cursor, which compares ids in a list that is in order of time.
 */
export class ControlPlane {
  listing: Listing = {};
  sample: Sample = { runs: [], log: [] };
  readonly asked: string[] = [];
  #server: Server | undefined;

  async start(): Promise<string> {
    this.#server = createServer((request, response) => {
      const url = new URL(request.url ?? '/', 'http://localhost');
      this.asked.push(`${url.pathname}${url.search}`);
      if (request.headers.authorization !== `Bearer ${TOKEN}`) return problem(response, 401);
      const [, workspace, list] = /^\/v1\/workspaces\/([^/]+)\/(runs|evidence)$/.exec(url.pathname) ?? [];
      if (workspace !== WORKSPACE) return problem(response, list === undefined ? 404 : 401);
      if (url.searchParams.get('category') === 'OperatorSurface') return problem(response, 422);
      const page = list === 'runs' ? this.#runs(url) : this.#entries(url);
      const answer = this.listing.answer?.(url, page, response) ?? page;
      if (answer !== 'done') json(response, 200, answer);
    });
    await new Promise<void>((resolve) => this.#server?.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise((resolve) => this.#server?.close(resolve));
  }

  #runs(url: URL): Page {
    const stored = [...this.sample.runs].sort(by('runId')).slice(0, this.listing.runsRead ?? 201);
    const limit = Math.min(Number(url.searchParams.get('limit') ?? 50), 200);
    return paged(stored, 'runId', limit, url.searchParams.get('cursor'));
  }

  #entries(url: URL): Page {
    const category = url.searchParams.get('category');
    const stored = [...this.sample.log].sort(by('evidenceId')).slice(0, this.listing.entriesRead ?? 10_000);
    const found = stored.filter((entry) => category === null || entry['category'] === category);
    const limit = url.searchParams.get('limit');
    return paged(
      this.listing.order === 'id' ? found : found.sort(by('occurredAtIso')),
      'evidenceId',
      limit === null ? (this.listing.entriesAPage ?? Infinity) : Number(limit),
      url.searchParams.get('cursor'),
    );
  }
}

const by =
  (member: string) =>
  (a: Document, b: Document): number =>
    String(a[member]) < String(b[member]) ? -1 : 1;

function paged(items: readonly Document[], id: string, limit: number, cursor: string | null): Page {
  const rest = cursor === null ? items : items.filter((item) => String(item[id]) > cursor);
  const page = rest.slice(0, limit);
  return { items: page, ...(rest.length > limit && { nextCursor: String(page.at(-1)?.[id]) }) };
}

export function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

export const problem = (response: ServerResponse, status: number): void =>
  json(response, status, { type: 'https://portarium.dev/problems/x', title: 'x', status });

/** Without the members that upstream's entries do not have. */
export const asUpstream = (entry: Document): Document =>
  omit(entry, 'traceparent', 'action', 'executionTier', 'decision');
