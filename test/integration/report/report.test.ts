import { execFileSync } from 'node:child_process';
import { chromium, type Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { obtainChromium } from '../../../lab/chromium.js';
import { obtainAll } from '../../../lab/obtain.js';
import {
  attest,
  filesOf,
  makeReport,
  NAMES,
  printPdf,
  renderHtml,
  verifyFolder,
  type Report,
} from '../../../src/report/index.js';
import { check, evidence, INPUT, KEY, OBSERVED, VERIFIED, without } from '../../report/example.js';
import { pdfPages } from '../../support/pdf-text.js';

const PASSING = makeReport(INPUT, evidence());
const PLANTED = makeReport(
  { ...INPUT, observed: { ...OBSERVED, drift: [check('policies of others', 'fail', 'lets agents reach everything')] } },
  evidence({
    'verify.json': { ...VERIFIED, verdict: 'fail', checks: [check('probe 8.8.8.8', 'fail', 'got through')] },
  }),
);

let program: string;
let browser: Browser;
beforeAll(async () => {
  program = await obtainChromium({ onProgress: (line) => void process.stderr.write(`lab: ${line}\n`) });
  browser = await chromium.launch({ executablePath: program, chromiumSandbox: false });
}, 300_000);
afterAll(async () => browser?.close());

describe('report.pdf', () => {
  it('has the verdict, the claims and the exceptions on its first page, and every section after it', async () => {
    const pages = pdfPages(await printPdf(renderHtml(PASSING), PASSING.madeAt, program));
    expect(pages.length).toBeGreaterThanOrEqual(4);
    expect(pages.length).toBeLessThan(20);
    const [first = '', ...rest] = pages;
    for (const text of [
      'ws-acme',
      'Pass',
      PASSING.headline,
      'no packet from an agent’s pod',
      'INC-2041',
      'Evidence audit',
    ]) {
      expect(first).toContain(text);
    }
    expect(first).not.toContain('Contents');
    for (const { title } of PASSING.sections) expect(rest.join(' ')).toContain(title);
    expect(first).toContain(`1 / ${pages.length}`);
  });

  it('says on its first page which bypass was planted', async () => {
    const [first = ''] = pdfPages(await printPdf(renderHtml(PLANTED), PLANTED.madeAt, program));
    expect(first).toContain('Fail');
    expect(first).toContain('NetworkPolicy portarium-agents/extra spec.egress[0] lets agents reach everything');
  });

  it('says the same for the same report, with the report’s date', async () => {
    const print = async () => Buffer.from(await printPdf(renderHtml(PASSING), PASSING.madeAt, program));
    const [one, other] = [await print(), await print()];
    expect(pdfPages(one)).toEqual(pdfPages(other));
    expect(one).toHaveLength(other.length);
    const dates = one.toString('latin1').match(/\/(CreationDate|ModDate) \(.*?\)/g);
    expect(dates).toEqual(["/CreationDate (D:20261128200000+00'00')", "/ModDate (D:20261128200000+00'00')"]);
  });
});

describe('report.html', () => {
  const shot = async (report: Report | string, javaScriptEnabled = false): Promise<Buffer> => {
    const context = await browser.newContext({
      viewport: { width: 900, height: 1200 },
      javaScriptEnabled,
      offline: true,
    });
    try {
      const page = await context.newPage();
      await page.setContent(typeof report === 'string' ? report : renderHtml(report), { waitUntil: 'load' });
      return await page.screenshot();
    } finally {
      await context.close();
    }
  };

  it('is no blank page, and looks otherwise for another verdict', async () => {
    const [blank, passing, failing] = [await shot('<p>'), await shot(PASSING), await shot(PLANTED)];
    expect(blank.length).toBeLessThan(10_000);
    expect(passing.length).toBeGreaterThan(50_000);
    expect(failing.equals(passing)).toBe(false);
  });

  it('asks for nothing, and breaks no rule of its own policy', async () => {
    const context = await browser.newContext();
    try {
      const page = await context.newPage();
      const asked: string[] = [];
      const said: string[] = [];
      page.on('request', (request) => asked.push(request.url().slice(0, 40)));
      page.on('console', (message) => said.push(message.text()));
      await page.setContent(renderHtml(PASSING), { waitUntil: 'load' });
      expect(asked.filter((url) => !url.startsWith('data:font/woff2'))).toEqual([]);
      expect(said).toEqual([]);
      expect(
        await page.evaluate(
          'document.fonts.check(`12px "Plex Sans"`) && [...document.fonts].every((f) => f.status !== "error")',
        ),
      ).toBe(true);
    } finally {
      await context.close();
    }
  });

  it('fits the width of a phone without a line that runs out of it', async () => {
    const context = await browser.newContext({ viewport: { width: 390, height: 844 } });
    try {
      const page = await context.newPage();
      await page.setContent(renderHtml(PASSING), { waitUntil: 'load' });
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
    } finally {
      await context.close();
    }
  });
});

describe('oscal-assessment-results.json', () => {
  it('is OSCAL 1.2.1 to compliance-trestle, whatever the verdict', async () => {
    const { 'oscal-models': models } = await obtainAll(['oscal-models']);
    const unread = makeReport(without(INPUT, 'observed', 'evidenceKey'), []);
    const texts = [PASSING, PLANTED, unread].map((report) =>
      Buffer.from(filesOf(report, evidence(), new Map()).get(NAMES.oscal)!).toString(),
    );
    const program = `
import json, sys
from trestle.oscal.assessment_results import Model
for line in sys.stdin:
    try:
        Model.model_validate(json.loads(line))
        print('valid')
    except ValueError as error:
        print(repr(str(error)))
`;
    const lines = [...texts.map((text) => JSON.stringify(JSON.parse(text))), '{"assessment-results":{}}'];
    const said = execFileSync('python3', ['-c', program], {
      input: lines.join('\n'),
      encoding: 'utf8',
      env: { ...process.env, PYTHONPATH: models.path, PYTHONDONTWRITEBYTECODE: '1' },
    });
    expect(said.trim().split('\n')).toEqual(['valid', 'valid', 'valid', expect.stringContaining('uuid')]);
  });
});

describe('a report’s folder', () => {
  it('holds no byte that could be another: every one of the attestation, and many of each other file', () => {
    const files = filesOf(PASSING, evidence(), new Map());
    files.set(NAMES.attestation, attest(PASSING, files, KEY.privateKey));
    expect(verifyFolder(files, KEY.publicKey, PASSING.tool.version).problems).toEqual([]);
    const missed: string[] = [];
    for (const [name, bytes] of files) {
      const step = name === NAMES.attestation ? 1 : Math.ceil(bytes.length / 250);
      for (let at = 0; at < bytes.length; at += step) {
        const changed = Buffer.from(bytes);
        changed[at] = changed[at]! ^ (1 << (at % 8));
        if (
          verifyFolder(new Map([...files, [name, changed]]), KEY.publicKey, PASSING.tool.version).problems.length === 0
        ) {
          missed.push(`${name} ${at}`);
        }
      }
    }
    expect(missed).toEqual([]);
  });
});
