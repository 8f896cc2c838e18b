import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readCandidate } from '../../../../pipeline/record.ts';
import { writeJson } from '../../../../platform/lib/json-file.ts';
import { loadRecord } from '../../../../platform/registry/index.ts';
import type { ModelRecord } from '../../../../platform/schemas/index.ts';
import { createTinyPlatform } from '../run/tiny-platform.ts';

const hour = 3_600_000;
const spread = { models: 2, validation: [], test: [] };

const alterations: readonly [what: string, says: RegExp, alter: (record: ModelRecord) => object][] =
  [
    ['a time to come', /time is stated as 2099/, () => ({ createdAt: '2099-01-01T00:00:00.000Z' })],
    ['a day in no calendar', /time is stated/, () => ({ createdAt: '2026-02-30T00:00:00.000Z' })],
    [
      'another time in the past',
      /time is stated as .* packaged at/,
      ({ createdAt }) => ({ createdAt: new Date(Date.parse(createdAt) - hour).toISOString() }),
    ],
    ['no commit at all', /commit is stated as none/, () => ({ commit: null, dirty: false })],
    ['the commit of nothing', /names no commit/, () => ({ commit: '0'.repeat(40) })],
    ['words for a commit', /names no commit/, () => ({ commit: 'HEAD' })],
    ['a commit of nowhere', /does not have/, () => ({ commit: 'a1'.repeat(20) })],
    [
      'a faster model',
      /package\.latencyMs is stated as .* its stage says/,
      (record) => ({
        package: { ...record.package, latencyMs: { ...record.package.latencyMs, median: 0.00001 } },
      }),
    ],
    [
      'closer parity',
      /package\.parity is stated/,
      (record) => ({
        package: { ...record.package, parity: { ...record.package.parity, classesDiffer: 7 } },
      }),
    ],
    [
      'other seeds',
      /seeds is stated as 7, 9/,
      ({ seeds }) => ({ seeds: { ...seeds, seeds: [7, 9] } }),
    ],
    [
      'seeds that nobody trained',
      /seeds is stated as 9, 10/,
      () => ({ seeds: { ...spread, seeds: [9, 10] } }),
    ],
    [
      'a mean that its own seed contradicts',
      /of seeds on test is stated as 2/,
      ({ seeds }) => ({
        seeds: { ...seeds, test: seeds?.test.map((one) => ({ ...one, mean: 2, deviation: 0.1 })) },
      }),
    ],
    [
      'a deviation that its seeds contradict',
      /of seeds on validation is stated/,
      ({ seeds }) => ({
        seeds: { ...seeds, validation: seeds?.validation.map((one) => ({ ...one, deviation: 5 })) },
      }),
    ],
  ];

test('what somebody wrote into the candidate is not promoted', { timeout: 300_000 }, async () => {
  const { root, workspace, mainstem, edit } = await createTinyPlatform();
  expect((await mainstem('experiment', 'penguins', '--seeds', '2')).code).toBe(0);
  const candidate = await readCandidate(root, 'penguins');
  if (!candidate) throw new Error('there is no candidate');
  expect(candidate.seeds?.seeds).toEqual([7, 8]);
  const path = join(root, '.mainstem/runs/penguins/candidate.json');
  // Its own code, since a key holds where code is.
  const { openContext } = await import(join(root, 'pipeline/context.ts'));
  const { promoteCandidate } = await import(join(root, 'pipeline/operations/promote.ts'));
  const context = await openContext(workspace, 'penguins');
  const promote = () => promoteCandidate(context, { channel: 'production', commit: false });

  for (const [what, says, alter] of alterations) {
    await writeJson(path, { ...candidate, ...alter(candidate) });
    const error: unknown = await promote().catch((thrown: unknown) => thrown);
    expect(error, what).toMatchObject({
      // What a wrong clock does is no fault of the model.
      code: what === 'a time to come' ? 'PROMOTE_CLOCK' : 'GATE_FAILED',
      message: expect.stringMatching(says),
    });
  }

  // The page is in no key: what project.ts says by now is what is promoted.
  await writeJson(path, { ...candidate, page: { ...candidate.page, title: 'Cheap loans' } });
  expect((await promote()).pointer.run).toBe(candidate.run);
  await edit('pipeline/projects/penguins/project.ts', /title: '[^']*'/, "title: 'Other words'");
  const verified = await mainstem('verify', 'penguins');
  expect([verified.code, verified.out]).toEqual([
    0,
    expect.stringContaining('project.ts has other texts'),
  ]);
  expect(verified.out).toContain('Compared with HEAD, since --base was not given');
  const page = JSON.stringify((await loadRecord(root, 'penguins', candidate.run)).page);
  expect(page).not.toContain('Cheap loans');
});
