import { OnnxGraph } from '../../pipeline/onnx/index.ts';

const width = 2000;

/**
 * A network of three numbers and two outputs that takes its time: each round multiplies by a matrix of 16 MB, some milliseconds.
 * Whatever the input, it answers finite numbers.
 */
export function slowNetwork(rounds: number): Uint8Array {
  const graph = new OnnxGraph();
  graph.input('input', [null, 3]);
  const matrix = (rows: number, columns: number) =>
    graph.floats(new Float32Array(rows * columns).fill(1 / rows), [rows, columns]);
  const square = matrix(width, width);
  let value = graph.node('MatMul', ['input', matrix(3, width)]);
  for (let round = 0; round < rounds; round++) value = graph.node('MatMul', [value, square]);
  graph.node('MatMul', [value, matrix(width, 2)], {}, 'output');
  graph.node('Identity', ['input'], {}, 'embedding');
  graph.output('output', [null, 2]);
  graph.output('embedding', [null, 3]);
  return graph.toBytes('slow', {});
}
