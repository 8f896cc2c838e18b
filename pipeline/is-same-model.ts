import { digestJson } from '../platform/lib/hash.ts';
import type { ModelRecord } from '../platform/schemas/index.ts';

/** Whether two records are of one and the same model: the same file, whose inputs and outputs are used in the same way. */
export function isSameModel(one: ModelRecord, other: ModelRecord): boolean {
  return digestOf(one) === digestOf(other);
}

function digestOf(record: ModelRecord): string {
  const { package: packaged, preprocessing, classes, training, evaluation } = record;
  const { temperature, priorShift = null, decision = null } = evaluation;
  return digestJson({
    ...{
      file: packaged.onnx.digest,
      preprocessing,
      classes,
      labelScale: training.labelScale ?? null,
    },
    ...{ temperature, priorShift, decision },
  });
}
