import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parser } from '@prometheus-io/lezer-promql';
import { expect } from 'vitest';
import { parse } from 'yaml';
import { RetrainPayload } from '../../.github/actions/lib/alert-payload.ts';
import { listAlerts } from '../../monitoring/alerts/index.ts';
import { calls } from '../../monitoring/bridge/github.ts';
import { annotations, listDashboards } from '../../monitoring/dashboards/index.ts';
import { defineObjectives } from '../../monitoring/define-objectives.ts';
import {
  bridgeJob,
  bridgeMetrics,
  metrics,
  processMetrics,
  serverJob,
  watchers,
} from '../../monitoring/metrics.ts';
import { objectives } from '../../monitoring/objectives.ts';
import { buildRules } from '../../monitoring/rules/index.ts';
import { recorded } from '../../monitoring/rules/recorded.ts';
import { git } from '../../platform/lib/git.ts';
import { test } from '../helpers/folder.ts';
import { amtool, goPrograms } from '../helpers/tools.ts';

const root = join(import.meta.dirname, '../..');
const read = (path: string) => readFile(join(root, path), 'utf8');
const dashboards = listDashboards(objectives);
const panelsOf = ({ sections }: (typeof dashboards)[number]) =>
  sections.flatMap((section) => section.panels);
const panels = dashboards.flatMap(panelsOf);
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

test('every dashboard has panels of its own under titles of its own, side by side and not over one another', async () => {
  expect(new Set(dashboards.map(({ uid }) => uid)).size).toBe(dashboards.length);
  for (const spec of dashboards) {
    const titles = panelsOf(spec).map(({ title }) => title);
    expect(new Set(titles).size, spec.uid).toBe(titles.length);
    const built = JSON.parse(await read(`monitoring/generated/dashboards/${spec.uid}.json`));
    const ids = built.panels.map(({ id }: { id: number }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const taken = new Set<string>();
    for (const { gridPos } of built.panels) {
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect(taken, `${spec.uid} at ${x}, ${y}`).not.toContain(`${x} ${y}`);
          taken.add(`${x} ${y}`);
        }
    }
  }
});

/** Every expression that Prometheus or Grafana evaluates, with where it stands. */
const expressions = [
  ...panels.flatMap(({ title, queries }) => queries.map((one) => [title, one.expression] as const)),
  ...annotations.map(({ name, expression }) => [name, expression] as const),
  ...alerts.map(({ name, expression }) => [name, expression] as const),
  ...buildRules(objectives)
    .groups.flatMap(({ rules }) => rules)
    .map(
      (rule) => ['record', 'expr'].map((key) => String(Reflect.get(rule, key))) as [string, string],
    ),
].map(([where, text]) => [where, text.replaceAll('$__rate_interval', '1m')] as const);

/** Places where an expression cannot be parsed, and the series that it names. */
function readPromql(text: string): { faults: string[]; series: string[] } {
  const faults: string[] = [];
  const series: string[] = [];
  parser.parse(text).iterate({
    enter: ({ type, from, to }) => {
      if (type.isError) faults.push(`${from}: ${text.slice(from, from + 30)}`);
      if (type.name === 'VectorSelector')
        series.push(/^[\w:]+/.exec(text.slice(from, to))?.[0] ?? '');
    },
  });
  return { faults, series };
}

test('Prometheus’ own grammar parses every expression, and each series that one names stands in a table', () => {
  const histograms = Object.values(metrics).flatMap(({ name, type }) =>
    type === 'histogram' ? ['bucket', 'sum', 'count'].map((part) => `${name}_${part}`) : [name],
  );
  const rules = buildRules(objectives).groups.flatMap(({ rules: own }) => own);
  const known = new Set<string>([
    ...histograms,
    ...Object.values(bridgeMetrics).map(({ name }) => name),
    ...rules.map((rule) => String(Reflect.get(rule, 'record'))),
    ...Object.values(watchers),
    ...Object.values(processMetrics),
  ]);
  expect(expressions.length).toBeGreaterThan(150);
  for (const [where, text] of expressions) {
    const { faults, series } = readPromql(text);
    expect(faults, `${where}: ${text}`).toEqual([]);
    expect(
      series.filter((name) => !known.has(name)),
      `${where}: ${text}`,
    ).toEqual([]);
  }
  expect(readPromql('sum by (job (x)').faults).not.toEqual([]);
  expect(readPromql('rate(mainstem_unknown_total[5m]) or up').series).toEqual([
    'mainstem_unknown_total',
    'up',
  ]);
});

test('the name of a metric stands in its table only', async () => {
  const listed = await git(root, 'ls-files', '*.ts', '*.js', '*.py', '*.sh', '*.yml', '*.yaml');
  const others = listed.split('\n').filter((path) => !path.startsWith('monitoring/generated/'));
  const tables = [metrics, bridgeMetrics, recorded];
  const names = tables.flatMap((table) => Object.values(table).map(({ name }) => name));
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

test('documents name no metric and no recorded series that does not exist', async () => {
  const tables = [metrics, bridgeMetrics, recorded];
  const names = new Set<string>(
    tables.flatMap((table) => Object.values(table).map(({ name }) => name)),
  );
  const listed = await git(root, 'ls-files', '*.md');
  const found = new Set<string>();
  for (const path of listed.split('\n').filter(Boolean)) {
    for (const [name] of (await read(path)).matchAll(/\bmainstem_\w*[a-z]\b(?!\()/g)) {
      if (!name.includes('_', 'mainstem_'.length)) continue;
      found.add(name);
      const whole = name.replace(/_(bucket|sum|count)$/, '');
      expect(names.has(name) || names.has(whole), `${path}: ${name}`).toBe(true);
    }
  }
  expect(found.size).toBeGreaterThan(10);
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
    for (const { name, severity, action = '' } of alerts) {
      const told = route(`alertname=${name}`, `severity=${severity}`, `action=${action}`);
      const silent = name === 'MainstemWatchdog' ? 'watchdog' : 'record';
      const people = action === '' ? 'people' : 'bridge,people';
      expect(told, name).toBe(severity === 'info' ? silent : people);
    }
  },
);

/** The part of a configuration that a person takes the comment signs off. */
const uncommented = (text: string, first: string, lines: number) => {
  const all = text.split('\n');
  const at = all.findIndex((line) => line.trimStart() === `# ${first}`);
  expect(at, first).toBeGreaterThan(-1);
  const part = all.slice(at, at + lines).map((line) => line.replace(/# ?/, ''));
  return {
    part: part.join('\n'),
    rest: [...all.slice(0, at), ...all.slice(at + lines)].join('\n'),
  };
};

test.skipIf(!existsSync(amtool))(
  'Alertmanager takes its configuration with the receiver of the bridge as its comment gives it',
  async ({ folder }) => {
    const { part, rest } = uncommented(
      await read('infra/compose/alertmanager.yml'),
      '  - name: bridge',
      6,
    );
    const path = join(folder, 'alertmanager.yml');
    const whole = rest.replace('\n  - name: bridge\n', `\n${part}\n`);
    expect(parse(whole).receivers[2].webhook_configs[0].url).toBe('http://bridge:8090/alerts');
    await writeFile(path, whole);
    const checked = spawnSync(amtool, ['check-config', path], { encoding: 'utf8' });
    expect(checked.status, checked.stderr).toBe(0);
  },
);

test('Prometheus scrapes the bridge, as its comment gives it, under the name that the alerts ask for', async () => {
  const { part } = uncommented(
    await read('infra/compose/prometheus.yml'),
    `- job_name: ${bridgeJob}`,
    3,
  );
  const [{ job_name, static_configs }] = parse(part);
  expect({ job_name, targets: static_configs[0].targets }).toEqual({
    ...{ job_name: bridgeJob, targets: ['bridge:8090'] },
  });
});

test.skipIf(!existsSync(goPrograms.amtool))(
  'an Alertmanager that can write the request itself takes the configuration for it, and an older one does not',
  async () => {
    const direct = join(root, 'infra/compose/alertmanager-direct.yml');
    const check = (program: string) =>
      spawnSync(program, ['check-config', direct], { encoding: 'utf8' });
    const taken = check(goPrograms.amtool);
    expect(taken.status, taken.stderr).toBe(0);
    if (existsSync(amtool)) expect(check(amtool).stdout).toContain('field payload not found');
    const { receivers } = parse(await read('infra/compose/alertmanager-direct.yml'));
    const [
      ,
      {
        webhook_configs: [{ payload }],
      },
    ] = receivers;
    const { event_type: type, client_payload: fields } = payload;
    expect(
      parse(await read('.github/workflows/retrain.yml')).on.repository_dispatch.types,
    ).toContain(type);
    expect(Object.keys(RetrainPayload.properties)).toEqual(
      expect.arrayContaining(Object.keys(fields)),
    );
  },
);

test('the bridge sends requests from one place, and its table of them writes nothing but a dispatch', async () => {
  const listed = await git(root, 'ls-files', 'monitoring/bridge*');
  const sending = /\bfetch\(|node:https?\b|undici|octokit|node:child_process|node:net\b/;
  const senders = [];
  for (const path of listed.split('\n')) if (sending.test(await read(path))) senders.push(path);
  expect(senders).toEqual(['monitoring/bridge/github.ts']);
  expect((await read('monitoring/bridge/github.ts')).match(/\bfetch\(/g)).toHaveLength(1);
  const writing = Object.values(calls).filter(({ method }) => method !== 'GET');
  expect(writing.map(({ path }) => path)).toEqual([
    '/app/installations/{id}/access_tokens',
    '/repos/{repository}/dispatches',
  ]);
});

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
