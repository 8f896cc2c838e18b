import type { ModelPointer, ModelRecord } from '../schemas/index.ts';
import { type Channel, isTrial } from './paths.ts';

/**
 * Where a pointer contradicts its folder, its record or itself, in words that follow "it"; empty for one that `promote`
 * wrote. Its digests alone do not show this: they are about the record.
 *
 * @param place the folder that it lies in, and what it is called there.
 * @example findPointerFaults({ ...pointer, model: 'fruit' }, { model: 'pumpkins', channel: 'production' }, record)
 * // ['is of the model "fruit"']
 */
export function findPointerFaults(
  pointer: ModelPointer,
  { model, channel }: { readonly model: string; readonly channel: Channel },
  record: ModelRecord,
): string[] {
  const failed = pointer.gates.filter(({ passed }) => !passed);
  return [
    ...(pointer.model === model ? [] : [`is of the model ${JSON.stringify(pointer.model)}`]),
    ...(pointer.onnx === record.package.onnx.digest
      ? []
      : [`names another ONNX file than its record, ${pointer.onnx}`]),
    ...failed.map(({ gate, message }) => `holds a gate that failed: ${gate}, ${message}`),
    ...findTrafficFaults(pointer, channel),
    ...(pointer.champion === pointer.run ? ['names its own run as the champion'] : []),
  ];
}

/** Only what is tried has a share, and it always says which. */
function findTrafficFaults({ traffic }: ModelPointer, channel: Channel): string[] {
  if (isTrial(channel)) return traffic ? [] : ['does not say which requests go to it'];
  return traffic ? [`says which requests go to it, and ${channel} gets them all`] : [];
}
