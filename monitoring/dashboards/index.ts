import {
  AnnotationQueryBuilder,
  DashboardBuilder,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableRefresh,
} from '@grafana/grafana-foundation-sdk/dashboard';
import type { Objectives } from '../define-objectives.ts';
import { bridgeMetrics, metrics } from '../metrics.ts';
import { recorded } from '../rules/recorded.ts';
import { driftSection } from './drift.ts';
import { featuresSection } from './features.ts';
import { fleetSection } from './fleet.ts';
import { bridgeSection, dataSection } from './loop.ts';
import { burnSection, objectiveSection } from './objectives.ts';
import { addSections, datasource, type Section } from './panels.ts';
import { qualitySection, trialSection } from './quality.ts';
import { requestSection } from './requests.ts';
import { resourceSection } from './resources.ts';

export type { PanelSpec, Query } from './panels.ts';

/** One dashboard; its uid is also the name of its file and never changes, so that links keep working. */
export interface DashboardSpec {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly sections: readonly Section[];
}

/** Every dashboard, in the order in which an alarm is followed: from all models to what one of them was made from. */
export function listDashboards(objectives: Objectives): DashboardSpec[] {
  return [
    {
      ...{ uid: 'mainstem', title: 'Mainstem' },
      description:
        'Every model at a glance: what serves, whether it answers, where to look closer.',
      sections: [fleetSection],
    },
    {
      ...{ uid: 'mainstem-service', title: 'Mainstem: service' },
      description: 'Whether requests succeed, how fast, and what they use.',
      sections: [requestSection, resourceSection],
    },
    {
      ...{ uid: 'mainstem-quality', title: 'Mainstem: model quality' },
      description: 'How good the answers are: as people prove it, and as the model estimates it.',
      sections: [qualitySection, trialSection],
    },
    {
      ...{ uid: 'mainstem-drift', title: 'Mainstem: drift' },
      description:
        'Whether inputs and answers still look like the data that the model was measured on.',
      sections: [driftSection],
    },
    {
      ...{ uid: 'mainstem-features', title: 'Mainstem: features' },
      description: 'Whether what models look up is found, and how old it is.',
      sections: [featuresSection],
    },
    {
      ...{ uid: 'mainstem-levels', title: 'Mainstem: service levels' },
      description:
        'Whether what monitoring/objectives.ts promises is kept, and how fast its budgets burn.',
      sections: [objectiveSection, burnSection(objectives)],
    },
    {
      ...{ uid: 'mainstem-loop', title: 'Mainstem: data and pipeline' },
      description:
        'What main promotes, from which data, and what became of alerts that asked for a pull request.',
      sections: [dataSection, bridgeSection],
    },
  ];
}

/** Marks on the time axis of every dashboard. */
export const annotations = [
  {
    ...{ name: 'Deployments', colour: 'blue' },
    expression: `${recorded.serving.name}{model=~"$model"} unless ${recorded.serving.name} offset 2m`,
    title: '{{model}} {{version}} serves',
  },
  {
    ...{ name: 'Promotions', colour: 'green' },
    expression: `${bridgeMetrics.mainModel.name}{model=~"$model"} unless ${bridgeMetrics.mainModel.name} offset 2m`,
    title: 'main promotes {{model}} {{version}}',
  },
] as const;

/** Builds a dashboard as classic JSON, which Grafana 10 to 13 can provision from a file. */
export function buildDashboard(
  { uid, title, description, sections }: DashboardSpec,
  { runbook }: Objectives,
): object {
  const dashboard = new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags(['mainstem'])
    .readonly()
    .refresh('30s')
    .time({ from: 'now-6h', to: 'now' })
    .link(
      new DashboardLinkBuilder('Mainstem')
        .type(DashboardLinkType.Dashboards)
        .tags(['mainstem'])
        .includeVars(true)
        .keepTime(true),
    )
    .withVariable(
      new DatasourceVariableBuilder('datasource').label('Prometheus').type('prometheus'),
    )
    .withVariable(
      new QueryVariableBuilder('model')
        .label('Model')
        .datasource(datasource)
        .query(`label_values(${metrics.modelInfo.name}, model)`)
        .refresh(VariableRefresh.OnTimeRangeChanged)
        .includeAll(true)
        .allValue('.+'),
    );
  for (const { name, colour, expression, title: text } of annotations) {
    dashboard.annotation(
      new AnnotationQueryBuilder()
        .name(name)
        .datasource(datasource)
        .enable(true)
        .iconColor(colour)
        .expr(expression)
        .titleFormat(text)
        .step('60s'),
    );
  }
  return addSections(dashboard, sections, runbook).build();
}
