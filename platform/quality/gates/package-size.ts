import { Type } from 'typebox';
import { renderBytes } from '../../lib/text.ts';
import { defineGate } from './gate.ts';

/** A budget: how large the packaged model may be. */
export const packageSize = defineGate({
  name: 'package size',
  sentence: 'The packaged model has at most so many bytes.',
  schema: Type.Object(
    {
      modelBytes: Type.Number({
        exclusiveMinimum: 0,
        description: 'the most bytes that the packaged model may have',
      }),
    },
    { additionalProperties: false },
  ),
  example: { modelBytes: 2_000_000 },
  judge: ({ modelBytes }, { package: { onnx } }) => {
    const passed = onnx.bytes <= modelBytes;
    const [size, limit] = [renderBytes(onnx.bytes), renderBytes(modelBytes)];
    // Rounded alike they would read "2 MB > 2 MB".
    const shown = size === limit ? `${onnx.bytes} B` : size;
    const message = `package size ${shown} ${passed ? '≤' : '>'} ${limit}`;
    return { gate: 'package size', passed, message, of: 'modelBytes', limit: `≤ ${limit}` };
  },
});
