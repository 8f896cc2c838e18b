import { create } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseBackbone } from '../../../../pipeline/backbones/parse-backbone.ts';
import { type ModelProto, ModelProtoSchema } from '../../../../pipeline/onnx/index.ts';
import { isMainstemError } from '../../../../platform/lib/errors.ts';
import { bytesOf, smallBackbone, withInputType } from '../../../helpers/backbone.ts';

const parse = (model: ModelProto, features?: string) =>
  parseBackbone(bytesOf(model), { path: 'net.onnx', features });

test.each(['Gemm', 'MatMul'] as const)('is cut at what the last %s reads', (last) => {
  const { features, nodes, weights, layout, size, input } = parse(smallBackbone({ last }));
  expect({ features, layout, size, input }).toEqual({
    ...{ features: 'pooled', layout: 'channels-first', size: 32, input: 'pictures' },
  });
  expect(nodes.map(({ opType }) => opType)).toEqual([
    'Conv',
    'Relu',
    'GlobalAveragePool',
    'Flatten',
  ]);
  expect(weights.map(({ name }) => name)).toEqual(['filters']);
});

test('a named tensor is where it is cut, and any size of channels-last pictures will do', () => {
  const model = smallBackbone({ layout: 'channels-last', size: null, last: 'Softmax' });
  expect(parse(model, 'pooled')).toMatchObject({ layout: 'channels-last', size: null });
});

test.each([
  [2, true],
  [10, false],
  [11, false],
])('pictures of type %i of which it makes floats itself will do', (castFrom, takesBytes) => {
  expect(parse(smallBackbone({ castFrom }))).toMatchObject({ takesBytes, features: 'pooled' });
});

/** What is wrong → a model that has it, and the tensor asked for. */
const refused: [string, ModelProto, string?][] = [
  ['no Gemm or MatMul', smallBackbone({ last: 'Softmax' })],
  ['there is no such tensor', smallBackbone(), 'elsewhere'],
  ['does not depend on the pictures', smallBackbone(), 'filters'],
  ['takes 1 at a time', smallBackbone({ batch: 1 })],
  ['not a batch of pictures', withInput(['batch', 3n, 'side'])],
  ['neither axis has three channels', withInput(['batch', 1n, 32n, 32n])],
  ['32 by 48, not a square', withInput(['batch', 3n, 32n, 48n])],
  ['is of uint8; export it with one of float32', withInputType(smallBackbone(), 2)],
  ['is of float16; export', withInputType(smallBackbone(), 10)],
  ['is of type 77; export', withInputType(smallBackbone(), 77)],
  ['it has 2 inputs', withSecondInput()],
  ['its weights lie in another file', withWeightsElsewhere()],
  ['If has a graph of its own', withOperator('If')],
  ['not an ONNX file with a network', create(ModelProtoSchema, {})],
];

test.each(refused)('is refused where %s', (reason, model, features) => {
  expect(() => parse(model, features)).toThrow(
    expect.objectContaining({
      code: 'BACKBONE_UNSUPPORTED',
      message: expect.stringContaining(reason),
    }),
  );
});

test('bytes that are no network, and networks that are damaged, end in that one error', () => {
  const whole = bytesOf(smallBackbone());
  const damaged = fc
    .tuple(fc.nat(whole.length - 1), fc.nat(255), fc.nat(whole.length))
    .map(([at, byte, length]) => {
      const bytes = whole.slice(0, length);
      if (at < length) bytes[at] = byte;
      return bytes;
    });
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), damaged), (bytes) => {
      try {
        parseBackbone(bytes, { path: 'net.onnx' });
      } catch (error) {
        expect(isMainstemError(error, 'BACKBONE_UNSUPPORTED'), String(error)).toBe(true);
      }
    }),
  );
});

function changed(change: (graph: NonNullable<ModelProto['graph']>) => void): ModelProto {
  const model = smallBackbone();
  if (model.graph) change(model.graph);
  return model;
}

function withInput(sizes: readonly (bigint | string)[]): ModelProto {
  const dim = sizes.map((size) => ({
    value:
      typeof size === 'bigint'
        ? { case: 'dimValue' as const, value: size }
        : { case: 'dimParam' as const, value: size },
  }));
  const value = { case: 'tensorType' as const, value: { elemType: 1, shape: { dim } } };
  const input = [{ name: 'pictures', type: { value } }];
  const [made] = create(ModelProtoSchema, { graph: { input } }).graph?.input ?? [];
  return changed((graph) => {
    if (made) graph.input = [made];
  });
}

function withSecondInput(): ModelProto {
  return changed((graph) => {
    const [first] = graph.input;
    if (first) graph.input.push({ ...first, name: 'other' });
  });
}

function withWeightsElsewhere(): ModelProto {
  return changed((graph) => {
    const [first] = graph.initializer;
    if (first) first.$unknown = [{ no: 14, wireType: 0, data: Uint8Array.of(1) }];
  });
}

function withOperator(opType: string): ModelProto {
  return changed((graph) => {
    const node = graph.node.find((one) => one.opType === 'Relu');
    if (node) node.opType = opType;
  });
}
