import { Type } from 'typebox';
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
    const sizes = `${megabytes(onnx.bytes)} ${passed ? '≤' : '>'} ${megabytes(modelBytes)}`;
    return { gate: 'package size', passed, message: `package size ${sizes}` };
  },
});

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(2)} MB`;
}
