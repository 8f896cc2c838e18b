import { expect, test } from 'vitest';
import { championOf } from '../../../../pipeline/champion.ts';
import { openContext, type ProjectContext } from '../../../../pipeline/context.ts';
import { judge } from '../../../../pipeline/operations/judge.ts';
import { report as reportHere } from '../../../../pipeline/operations/report.ts';
import { run } from '../../../../pipeline/operations/run.ts';
import { digestJson } from '../../../../platform/lib/hash.ts';
import { abbreviate } from '../../../../platform/lib/text.ts';
import type { Report } from '../../../../platform/report/index.ts';
import { type ModelRecord, stages } from '../../../../platform/schemas/index.ts';
import { createTinyPlatform, type TinyPlatform } from '../run/tiny-platform.ts';

/** Trains what the tree describes. */
async function train({ workspace }: TinyPlatform) {
  const context = await openContext(workspace, 'penguins');
  const { record } = await run(context, { backend: 'auto' });
  if (!record) throw new Error('the run left no record');
  return { context, record };
}

function judgeAgainst(
  context: ProjectContext,
  candidate: ModelRecord,
  champion = championOf(null),
) {
  return judge(context, { candidate, champion, findings: [], cost: null, records: [] });
}

const failed = (gates: readonly { passed: boolean; message: string }[]) =>
  gates.filter(({ passed }) => !passed).map(({ message }) => message);

test('what was trained here is measured to the same numbers from its ONNX file alone', async () => {
  const platform = await createTinyPlatform();
  const { context, record } = await train(platform);
  const { unmeasured, gates, report } = await judgeAgainst(context, record);
  expect(unmeasured).toBeNull();
  expect(failed(gates)).toEqual([]);
  expect(report.notices).toEqual([]);
  const measured = new Map(report.metrics.map(({ name, candidate }) => [name, candidate]));
  for (const { name, value } of record.evaluation.metrics)
    expect(measured.get(name), name).toBeCloseTo(value, 4);

  // The same model as champion: no answer differs.
  const again = await judgeAgainst(context, record, championOf(record));
  expect(again.report.comparison).toMatchObject({ fixed: 0, broken: 0, flips: 0 });

  // Invented numbers are replaced by measured ones, and named.
  const metrics = record.evaluation.metrics.map((metric) => ({ ...metric, value: 0.5 }));
  const forged = { ...record, evaluation: { ...record.evaluation, metrics } };
  const caught = await judgeAgainst(context, forged);
  expect(failed(caught.gates).join()).toMatch(/accuracy is stated as 50.0 %, measured was \d+/);
  expect(caught.report.notices.join()).toContain('own numbers differ');
  const numbersOf = ({ metrics: rows }: Report) => rows.map(({ gates: _gates, ...row }) => row);
  expect(numbersOf(caught.report)).toEqual(numbersOf(report));
  expect(caught.report.metrics[0]?.gates).toContainEqual({ limit: 'as stated', passed: false });

  // Another model's file in place of its own is measured as what it is.
  const { edit } = platform;
  await edit('pipeline/projects/penguins/params.json', '"epochs": 30', '"epochs": 1');
  const worse = (await train(platform)).record;
  const swapped = { ...record, package: { ...record.package, onnx: worse.package.onnx } };
  const exposed = await judgeAgainst(context, swapped);
  expect(failed(exposed.gates).join()).toContain('logLoss is stated as');

  // Both are counted as candidates on this test data: here by what the store holds, by the judge only from git.
  const reported = await reportHere(context, worse, []);
  expect(reported.report.trials?.candidates).toBe(2);
  expect(report.trials).toMatchObject({ candidates: 1 });
  const request = { candidate: record, champion: championOf(null), findings: [], cost: null };
  const second = await judge(context, { ...request, records: [worse] });
  expect(second.report.trials?.candidates).toBe(2);
  // The judge measures on validation what evaluation measured there.
  const local = await reportHere(context, record, []);
  expect(report.validation?.examples).toBe(local.report.validation?.examples);
  for (const [index, { candidate, name }] of (report.validation?.metrics ?? []).entries())
    expect(local.report.validation?.metrics[index]?.candidate, name).toBeCloseTo(candidate, 4);

  // A champion that cannot be had is no reason to pass.
  const lost = { record, incomparable: 'the remote has lost it' };
  const blind = await judgeAgainst(context, record, lost);
  expect(failed(blind.gates).join()).toContain('the remote has lost it');
  expect(blind.report.verdict).toBe('cannot tell');
});

test('a record that does not belong to the data, the parameters or its own stages is not measured', async () => {
  const platform = await createTinyPlatform();
  const { context, record } = await train(platform);
  const otherStages = { ...record.stages, train: digestJson('another run') };
  const other = digestJson(otherStages);
  const cases: [string, ModelRecord][] = [
    ['written by hand', { ...record, stages: otherStages }],
    ['written by hand', { ...record, run: 'aaaaaaaaaaaa' }],
    ['preprocessing in its record', withOtherMean(record)],
    ['other parameters', { ...record, parameters: { ...record.parameters, seed: 8 } }],
    ['another version of penguins', { ...record, data: { penguins: digestJson('older') } }],
    ['classes', { ...record, classes: [...record.classes].reverse() }],
    ['prepares the data differently', withPrepared(record)],
    ['neither in', withOnnx(record, digestJson('nowhere'))],
    ['cannot be run', withOnnx(record, record.prepared.index.digest)],
  ];
  for (const [reason, candidate] of cases) {
    const { unmeasured, gates, report } = await judgeAgainst(context, candidate);
    expect(unmeasured?.reason, reason).toContain(reason);
    const ours = reason === 'classes' || reason === 'prepares the data differently';
    expect(unmeasured?.contradiction, reason).toBe(!ours);
    expect(failed(gates), reason).toHaveLength(1);
    expect(report.notices.join(), reason).toContain('did not measure this');
  }
  // A key that is consistent in itself but not the tree's: the code is another.
  const foreign = { ...record, stages: otherStages, key: other, run: abbreviate(other) };
  const { unmeasured, report } = await judgeAgainst(context, foreign);
  expect(unmeasured).toBeNull();
  expect(report.notices.join()).toContain('changes code that decides the result');
  expect(Object.keys(record.stages)).toContain(stages.train.name);
});

/** By which the server would encode rows otherwise than those that were measured. */
function withOtherMean(record: ModelRecord): ModelRecord {
  const { preprocessing } = record;
  if (preprocessing.kind !== 'table') throw new Error('not a table');
  const columns = preprocessing.columns.map((column) =>
    column.kind === 'number' ? { ...column, mean: column.mean + 1 } : column,
  );
  return { ...record, preprocessing: { ...preprocessing, columns } };
}

function withPrepared(record: ModelRecord): ModelRecord {
  const index = { ...record.prepared.index, digest: record.package.onnx.digest };
  return { ...record, prepared: { ...record.prepared, index } };
}

function withOnnx(record: ModelRecord, digest: ModelRecord['key']): ModelRecord {
  return { ...record, package: { ...record.package, onnx: { ...record.package.onnx, digest } } };
}
