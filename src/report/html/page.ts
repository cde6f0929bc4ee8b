import type { Report } from '../report.js';
import { chapters } from './details.js';
import { markup } from './escape.js';
import { firstPage } from './first-page.js';
import { fontFaces } from './fonts.js';
import { time } from './parts.js';
import { STYLE } from './style.js';

/** The report as one page without scripts, fonts and signs included; the same report gives the same bytes. */
export function renderHtml(report: Report): string {
  const { subject, period } = report;
  const title = `Enforcement compliance report: ${subject.workspaceId}, ${time(period.from)} to ${time(period.until)}`;
  const all = chapters(report);
  const running = `${subject.workspaceId} · ${period.until.slice(0, 10)} · ${report.verdict}`.replaceAll(
    /[^\w .·-]/g,
    '',
  );
  const margins = `@page{@bottom-left{content:"Portarium enforcement report · ${running}";font:7.5pt "Plex Sans";color:#56636f}@bottom-right{content:counter(page) " / " counter(pages);font:7.5pt "Plex Sans";color:#56636f}}`;
  const style = { html: `<style>${fontFaces()}${STYLE}${margins}</style>` };
  const body = markup`<main>
    ${firstPage(report)}
    <nav class="page" aria-label="Contents">
      <h2>Contents</h2>
      <ol>
        ${all.map(({ id, title: name }) => markup`<li><a href="#${id}">${name}</a></li>`)}
      </ol>
    </nav>
    ${all.map(
      ({ id, title: name, body: text }, index) =>
        markup`<section id="${id}">
          <h2>${index + 1} &nbsp;${name}</h2>
          ${text}
        </section>`,
    )}
  </main>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; font-src data:">
<title>${markup`${title}`.html}</title>
${style.html}
</head>
<body>
${body.html}
</body>
</html>
`;
}
