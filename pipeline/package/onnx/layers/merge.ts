import { Type } from 'typebox';
import type { OnnxGraph } from '../../../onnx/index.ts';
import type { LayerContext, LayerExport } from '../layer.ts';
import { channelsFirst, channelsLast } from '../layout.ts';
import type { Value } from '../value.ts';

type Merge = (graph: OnnxGraph, names: readonly string[]) => string;

/** Merges two inputs at a time, from the left, as the layers library does. */
const fold =
  (operator: string): Merge =>
  (graph, names) =>
    names.reduce((left, right) => graph.node(operator, [left, right]));

const together =
  (operator: string): Merge =>
  (graph, names) =>
    graph.node(operator, names);

const merges = {
  Add: fold('Add'),
  Multiply: fold('Mul'),
  Maximum: together('Max'),
  Minimum: together('Min'),
  Average: together('Mean'),
};

/** Exports Add, Multiply, Maximum, Minimum and Average of values of one shape. */
export function exportMerge(kind: keyof typeof merges): LayerExport {
  return (context, inputs) => {
    const ranks = new Set(inputs.map(({ shape }) => shape.length));
    if (ranks.size > 1) throw context.unsupported('its inputs differ in rank');
    const { values, layout } = alike(context, inputs);
    const names = values.map(({ name }) => name);
    return { name: merges[kind](context.graph, names), shape: context.outputShape, layout };
  };
}

const ConcatenateConfig = Type.Object({ axis: Type.Integer() });

/** Exports Concatenate along one axis. */
export const exportConcatenate: LayerExport = (context, inputs) => {
  const { axis } = context.config(ConcatenateConfig);
  const { values, layout } = alike(context, inputs);
  const rank = context.outputShape.length;
  const from = axis < 0 ? axis + rank : axis;
  const along = layout === 'channels-first' ? ([0, 2, 3, 1][from] ?? from) : from;
  const names = values.map(({ name }) => name);
  const name = context.graph.node('Concat', names, { axis: BigInt(along) });
  return { name, shape: context.outputShape, layout };
};

/** All inputs in one layout: channels-first as soon as one of them is. */
function alike(
  { graph }: LayerContext,
  inputs: readonly Value[],
): { values: Value[]; layout: Value['layout'] } {
  const first = inputs.some(({ layout }) => layout === 'channels-first');
  const values = inputs.map((value) => (first ? channelsFirst : channelsLast)(graph, value));
  return { values, layout: first ? 'channels-first' : 'channels-last' };
}
