import { scaled } from '../../model/alerts/scaled.js';

/** Who is told. Each is a webhook, since only the address of one is asked for: no secret is ever in an object. */
export const RECEIVERS = ['pager', 'ticket', 'heartbeat'] as const;
export type Receiver = (typeof RECEIVERS)[number];

export interface Matcher {
  readonly name: string;
  readonly value: string;
  readonly matchType: '=' | '!=' | '=~';
}
export interface Route {
  readonly receiver: Receiver;
  readonly matchers: readonly Matcher[];
  readonly continue?: boolean;
  readonly groupWait?: string;
  readonly groupInterval?: string;
  readonly repeatInterval?: string;
}

const is = (name: string, value: string): Matcher => ({ name, value, matchType: '=' });

/** The first that matches wins, but for a page, which is a ticket as well. `info` is for the dashboard alone. */
export const routes = (factor = 1): readonly Route[] => [
  {
    receiver: 'heartbeat',
    matchers: [is('alertname', 'PortariumWatchdog')],
    groupWait: '0s',
    groupInterval: scaled('1m', factor),
    repeatInterval: scaled('5m', factor),
  },
  { receiver: 'pager', matchers: [is('severity', 'critical')], continue: true },
  { receiver: 'ticket', matchers: [{ name: 'severity', value: 'critical|warning', matchType: '=~' }] },
];

/** What they share. One notification for each alert of each workspace. */
export const grouping = (factor = 1) => ({
  groupBy: ['alertname', 'workspace_id'],
  groupWait: scaled('30s', factor),
  groupInterval: scaled('5m', factor),
  repeatInterval: scaled('4h', factor),
});

/**
 * A page of a workspace makes its tickets unnecessary, but those that say the page may rest on too little. Both sides
 * must name a workspace: a label that is missing on both would count as equal.
 */
export const INHIBIT = {
  source: [
    { name: 'severity', value: 'critical', matchType: '=' },
    { name: 'workspace_id', value: '', matchType: '!=' },
  ],
  target: [
    { name: 'severity', value: 'warning', matchType: '=' },
    { name: 'component', value: 'direct-calls|policy|change', matchType: '=~' },
  ],
  equal: ['workspace_id'],
} as const satisfies { source: readonly Matcher[]; target: readonly Matcher[]; equal: readonly string[] };
