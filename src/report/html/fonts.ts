import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** IBM Plex (SIL Open Font License 1.1): embedded, so that page and PDF are the same on every machine. */
const FACES = [
  { family: 'Plex Sans', weight: 400, file: '@fontsource/ibm-plex-sans/files/ibm-plex-sans-latin-400-normal.woff2' },
  { family: 'Plex Sans', weight: 600, file: '@fontsource/ibm-plex-sans/files/ibm-plex-sans-latin-600-normal.woff2' },
  { family: 'Plex Mono', weight: 400, file: '@fontsource/ibm-plex-mono/files/ibm-plex-mono-latin-400-normal.woff2' },
] as const;

let made: string | undefined;

/** `@font-face` rules with the fonts in them. */
export function fontFaces(): string {
  made ??= FACES.map(({ family, weight, file }) => {
    const font = readFileSync(createRequire(import.meta.url).resolve(file)).toString('base64');
    return `@font-face{font-family:"${family}";font-weight:${weight};src:url(data:font/woff2;base64,${font}) format("woff2")}`;
  }).join('\n');
  return made;
}
