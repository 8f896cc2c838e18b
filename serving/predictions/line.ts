import { digestBytes, digestJson } from '../../platform/lib/hash.ts';
import { hideKeys } from '../../platform/lib/hide-secrets.ts';
import { parseIntact } from '../../platform/lib/parse-intact.ts';
import { LoggedPrediction, noBin } from '../../platform/schemas/index.ts';
import { binOf } from '../../platform/transforms/index.ts';
import type { ModelLabels, ServedModel } from '../inference/models.ts';
import type { Properties } from '../inference/predictor.ts';
import type { Result, Row } from '../schemas.ts';

/** The inputs of a request, as they are digested. */
export type LoggedInputs =
  | { readonly kind: 'photo'; readonly photos: readonly Uint8Array[] }
  | { readonly kind: 'row'; readonly rows: readonly Row[] }
  /** @param data [batch, …], which nobody may empty meanwhile */
  | { readonly kind: 'tensor'; readonly data: Float32Array; readonly batch: number };

/** An answer that was sent. */
export interface Answer extends ModelLabels {
  readonly id: string;
  readonly at: Date;
  readonly inputs: LoggedInputs;
  readonly results: readonly Result[];
  /** Of each input, as {@link binsOf} finds them. */
  readonly bins: readonly Bins[];
  readonly ms: number;
}

/** The bin of each property of a reference profile: {@link noBin} where it is missing, null where it was not measured. */
export type Bins = readonly (number | null)[];

/** The bins that an input's properties fall into, which are those that the metrics count. */
export function binsOf({ record }: ServedModel, properties: Properties): Bins {
  return record.evaluation.profile.bins.map((bins) => {
    const value = properties[bins.name];
    return value === undefined ? null : (binOf(bins, value) ?? noBin);
  });
}

/** A longer id of a caller is kept as its digest. */
const longestId = 200;

/** The id under which an answer is kept. */
export function keyOf(id: string): string {
  return id.length > longestId ? digestBytes(id) : id;
}

/**
 * One line for each input of an answer. Rows are left out of lines that would be longer than `longest` with them.
 *
 * @param options.values whether rows are kept, or only their digests
 * @returns null in place of a line that is too long even so
 */
export function renderLines(
  answer: Answer,
  options: { readonly values: boolean; readonly longest: number },
): (string | null)[] {
  const { inputs } = answer;
  return answer.results.map((result, index) => {
    const row = options.values && inputs.kind === 'row' ? inputs.rows[index] : undefined;
    const line = JSON.stringify(lineOf(answer, result, index));
    const whole = row ? `${line.slice(0, -1)},"row":${hideKeys(JSON.stringify(row))}}` : line;
    if (Buffer.byteLength(whole) <= options.longest) return whole;
    return Buffer.byteLength(line) <= options.longest ? line : null;
  });
}

/** How the line of an input begins: what a search in segments looks for. */
export function startOfLine(id: string, index: number): string {
  return `{"id":${JSON.stringify(keyOf(id))},"index":${index},`;
}

/** A line of the log; null for one that was torn or is not ours. */
export function parseLine(line: string): LoggedPrediction | null {
  return parseIntact(line, LoggedPrediction, 'a line of the prediction log');
}

/** Keys in the order in which {@link startOfLine} finds them. */
function lineOf(answer: Answer, result: Result, index: number): LoggedPrediction {
  const { id, results, at, model, version, inputs, ms } = answer;
  const { class: predicted, value, probabilities, score, accepted } = result;
  return {
    ...{ id: keyOf(id), index, inputs: results.length, at: at.toISOString(), model, version },
    ...{ kind: inputs.kind, digest: digestOf(inputs, index), class: predicted, value },
    ...{ probabilities, score, accepted, bins: [...(answer.bins[index] ?? [])] },
    ms: Math.round(ms * 1000) / 1000,
  };
}

function digestOf(inputs: LoggedInputs, index: number) {
  if (inputs.kind === 'photo') return digestBytes(inputs.photos[index] ?? new Uint8Array());
  if (inputs.kind === 'row') return digestJson(inputs.rows[index] ?? {});
  const { buffer, byteOffset, byteLength } = inputs.data;
  const length = byteLength / inputs.batch;
  return digestBytes(new Uint8Array(buffer, byteOffset + index * length, length));
}
