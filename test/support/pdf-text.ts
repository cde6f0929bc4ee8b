import { inflateSync } from 'node:zlib';

/** What a PDF of Chromium (Skia) says, page by page, read from its glyphs by each font’s ToUnicode map. */
export function pdfPages(pdf: Uint8Array): readonly string[] {
  const text = Buffer.from(pdf).toString('latin1');
  const objects = new Map<string, string>();
  for (const [, id = '', body = ''] of text.matchAll(/(\d+) 0 obj\n([\s\S]*?)\nendobj/g)) objects.set(id, body);
  const object = (id = ''): string => objects.get(id) ?? '';
  const inflated = (id = ''): string => {
    const body = object(id);
    const start = body.indexOf('stream\n') + 'stream\n'.length;
    const bytes = Buffer.from(body.slice(start, body.lastIndexOf('\nendstream')), 'latin1');
    return (body.includes('/FlateDecode') ? inflateSync(bytes) : bytes).toString('latin1');
  };
  return [...objects.values()]
    .filter((body) => /\/Type \/Page\n/.test(body))
    .map((page) => {
      const resources = /\/Resources (\d+) 0 R/.exec(page)?.[1];
      const dictionary = resources === undefined ? page : object(resources);
      const fonts = new Map<string, ReadonlyMap<string, string>>();
      for (const [, name = '', id] of dictionary.matchAll(/\/(F\d+) (\d+) 0 R/g)) {
        const map = /\/ToUnicode (\d+) 0 R/.exec(object(id))?.[1];
        fonts.set(name, map === undefined ? new Map() : unicodeOf(inflated(map)));
      }
      return spoken(inflated(/\/Contents (\d+) 0 R/.exec(page)?.[1]), fonts);
    });
}

function unicodeOf(map: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const text = (hex: string): string => Buffer.from(hex, 'hex').swap16().toString('utf16le');
  for (const [, chars = ''] of map.matchAll(/beginbfchar\n([\s\S]*?)endbfchar/g)) {
    for (const [, glyph = '', to = ''] of chars.matchAll(/<(\w+)> <(\w+)>/g)) found.set(glyph.toUpperCase(), text(to));
  }
  for (const [, ranges = ''] of map.matchAll(/beginbfrange\n([\s\S]*?)endbfrange/g)) {
    for (const [, from = '', to = '', first = ''] of ranges.matchAll(/<(\w+)> <(\w+)> <(\w+)>/g)) {
      for (let glyph = parseInt(from, 16), at = parseInt(first, 16); glyph <= parseInt(to, 16); glyph += 1, at += 1) {
        found.set(glyph.toString(16).padStart(4, '0').toUpperCase(), String.fromCodePoint(at));
      }
    }
  }
  return found;
}

function spoken(content: string, fonts: ReadonlyMap<string, ReadonlyMap<string, string>>): string {
  let font: ReadonlyMap<string, string> = new Map();
  let out = '';
  for (const [, name, hex, move] of content.matchAll(/\/(F\d+) [\d.]+ Tf|<([0-9A-Fa-f]+)>|(BT|Td|Tm|T\*)\b/g)) {
    if (name !== undefined) font = fonts.get(name) ?? new Map();
    else if (move === 'BT') out += ' ';
    else if (hex !== undefined) {
      for (const [glyph] of hex.matchAll(/.{4}/g)) out += font.get(glyph.toUpperCase()) ?? '';
    }
  }
  return out.replaceAll(/\s+/g, ' ');
}
