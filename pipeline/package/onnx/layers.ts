import type { LayerExport } from './layer.ts';
import {
  exportConv2d,
  exportDepthwiseConv2d,
  exportSeparableConv2d,
} from './layers/convolution.ts';
import { exportDense } from './layers/dense.ts';
import { exportConcatenate, exportMerge } from './layers/merge.ts';
import {
  exportActivation,
  exportBatchNormalization,
  exportRelu,
  exportRescaling,
  exportSloped,
  exportSoftmax,
} from './layers/pointwise.ts';
import { exportGlobalPooling, exportPooling } from './layers/pooling.ts';
import {
  exportFlatten,
  exportNothing,
  exportReshape,
  exportUpSampling,
  exportZeroPadding,
} from './layers/shape.ts';

/** Every layer class that has an ONNX form here. */
export const layerExports: Readonly<Record<string, LayerExport>> = {
  Activation: exportActivation,
  Add: exportMerge('Add'),
  AlphaDropout: exportNothing,
  Average: exportMerge('Average'),
  AveragePooling2D: exportPooling('AveragePool'),
  BatchNormalization: exportBatchNormalization,
  Concatenate: exportConcatenate,
  Conv2D: exportConv2d,
  Dense: exportDense,
  DepthwiseConv2D: exportDepthwiseConv2d,
  Dropout: exportNothing,
  ELU: exportSloped('Elu'),
  Flatten: exportFlatten,
  GaussianDropout: exportNothing,
  GaussianNoise: exportNothing,
  GlobalAveragePooling2D: exportGlobalPooling('GlobalAveragePool'),
  GlobalMaxPooling2D: exportGlobalPooling('GlobalMaxPool'),
  LeakyReLU: exportSloped('LeakyRelu'),
  MaxPooling2D: exportPooling('MaxPool'),
  Maximum: exportMerge('Maximum'),
  Minimum: exportMerge('Minimum'),
  Multiply: exportMerge('Multiply'),
  ReLU: exportRelu,
  Rescaling: exportRescaling,
  Reshape: exportReshape,
  SeparableConv2D: exportSeparableConv2d,
  Softmax: exportSoftmax,
  SpatialDropout2D: exportNothing,
  UpSampling2D: exportUpSampling,
  ZeroPadding2D: exportZeroPadding,
};
