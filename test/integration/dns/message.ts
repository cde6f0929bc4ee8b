/** As much of DNS messages (RFC 1035) as the tests need: one question, records of types A and AAAA, extra bytes. */

export const TYPES = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  OPT: 41,
  ANY: 255,
} as const;
export type Type = keyof typeof TYPES;
export const RCODES = { 0: 'NOERROR', 1: 'FORMERR', 2: 'SERVFAIL', 3: 'NXDOMAIN', 4: 'NOTIMP', 5: 'REFUSED' } as const;
export type Rcode = (typeof RCODES)[keyof typeof RCODES];

export interface Question {
  readonly name: string;
  readonly type: number;
  readonly class: number;
}

export interface Message {
  readonly id: number;
  readonly rcode: Rcode | number;
  /** As it came back, in its own case; absent where the server could not even read it. */
  readonly question?: Question;
  readonly answers: readonly { readonly name: string; readonly type: number; readonly data: Buffer }[];
}

/** A query for one name; `class` 1 is IN, 3 is CH. */
export function query(id: number, name: string, type: Type, { class: klass = 1, opcode = 0 } = {}): Buffer {
  const header = Buffer.alloc(12);
  header.writeUInt16BE(id, 0);
  header.writeUInt16BE(0x0100 | (opcode << 11), 2);
  header.writeUInt16BE(1, 4);
  return Buffer.concat([header, encodeName(name), uint16(TYPES[type]), uint16(klass)]);
}

/** An answer to `to` with these addresses, or with a response code alone. */
export function answer(to: Buffer, addresses: readonly Buffer[], rcode = 0): Buffer {
  const { question, end } = readQuestion(to);
  const header = Buffer.from(to.subarray(0, 12));
  header.writeUInt16BE(0x8180 | rcode, 2);
  header.writeUInt16BE(addresses.length, 6);
  header.fill(0, 8, 12);
  const records = addresses.map((address) =>
    Buffer.concat([
      uint16(0xc00c),
      uint16(question.type),
      uint16(question.class),
      Buffer.from([0, 0, 0, 30]),
      uint16(address.length),
      address,
    ]),
  );
  return Buffer.concat([header, to.subarray(12, end), ...records]);
}

export function decode(message: Buffer): Message {
  const { question, end } = message.readUInt16BE(4) === 0 ? { question: undefined, end: 12 } : readQuestion(message);
  const answers: { name: string; type: number; data: Buffer }[] = [];
  let at = end;
  for (let count = message.readUInt16BE(6); count > 0; count -= 1) {
    const { name, end: afterName } = readName(message, at);
    const length = message.readUInt16BE(afterName + 8);
    const data = message.subarray(afterName + 10, afterName + 10 + length);
    answers.push({ name, type: message.readUInt16BE(afterName), data });
    at = afterName + 10 + length;
  }
  const code = message.readUInt16BE(2) & 0xf;
  return {
    id: message.readUInt16BE(0),
    rcode: (RCODES as Readonly<Record<number, Rcode>>)[code] ?? code,
    ...(question && { question }),
    answers,
  };
}

export function readQuestion(message: Buffer): { question: Question; end: number } {
  const { name, end } = readName(message, 12);
  return { question: { name, type: message.readUInt16BE(end), class: message.readUInt16BE(end + 2) }, end: end + 4 };
}

/** Names without the final dot, in the case they came in. */
function readName(message: Buffer, from: number): { name: string; end: number } {
  const labels: string[] = [];
  let end: number | undefined;
  for (let at = from; ;) {
    const length = message[at]!;
    if (length >= 0xc0) {
      end ??= at + 2;
      at = message.readUInt16BE(at) & 0x3fff;
      continue;
    }
    if (length === 0) return { name: labels.join('.'), end: end ?? at + 1 };
    labels.push(message.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
}

const encodeName = (name: string): Buffer =>
  Buffer.concat([
    ...name
      .split('.')
      .filter((label) => label !== '')
      .map((label) => Buffer.concat([Buffer.from([Buffer.byteLength(label, 'latin1')]), Buffer.from(label, 'latin1')])),
    Buffer.from([0]),
  ]);

const uint16 = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff]);
