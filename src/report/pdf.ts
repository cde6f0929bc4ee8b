import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const PROGRAMS = [
  'chromium',
  'chromium-browser',
  'chromium-headless-shell',
  'chrome-headless-shell',
  'google-chrome-stable',
  'google-chrome',
];

/** `CHROME_PATH`, else Chromium or Chrome on PATH; undefined where there is none. */
export function tryChromium(env: NodeJS.ProcessEnv): string | undefined {
  const named = env['CHROME_PATH'];
  if (named !== undefined && named !== '') return isProgram(named) ? named : undefined;
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return PROGRAMS.flatMap((name) => folders.map((folder) => join(folder, name))).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Prints a page on A4 as tagged PDF. The page gets no network and no scripts. With the same Chromium the same page and
 * time look the same; the bytes may differ, since Chromium numbers the tagged elements as it comes to them.
 *
 * @param madeAt ISO 8601: the PDF’s date
 */
export async function printPdf(page: string, madeAt: string, chromiumPath: string): Promise<Uint8Array> {
  // Loaded here: no other command needs its 65 MiB.
  const { chromium } = await import('playwright-core');
  const browser = await chromium.launch({
    executablePath: chromiumPath,
    // Its sandbox refuses root; what it shows is ours, without scripts and without network.
    chromiumSandbox: process.getuid?.() !== 0,
    args: ['--disable-gpu', '--font-render-hinting=none'],
  });
  try {
    const context = await browser.newContext({
      offline: true,
      javaScriptEnabled: false,
      locale: 'en-GB',
      timezoneId: 'UTC',
    });
    const tab = await context.newPage();
    await tab.setContent(page, { waitUntil: 'load' });
    const pdf = await tab.pdf({ preferCSSPageSize: true, printBackground: true, tagged: true, outline: true });
    return dated(pdf, madeAt);
  } finally {
    await browser.close();
  }
}

/** Chromium writes the time of day; of the same length, so that no offset in the file moves. */
function dated(pdf: Buffer, madeAt: string): Uint8Array {
  const digits = new Date(madeAt).toISOString().replaceAll(/\D/g, '').slice(0, 14);
  const text = pdf
    .toString('latin1')
    .replaceAll(/\/(CreationDate|ModDate) \(D:\d{14}\+00'00'\)/g, `/$1 (D:${digits}+00'00')`);
  return Buffer.from(text, 'latin1');
}
