import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { takeSnapshot } from '../../src/cli/snapshot.js';
import { fileOf, loadParts } from './script.js';
import { atLevel, snapshotOf } from './snapshots.js';

const PAGE = 'docs/ci-preview.md';
const SAMPLE = /(?<=<!-- sample -->\n)[^]*?(?=<!-- \/sample -->)/;

test('the page’s sample is what the script makes of the sample stacks', async () => {
  const { readSnapshot, render } = await loadParts();
  const [base, head] = [takeSnapshot('stacks'), snapshotOf({ 'ws-acme': atLevel('enforced') })];
  const sides = [base, head].map((side) => readSnapshot(fileOf(side))) as [never, never];
  const sample = render(...sides, { detail: 'objects', headSha: '1a2b3c4d5e6f' });
  const page = readFileSync(PAGE, 'utf8');
  if (process.env['UPDATE_GOLDEN'])
    writeFileSync(
      PAGE,
      page.replace(SAMPLE, () => sample),
    );
  else expect(SAMPLE.exec(page)?.[0], 'UPDATE_GOLDEN=1 npm run test:unit -- test/ci/docs.test.ts').toBe(sample);
});
