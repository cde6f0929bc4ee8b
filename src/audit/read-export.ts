import { createHash, type Hash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isRecord } from './json.js';
import type { Gathering } from './gathered.js';
import type { SourceFile } from './result.js';

const LINES = /\.(ndjson|jsonl)$/;
const NAMES = /\.(ndjson|jsonl|json)$/;

/** Of one JSON document; longer ones must be lines. */
const MAX_BYTES = 64 * 1024 * 1024;

/**
 * Files of an export by what they hold: `runs*.ndjson`, `evidence*.ndjson`, or the same as `.json`. Throws where the folder
 * cannot be read.
 */
export function exportFiles(dir: string, what: 'runs' | 'evidence'): readonly string[] {
  return readdirSync(dir)
    .filter((name) => name.startsWith(what) && NAMES.test(name))
    .sort()
    .map((name) => join(dir, name));
}

/**
 * Reads one document a line (`.ndjson`, `.jsonl`), an array, or pages as upstream's API answers them (`{ items: [] }`).
 * What cannot be read becomes a doubt, not an error: the rest is read on.
 */
export async function readExport(file: string, into: Gathering<unknown>): Promise<SourceFile> {
  const hash = createHash('sha256');
  const bytes = LINES.test(file) ? await readLines(file, into, hash) : await readDocument(file, into, hash);
  return { name: basename(file), bytes, sha256: hash.digest('hex') };
}

async function readLines(file: string, into: Gathering<unknown>, hash: Hash): Promise<number> {
  const decoder = new TextDecoder();
  let [bytes, line, rest] = [0, 0, ''];
  const take = (text: string): void => {
    line += 1;
    if (text.trim() !== '') parse(text, into, `line ${line} of ${basename(file)}`);
  };
  await readChunks(file, async (chunk) => {
    hash.update(chunk);
    bytes += chunk.length;
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    lines.forEach(take);
    await into.settled();
  });
  rest += decoder.decode();
  if (rest !== '') take(rest);
  await into.settled();
  return bytes;
}

const CHUNK = 1 << 16;

/** One buffer for all chunks, which a stream of them would leave to the garbage collector. */
async function readChunks(file: string, take: (chunk: Buffer) => Promise<void>): Promise<void> {
  const buffer = Buffer.alloc(CHUNK);
  const handle = await open(file);
  try {
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, CHUNK);
      if (bytesRead === 0) return;
      await take(buffer.subarray(0, bytesRead));
    }
  } finally {
    await handle.close();
  }
}

async function readDocument(file: string, into: Gathering<unknown>, hash: Hash): Promise<number> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  await readChunks(file, async (chunk) => {
    hash.update(chunk);
    bytes += chunk.length;
    if (bytes <= MAX_BYTES) chunks.push(Buffer.from(chunk));
    await into.settled();
  });
  if (bytes > MAX_BYTES) {
    into.doubt(`${basename(file)} is longer than ${MAX_BYTES} bytes and was not read; give it as .ndjson`);
    return bytes;
  }
  let document: unknown;
  try {
    document = JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch (error) {
    into.doubt(`${basename(file)} is no JSON: ${error instanceof Error ? error.message : String(error)}`);
    return bytes;
  }
  const items = isRecord(document) ? document['items'] : document;
  if (!Array.isArray(items)) into.doubt(`${basename(file)} is neither an array nor a page with items`);
  else items.forEach((item, index) => into.add(item, `item ${index} of ${basename(file)}`));
  await into.settled();
  if (isRecord(document) && document['nextCursor'] !== undefined)
    into.doubt(`${basename(file)} is a page that says that there is another`);
  return bytes;
}

function parse(text: string, into: Gathering<unknown>, where: string): void {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    into.doubt(`${where} is no JSON`);
    return;
  }
  into.add(value, where);
}
