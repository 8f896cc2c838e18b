import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { writeJson } from '../../../platform/lib/json-file.ts';
import { test } from '../../helpers/folder.ts';
import { goPrograms } from '../../helpers/tools.ts';

const folder = join(import.meta.dirname, '../../../monitoring/generated/dashboards');

/** What Grafana's schema has against dashboards, a line for each fault. */
const check = (...paths: readonly string[]) =>
  spawnSync(goPrograms.dashboards, paths, { encoding: 'utf8' });

describe.skipIf(!existsSync(goPrograms.dashboards))('Grafana’s schema', () => {
  test('takes every dashboard as it is committed, with the options of its panels and queries', async () => {
    const names = await readdir(folder);
    expect(names.length).toBeGreaterThan(5);
    const { status, stdout } = check(...names.map((name) => join(folder, name)));
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
  });

  test.for([
    ['a field that a dashboard does not have', 'unknown', (it) => ({ ...it, unknown: 1 })],
    ['a title that is not text', 'title', (it) => ({ ...it, title: 7 })],
    [
      'an option that a panel does not have',
      'wobble',
      (it) => changePanel(it, (panel) => ({ ...panel, options: { wobble: true } })),
    ],
    [
      'a query with a field that Prometheus’ queries do not have',
      'sql',
      (it) => changePanel(it, (panel) => ({ ...panel, targets: [{ ...query, sql: 'up' }] })),
    ],
    [
      'a place that is not one',
      'gridPos',
      (it) => changePanel(it, (panel) => ({ ...panel, gridPos: { h: 'high', w: 8, x: 0, y: 0 } })),
    ],
  ] satisfies [string, string, (it: Fields) => Fields][])(
    'names %s',
    async ([, named, change], { folder: own }) => {
      const built: Fields = JSON.parse(await readFile(join(folder, 'mainstem.json'), 'utf8'));
      const path = join(own, 'changed.json');
      await writeJson(path, change(built));
      const { status, stdout } = check(path);
      expect(status).toBe(1);
      expect(stdout).toContain(named);
    },
  );
});

const query = { refId: 'A', datasource: { type: 'prometheus', uid: 'x' } };

type Fields = Readonly<Record<string, unknown>>;

/** With another first panel that shows something. */
function changePanel(dashboard: Fields, change: (panel: Fields) => Fields): Fields {
  const panels = (dashboard.panels as readonly Fields[]).filter(({ type }) => type !== 'row');
  return { ...dashboard, panels: panels.map((panel, at) => (at === 0 ? change(panel) : panel)) };
}
