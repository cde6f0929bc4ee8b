import { readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';

const PAGE = 'docs/prove-mutants.md';

/** The section of the page is this text, or is made so. */
export function expectSection(name: string, text: string): void {
  const section = new RegExp(`(?<=<!-- ${name} -->\n)[^]*?(?=<!-- /${name} -->)`);
  const page = readFileSync(PAGE, 'utf8');
  const wanted = `\n${text}\n`;
  if (process.env['UPDATE_GOLDEN'])
    writeFileSync(
      PAGE,
      page.replace(section, () => wanted),
    );
  else expect(section.exec(page)?.[0], `UPDATE_GOLDEN=1 npm run test:integration -- prove/mutants`).toBe(wanted);
}
