import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  AnnotationQueryBuilder,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  VariableRefresh,
  type Panel as GrafanaPanel,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as GaugeBuilder } from '@grafana/grafana-foundation-sdk/gauge';
import { PanelBuilder as HeatmapBuilder } from '@grafana/grafana-foundation-sdk/heatmap';
import { PanelBuilder as PieBuilder } from '@grafana/grafana-foundation-sdk/piechart';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as StateTimelineBuilder } from '@grafana/grafana-foundation-sdk/statetimeline';
import { PanelBuilder as TimeSeriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { namesWith } from '../../model/metrics.js';
import type { Platform } from '../../model/platform.js';
import { DASHBOARD_UID } from './dashboard-uid.js';
import { expressionFaults } from './expression.js';
import { rows, type Panel } from './panels.js';

const SOURCE = { type: 'prometheus', uid: '${datasource}' };
const GREY = '#8e8e8e';

/** The dashboard as Grafana imports it. Throws where a query reads what the metric contract does not have. */
export function dashboardJson(platform: Platform): string {
  const names = namesWith(platform.monitoring.metricNames);
  const layout = rows(names);
  const faults = layout.flatMap(({ panels }) =>
    panels.flatMap(({ title, queries }) =>
      queries.flatMap(({ expr }) => expressionFaults(plain(expr), names).map((fault) => `${title} ${fault}`)),
    ),
  );
  if (faults.length > 0) throw new Error(`Panels that would show nothing:\n${faults.join('\n')}`);
  const dashboard = new DashboardBuilder('Portarium enforcement')
    .uid(DASHBOARD_UID)
    .description('Whether agents go through the control plane, and how well that is known. Made by `enforce`.')
    .tags(['portarium', 'enforcement'])
    .readonly()
    .time({ from: 'now-48h', to: 'now' })
    .refresh('1m')
    .timezone('utc')
    .tooltip(DashboardCursorSync.Crosshair)
    .withVariable(new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'))
    .withVariable(
      new QueryVariableBuilder('ws')
        .label('Workspace')
        .datasource(SOURCE)
        .query(`label_values(${names.inventory}, workspace_id)`)
        .refresh(VariableRefresh.OnTimeRangeChanged)
        .multi(true)
        .includeAll(true)
        .allValue('.+'),
    )
    .annotation(
      new AnnotationQueryBuilder()
        .name('Alerts')
        .datasource(SOURCE)
        .enable(true)
        .iconColor('red')
        .expr(`${names.firing}{team="portarium",severity="critical",alertstate="firing",workspace_id=~"$ws|"}`),
    )
    .link(
      new DashboardLinkBuilder('Runbook')
        .type(DashboardLinkType.Link)
        .url(platform.monitoring.runbookUrl ?? '')
        .targetBlank(true),
    );
  let id = 0;
  let y = 0;
  for (const { title, height, panels } of layout) {
    dashboard.withRow(new RowBuilder(title).id(++id).gridPos({ h: 1, w: 24, x: 0, y }));
    y += 1;
    let x = 0;
    for (const panel of panels) {
      if (x + panel.width > 24) {
        x = 0;
        y += height;
      }
      dashboard.withPanel(panelOf(panel, ++id, { h: height, w: panel.width, x, y }));
      x += panel.width;
    }
    y += height;
  }
  return `${JSON.stringify(dashboard.build(), null, 1)}\n`;
}

/** An expression with Grafana's variables replaced by what they could be. */
export const plain = (expr: string): string =>
  expr.replaceAll('$__rate_interval', '5m').replaceAll('$__range', '48h').replaceAll('$ws', '.+');

const BUILDERS = {
  stat: StatBuilder,
  gauge: GaugeBuilder,
  timeseries: TimeSeriesBuilder,
  piechart: PieBuilder,
  heatmap: HeatmapBuilder,
  'state-timeline': StateTimelineBuilder,
} as const;
/** What shows one figure asks for the newest, the others for all of the time shown. */
const INSTANT: readonly Panel['kind'][] = ['stat', 'gauge', 'piechart'];

type Grid = { readonly h: number; readonly w: number; readonly x: number; readonly y: number };

function panelOf(panel: Panel, id: number, gridPos: Grid): Builder<GrafanaPanel> {
  const { kind, title, description, unit, queries, max } = panel;
  const builder = new BUILDERS[kind]()
    .id(id)
    .title(title)
    .description(description)
    .datasource(SOURCE)
    .unit(unit)
    .min(0)
    .noValue('no data')
    .gridPos(gridPos)
    .thresholds(thresholds(panel));
  if (max !== undefined) builder.max(max);
  queries.forEach(({ expr, legend }, index) => {
    const query = new DataqueryBuilder()
      .datasource(SOURCE)
      .refId(String.fromCharCode(65 + index))
      .expr(expr)
      .legendFormat(legend)
      .format(kind === 'heatmap' ? PromQueryFormat.Heatmap : PromQueryFormat.TimeSeries);
    builder.withTarget(INSTANT.includes(kind) ? query.instant() : query.range());
  });
  return builder;
}

/** The lowest step is what Grafana gives to no value at all: grey, unless a value is needed to be there. */
function thresholds({ goodFrom, badFrom }: Panel): ThresholdsConfigBuilder {
  const base = { value: null as unknown as number, color: GREY };
  const steps =
    goodFrom !== undefined
      ? [base, { value: 0, color: 'red' }, { value: goodFrom, color: 'green' }]
      : badFrom !== undefined
        ? [base, { value: 0, color: 'green' }, { value: badFrom, color: 'red' }]
        : [base];
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps);
}
