import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attest, filesOf, makeReport, NAMES, verifyFolder, type Files } from '../../src/report/index.js';
import { statementOf } from '../../src/report/attestation.js';
import { digestOf } from '../../src/report/folder.js';
import { evidence, file, INPUT, KEY, VERIFIED, without as omit } from './example.js';

const manifests: Files = new Map([['manifests/ws-acme.json', Buffer.from('[]\n')]]);
const input = { ...INPUT, manifests: { 'manifests/ws-acme.json': digestOf('[]\n') } };
/** Without the gate, whose answers take the most time to judge again. */
const few = (change: Parameters<typeof evidence>[0] = {}) =>
  evidence({ ...change, 'gate.json': undefined }).filter((each) => !each.file.startsWith('answers/'));
const made = makeReport(input, few());
const VERSION = made.tool.version;

function folder(): Map<string, Uint8Array> {
  const files = filesOf(made, few(), manifests);
  files.set(NAMES.pdf, Buffer.from('%PDF-1.4 as printed'));
  files.set(NAMES.attestation, attest(made, files, KEY.privateKey));
  return files;
}
const whole: Files = folder();
const problemsOf = (files: Files, key = KEY.publicKey) => verifyFolder(files, key, VERSION).problems;

describe('verifyFolder', () => {
  it('believes a folder as it was made, and says what that means', () => {
    expect(verifyFolder(whole, KEY.publicKey, VERSION)).toMatchObject({
      problems: [],
      held: [
        'signed by this key, and every file is what was signed',
        'the verdict follows from the evidence and from what the cluster said',
        'page and OSCAL results follow from report.json',
        'the PDF is the one that was signed; it is not made anew',
      ],
    });
  });

  it('finds every change of one byte in any file', () => {
    const names = [...whole.keys()];
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.nat(), fc.integer({ min: 1, max: 255 }), (name, at, by) => {
        const bytes = Buffer.from(whole.get(name)!);
        const index = at % bytes.length;
        bytes[index] = bytes[index]! ^ by;
        return problemsOf(new Map([...whole, [name, bytes]])).length > 0;
      }),
      { numRuns: 100 },
    );
  });

  it('finds changes all over the attestation', () => {
    const bytes = whole.get(NAMES.attestation)!;
    for (let index = 0; index < bytes.length; index += 41) {
      const changed = Buffer.from(bytes);
      changed[index] = changed[index]! ^ 1;
      expect(problemsOf(new Map([...whole, [NAMES.attestation, changed]])), `byte ${index}`).not.toEqual([]);
    }
  });

  it('finds each file that is cut short, made longer or taken away', () => {
    for (const [name, bytes] of whole) {
      const without = new Map([...whole].filter(([other]) => other !== name));
      expect(problemsOf(new Map([...whole, [name, bytes.subarray(0, -1)]])), name).not.toEqual([]);
      expect(problemsOf(new Map([...whole, [name, Buffer.concat([bytes, Buffer.from('\n')])]])), name).not.toEqual([]);
      expect(problemsOf(without), name).not.toEqual([]);
    }
  });

  it('finds added and swapped files', () => {
    expect(problemsOf(new Map([...whole, ['evidence/more.json', Buffer.from('{}')]]))).toEqual([
      'evidence/more.json was not signed with the report.',
    ]);
    const [a, b] = ['evidence/prove.json', 'evidence/verify.json'] as const;
    expect(problemsOf(new Map([...whole, [a, whole.get(b)!], [b, whole.get(a)!]]))).toEqual([
      `${a} is not what was signed.`,
      `${b} is not what was signed.`,
    ]);
  });

  it('refuses a report without signature, and another’s', () => {
    const without = new Map([...whole].filter(([name]) => name !== NAMES.attestation));
    expect(problemsOf(without)).toEqual([
      'there is no attestation.json: the report was never signed, or its signature was taken away.',
    ]);
    const envelope = JSON.parse(Buffer.from(whole.get(NAMES.attestation)!).toString()) as object;
    const stripped = Buffer.from(`${JSON.stringify({ ...envelope, signatures: [] })}\n`);
    expect(problemsOf(new Map([...whole, [NAMES.attestation, stripped]]))).toEqual([
      'the attestation has no signature.',
    ]);
    const other = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString();
    expect(problemsOf(whole, other)[0]).toMatch(/^the attestation is signed by another key, [0-9a-f]{64}\.$/);
  });

  it('does not take a signer’s word: a verdict that its evidence does not give is found although it is signed', () => {
    const failing = [
      ...few({ 'verify.json': undefined }),
      file('verify.json', { ...VERIFIED, verdict: 'fail', checks: [] }),
    ];
    const files = filesOf(made, failing, manifests);
    files.set(NAMES.attestation, attest(made, files, KEY.privateKey));
    expect(problemsOf(files)).toEqual([
      'report.json does not follow from the evidence: making it anew gives another.',
      'report.html does not follow from the evidence: making it anew gives another.',
      'oscal-assessment-results.json does not follow from the evidence: making it anew gives another.',
    ]);
    expect(makeReport(input, failing).verdict).toBe('fail');
  });

  it('says which version made what it cannot make anew', () => {
    const files = filesOf({ ...made, headline: 'All is well.' }, few(), manifests);
    files.set(NAMES.attestation, attest(made, files, KEY.privateKey));
    expect(verifyFolder(files, KEY.publicKey, '9.9.9').problems[0]).toBe(
      'report.json does not follow from the evidence: making it anew gives another. It was made by version 0.1.0; this is 9.9.9.',
    );
  });

  it('refuses a statement that says more than the report', () => {
    const files = filesOf(made, few(), manifests);
    const inconclusive = makeReport(omit(input, 'observed'), few());
    const passing = { ...inconclusive, verdict: 'pass' as const };
    files.set(NAMES.attestation, attest(passing, files, KEY.privateKey));
    expect(problemsOf(files)).toEqual(['the statement does not follow from the report.']);
  });
});

describe('statementOf', () => {
  const predicateOf = (report: typeof made) =>
    (statementOf(report, {}) as { readonly predicate: { readonly properties: readonly string[] } }).predicate;

  it('names properties of a pass only', () => {
    expect(predicateOf(makeReport(input, evidence())).properties).toContain('PORTARIUM_ENFORCEMENT_PASS');
    for (const change of [{ 'verify.json': undefined }, { 'verify.json': { ...VERIFIED, verdict: 'fail' } }]) {
      const report = makeReport(input, evidence(change));
      expect(report.verdict).not.toBe('pass');
      expect(predicateOf(report).properties).toEqual([]);
    }
  });

  it('is an in-toto statement of version 1 with a subject for every other file', () => {
    const envelope = JSON.parse(Buffer.from(whole.get(NAMES.attestation)!).toString()) as { payload: string };
    const statement = JSON.parse(Buffer.from(envelope.payload, 'base64').toString()) as Record<string, unknown>;
    expect(statement).toMatchObject({
      _type: 'https://in-toto.io/Statement/v1',
      predicateType: 'https://in-toto.io/attestation/svr/v0.1',
    });
    expect((statement['subject'] as readonly { name: string }[]).map(({ name }) => name)).toEqual(
      [...whole.keys()].filter((name) => name !== NAMES.attestation).sort(),
    );
  });
});
