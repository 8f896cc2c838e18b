import { Type } from 'typebox';
import { type LayerExport, onlyInput } from '../layer.ts';
import { channelsFirst } from '../layout.ts';
import { Pair, padsOf, WindowConfig } from '../windows.ts';

const PoolConfig = Type.Object({ ...WindowConfig.properties, poolSize: Pair });

/** Exports MaxPooling2D and AveragePooling2D. Neither counts cells beyond the border. */
export function exportPooling(operator: 'MaxPool' | 'AveragePool'): LayerExport {
  return (context, inputs) => {
    const config = context.config(PoolConfig);
    const input = channelsFirst(context.graph, onlyInput(context, inputs));
    const name = context.graph.node(operator, [input.name], {
      kernel_shape: config.poolSize,
      strides: config.strides,
      pads: padsOf(context, input, config, config.poolSize),
    });
    return { name, shape: context.outputShape, layout: 'channels-first' };
  };
}

const GlobalConfig = Type.Object({ dataFormat: Type.Literal('channelsLast') });

/** Exports GlobalMaxPooling2D and GlobalAveragePooling2D: one number per channel. */
export function exportGlobalPooling(operator: 'GlobalMaxPool' | 'GlobalAveragePool'): LayerExport {
  return (context, inputs) => {
    context.config(GlobalConfig);
    const input = channelsFirst(context.graph, onlyInput(context, inputs));
    const pooled = context.graph.node(operator, [input.name]);
    const name = context.graph.node('Flatten', [pooled], { axis: 1n });
    return { name, shape: context.outputShape, layout: 'channels-last' };
  };
}
