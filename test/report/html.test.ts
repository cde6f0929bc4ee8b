import { describe, expect, it } from 'vitest';
import { makeReport, renderHtml, type Report } from '../../src/report/index.js';
import { escape } from '../../src/report/html/escape.js';
import { check, evidence, INPUT, OBSERVED, VERIFIED } from './example.js';

const firstPageOf = (report: Report): string => {
  const page = renderHtml(report);
  return page.slice(page.indexOf('<main>'), page.indexOf('<nav'));
};

describe('renderHtml', () => {
  const made = makeReport(INPUT, evidence());
  const page = renderHtml(made);

  it('is one file without scripts, and loads nothing', () => {
    expect(page).not.toMatch(/<script|javascript:|\son\w+=/i);
    expect(page).not.toMatch(/(src|href)="(?!#)/);
    expect(page.replaceAll(/url\(data:font\/woff2;base64,[^)]*\)/g, '')).not.toContain('url(');
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'; font-src data:"`);
  });

  it('says the verdict, the claims and the exceptions on the first page', () => {
    const first = firstPageOf(made);
    expect(first).toMatch(/aria-label="Verdict"[\s\S]*Pass/);
    for (const text of ['no packet from an agent’s pod', 'proved', 'INC-2041', 'otto', 'anna', 'Evidence audit']) {
      expect(first).toContain(text);
    }
  });

  it('says on the first page which bypass was found', () => {
    const planted = {
      ...OBSERVED,
      drift: [check('policies of others on agents of ws-acme', 'fail', 'selects agents and allows all')],
    };
    const first = firstPageOf(makeReport({ ...INPUT, observed: planted }, []));
    expect(first).toContain('Fail');
    expect(first).toContain('NetworkPolicy portarium-agents/extra spec.egress[0] selects agents and allows all');
  });

  it('says how many reasons there are beyond those shown', () => {
    const checks = Array.from({ length: 7 }, (_, index) => check(`probe ${index}`, 'fail', 'lets it through'));
    const first = firstPageOf(makeReport(INPUT, evidence({ 'verify.json': { ...VERIFIED, verdict: 'fail', checks } })));
    expect(first).toContain('3 more reasons in the sections below.');
  });

  it('has one heading of the first order, headed columns, and a target for each link', () => {
    expect(page.match(/<h1/g)).toHaveLength(1);
    expect(page.match(/<th(?! scope="col")[ >]/g)).toBeNull();
    for (const [, id] of page.matchAll(/href="#([^"]+)"/g)) expect(page).toContain(`id="${id}"`);
  });

  it('shows what others wrote as text', () => {
    const evil = '<img src=x onerror=alert(1)>\u202e';
    const observed = { ...OBSERVED, relaxations: [{ ...OBSERVED.relaxations[0]!, reason: evil, ticket: '"&\'' }] };
    const shown = renderHtml(makeReport({ ...INPUT, observed }, []));
    expect(shown).not.toContain('<img');
    expect(shown).toContain('&lt;img src=x onerror=alert(1)&gt;\ufffd');
  });
});

describe('escape', () => {
  it('leaves no markup, no quotes and nothing unseen', () => {
    expect(escape(`<a href="'&">\u0000\u200b`)).toBe('&lt;a href=&quot;&#39;&amp;&quot;&gt;\ufffd\ufffd');
  });
});
