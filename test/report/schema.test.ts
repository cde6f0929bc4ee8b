import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { makeReport, type Report } from '../../src/report/index.js';
import { SECTIONS } from '../../src/report/section.js';
import { reportText } from '../../src/report/folder.js';
import { check, evidence, INPUT, OBSERVED, unsigned, VERIFIED, without } from './example.js';

const schema = JSON.parse(readFileSync('schema/report.schema.json', 'utf8')) as {
  readonly properties: {
    readonly sections: { readonly items: { readonly properties: { readonly id: { enum: string[] } } } };
  };
};
const valid = new Ajv2020({ strict: true, allErrors: true }).compile(schema);
const errorsOf = (report: Report): unknown => {
  valid(JSON.parse(reportText(report)));
  return valid.errors;
};

describe('schema/report.schema.json', () => {
  it.each([
    ['a pass', makeReport(INPUT, evidence())],
    ['a failure', makeReport({ ...INPUT, observed: { ...OBSERVED, drift: [check('x', 'fail', 'y')] } }, evidence())],
    ['nothing', makeReport(without(INPUT, 'observed', 'evidenceKey'), [])],
    ['doubtful evidence', makeReport(INPUT, [unsigned('a', VERIFIED), { file: 'b', bytes: Buffer.from('x') }])],
    ['nothing deployed', makeReport({ ...INPUT, observed: without(OBSERVED, 'policy') }, evidence())],
  ])('is that of a report of %s', (_name, report) => {
    expect(errorsOf(report)).toBeNull();
  });

  it('takes nothing that it does not know, and nothing without a verdict', () => {
    const report = makeReport(INPUT, evidence());
    expect(errorsOf({ ...report, more: 1 } as Report)).not.toBeNull();
    expect(errorsOf(without(report, 'verdict') as Report)).not.toBeNull();
    expect(errorsOf({ ...report, verdict: 'passed' } as unknown as Report)).not.toBeNull();
  });

  it('knows the sections that there are', () => {
    expect(schema.properties.sections.items.properties.id.enum).toEqual(Object.keys(SECTIONS));
  });
});
