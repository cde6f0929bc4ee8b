import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Ambiguous, parseObject } from '../../src/authorizer/json.js';

const parse = (text: string) => parseObject(Buffer.from(text));
const refusal = (body: Uint8Array | string): string => {
  try {
    parseObject(typeof body === 'string' ? Buffer.from(body) : body);
  } catch (error) {
    if (error instanceof Ambiguous) return error.message;
    throw error;
  }
  return 'accepted';
};
const nested = (depth: number): string => `${'{"a":'.repeat(depth - 1)}{}${'}'.repeat(depth - 1)}`;

describe('an object that is plain', () => {
  it.each<[string, string]>([
    ['empty', '{}'],
    ['with blanks around', ' \r\n\t{ "a" : 1 } '],
    ['with every kind of value', '{"a":"x","b":-1.5e3,"c":true,"d":null,"e":[],"f":{}}'],
    ['with the same key in different objects', '{"a":{"k":1},"b":{"k":2},"c":[{"k":3},{"k":4}]}'],
    ['with the same key in an object and in one inside it', '{"k":{"k":{"k":1}}}'],
    ['with a key as a value', '{"k":"k","l":["k","k"],"m":"K"}'],
    ['with marks of structure in strings', '{"a":"}{][,:","b,:":"\\"}","c\\\\":"\\\\"}'],
    ['with a key that a prototype has', '{"__proto__":{"x":1},"constructor":1,"toString":2}'],
    ['with keys that only share a beginning', '{"tool":1,"toolName":2,"toolNames":3}'],
    ['with letters of other scripts', '{"naïve":1,"名前":2,"имя":3,"😀":"😀"}'],
    ['with an empty key', '{"":1}'],
    ['with an escaped quote before a colon', '{"a":"\\":","b":1}'],
    ['with 64 levels', nested(64)],
  ])('is read: %s', (_what, text) => {
    expect(parse(text)).toEqual(JSON.parse(text));
    expect(Object.keys(parse(text))).toEqual(Object.keys(JSON.parse(text) as object));
  });

  it('keeps a key "__proto__" as a key, and gives the object no prototype by it', () => {
    const value = parse('{"__proto__":{"tool":"x"}}');
    expect(Object.hasOwn(value, '__proto__')).toBe(true);
    expect(value['tool']).toBeUndefined();
  });
});

describe('a key that is there twice is refused', () => {
  const twice = 'The key "tool" is there twice.';
  it.each<[string, string]>([
    ['at the top', '{"tool":"a","tool":"b"}'],
    ['with others between', '{"tool":"a","x":{"tool":1},"y":[{"tool":2}],"tool":"b"}'],
    ['inside', '{"params":{"tool":"a","tool":"b"}}'],
    ['inside a list', '{"list":[{"x":1},{"tool":"a","tool":"b"}]}'],
    ['inside a list of lists', '{"list":[[1,[{"tool":"a","tool":"b"}]]]}'],
    ['after an object has closed', '{"tool":{"x":[{}]},"tool":1}'],
    ['once escaped', '{"tool":"a","\\u0074ool":"b"}'],
    ['with the same value', '{"tool":"a","tool":"a"}'],
    ['after a string full of marks', '{"tool":"\\"}],{[:","tool":"b"}'],
  ])('%s', (_what, text) => expect(refusal(text)).toBe(twice));

  it('also a key that a prototype has', () => {
    expect(refusal('{"__proto__":1,"__proto__":2}')).toBe('The key "__proto__" is there twice.');
    expect(refusal('{"":1,"":2}')).toBe('The key "" is there twice.');
  });
});

describe('keys that look the same are refused', () => {
  it.each<[string, string]>([
    ['another case', 'toolname'],
    ['capitals', 'TOOLNAME'],
    ['full width', 'ｔoolName'],
    ['all of full width', 'ｔｏｏｌＮａｍｅ'],
    ['zero-width space', 'tool\u200bName'],
    ['zero-width joiner', 'tool\u200dName'],
    ['zero-width no-break space', '\ufefftoolName'],
    ['soft hyphen', 'tool\u00adName'],
    ['direction of writing', '\u202etoolName'],
    ['variation selector', 'toolName\ufe0f'],
    ['tag character', 'toolName\u{e0041}'],
    ['blank', 'toolName '],
    ['no-break space', 'tool\u00a0Name'],
    ['NUL', 'toolName\u0000'],
    ['newline', 'tool\nName'],
    ['mathematical letters', '𝐭𝐨𝐨𝐥𝐍𝐚𝐦𝐞'],
    ['the Kelvin sign’s kin: circled letter', 'ⓣoolName'],
  ])('%s', (_what, twin) => {
    for (const [first, second] of [
      ['toolName', twin],
      [twin, 'toolName'],
    ] as const) {
      const message = `The keys ${JSON.stringify(first)} and ${JSON.stringify(second)} look the same.`;
      const [one, two] = [JSON.stringify(first), JSON.stringify(second)];
      expect(refusal(`{${one}:1,${two}:2}`)).toBe(message);
      expect(refusal(`{"params":{${one}:1,"x":{},${two}:2}}`)).toBe(message);
      expect(refusal(`{"list":[1,{${one}:1,${two}:2}]}`)).toBe(message);
    }
  });

  it('by what a case-insensitive reader folds: the Kelvin sign and the long s', () => {
    expect(refusal('{"key":1,"\u212aey":2}')).toMatch(/look the same/);
    expect(refusal('{"policyIds":1,"policyId\u017f":2}')).toMatch(/look the same/);
  });

  it('and are cut in the message', () => {
    expect(refusal(JSON.stringify({ [`${'k'.repeat(100)}`]: 1, [`${'K'.repeat(100)}`]: 2 }))).toBe(
      `The keys "${'k'.repeat(64)}" and "${'K'.repeat(64)}" look the same.`,
    );
  });
});

const utf16 = (text: string) => Buffer.from(text, 'utf16le');

describe('what is no JSON object in UTF-8 is refused', () => {
  it.each<[string, Uint8Array | string, string]>([
    ['nothing', '', 'The body is empty.'],
    ['blanks', '  ', 'The body is not JSON.'],
    ['a byte order mark', '\ufeff{}', 'The body begins with a byte order mark.'],
    ['UTF-16 with its mark', Buffer.concat([Buffer.from([0xff, 0xfe]), utf16('{}')]), 'The body is not UTF-8.'],
    ['UTF-16 without', utf16('{"a":1}'), 'The body is not JSON.'],
    ['a byte that is none', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), 'The body is not UTF-8.'],
    ['a slash in two bytes', Buffer.from('{"a":"\xc0\xaf"}', 'latin1'), 'The body is not UTF-8.'],
    ['half a character', Buffer.from('{"a":"\xe2\x82"}', 'latin1'), 'The body is not UTF-8.'],
    ['a surrogate in three bytes', Buffer.from('{"a":"\xed\xa0\x80"}', 'latin1'), 'The body is not UTF-8.'],
    ['a list', '[{"toolName":"x"}]', 'The body is a list. Batches are not taken; send one call a request.'],
    ['an empty list', '[]', 'The body is a list. Batches are not taken; send one call a request.'],
    ['text', '"x"', 'The body is no JSON object.'],
    ['a number', '1', 'The body is no JSON object.'],
    ['null', 'null', 'The body is no JSON object.'],
    ['NaN', '{"a":NaN}', 'The body is not JSON.'],
    ['Infinity', '{"a":-Infinity}', 'The body is not JSON.'],
    ['a comment', '{"a":1/* x */}', 'The body is not JSON.'],
    ['a comment to the end of the line', '{"a":1}// x', 'The body is not JSON.'],
    ['a comma at the end', '{"a":1,}', 'The body is not JSON.'],
    ['single quotes', "{'a':1}", 'The body is not JSON.'],
    ['a key without quotes', '{a:1}', 'The body is not JSON.'],
    ['two documents', '{"a":1}{"a":2}', 'The body is not JSON.'],
    ['two documents in lines', '{"a":1}\n{"a":2}', 'The body is not JSON.'],
    ['an end that is missing', '{"a":1', 'The body is not JSON.'],
    ['a NUL at the end', '{"a":1}\u0000', 'The body is not JSON.'],
    ['a control character in a string', '{"a":"\u0001"}', 'The body is not JSON.'],
    ['a number in hex', '{"a":0x10}', 'The body is not JSON.'],
    ['a number with a leading zero', '{"a":01}', 'The body is not JSON.'],
    ['65 levels', nested(65), 'The body is more than 64 levels deep.'],
    ['65 levels of lists', `{"a":${'['.repeat(64)}${']'.repeat(64)}}`, 'The body is more than 64 levels deep.'],
    ['very many levels', nested(10_000), 'The body is more than 64 levels deep.'],
    ['very many levels without an end', '['.repeat(30_000), 'The body is not JSON.'],
    ['a number that no double holds', '{"a":[{"b":1e999}]}', 'The body has a number that is out of range.'],
    ['a number that no double holds, below', '{"a":-1e999}', 'The body has a number that is out of range.'],
  ])('%s', (_what, body, message) => expect(refusal(body)).toBe(message));

  it('in time that grows with its length alone, also where a string has no end', () => {
    const start = performance.now();
    expect(refusal(`{"${'\\"'.repeat(30_000)}`)).toBe('The body is not JSON.');
    expect(refusal(`{${'"\\'.repeat(30_000)}`)).toBe('The body is not JSON.');
    // By the square of the length it is seconds.
    expect(performance.now() - start).toBeLessThan(250);
  });
});

const plainKey = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/);
const plain = fc.letrec<{ value: unknown; object: Record<string, unknown> }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.string(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    tie('object'),
  ),
  object: fc.dictionary(plainKey, tie('value'), { maxKeys: 5 }),
})).object;

describe('whatever it is', () => {
  it('an object with distinct plain keys is accepted', () => {
    fc.assert(
      fc.property(plain, fc.constantFrom(undefined, 1, '\t'), (value, space) => {
        expect(refusal(JSON.stringify(value, null, space))).toBe('accepted');
      }),
    );
  });

  it('what is accepted is what JSON.parse says, and the same when it is written and read again', () => {
    const key = fc.oneof(fc.constantFrom('a', 'A', 'ａ', 'a\u200b', '__proto__', ''), fc.string({ maxLength: 3 }));
    const any = fc.oneof(
      fc.string(),
      fc.json(),
      plain.map((value) => JSON.stringify(value)),
      // Objects with whatever keys, twice or not.
      fc
        .array(fc.tuple(key, fc.json({ maxDepth: 1 })), { maxLength: 4 })
        .map((rows) => `{${rows.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join()}}`),
    );
    let accepted = 0;
    fc.assert(
      fc.property(any, (text) => {
        if (refusal(text) !== 'accepted') return;
        accepted += 1;
        const value = parse(text);
        expect(value).toEqual(JSON.parse(text));
        const again = JSON.stringify(value);
        expect(JSON.stringify(parse(again))).toBe(again);
      }),
      { numRuns: 500 },
    );
    expect(accepted).toBeGreaterThan(100);
  });

  it('a key that is there twice is found, wherever it is', () => {
    const twins = fc.tuple(plainKey, plain, fc.nat(), fc.boolean());
    fc.assert(
      fc.property(twins, ([key, value, place, recased]) => {
        const text = JSON.stringify({ a: [1, { b: value }], ...value });
        const opens = [...text.matchAll(/\{/g)].map(({ index }) => index);
        const at = opens[place % opens.length]! + 1;
        const rest = text[at] === '}' ? '' : ',';
        const twin = recased ? key.toUpperCase() : key;
        const doubled = `${text.slice(0, at)}"${key}":1,"${twin}":2${rest}${text.slice(at)}`;
        expect(refusal(doubled)).toMatch(/is there twice|look the same|is not JSON/);
        // A brace inside a string is no object: then it is no JSON any more.
        try {
          JSON.parse(doubled);
        } catch {
          return;
        }
        expect(refusal(doubled)).not.toBe('The body is not JSON.');
      }),
    );
  });

  it('bytes of any kind are read or refused, and nothing else happens', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        expect(typeof refusal(bytes)).toBe('string');
      }),
    );
  });
});
