/** ASN.1 values in DER (X.690), as far as certificates need them. */
export type Der = Buffer;

const tagged = (tag: number, content: Der): Der => Buffer.concat([Buffer.from([tag]), length(content.length), content]);

function length(value: number): Der {
  if (value < 0x80) return Buffer.from([value]);
  const bytes = Buffer.from(value.toString(16).padStart(value > 0xff ? 4 : 2, '0'), 'hex');
  return Buffer.concat([Buffer.from([0x80 | bytes.length]), bytes]);
}

export const sequence = (...items: readonly Der[]): Der => tagged(0x30, Buffer.concat(items));

export const set = (...items: readonly Der[]): Der => tagged(0x31, Buffer.concat(items));

/** A positive integer of these bytes. */
export const integer = (bytes: Der): Der =>
  tagged(0x02, bytes.readUInt8(0) >= 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes);

export const boolean = (value: boolean): Der => tagged(0x01, Buffer.from([value ? 0xff : 0]));

export const octets = (content: Der): Der => tagged(0x04, content);

/** @param unused bits at the end that do not count */
export const bits = (content: Der, unused = 0): Der => tagged(0x03, Buffer.concat([Buffer.from([unused]), content]));

export const utf8 = (text: string): Der => tagged(0x0c, Buffer.from(text));

/** To the second, as RFC 5280 has it: two digits for the year until 2049. */
export function time(date: Date): Der {
  const digits = date.toISOString().replace(/[-:T]|\.\d+/g, '');
  return date.getUTCFullYear() < 2050 ? tagged(0x17, Buffer.from(digits.slice(2))) : tagged(0x18, Buffer.from(digits));
}

/** `[number]` around a value. */
export const explicit = (number: number, content: Der): Der => tagged(0xa0 | number, content);

/** `[number]` in place of a primitive value's own tag. */
export const implicit = (number: number, content: Der): Der => tagged(0x80 | number, content);

/** An object identifier from its dotted form. */
export function oid(dotted: string): Der {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return tagged(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(value: number): number[] {
  const bytes = [value & 0x7f];
  for (let left = value >> 7; left > 0; left >>= 7) bytes.unshift((left & 0x7f) | 0x80);
  return bytes;
}
