import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { entryOf, type Snapshot } from '../../src/cli/snapshot.js';
import { sha256 } from '../../src/model/canonical.js';
import { keyOf, type KubeObject } from '../../src/model/kube-object.js';
import { LABELS } from '../../src/model/names.js';
import { fileOf, loadParts } from './script.js';
import { configMap, snapshot, workspace } from './snapshots.js';
import { zip } from './zip.js';

const parts = await loadParts();
const { REASONS, LIMITS } = parts;
const headSha = '0123456789abcdef0123456789abcdef01234567';

/** A comment in which one hostile text stands everywhere a text of the artifact can stand. */
function commentWith(text: string): string {
  const named = (data: object) =>
    ({ ...configMap('x', { data }), kind: text, metadata: { name: text, namespace: text } }) as const;
  const base = snapshot(
    workspace([named({ [text]: 1 })], { stack: text }),
    workspace([named({})], { stack: `${text}-` }),
  );
  const head = snapshot(
    workspace([named({ [text]: 2 }), configMap(text)], {
      stack: text,
      level: 'authz',
      relaxing: { as: text, controls: ['authz'], relaxation: text },
    }),
    { stack: `${text}-`, error: text },
  );
  return parts.render(parts.readSnapshot(fileOf(base)), parts.readSnapshot(fileOf(head)), {
    detail: 'objects',
    headSha,
  });
}

const withoutCode = (text: string): string => text.replace(/`[^`\n]*`/g, '`…`');
const harmless = withoutCode(commentWith('x'));

describe('text of the artifact', () => {
  test.each([
    ['a mention', '@octocat', '⟨U+0040⟩octocat'],
    ['a team’s mention', '@org/team', '⟨U+0040⟩org/team'],
    ['an issue', '#1', '⟨U+0023⟩1'],
    ['a link', '[x](https://evil.example)', '[x](https://evil.example)'],
    ['a bare address', 'https://evil.example', 'https://evil.example'],
    ['an image', '![x](//evil.example/p.png)', '⟨U+0021⟩[x](//evil.example/p.png)'],
    ['a cell', 'a | b', 'a ⟨U+007C⟩ b'],
    ['an escaped cell', 'a \\| b', 'a ⟨U+005C⟩⟨U+007C⟩ b'],
    ['a code span', '`` ` ```', '⟨U+0060⟩⟨U+0060⟩ ⟨U+0060⟩ ⟨U+0060⟩⟨U+0060⟩⟨U+0060⟩'],
    ['a line', 'a\n\n# b\r\n', 'a⟨U+000A⟩⟨U+000A⟩⟨U+0023⟩ b⟨U+000D⟩⟨U+000A⟩'],
    ['an element', '<img src=x onerror=alert(1)>', '⟨U+003C⟩img src=x onerror=alert(1)⟨U+003E⟩'],
    [
      'an HTML comment',
      '</details><!-- portarium-preview -->',
      '⟨U+003C⟩/details⟨U+003E⟩⟨U+003C⟩⟨U+0021⟩-- portarium-preview --⟨U+003E⟩',
    ],
    ['an entity', '&commat;x', '⟨U+0026⟩commat;x'],
    ['bidirectional control', 'abc\u202e\u2066txt', 'abc⟨U+202E⟩⟨U+2066⟩txt'],
    ['zero width', 'a\u200bb\u200dc\ufeff', 'a⟨U+200B⟩b⟨U+200D⟩c⟨U+FEFF⟩'],
    ['a look-alike', 'аcme', '⟨U+0430⟩cme'],
    ['half a character', 'a\ud800', 'a⟨U+D800⟩'],
    ['a tag character', '\u{e0041}', '⟨U+E0041⟩'],
    ['nothing but blanks', '   ', '⟨blank⟩'],
  ])('with %s is spelt out in a code span', (_, text, shown) => {
    expect(parts.code(text)).toBe(`\`${shown}\``);
    expect(withoutCode(commentWith(text))).toBe(harmless);
  });

  test('changes nothing outside of code spans, whatever it is', () => {
    const units = ['grapheme', 'binary', 'binary-ascii'] as const;
    const text = fc.oneof(...units.map((unit) => fc.string({ unit, minLength: 1, maxLength: 40 })));
    fc.assert(
      fc.property(
        text.filter((value) => value !== '__proto__'),
        (value) => {
          expect(withoutCode(commentWith(value))).toBe(harmless);
        },
      ),
    );
  });

  test('is cut when long', () => {
    expect(parts.code('x'.repeat(1_000))).toBe(`\`${'x'.repeat(LIMITS['shownLength']!)}…\``);
    expect(parts.code('\u{1f600}'.repeat(1_000)).length).toBeLessThan(2_000);
  });
});

describe('a snapshot is refused', () => {
  const read = (document: unknown): unknown => parts.readSnapshot(fileOf(document));
  const good = snapshot(workspace([configMap('a')]));
  const [stack] = good.stacks as [Extract<Snapshot['stacks'][number], { kind: 'workspace' }>];
  const entry = entryOf(configMap('a'));
  const withStack = (more: object): unknown => ({ ...good, stacks: [{ ...stack, ...more }] });
  const withEntry = (more: object): unknown => withStack({ objects: [{ ...entry, ...more }] });

  test('unless it is well made', () => {
    expect(() => read(good)).not.toThrow();
  });

  test.each<[string, unknown]>([
    ['an unknown key', { ...good, extra: 1 }],
    ['no stacks', { version: 1 }],
    ['stacks that are no list', { ...good, stacks: {} }],
    ['a stack that is null', { ...good, stacks: [null] }],
    ['a stack that is a list', { ...good, stacks: [[]] }],
    ['a stack twice', { ...good, stacks: [stack, stack] }],
    ['a name that is no text', withStack({ stack: 1 })],
    ['an empty name', withStack({ stack: '' })],
    ['a name too long', withStack({ stack: 'x'.repeat(513) })],
    ['an unknown kind', withStack({ kind: 'other' })],
    ['a kind that names a member of every object', withStack({ kind: 'constructor' })],
    ['an unknown level', withStack({ level: '__proto__' })],
    ['a level that is a list', withStack({ level: ['routing'] })],
    ['a level on a platform', withStack({ kind: 'platform', guards: 'deny' })],
    ['a policy hash that is none', withStack({ policyHash: 'x' })],
    ['an unknown key of a stack', withStack({ extra: 1 })],
    ['an error and objects', withStack({ error: 'x' })],
    ['an error that is no text', { ...good, stacks: [{ stack: 'x', error: {} }] }],
    ['relaxing nothing', withStack({ relaxing: { as: 'x', controls: [] } })],
    ['relaxing an unknown control', withStack({ relaxing: { as: 'x', controls: ['all'] } })],
    ['relaxing a control twice', withStack({ relaxing: { as: 'x', controls: ['egress', 'egress'] } })],
    ['relaxing by something that is no text', withStack({ relaxing: { as: { toString: 1 }, controls: ['egress'] } })],
    ['a Relaxation that is no text', withStack({ relaxing: { as: 'x', controls: ['egress'], relaxation: 1 } })],
    ['relaxing null', withStack({ relaxing: null })],
    ['objects that are no list', withStack({ objects: { length: 1 } })],
    ['an object twice', withStack({ objects: [entry, entry] })],
    ['an entry that is text', withStack({ objects: ['x'] })],
    ['an unknown key of an entry', withEntry({ extra: 1 })],
    [
      'a namespace that is a number',
      withStack({ objects: [entryOf(configMap('a', { metadata: { name: 'a', namespace: 1 } }))] }),
    ],
    ['another key than the object’s', withEntry({ key: 'ConfigMap agents/b' })],
    ['another hash than the object’s', withEntry({ hash: 'a'.repeat(64) })],
    ['another object than the hash’s', withEntry({ object: { ...entry.object, data: {} } })],
    ['an opening that the object does not have', withEntry({ opens: 'egress' })],
    ['a keep that the object does not have', withEntry({ keep: 'baseline' })],
    ['an object without metadata', withEntry({ object: { apiVersion: 'v1', kind: 'ConfigMap' } })],
    ['an object that is null', withEntry({ object: null })],
    ['a namespace that is no text', withEntry({ object: { ...entry.object, metadata: { name: 'a', namespace: 1 } } })],
    [
      'an unknown keep',
      withStack({ objects: [entryOf(configMap('a', { metadata: { name: 'a', labels: { [LABELS.keep]: 'x' } } }))] }),
    ],
    [
      'an unknown opening',
      withStack({ objects: [entryOf(configMap('a', { metadata: { name: 'a', labels: { [LABELS.opens]: 'x' } } }))] }),
    ],
  ])('for %s', (_, document) => {
    expect(() => read(document)).toThrow(REASONS['shape']);
  });

  test('for an opening that the object has and the entry does not', () => {
    const { key, hash, object } = entryOf(
      configMap('a', { metadata: { name: 'a', labels: { [LABELS.opens]: 'egress' } } }),
    );
    expect(() => read(withStack({ objects: [{ key, hash, object }] }))).toThrow(REASONS['shape']);
  });

  test.each([[0], [2], ['1'], [null], [undefined], [[1]]])('for version %j', (version) => {
    expect(() => read({ ...good, version })).toThrow(REASONS['version']);
  });

  test.each([['null'], ['[]'], ['1'], ['"x"'], ['true']])('for a document that is %s', (text) => {
    expect(() => parts.readSnapshot(Buffer.from(text))).toThrow(REASONS['shape']);
  });

  test.each([
    ['no JSON', Buffer.from('{')],
    ['two documents', Buffer.from('{}{}')],
    ['empty', Buffer.alloc(0)],
    ['not UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d])],
  ])('that is %s', (_, file) => {
    expect(() => parts.readSnapshot(file)).toThrow(REASONS['json']);
  });

  test.each(['document', 'stack', 'entry', 'object', 'labels'])(
    'for a __proto__ key in its %s, which changes nothing',
    (where) => {
      const hostile = '"__proto__":{"polluted":true,"error":"x"}';
      const text = JSON.stringify(
        snapshot(workspace([configMap('a', { metadata: { name: 'a', labels: { a: 'b' } } })])),
      );
      const starts = {
        document: '"version"',
        stack: '"stack"',
        entry: '"key"',
        object: '"apiVersion"',
        labels: '"a":"b"',
      };
      const at = text.indexOf(starts[where as keyof typeof starts]);
      const file = Buffer.from(`${text.slice(0, at)}${hostile},${text.slice(at)}`);
      expect(() => parts.readSnapshot(file)).toThrow(REASONS['shape']);
      expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    },
  );

  test('for a __proto__ key that its hash covers', () => {
    const object = JSON.parse(
      '{"__proto__":{"a":1},"apiVersion":"v1","kind":"x","metadata":{"name":"a"}}',
    ) as KubeObject;
    const text = JSON.stringify(withStack({ objects: [{ key: keyOf(object), hash: sha256(object), object }] }));
    expect(text).toContain('"__proto__":{"a":1}');
    expect(() => parts.readSnapshot(Buffer.from(text))).toThrow(REASONS['shape']);
  });

  test('names of members of every object are names like any other', () => {
    const names = ['constructor', 'toString', 'hasOwnProperty', 'valueOf'];
    const objects = names.map((name) => configMap(name, { data: Object.fromEntries(names.map((key) => [key, '1'])) }));
    const text = parts.render(
      parts.readSnapshot(fileOf(snapshot())),
      parts.readSnapshot(fileOf(snapshot(...names.map((name) => workspace(objects, { stack: name }))))),
      { detail: 'objects', headSha },
    );
    expect(text).toContain('| `constructor` | **new**: routing |');
    expect(text).toContain('- new `ConfigMap agents/hasOwnProperty`\n');
  });

  test.each([
    ['lists', '['.repeat(200_000)],
    ['objects', '{"a":'.repeat(200_000)],
    ['valid lists', `{"version":1,"stacks":${'['.repeat(65)}${']'.repeat(65)}}`],
  ])('for %s nested too deeply', (_, text) => {
    expect(() => parts.readSnapshot(Buffer.from(text))).toThrow(REASONS['depth']);
  });

  test('not for brackets inside of texts', () => {
    expect(() => read(snapshot(workspace([configMap('a', { data: { x: '["\\"['.repeat(100) } })])))).not.toThrow();
  });

  test.each<[string, () => unknown]>([
    [
      'stacks',
      () => ({ ...good, stacks: Array.from({ length: 2_001 }, (_, index) => ({ stack: `${index}`, error: '' })) }),
    ],
    ['objects', () => withStack({ objects: Array.from({ length: 40_001 }, () => 0) })],
    ['text', () => ({ ...good, stacks: [{ stack: 'x', error: 'x'.repeat(512 * 1024 + 1) }] })],
    ['key', () => withEntry({ ['x'.repeat(513)]: 1 })],
    ['values', () => withEntry({ object: Array.from({ length: 4_000_001 }, () => 0) })],
  ])('for too much: %s', (_, document) => {
    expect(() => read(document())).toThrow(REASONS['size']);
  });

  test('for too many objects over all stacks', () => {
    const entries = Array.from({ length: 25_000 }, (_, index) => entryOf(configMap(`a-${index}`)));
    const halves = ['x', 'y'].map((name) => ({ ...stack, stack: name, objects: entries }));
    expect(() => read({ ...good, stacks: halves })).toThrow(REASONS['size']);
  });

  test('for too many bytes, before they are read', () => {
    expect(() => parts.readSnapshot(Buffer.alloc(LIMITS['fileBytes']! + 1))).toThrow(REASONS['size']);
  });
});

describe('an archive', () => {
  const data = Buffer.from('{"version":1}');

  test.each([0, 8] as const)('of method %i is read', (method) => {
    const files = parts.unzip(
      zip([
        { name: 'snapshot.json', data, method },
        { name: 'dir/', data: Buffer.alloc(0), method: 0 },
      ]),
    );
    expect(files.get('snapshot.json')?.toString()).toBe(data.toString());
  });

  test.each<[string, Buffer]>([
    ['empty', Buffer.alloc(0)],
    ['short', Buffer.from('PK')],
    ['no archive', Buffer.from('x'.repeat(100))],
    ['cut', zip([{ name: 'a', data }]).subarray(10)],
    ['encrypted', zip([{ name: 'a', data, flags: 9 }])],
    ['of more files than it has', zip([{ name: 'a', data }], 2)],
    ['of many files', zip(Array.from({ length: 9 }, (_, index) => ({ name: `${index}`, data })))],
    [
      'with a file twice',
      zip([
        { name: 'a', data },
        { name: 'a', data },
      ]),
    ],
    ['with a file longer than it says', zip([{ name: 'a', data: Buffer.alloc(1_000), size: 10 }])],
    ['with a file shorter than it says', zip([{ name: 'a', data, size: 1_000 }])],
    ['of another method', zip([{ name: 'a', data, method: 12 as 8 }])],
  ])('that is %s is refused', (_, archive) => {
    expect(() => parts.unzip(archive)).toThrow(REASONS['archive']);
  });

  test.each([
    ['local', 0x04034b50],
    ['central', 0x02014b50],
  ])('whose %s header is none is refused', (_, signature) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(signature);
    const archive = zip([{ name: 'a', data }]);
    archive[archive.indexOf(bytes)] = 0;
    expect(() => parts.unzip(archive)).toThrow(REASONS['archive']);
  });

  test('that says it holds too much is refused before it is inflated', () => {
    expect(() => parts.unzip(zip([{ name: 'a', data, size: LIMITS['fileBytes']! + 1 }]))).toThrow(REASONS['size']);
  });

  test('that holds far more than it says is not inflated beyond what it says', () => {
    const bomb = zip([{ name: 'a', data: Buffer.alloc(32 * 1024 * 1024), size: 1_000 }]);
    expect(() => parts.unzip(bomb)).toThrow(REASONS['archive']);
  });
});
