import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { listAlerts } from '../../monitoring/alerts/index.ts';
import { sections } from '../../monitoring/dashboards/index.ts';
import { defineObjectives } from '../../monitoring/define-objectives.ts';
import { metrics, serverJob } from '../../monitoring/metrics.ts';
import { objectives } from '../../monitoring/objectives.ts';
import { buildRules } from '../../monitoring/rules/index.ts';
import { recorded } from '../../monitoring/rules/recorded.ts';
import { git } from '../../platform/lib/git.ts';
import { amtool } from '../helpers/tools.ts';

const root = join(import.meta.dirname, '../..');
const read = (path: string) => readFile(join(root, path), 'utf8');
const panels = sections.flatMap((section) => section.panels);
const alerts = listAlerts(objectives);

test('the runbook has an entry for every alert, in their order, and no others', async () => {
  const runbook = await read('monitoring/runbook.md');
  const headings = [...runbook.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading);
  expect(headings).toEqual(alerts.map(({ name }) => name));
  for (const entry of runbook.split(/^## /m).slice(1)) {
    for (const part of ['**Means.**', '**Look.**', '**Do.**']) expect(entry).toContain(part);
  }
});

test('every panel says what it shows, in which unit, and which entry of the runbook helps', () => {
  const names: readonly string[] = alerts.map(({ name }) => name);
  for (const { title, description, unit, runbook } of panels) {
    expect(description.length, title).toBeGreaterThan(20);
    expect(unit, title).not.toBe('');
    expect(names, title).toContain(runbook);
  }
});

test('the name of a metric stands in its table only', async () => {
  const listed = await git(root, 'ls-files', '*.ts', '*.js', '*.yml', '*.yaml');
  const others = listed
    .split('\n')
    .filter((path) => !/^(tests|bench|monitoring\/generated)\//.test(path));
  const names = [...Object.values(metrics), ...Object.values(recorded)].map(({ name }) => name);
  for (const path of others.filter(Boolean)) {
    if (path === 'monitoring/metrics.ts' || path === 'monitoring/rules/recorded.ts') continue;
    const text = await read(path);
    if (text.includes('mainstem'))
      expect(
        names.filter((name) => text.includes(name)),
        path,
      ).toEqual([]);
  }
});

test('every recorded series has one rule, and expressions name no series that nobody records', () => {
  const rules = buildRules(objectives).groups.flatMap((group) => group.rules);
  const text = JSON.stringify([rules, alerts, panels]);
  const made = rules.flatMap((rule) => ('record' in rule ? String(rule.record) : []));
  expect(new Set(made).size).toBe(made.length);
  for (const { name } of Object.values(recorded)) expect(made).toContain(name);
  for (const [name] of text.matchAll(/mainstem:\w+:\w+/g)) expect(made).toContain(name);
});

test('Prometheus scrapes under the names that the alerts ask for', async () => {
  const { scrape_configs: jobs } = parse(await read('infra/compose/prometheus.yml'));
  expect(jobs.map((job: { job_name: string }) => job.job_name)).toContain(serverJob);
});

test('Alertmanager names alerts that exist', async () => {
  const names: readonly string[] = alerts.map(({ name }) => name);
  const found = [...(await read('infra/compose/alertmanager.yml')).matchAll(/Mainstem\w+/g)];
  expect(found.length).toBeGreaterThan(5);
  for (const [name] of found) expect(names).toContain(name);
});

const config = join(root, 'infra/compose/alertmanager.yml');
const route = (...labels: string[]) =>
  spawnSync(amtool, ['config', 'routes', 'test', `--config.file=${config}`, ...labels], {
    encoding: 'utf8',
  }).stdout.trim();

test.skipIf(!existsSync(amtool))(
  'Alertmanager takes its configuration and wakes nobody for nothing',
  () => {
    const { status, stderr } = spawnSync(amtool, ['check-config', config], { encoding: 'utf8' });
    expect(status, stderr).toBe(0);
    for (const { name, severity } of alerts) {
      const told = route(`alertname=${name}`, `severity=${severity}`);
      const silent = name === 'MainstemWatchdog' ? 'watchdog' : 'record';
      expect(told, name).toBe(severity === 'info' ? silent : 'people');
    }
  },
);

test('docs/monitoring.md lists every objective with its default', async () => {
  const page = await read('docs/monitoring.md');
  const [, table = ''] = page.split('## Objectives');
  for (const [name, value] of Object.entries(defineObjectives({}))) {
    const row = table
      .split('\n')
      .find((line) => line.startsWith('|') && line.includes(`\`${name}\``));
    expect(row, name).toBeDefined();
    if (typeof value === 'number' || name.endsWith('indow')) expect(row).toContain(String(value));
  }
});
