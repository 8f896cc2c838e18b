import type { ModelPointer, ModelRecord } from '../schemas/index.ts';

/**
 * Where a pointer contradicts its folder, its record or itself, in words that follow "it"; empty for one that `promote`
 * wrote. Its digests alone do not show this: they are about the record.
 *
 * @param model the folder that it lies in.
 * @example findPointerFaults({ ...pointer, model: 'fruit' }, 'pumpkins', record) // ['is of the model "fruit"']
 */
export function findPointerFaults(
  pointer: ModelPointer,
  model: string,
  record: ModelRecord,
): string[] {
  const failed = pointer.gates.filter(({ passed }) => !passed);
  return [
    ...(pointer.model === model ? [] : [`is of the model ${JSON.stringify(pointer.model)}`]),
    ...(pointer.onnx === record.package.onnx.digest
      ? []
      : [`names another ONNX file than its record, ${pointer.onnx}`]),
    ...failed.map(({ gate, message }) => `holds a gate that failed: ${gate}, ${message}`),
    ...(pointer.champion === pointer.run ? ['names its own run as the champion'] : []),
  ];
}
