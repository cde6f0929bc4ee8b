import { NAMESPACES } from '../../model/names.js';
import { grouping, INHIBIT, RECEIVERS, routes, type Matcher, type Receiver } from './routes.js';
import { ROUTED } from './rule-groups.js';

const OURS: Matcher = { name: 'team', value: ROUTED.team, matchType: '=' };
const written = ({ name, value, matchType }: Matcher): string => `${name}${matchType}"${value}"`;
const receiverName = (receiver: Receiver): string => `portarium-${receiver}`;

/**
 * What goes into a plain `alertmanager.yml`: one route of our alerts below the file's own, its receivers and its inhibit
 * rule. `url` says where a receiver's webhook is.
 */
export function alertmanagerFragment(url: (receiver: Receiver) => Readonly<Record<string, unknown>>, factor = 1) {
  const { groupBy, groupWait, groupInterval, repeatInterval } = grouping(factor);
  return {
    route: {
      routes: [
        {
          receiver: receiverName('ticket'),
          matchers: [written(OURS)],
          group_by: groupBy,
          group_wait: groupWait,
          group_interval: groupInterval,
          repeat_interval: repeatInterval,
          routes: [
            ...routes(factor).map((route) => ({
              receiver: receiverName(route.receiver),
              matchers: route.matchers.map(written),
              ...(route.continue && { continue: true }),
              ...(route.groupWait && { group_wait: route.groupWait }),
              ...(route.groupInterval && { group_interval: route.groupInterval }),
              ...(route.repeatInterval && { repeat_interval: route.repeatInterval }),
            })),
            { receiver: NOBODY, matchers: ['severity=~"info|none"'] },
          ],
        },
      ],
    },
    inhibit_rules: [
      {
        source_matchers: [OURS, ...INHIBIT.source].map(written),
        target_matchers: [OURS, ...INHIBIT.target].map(written),
        equal: INHIBIT.equal,
      },
    ],
    receivers: [
      { name: NOBODY },
      ...RECEIVERS.map((receiver) => ({
        name: receiverName(receiver),
        webhook_configs: [{ send_resolved: true, ...url(receiver) }],
      })),
    ],
  };
}

const NOBODY = 'portarium-nobody';

/**
 * `spec` of an AlertmanagerConfig (monitoring.coreos.com/v1alpha1), whose operator adds a matcher on its own namespace:
 * every rule of ours carries that label. URLs come from a Secret, by the receiver's name.
 */
export function alertmanagerConfig(secret: string) {
  return {
    route: {
      receiver: receiverName('ticket'),
      matchers: [OURS],
      ...grouping(),
      routes: [
        ...routes().map(({ receiver, ...route }) => ({ receiver: receiverName(receiver), ...route })),
        { receiver: NOBODY, matchers: [{ name: 'severity', value: 'info|none', matchType: '=~' }] },
      ],
    },
    inhibitRules: [
      {
        sourceMatch: [OURS, ...INHIBIT.source],
        targetMatch: [OURS, ...INHIBIT.target],
        equal: INHIBIT.equal,
      },
    ],
    receivers: [
      { name: NOBODY },
      ...RECEIVERS.map((receiver) => ({
        name: receiverName(receiver),
        webhookConfigs: [{ sendResolved: true, urlSecret: { name: secret, key: receiver } }],
      })),
    ],
  };
}

export const ALERTMANAGER_CONFIG = { name: 'portarium', namespace: NAMESPACES.observability } as const;
