import type { Verdict } from '../../model/check.js';
import { markup, NOTHING, type Html } from './escape.js';

export type Shown = Verdict | 'none';

const SIGNS: Readonly<Record<Shown, Html>> = {
  pass: markup`<svg viewBox="0 0 16 16" aria-hidden="true">
    <circle cx="8" cy="8" r="7.5" fill="currentColor" />
    <path d="M4.4 8.3l2.4 2.4 4.8-5" fill="none" stroke="#fff" stroke-width="1.8" />
  </svg>`,
  fail: markup`<svg viewBox="0 0 16 16" aria-hidden="true">
    <path d="M5 .5h6L15.500 5v6L11 15.500H5L.5 11V5z" fill="currentColor" />
    <path d="M5.200 5.200l5.600 5.600M10.800 5.200l-5.600 5.600" stroke="#fff" stroke-width="1.8" />
  </svg>`,
  inconclusive: markup`<svg viewBox="0 0 16 16" aria-hidden="true">
    <path d="M8 .8L15.700 15H.3z" fill="currentColor" />
    <path d="M8 5.600v4.600M8 11.400v1.800" stroke="#fff" stroke-width="1.7" />
  </svg>`,
  none: markup`<svg viewBox="0 0 16 16" aria-hidden="true">
    <circle cx="8" cy="8" r="6.500" fill="none" stroke="currentColor" stroke-width="1.4" />
  </svg>`,
};

export const sign = (verdict: Shown): Html => SIGNS[verdict];

/** A verdict by sign, colour and word. @param word instead of the verdict’s own */
export const badge = (verdict: Shown, word: string = verdict): Html =>
  markup`<span class="badge ${verdict}">${sign(verdict)}${word}</span>`;

export interface Column {
  readonly head: string;
  /** As wide as its content, without line breaks. */
  readonly narrow?: boolean;
}

/** A table with a caption and column heads for those who do not see it. */
export function table(
  caption: string,
  columns: readonly Column[],
  rows: readonly (readonly (Html | string)[])[],
): Html {
  const narrow = ({ narrow: is = false }: Column): Html => (is ? markup` class="narrow"` : NOTHING);
  const heads = columns.map((column) => markup`<th scope="col" ${narrow(column)}>${column.head}</th>`);
  const body = rows.map((row) => {
    const cells = row.map((cell, index) => markup`<td${narrow(columns[index] ?? { head: '' })}>${cell}</td>`);
    return markup`<tr>
      ${cells}
    </tr>`;
  });
  const name =
    caption === ''
      ? NOTHING
      : markup`<caption>
          ${caption}
        </caption>`;
  return markup`<table>
    ${name}
    <thead>
      <tr>
        ${heads}
      </tr>
    </thead>
    <tbody>
      ${body}
    </tbody>
  </table>`;
}

export const list = (items: readonly (Html | string)[]): Html =>
  items.length === 0
    ? NOTHING
    : markup`<ul>
        ${items.map((item) => markup`<li>${item}</li>`)}
      </ul>`;

export const facts = (rows: readonly (readonly [string, Html | string])[], two = false): Html =>
  markup`<dl${two ? markup` class="two"` : NOTHING}>${rows.map(
    ([name, value]) =>
      markup`<dt>${name}</dt>
        <dd>${value}</dd>`,
  )}</dl>`;

/** `2026-11-28 19:50 UTC`. */
export const time = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;

export const code = (text: string): Html => markup`<code>${text}</code>`;
export const hash = (text: string): Html => markup`<span class="hash">${text}</span>`;
export const short = (text: string): Html => markup`<code>${text.slice(0, 12)}…</code>`;
