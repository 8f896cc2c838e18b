import type {
  ModelRecord,
  PackageOutput,
  PrepareOutput,
  SplitName,
} from '../platform/schemas/index.ts';
import { decisionRules } from '../platform/transforms/index.ts';
import type { ProjectContext } from './context.ts';
import { type Answer, type AnswerQuality, measureAnswers, toAnswers } from './evaluation/index.ts';
import { measurePackage } from './package/index.ts';
import { readPrepared } from './prepare/index.ts';

/** A packaged model, measured here. */
export interface MeasuredModel extends AnswerQuality {
  readonly latencyMs: PackageOutput['latencyMs'];
}

/** Prepared data to measure a model on. */
export interface MeasuringData {
  readonly prepared: PrepareOutput;
  /** The out-of-distribution set; null without one. */
  readonly outOfDistribution: PrepareOutput | null;
}

/**
 * Measures the file that would serve, with ONNX Runtime and this tree's code, on the test split, and answers the validation
 * split too. Of the record only the
 * rules of decision count (classes, shift, temperature, threshold): its own numbers are not looked at.
 *
 * @throws MainstemError STORE_MISSING, STORE_CORRUPT; Error of ONNX Runtime if the file does not fit the data
 */
export async function measurePackaged(
  { store, project: { definition } }: ProjectContext,
  record: ModelRecord,
  { prepared, outOfDistribution }: MeasuringData,
): Promise<MeasuredModel> {
  const onnx = await store.get(record.package.onnx.digest);
  const answer = (output: PrepareOutput, split: SplitName) =>
    answerRows(store, onnx, { output, split });
  const test = await answer(prepared, 'test');
  const validation = await answer(prepared, 'validation');
  const outliers = outOfDistribution ? await answer(outOfDistribution, 'test') : null;
  const quality = measureAnswers(
    {
      test: test.answers,
      validation: validation.answers,
      outliers: outliers?.answers ?? [],
    },
    {
      task: record.task,
      ...decisionRules(record),
      slices: definition.slices.map(({ column }) => column),
      dataset: definition.data.name,
    },
  );
  return { ...quality, latencyMs: test.latencyMs };
}

async function answerRows(
  store: ProjectContext['store'],
  onnx: Uint8Array,
  { output, split }: { readonly output: PrepareOutput; readonly split: SplitName },
): Promise<{ answers: Answer[]; latencyMs: PackageOutput['latencyMs'] }> {
  const data = await readPrepared(store, output);
  const rows = [...data.index.rows.keys()].filter((row) => data.index.rows[row]?.split === split);
  if (rows.length === 0) return { answers: [], latencyMs: { p50: 0, p95: 0 } };
  const { results, latencyMs } = await measurePackage(onnx, data, rows);
  const answered = rows.flatMap((row) => data.index.rows[row] ?? []);
  return { answers: toAnswers(answered, results), latencyMs };
}
