import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { challenge } from '../../../pipeline/challenge.ts';
import { championOf } from '../../../pipeline/champion.ts';
import { openContext } from '../../../pipeline/context.ts';
import { judge } from '../../../pipeline/operations/judge.ts';
import { run } from '../../../pipeline/operations/run.ts';
import { readIndex } from '../../../pipeline/prepare/index.ts';
import { loadProject } from '../../../platform/schemas/define/index.ts';
import { lockProject, openStore } from '../../../platform/storage/index.ts';
import { createTinyPlatform, type TinyPlatform } from './run/tiny-platform.ts';

async function train({ workspace, root }: TinyPlatform) {
  const { lock: _, ...opened } = await openContext(workspace, 'penguins');
  const lock = await lockProject(workspace, openStore(root), await loadProject(root, 'penguins'));
  const context = { ...opened, lock };
  const { record } = await run(context, { backend: 'auto' });
  if (!record) throw new Error('the run left no record');
  return { context, record };
}

/** Rewrites the lines of the table; the first is the header, numbered 0. */
async function rewrite({ root }: TinyPlatform, change: (line: string, at: number) => string) {
  const { definition } = await loadProject(root, 'penguins');
  const path = join(root, definition.data.path);
  const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
  await writeFile(path, `${lines.map(change).join('\n')}\n`);
}

test('a champion is not judged on rows that it learnt from after a column was added, nor by the judge', {
  timeout: 300_000,
}, async () => {
  const platform = await createTinyPlatform();
  await platform.edit('pipeline/projects/penguins/params.json', '"epochs": 30', '"epochs": 2');
  const before = await train(platform);
  await rewrite(platform, (line, at) => `${line},${at === 0 ? 'ring' : `r${at}`}`);
  const after = await train(platform);
  const { store } = after.context;
  const [old, now] = await Promise.all(
    [before.record, after.record].map(({ prepared }) => readIndex(store, prepared)),
  );
  const splitsBefore = new Map(old?.rows.map(({ row, split }) => [row, split]));
  const test = now?.rows.filter(({ split }) => split === 'test') ?? [];
  const clean = test.filter(({ row }) => splitsBefore.get(row) === 'test');
  expect(clean.length).toBeLessThan(test.length / 2);

  const champion = championOf(before.record);
  const { comparison } = await challenge(after.context, after.record, champion);
  expect(comparison?.examples).toBeLessThanOrEqual(clean.length);
  expect(comparison).toMatchObject({ byGroup: 0, byContent: comparison?.seen });
  expect(comparison?.reason).toContain('changed since, they look the same to it');
  const ids = new Set(clean.map(({ id }) => id));
  for (const { id } of comparison?.flipped ?? []) expect(ids.has(id)).toBe(true);

  const candidate = after.record;
  const request = { candidate, champion, findings: [], cost: null, records: [] };
  const { report } = await judge(after.context, request);
  expect(report.comparison).toMatchObject({
    examples: comparison?.examples,
    seen: comparison?.seen,
  });
});
