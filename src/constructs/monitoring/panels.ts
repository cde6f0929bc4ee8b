import type { MetricNames } from '../../model/metrics.js';

export type PanelKind = 'stat' | 'gauge' | 'timeseries' | 'piechart' | 'heatmap' | 'state-timeline';

export interface Panel {
  readonly title: string;
  readonly description: string;
  readonly kind: PanelKind;
  /** As Grafana calls it. */
  readonly unit: string;
  /** Of 24 columns. */
  readonly width: number;
  readonly queries: readonly { readonly expr: string; readonly legend: string }[];
  /** Green from there on, else green below `bad`. Without either, no colour says that all is well. */
  readonly goodFrom?: number;
  readonly badFrom?: number;
  readonly max?: number;
}

export interface Row {
  readonly title: string;
  readonly height: number;
  readonly panels: readonly Panel[];
}

const WS = 'workspace_id=~"$ws"';
const RANGE = '[$__range]';
const RATE = '[$__rate_interval]';

/**
 * The dashboard's rows. No query makes up a 0 for what is not there: a panel without data says so, in grey.
 * Source: runbook Phase 3 step 4, whose five panels are the second row, by name and in order.
 */
export function rows(names: MetricNames): readonly Row[] {
  const sum = (by: string, vector: string): string => `sum by (${by}) (${vector})`;
  const perMinute = (series: string, by: string): string => `${sum(by, `rate(${series}${RATE})`)} * 60`;
  const quantiles = (bucket: string, more: string) =>
    [0.5, 0.95, 0.99].map((quantile) => ({
      expr: `histogram_quantile(${quantile}, ${sum(`le${more && ', '}${more}`, `rate(${bucket}${RATE})`)})`,
      legend: `p${quantile * 100}${more && ` {{${more}}}`}`,
    }));
  const one = (expr: string, legend = ''): Panel['queries'] => [{ expr, legend }];
  const decided = (control: string): readonly Panel[] => [
    {
      title: `${control}: decisions a minute`,
      description: `Decisions of the control ${control}, by answer and mode; would_deny passed in shadow.`,
      kind: 'timeseries',
      unit: 'cpm',
      width: 8,
      queries: one(
        perMinute(`${names.decisions}{${WS},control="${control}"}`, 'decision, mode'),
        '{{decision}} ({{mode}})',
      ),
    },
  ];
  return [
    {
      title: 'Verdict',
      height: 5,
      panels: [
        {
          title: 'Direct calls in 48 h',
          description: 'The gate wants 0. Without data nobody knows, and the gate is inconclusive.',
          kind: 'stat',
          unit: 'short',
          width: 5,
          badFrom: 1e-9,
          queries: one(`max by (workspace_id) (max_over_time(${names.directSeen}{${WS}}[48h]))`, '{{workspace_id}}'),
        },
        {
          title: 'Coverage of 48 h',
          description: 'Minutes for which the ratio is a number. The gate wants 99 %.',
          kind: 'stat',
          unit: 'percentunit',
          width: 5,
          goodFrom: 0.99,
          max: 1,
          queries: one(
            `clamp_max(count_over_time((max by (workspace_id) (${names.directRatio}{${WS}} == ${names.directRatio}))[48h:1m]) / 2880, 1)`,
            '{{workspace_id}}',
          ),
        },
        {
          title: 'Alerts that fire',
          description:
            'Of Portarium’s, by severity. No data here means no rules, not no alerts: the watchdog always fires.',
          kind: 'stat',
          unit: 'short',
          width: 5,
          queries: one(`count by (severity) (${names.firing}{team="portarium",alertstate="firing"})`, '{{severity}}'),
        },
        {
          title: 'Relaxed for',
          description: 'Time left of Relaxations; below 0 the stack is still open past its end. No data: none.',
          kind: 'stat',
          unit: 's',
          width: 4,
          queries: one(
            `max by (workspace_id, control) (${names.relaxationExpiry}{${WS}}) - time()`,
            '{{workspace_id}} {{control}}',
          ),
        },
        {
          title: 'Level',
          description: 'By the policy in force at the front; unknown where no replica says.',
          kind: 'state-timeline',
          unit: 'string',
          width: 5,
          queries: one(`max by (workspace_id, level) (${names.inventory}{${WS}})`, '{{workspace_id}} {{level}}'),
        },
      ],
    },
    {
      title: 'Routing (Phase 3 step 4)',
      height: 8,
      panels: [
        {
          title: 'Routing ratio',
          description:
            'Share of calls that went through the control plane. Phase 3 wants more than 0.9, Phase 4 wants 1.',
          kind: 'gauge',
          unit: 'percentunit',
          width: 4,
          goodFrom: 0.9,
          max: 1,
          queries: one(`1 - max by (workspace_id) (${names.directRatio}{${WS}})`, '{{workspace_id}}'),
        },
        {
          title: 'Routed calls/min',
          description: 'Calls of tools that the front let through.',
          kind: 'timeseries',
          unit: 'cpm',
          width: 5,
          queries: one(perMinute(`${names.sorCalls}{${WS},routed="true"}`, 'workspace_id'), '{{workspace_id}}'),
        },
        {
          title: 'Direct calls/min',
          description: 'Calls that an SDK says went around the front. A process without SDK is not in it: see Network.',
          kind: 'timeseries',
          unit: 'cpm',
          width: 5,
          queries: one(perMinute(`${names.sorCalls}{${WS},routed="false"}`, 'workspace_id'), '{{workspace_id}}'),
        },
        {
          title: 'Policy decisions',
          description: 'Within the time shown, by decision.',
          kind: 'piechart',
          unit: 'short',
          width: 4,
          queries: one(sum('decision', `increase(${names.decisions}{${WS}}${RANGE})`), '{{decision}}'),
        },
        {
          title: 'Approval latency',
          description: 'From request to decision, by the control plane, which alone knows both.',
          kind: 'heatmap',
          unit: 's',
          width: 6,
          queries: one(sum('le', `increase(${names.approvalLatency}_bucket{${WS}}${RATE})`), '{{le}}'),
        },
      ],
    },
    {
      title: 'Controls',
      height: 7,
      panels: [
        ...['mtls', 'allowlist', 'authz'].flatMap(decided),
        {
          title: 'Front: errors',
          description: 'Share of answers 5xx: calls that nobody decided about, or an api-server that fails.',
          kind: 'timeseries',
          unit: 'percentunit',
          width: 8,
          queries: one(
            `${sum('namespace', `rate(${names.requests}{envoy_response_code_class="5"}${RATE})`)} / ${sum('namespace', `rate(${names.requests}${RATE})`)}`,
            '{{namespace}}',
          ),
        },
        {
          title: 'Front: time of a decision',
          description: 'From Envoy’s question to the authorizer’s answer.',
          kind: 'timeseries',
          unit: 's',
          width: 8,
          queries: quantiles(`${names.decisionSeconds}_bucket`, ''),
        },
        {
          title: 'mTLS: failed handshakes in 5 min',
          description: 'By namespace and reason. 50 for five minutes raise an alert.',
          kind: 'timeseries',
          unit: 'short',
          width: 8,
          queries: one(names.mtlsFailures, '{{namespace}} {{reason}}'),
        },
        {
          title: 'Network: flows to the world in 10 min',
          description: 'Let pass from the agents’ namespaces, as Hubble saw them; nothing without Hubble.',
          kind: 'timeseries',
          unit: 'short',
          width: 8,
          badFrom: 1e-9,
          queries: one(names.newFlows, '{{source_namespace}}'),
        },
        {
          title: 'OpenFGA: checks a minute',
          description: 'By result. One that never denies decides nothing.',
          kind: 'timeseries',
          unit: 'cpm',
          width: 8,
          queries: one(perMinute(names.openfgaChecks, 'allowed'), 'allowed: {{allowed}}'),
        },
        {
          title: 'OpenFGA: time of a check',
          description: 'As the front sees it, the way there and back included.',
          kind: 'timeseries',
          unit: 's',
          width: 8,
          queries: quantiles(`${names.openfgaSeconds}_bucket`, 'answered'),
        },
        {
          title: 'Refused tools in 1 h',
          description: 'By the tool’s name where the policy has it, else `other`.',
          kind: 'timeseries',
          unit: 'short',
          width: 8,
          queries: one(
            sum('workspace_id, tool', `increase(${names.toolDenied}{${WS}}[1h])`),
            '{{workspace_id}} {{tool}}',
          ),
        },
        {
          title: 'Bypass attempts in 10 min',
          description: 'Identities that are not the caller’s. Every one is refused, and an alert.',
          kind: 'timeseries',
          unit: 'short',
          width: 8,
          badFrom: 1e-9,
          queries: one(`${names.newBypassAttempts}{${WS}}`, '{{workspace_id}}'),
        },
        {
          title: 'Calls without SVID in 1 h',
          description: 'By bearer token alone: who has to be moved before `mtls` is enforced.',
          kind: 'timeseries',
          unit: 'short',
          width: 8,
          queries: one(
            sum('workspace_id, agent', `increase(${names.callersWithoutSvid}{${WS}}[1h])`),
            '{{workspace_id}} {{agent}}',
          ),
        },
      ],
    },
    {
      title: 'Blind spots',
      height: 7,
      panels: [
        {
          title: 'Scrapes that succeed',
          description: 'Per job, the share over the time shown.',
          kind: 'stat',
          unit: 'percentunit',
          width: 8,
          goodFrom: 0.99,
          max: 1,
          queries: one(`min by (job) (avg_over_time(${names.up}{namespace=~"portarium-.*"}${RANGE}))`, '{{job}}'),
        },
        {
          title: 'Workspaces without a policy that is known',
          description:
            'In the config, but no replica of the front has a policy of theirs. No data: there is none such.',
          kind: 'stat',
          unit: 'short',
          width: 8,
          queries: one(`count by (workspace_id) (${names.inventory}{level=~"unknown|pending"})`, '{{workspace_id}}'),
        },
        {
          title: 'Drift',
          description: 'Live objects that are not as approved; nothing while that is not known.',
          kind: 'stat',
          unit: 'short',
          width: 8,
          badFrom: 1,
          queries: one(`max by (workspace_id) (${names.driftResources}{${WS}})`, '{{workspace_id}}'),
        },
        {
          title: 'Age of the last look for drift',
          description: 'More than 26 hours raise an alert.',
          kind: 'timeseries',
          unit: 's',
          width: 8,
          queries: one(`time() - max by (workspace_id) (${names.driftChecked}{${WS}})`, '{{workspace_id}}'),
        },
        {
          title: 'Hubble: lost events in 10 min',
          description: 'While it loses any, that no flow was seen proves nothing.',
          kind: 'timeseries',
          unit: 'short',
          width: 8,
          queries: one(sum('source', `increase(${names.lostEvents}[10m])`), '{{source}}'),
        },
        {
          title: 'Rules: failures in 10 min',
          description: 'Alerts of a group that fails are not raised.',
          kind: 'timeseries',
          unit: 'short',
          width: 8,
          badFrom: 1e-9,
          queries: one(
            sum('rule_group', `increase(${names.ruleFailures}{rule_group=~".*portarium-.*"}[10m])`),
            '{{rule_group}}',
          ),
        },
      ],
    },
    {
      title: 'Saturation',
      height: 7,
      panels: [
        {
          title: 'SVIDs: time left',
          description: 'Of the certificate that each pod’s listener serves.',
          kind: 'timeseries',
          unit: 's',
          width: 8,
          queries: one(`min by (namespace, pod) (${names.certificateExpiry}) - time()`, '{{namespace}}/{{pod}}'),
        },
        {
          title: 'SPIRE: time left of the CA',
          description: 'Less than 4 hours raise an alert.',
          kind: 'timeseries',
          unit: 's',
          width: 8,
          queries: one(`min by (pod) (${names.spireCaExpiry}) - time()`, '{{pod}}'),
        },
        {
          title: 'Front: since the API server was heard of',
          description: 'Beyond 30 s no Relaxation holds.',
          kind: 'timeseries',
          unit: 's',
          width: 8,
          queries: one(`max by (pod) (${names.policyContact})`, '{{pod}}'),
        },
      ],
    },
  ];
}
