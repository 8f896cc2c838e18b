import {
  LegendPlacement,
  VisibilityMode,
  VizLegendOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  type DashboardBuilder,
  DashboardLinkBuilder,
  DashboardLinkType,
  RowBuilder,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TimeseriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';

import type { Recorded } from '../rules/recorded.ts';

/** One panel, as declared by the dashboards. */
export interface PanelSpec {
  readonly title: string;
  /** What it shows and when to worry. */
  readonly description: string;
  /** Grafana unit, for example `s`, `percentunit`, `reqps`. */
  readonly unit: string;
  readonly kind: 'series' | 'stat';
  /** The heading of monitoring/runbook.md that says what to do: an alert, or how to read the dashboard. */
  readonly runbook: string;
  readonly queries: readonly Query[];
  /** Grid columns of 24. @default 8 */
  readonly width?: number;
}

/** One query of a panel. */
export interface Query {
  /** PromQL; `$model` is the selected model, `$__rate_interval` Grafana's window. */
  readonly expression: string;
  /** Legend with `{{label}}` placeholders. */
  readonly legend: string;
}

/** A row of panels under one heading. */
export interface Section {
  readonly title: string;
  readonly panels: readonly PanelSpec[];
}

/** Every series of a recording that belongs to a selected model. */
export function chosen({ name }: Recorded): string {
  return `${name}{model=~"$model"}`;
}

/** The data source that the dashboard's variable selects. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana's variable syntax.
export const datasource = { type: 'prometheus', uid: '${datasource}' };
const panelHeight = 8;

/** Adds the sections to a dashboard. Panels get stable ids, so that links to them keep working. */
export function addSections(
  dashboard: DashboardBuilder,
  sections: readonly Section[],
  runbook: string,
): DashboardBuilder {
  let id = 0;
  for (const { title, panels } of sections) {
    dashboard.withRow(new RowBuilder(title).id(++id));
    for (const panel of panels) dashboard.withPanel(buildPanel(panel, runbook).id(++id));
  }
  return dashboard;
}

function buildPanel(spec: PanelSpec, runbook: string): StatBuilder | TimeseriesBuilder {
  const builder =
    spec.kind === 'stat'
      ? new StatBuilder()
      : new TimeseriesBuilder()
          .fillOpacity(8)
          .showPoints(VisibilityMode.Never)
          .legend(new VizLegendOptionsBuilder().showLegend(true).placement(LegendPlacement.Bottom));
  builder
    .title(spec.title)
    .description(spec.description)
    .unit(spec.unit)
    .datasource(datasource)
    .links([linkTo(`${runbook}#${spec.runbook.toLowerCase()}`)])
    .height(panelHeight)
    .span(spec.width ?? 8);
  for (const [position, query] of spec.queries.entries()) {
    builder.withTarget(buildTarget(query, position, spec.kind === 'stat'));
  }
  return builder;
}

function linkTo(url: string): DashboardLinkBuilder {
  return new DashboardLinkBuilder('What to do')
    .type(DashboardLinkType.Link)
    .url(url)
    .targetBlank(true);
}

function buildTarget(query: Query, position: number, instant: boolean): DataqueryBuilder {
  const target = new DataqueryBuilder()
    .expr(query.expression)
    .legendFormat(query.legend)
    .refId(String.fromCharCode('A'.charCodeAt(0) + position))
    .datasource(datasource);
  return instant ? target.instant() : target.range();
}
