import { logLimits } from '../../../platform/transforms/index.ts';
import type { OnnxGraph } from '../../onnx/index.ts';

/** Adds what turns a logarithm that was learnt into the label, as `fromLabelScale` does. @returns the edge with the label */
export function addLabelScale(graph: OnnxGraph, value: string, output?: string): string {
  const bounds = [graph.scalar(logLimits.low), graph.scalar(logLimits.high)];
  const clipped = graph.node('Clip', [value, ...bounds]);
  return graph.node('Exp', [clipped], {}, output);
}
