import {
  DashboardBuilder,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableRefresh,
} from '@grafana/grafana-foundation-sdk/dashboard';
import type { Objectives } from '../define-objectives.ts';
import { metrics } from '../metrics.ts';
import { driftSection } from './drift.ts';
import { objectiveSection } from './objectives.ts';
import { addSections, datasource, type Section } from './panels.ts';
import { qualitySection } from './quality.ts';
import { requestSection } from './requests.ts';

/** The sections of the dashboard, in reading order. */
export const sections: readonly Section[] = [
  qualitySection,
  driftSection,
  objectiveSection,
  requestSection,
];

/** Builds the dashboard as classic JSON, which Grafana 10 to 13 can provision from a file. */
export function buildDashboard({ runbook }: Objectives): object {
  const dashboard = new DashboardBuilder('Mainstem')
    .uid('mainstem')
    .description('Which model serves, how good its predictions are, and whether requests succeed.')
    .tags(['mainstem'])
    .readonly()
    .refresh('30s')
    .time({ from: 'now-6h', to: 'now' })
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
  return addSections(dashboard, sections, runbook).build();
}
