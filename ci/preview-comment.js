// Inlined into .github/workflows/preview-comment.yml by ci/inline.js, where it runs with a token that may comment.
// What it reads was made by a pull request's own code: it stays in memory, none of it is run, written to disk or
// logged (a log line can be a workflow command), and it reaches the comment only through `code()`.

const MARKER = '<!-- portarium-preview -->';
const AUTHOR = 'github-actions[bot]';

const LIMITS = {
  artifactBytes: 8 * 1024 * 1024,
  fileBytes: 48 * 1024 * 1024,
  depth: 64,
  values: 4_000_000,
  stacks: 2_000,
  objects: 40_000,
  nameLength: 512,
  textLength: 512 * 1024,
  /** GitHub's limit is in characters; bytes are never fewer. */
  commentBytes: 65_536,
  fieldsShown: 6,
  shownLength: 160,
};

const CONTROLS = ['authz', 'mtls', 'allowlist', 'egress'];
const LEVELS = ['routing', 'authz', 'identity', 'allowlist', 'enforced'];
const GUARDS = ['audit', 'deny'];
/** Kept objects that no ordinary change touches; `policy` is kept too, but every level change writes it. */
const STANDING = ['baseline', 'guard', 'namespace', 'definition', 'csi-driver'];
const KEEP = [...STANDING, 'policy'];
const HASH_FIELD = 'metadata.annotations["portarium.io/policy-hash"]';

/** The only texts that a refused artifact can bring about. */
const REASONS = {
  missing: 'the preview run left no snapshot of both sides; its log says why',
  size: 'the snapshot is larger than the limits of ci/preview-comment.js',
  archive: 'the artifact is not the archive that the preview workflow makes',
  json: 'the snapshot is not JSON in UTF-8',
  depth: 'the snapshot is nested too deeply',
  version: 'the snapshot has another version than this workflow reads',
  shape: 'the snapshot does not have the shape of its version',
  number: 'the artifact names another pull request than the one it was made for',
  internal: 'the comment could not be made of the snapshots; this is a defect of ci/preview-comment.js',
};

class Unreadable extends Error {
  constructor(reason) {
    super(REASONS[reason]);
  }
}

const refuseUnless = (condition, reason = 'shape') => {
  if (!condition) throw new Unreadable(reason);
};

// ---- archive ---------------------------------------------------------------------------------------------------

/** The files of a zip archive by name, inflated under a limit: a small archive can hold a very large file. */
function unzip(archive) {
  const zlib = process.getBuiltinModule('node:zlib');
  const files = new Map();
  try {
    let end = archive.length - 22;
    while (end >= 0 && archive.readUInt32LE(end) !== 0x06054b50) end -= 1;
    refuseUnless(end >= 0, 'archive');
    const count = archive.readUInt16LE(end + 10);
    let at = archive.readUInt32LE(end + 16);
    refuseUnless(count <= 8, 'archive');
    for (let entry = 0; entry < count; entry += 1) {
      refuseUnless(archive.readUInt32LE(at) === 0x02014b50, 'archive');
      const encrypted = archive.readUInt16LE(at + 8) & 1;
      const method = archive.readUInt16LE(at + 10);
      const packed = archive.readUInt32LE(at + 20);
      const size = archive.readUInt32LE(at + 24);
      const nameLength = archive.readUInt16LE(at + 28);
      const name = archive.toString('utf8', at + 46, at + 46 + nameLength);
      const local = archive.readUInt32LE(at + 42);
      at += 46 + nameLength + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
      refuseUnless(!encrypted && (method === 0 || method === 8) && !files.has(name), 'archive');
      refuseUnless(size <= LIMITS.fileBytes, 'size');
      refuseUnless(archive.readUInt32LE(local) === 0x04034b50, 'archive');
      const from = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
      refuseUnless(from + packed <= archive.length, 'archive');
      const data = archive.subarray(from, from + packed);
      const file = method === 0 ? data : zlib.inflateRawSync(data, { maxOutputLength: Math.max(1, size) });
      refuseUnless(file.length === size, 'archive');
      files.set(name, file);
    }
  } catch (error) {
    if (error instanceof Unreadable) throw error;
    throw new Unreadable('archive');
  }
  return files;
}

// ---- validation ------------------------------------------------------------------------------------------------

const isRecord = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);
const isName = (value) => typeof value === 'string' && value.length > 0 && value.length <= LIMITS.nameLength;
const own = (record, key) => (isRecord(record) && Object.hasOwn(record, key) ? record[key] : undefined);
const hasOnly = (record, required, optional = []) =>
  isRecord(record) &&
  required.every((key) => Object.hasOwn(record, key)) &&
  Object.keys(record).every((key) => required.includes(key) || optional.includes(key));
const isSubset = (value, allowed) =>
  Array.isArray(value) && new Set(value).size === value.length && value.every((item) => allowed.includes(item));

function parseJson(file) {
  refuseUnless(file.length <= LIMITS.fileBytes, 'size');
  let text;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(file);
  } catch {
    throw new Unreadable('json');
  }
  // Before JSON.parse, so that no parser and no later recursion ever meets a deeper value.
  refuseUnless(depthOf(text) <= LIMITS.depth, 'depth');
  try {
    return JSON.parse(text);
  } catch {
    throw new Unreadable('json');
  }
}

function depthOf(text) {
  let depth = 0;
  let deepest = 0;
  let quoted = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (quoted) {
      if (character === '\\') index += 1;
      else if (character === '"') quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === '{' || character === '[') deepest = Math.max(deepest, (depth += 1));
    else if (character === '}' || character === ']') depth -= 1;
  }
  return deepest;
}

/** Refuses what no rendered object holds: too many or too long values, and the one key that reaches a prototype. */
function checkValues(document) {
  const waiting = [document];
  let seen = 0;
  while (waiting.length > 0) {
    const value = waiting.pop();
    refuseUnless((seen += 1) <= LIMITS.values, 'size');
    if (typeof value === 'string') refuseUnless(value.length <= LIMITS.textLength, 'size');
    if (value === null || typeof value !== 'object') continue;
    for (const key of Object.keys(value)) {
      refuseUnless(key !== '__proto__');
      refuseUnless(key.length <= LIMITS.nameLength, 'size');
      waiting.push(value[key]);
    }
  }
}

/** A validated snapshot: `{ stacks: Map(name -> stack) }` with each stack's objects as `Map(key -> entry)`. */
function readSnapshot(file) {
  const document = parseJson(file);
  refuseUnless(isRecord(document));
  refuseUnless(own(document, 'version') === 1, 'version');
  checkValues(document);
  refuseUnless(hasOnly(document, ['version', 'stacks'], []));
  refuseUnless(Array.isArray(document.stacks));
  refuseUnless(document.stacks.length <= LIMITS.stacks, 'size');
  const stacks = new Map();
  let objects = 0;
  for (const raw of document.stacks) {
    const stack = readStack(raw);
    refuseUnless(!stacks.has(stack.name));
    stacks.set(stack.name, stack);
    refuseUnless((objects += stack.objects.size) <= LIMITS.objects, 'size');
  }
  return { stacks };
}

function readStack(raw) {
  refuseUnless(isName(own(raw, 'stack')));
  const name = raw.stack;
  if (Object.hasOwn(raw, 'error')) {
    refuseUnless(hasOnly(raw, ['stack', 'error']) && typeof raw.error === 'string');
    return { name, kind: 'error', error: raw.error, objects: new Map() };
  }
  const { kind, objects } = raw;
  refuseUnless(Array.isArray(objects));
  refuseUnless(objects.length <= LIMITS.objects, 'size');
  const entries = new Map();
  for (const entry of objects) {
    checkEntry(entry);
    refuseUnless(!entries.has(entry.key));
    entries.set(entry.key, {
      key: entry.key,
      hash: entry.hash,
      opens: entry.opens,
      keep: entry.keep,
      object: entry.object,
    });
  }
  if (kind === 'platform') {
    refuseUnless(hasOnly(raw, ['stack', 'kind', 'guards', 'objects']) && GUARDS.includes(raw.guards));
    return { name, kind, guards: raw.guards, objects: entries };
  }
  refuseUnless(kind === 'workspace');
  refuseUnless(hasOnly(raw, ['stack', 'kind', 'level', 'policyHash', 'objects'], ['relaxing']));
  refuseUnless(LEVELS.includes(raw.level) && isHash(raw.policyHash));
  if (raw.relaxing !== undefined) checkRelaxing(raw.relaxing);
  const relaxed = raw.relaxing === undefined ? [] : raw.relaxing.controls;
  return { name, kind, level: raw.level, relaxed, as: raw.relaxing?.as, policyHash: raw.policyHash, objects: entries };
}

const isHash = (value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);

function checkRelaxing(relaxing) {
  refuseUnless(hasOnly(relaxing, ['as', 'controls'], ['relaxation']));
  refuseUnless(isName(relaxing.as) && isSubset(relaxing.controls, CONTROLS) && relaxing.controls.length > 0);
  refuseUnless(relaxing.relaxation === undefined || isName(relaxing.relaxation));
}

/** What an entry says of its object must follow from the object; a hash that lies would hide a change. */
function checkEntry(entry) {
  refuseUnless(hasOnly(entry, ['key', 'hash', 'object'], ['opens', 'keep']));
  const { key, hash, opens, keep, object } = entry;
  const metadata = own(object, 'metadata');
  const labels = own(metadata, 'labels');
  refuseUnless(isName(own(object, 'apiVersion')) && isName(own(object, 'kind')) && isName(own(metadata, 'name')));
  refuseUnless(own(metadata, 'namespace') === undefined || isName(metadata.namespace));
  refuseUnless(isName(key) && key === keyOf(object));
  refuseUnless(opens === own(labels, 'portarium.io/opens') && (opens === undefined || CONTROLS.includes(opens)));
  refuseUnless(keep === own(labels, 'portarium.io/keep') && (keep === undefined || KEEP.includes(keep)));
  refuseUnless(isHash(hash) && hash === sha256(canonicalJson(object)));
}

// As src/model/kube-object.ts, canonical.ts and levels.ts define them; test/ci compares.

function keyOf({ apiVersion, kind, metadata }) {
  const group = apiVersion.includes('/') ? `.${apiVersion.slice(0, apiVersion.indexOf('/'))}` : '';
  return `${kind}${group} ${Object.hasOwn(metadata, 'namespace') ? `${metadata.namespace}/` : ''}${metadata.name}`;
}

function canonicalJson(value) {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (!isRecord(value)) return JSON.stringify(value);
  const members = Object.keys(value).sort(byText);
  return `{${members.map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key])}`).join(',')}}`;
}

const byText = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

const sha256 = (text) => process.getBuiltinModule('node:crypto').createHash('sha256').update(text).digest('hex');

const modeOf = (stack, control) =>
  CONTROLS.indexOf(control) < LEVELS.indexOf(stack.level) && !stack.relaxed.includes(control) ? 'enforce' : 'shadow';

// ---- comparison ------------------------------------------------------------------------------------------------

/** What merging does to each stack, those that need a reader's eye first: when the comment is cut, they stay. */
function compare(base, head) {
  const names = [...new Set([...base.stacks.keys(), ...head.stacks.keys()])].sort(byText);
  return names
    .map((name) => compareStack(name, base.stacks.get(name), head.stacks.get(name)))
    .sort((a, b) => (a.weight === b.weight ? byText(a.name, b.name) : b.weight - a.weight));
}

function compareStack(name, before, after) {
  const row = { name, before, after, created: [], changed: [], deleted: [], kept: [], restamped: 0, unchanged: 0 };
  row.isBroken = before?.kind === 'error' || after?.kind === 'error';
  if (!row.isBroken) compareObjects(row, before?.objects ?? new Map(), after?.objects ?? new Map());
  row.notes = row.isBroken ? [] : notesOf(row);
  const touched = row.created.length + row.changed.length + row.deleted.length + row.kept.length + row.restamped;
  const isSame = before !== undefined && after !== undefined && levelText(before) === levelText(after);
  row.isChanged = row.isBroken || touched > 0 || !isSame;
  row.weight = row.isBroken ? Infinity : row.notes.length;
  return row;
}

function compareObjects(row, before, after) {
  for (const [key, entry] of after) {
    const old = before.get(key);
    if (old === undefined) row.created.push(entry);
    else if (old.hash === entry.hash) row.unchanged += 1;
    else {
      const fields = differences(old.object, entry.object);
      if (fields.every((field) => field === HASH_FIELD)) row.restamped += 1;
      else row.changed.push({ ...entry, old, fields });
    }
  }
  for (const [key, entry] of before) {
    if (!after.has(key)) (entry.keep === undefined ? row.deleted : row.kept).push(entry);
  }
}

/** The paths of the fields that differ, the first hundred, never their values. */
function differences(before, after, path = '', found = []) {
  if (found.length >= 100) return found;
  if (isRecord(before) && isRecord(after)) {
    for (const key of [...new Set([...Object.keys(before), ...Object.keys(after)])].sort(byText)) {
      differences(own(before, key), own(after, key), member(path, key), found);
    }
  } else if (Array.isArray(before) && Array.isArray(after)) {
    for (let index = 0; index < Math.max(before.length, after.length); index += 1) {
      differences(before[index], after[index], `${path}[${index}]`, found);
    }
  } else if (before !== after) found.push(path);
  return found;
}

const member = (path, key) =>
  /^[A-Za-z_][A-Za-z0-9_-]*$/.test(key) ? (path === '' ? key : `${path}.${key}`) : `${path}["${key}"]`;

/** What a reviewer must not miss, in fixed words. */
function notesOf({ before, after, created, changed, deleted, kept }) {
  const notes = [];
  if (before?.kind === 'workspace' && after?.kind === 'workspace') {
    const weaker = CONTROLS.filter(
      (control) => modeOf(before, control) === 'enforce' && modeOf(after, control) === 'shadow',
    );
    if (LEVELS.indexOf(after.level) < LEVELS.indexOf(before.level)) {
      notes.push(
        '**the level goes down**: a reached level never falls, the cluster refuses it; use `enforce rollback`',
      );
    }
    if (weaker.length > 0) notes.push(`**weakens ${weaker.join(', ')}**`);
    if (before.policyHash !== after.policyHash) notes.push('**policy hash changed**: the 48 h clock restarts');
  }
  if (after?.relaxed?.length > 0) notes.push(`needs an approved, unexpired Relaxation for ${after.relaxed.join(', ')}`);
  if (before?.guards === 'deny' && after?.guards === 'audit') notes.push('**guards only warn**');
  if (before !== undefined && after !== undefined && before.kind !== after.kind) notes.push('**the kind changes**');
  for (const kind of STANDING) {
    const count = changed.filter(({ old }) => old.keep === kind).length;
    if (count > 0) notes.push(`**${kind} changed**: ${objects(count)}`);
    const left = kept.filter(({ keep }) => keep === kind).length;
    if (left > 0) notes.push(`**${kind} leaves the plan**: ${objects(left)}, which no engine deletes`);
  }
  const unmarked = changed.filter(({ old, keep }) => old.keep !== undefined && keep === undefined).length;
  if (unmarked > 0) notes.push(`**no longer kept**: ${objects(unmarked)}`);
  if (after === undefined && deleted.length > 0) notes.push('**the stack is removed** from the folder, not destroyed');
  const restarted =
    changed.filter(({ old, object }) => !isEqual(podTemplate(old.object), podTemplate(object))).length +
    [...created, ...deleted].filter(isPatch).length;
  if (restarted > 0) notes.push(`restarts the pods of ${restarted} workload${restarted === 1 ? '' : 's'}`);
  return notes;
}

/** Part of a workload of others, which is there before and after. */
const isPatch = ({ object }) => own(own(own(object, 'metadata'), 'labels'), 'portarium.io/patched-by') !== undefined;

const podTemplate = (object) => own(own(object, 'spec'), 'template') ?? null;

const isEqual = (a, b) => canonicalJson(a) === canonicalJson(b);

// ---- Markdown --------------------------------------------------------------------------------------------------

const PLAIN = /^[A-Za-z0-9 _.,:;/=()[\]{}+*'"$%^~?’“”…→-]$/u;

/**
 * Text of the snapshot as a code span, the one Markdown construct in which GitHub resolves no mention, link, image,
 * HTML, entity or emoji. What could end the span, the table cell or the line, or is not seen, is spelt as its code point.
 */
function code(text, limit = LIMITS.shownLength) {
  const points = Array.from(text.slice(0, 2 * limit + 2));
  const shown = points
    .slice(0, limit)
    .map((point) =>
      PLAIN.test(point) ? point : `⟨U+${point.codePointAt(0).toString(16).toUpperCase().padStart(4, '0')}⟩`,
    )
    .join('');
  return `\`${shown.trim() === '' ? '⟨blank⟩' : shown}${points.length > limit ? '…' : ''}\``;
}

const objects = (count) => `${count} object${count === 1 ? '' : 's'}`;

const arrow = (before, after) => (before === after ? after : `${before} → **${after}**`);

const levelText = (stack) =>
  stack.kind === 'platform'
    ? `guards ${stack.guards}`
    : `${stack.level}${stack.as === undefined ? '' : `, ${code(stack.as)}`}`;

function levelCell({ before, after }) {
  if (after === undefined) return before.kind === 'error' ? '**removed**' : `**removed**, was ${levelText(before)}`;
  if (after.kind === 'error') return '**does not parse**';
  if (before === undefined) return `**new**: ${levelText(after)}`;
  if (before.kind === 'error') return `did not parse → **${levelText(after)}**`;
  return arrow(levelText(before), levelText(after));
}

/** `authz, mtls: shadow → **enforce**`, one line per transition. */
function controlsCell({ before, after }) {
  const [old, now] = [before, after].map((stack) => (stack?.kind === 'workspace' ? stack : undefined));
  if (old === undefined && now === undefined) return '';
  const lines = new Map();
  for (const control of CONTROLS) {
    const modes = [old, now].map((stack) => (stack === undefined ? '–' : modeOf(stack, control)));
    const transition = `: ${arrow(...modes)}`;
    lines.set(transition, [...(lines.get(transition) ?? []), control]);
  }
  return [...lines].map(([transition, controls]) => `${controls.join(', ')}${transition}`).join('<br>');
}

function objectsCell({ created, changed, deleted, kept, restamped, unchanged }) {
  const parts = [`+${created.length} ~${changed.length} −${deleted.length}`];
  if (kept.length > 0) parts.push(`${kept.length} left in place`);
  if (restamped > 0) parts.push(`${restamped} with a new policy hash only`);
  parts.push(`${unchanged} unchanged`);
  return parts.join('<br>');
}

function opensCell({ created, changed, deleted, kept }) {
  const told = [
    ['opens', created],
    ['changes what is open for', changed.filter(({ opens, old }) => opens === old.opens)],
    ['opens', changed.filter(({ opens, old }) => opens !== old.opens)],
    ['closes', deleted],
    ['leaves open', kept],
  ];
  return told
    .flatMap(([verb, entries]) =>
      CONTROLS.map((control) => [verb, control, entries.filter(({ opens }) => opens === control).length]),
    )
    .filter(([, , count]) => count > 0)
    .map(([verb, control, count]) => `${verb === 'closes' ? verb : `**${verb}**`} ${control} (${objects(count)})`)
    .join('<br>');
}

function tableRow(row) {
  const cells = [
    code(row.name),
    levelCell(row),
    controlsCell(row),
    row.isBroken ? 'not compared' : objectsCell(row),
    row.isBroken ? '' : opensCell(row),
    row.notes.join('<br>'),
  ];
  return `| ${cells.join(' | ')} |\n`;
}

/** What changes in one stack, object by object; not on public repositories unless asked for. */
function detailLines(row) {
  const lines = [
    ...row.created.map(
      (entry) =>
        `- ${isPatch(entry) ? 'patches' : 'new'} ${code(entry.key)}${entry.opens ? `, opens ${entry.opens}` : ''}\n`,
    ),
    ...row.changed.map(({ key, fields }) => {
      const shown = fields.slice(0, LIMITS.fieldsShown).map((field) => code(field));
      const more = fields.length > shown.length ? ` and ${fields.length - shown.length} more fields` : '';
      return `- changed ${code(key)}: ${shown.join(', ')}${more}\n`;
    }),
    ...row.deleted.map(
      (entry) =>
        `- ${isPatch(entry) ? 'releases' : 'deleted'} ${code(entry.key)}${entry.opens ? `, closes ${entry.opens}` : ''}\n`,
    ),
    ...row.kept.map((entry) => `- left in place ${code(entry.key)} (${entry.keep})\n`),
  ];
  if (row.after?.kind === 'error') lines.push(`- ${code(row.after.error, 4 * LIMITS.shownLength)}\n`);
  return lines;
}

/** The whole comment. `detail`: `objects` lists them under the table, `counts` leaves every name of an object out. */
function render(base, head, { detail, headSha }) {
  const rows = compare(base, head);
  const changed = rows.filter(({ isChanged }) => isChanged);
  const total = `${rows.length} stack${rows.length === 1 ? '' : 's'}`;
  const title = changed.length === 0 ? `no changes in ${total}` : `changes in ${changed.length} of ${total}`;
  const page = new Page();
  page.add(`${MARKER}\n### Preview: ${title}\n\n`);
  if (changed.length > 0) {
    page.add('| stack | level | controls | objects | opens, closes | look at |\n|---|---|---|---|---|---|\n');
    for (const row of changed) page.tryAdd(tableRow(row), 'stack');
    page.add('\n');
  }
  page.add(
    `Commit ${code(headSha.slice(0, 12))}, merged into its base and rendered offline by the pull request’s own code: what ` +
      'it wants, not what is live. “Not built”: nothing in this version enforces that control.\n',
  );
  if (detail !== 'objects') {
    page.add('Names of objects are left out here (`PREVIEW_DETAIL`, docs/ci-preview.md).\n');
    return page.text();
  }
  const sections = changed.map((row) => ({ row, lines: detailLines(row) })).filter(({ lines }) => lines.length > 0);
  if (sections.length > 0) {
    // No text of the snapshot in <summary>: GitHub does not read Markdown there, so a code span would protect nothing.
    page.add('\n<details><summary>Objects</summary>\n');
    page.closing = '\n</details>\n';
    for (const { row, lines } of sections) {
      lines.forEach((line, index) => page.tryAdd(`${index === 0 ? `\n${code(row.name)}\n\n` : ''}${line}`, 'object'));
    }
  }
  return page.text();
}

/** Bytes kept free for what follows a list whose items may be cut. */
const RESERVED = 1_000;

/** Text that stays under the limit: what does not fit is counted, and the comment says that it was cut. */
class Page {
  parts = [];
  closing = '';
  /** Less the note about the cut. */
  left = LIMITS.commentBytes - 300;
  cut = new Map();

  add(part) {
    this.parts.push(part);
    this.left -= Buffer.byteLength(part);
  }

  tryAdd(part, what) {
    // Nothing after the first that does not fit: a gap in the middle would not be seen.
    if (this.cut.has(what) || Buffer.byteLength(part) > this.left - RESERVED)
      this.cut.set(what, (this.cut.get(what) ?? 0) + 1);
    else this.add(part);
  }

  text() {
    const cut = [...this.cut].map(([what, count]) => `${count} ${what}${count === 1 ? '' : 's'}`).join(' and ');
    const note = `\n**Cut: ${cut} left out**, GitHub takes no longer comment. All of it: \`npm run -s enforce -- snapshot\`.\n`;
    return `${this.parts.join('')}${this.closing}${cut === '' ? '' : note}`;
  }
}

const unreadableBody = (reason, headSha) =>
  `${MARKER}\n### Preview could not be read\n\nPreview could not be read: ${reason}.\n\nCommit ${code(headSha.slice(0, 12))}.\n`;

// ---- GitHub ----------------------------------------------------------------------------------------------------

/** The open pull requests that the run was made for, by what GitHub says of the run, never by the artifact. */
async function findPulls(github, { repo, payload }) {
  const run = payload.workflow_run;
  // workflow_run.pull_requests is empty for forks.
  const owner = run.head_repository?.owner?.login;
  if (run.event !== 'pull_request' || typeof owner !== 'string') return [];
  const pulls = await github.paginate(github.rest.pulls.list, {
    ...repo,
    state: 'open',
    head: `${owner}:${run.head_branch}`,
    per_page: 100,
  });
  return pulls.filter(
    ({ head, base }) =>
      head.sha === run.head_sha && head.repo?.id === run.head_repository.id && base.repo.id === payload.repository.id,
  );
}

async function download(github, { repo, payload }, name) {
  const { data } = await github.rest.actions.listWorkflowRunArtifacts({
    ...repo,
    run_id: payload.workflow_run.id,
    name,
    per_page: 100,
  });
  const found = data.artifacts.filter((artifact) => artifact.name === name && !artifact.expired);
  const [newest] = found.sort((a, b) => b.id - a.id);
  refuseUnless(newest !== undefined, 'missing');
  refuseUnless(newest.size_in_bytes <= LIMITS.artifactBytes, 'size');
  const archive = await github.rest.actions.downloadArtifact({
    ...repo,
    artifact_id: newest.id,
    archive_format: 'zip',
  });
  refuseUnless(archive.data.byteLength <= LIMITS.artifactBytes, 'size');
  return unzip(Buffer.from(archive.data));
}

const fileOf = (files, name) => {
  refuseUnless(files.has(name), 'archive');
  return files.get(name);
};

/** One comment per pull request; only our own is ever rewritten, whoever else begins one with the marker. */
async function publish(github, { repo }, number, body) {
  const comments = await github.paginate(github.rest.issues.listComments, {
    ...repo,
    issue_number: number,
    per_page: 100,
  });
  const mine = comments.find((comment) => comment.user?.login === AUTHOR && comment.body?.startsWith(MARKER));
  if (mine) await github.rest.issues.updateComment({ ...repo, comment_id: mine.id, body });
  else await github.rest.issues.createComment({ ...repo, issue_number: number, body });
}

/** Public repositories show counts only, unless the repository's variable PREVIEW_DETAIL says otherwise. */
const detailOf = (variable, repository) =>
  variable === 'objects' || variable === 'counts' ? variable : repository.private === true ? 'objects' : 'counts';

async function main({ github, context, core, env }) {
  const pulls = await findPulls(github, context);
  if (pulls.length === 0) {
    core.info('No open pull request has this head any more: nothing to comment on.');
    return;
  }
  const headSha = context.payload.workflow_run.head_sha;
  let pull = pulls.length === 1 ? pulls[0] : undefined;
  let body;
  let refused;
  try {
    const head = await download(github, context, 'preview-head');
    const number = fileOf(head, 'pull-request.txt').toString('latin1', 0, 32).trim();
    const named = pulls.find((candidate) => String(candidate.number) === number);
    refuseUnless(named !== undefined, 'number');
    pull = named;
    const base = await download(github, context, 'preview-base');
    const detail = detailOf(env.PREVIEW_DETAIL, context.payload.repository);
    const sides = [base, head].map((files) => readSnapshot(fileOf(files, 'snapshot.json')));
    body = render(...sides, { detail, headSha });
  } catch (error) {
    if (typeof error?.status === 'number') throw error; // GitHub's answer, not the artifact's content
    refused = error instanceof Unreadable ? error.message : REASONS.internal;
    body = unreadableBody(refused, headSha);
  }
  if (pull !== undefined) await publish(github, context, pull.number, body);
  if (refused !== undefined) core.setFailed(`Preview could not be read: ${refused}.`);
}

await main({ github, context, core, env: process.env });
