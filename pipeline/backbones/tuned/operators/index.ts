import type { Operator } from '../planner.ts';
import { planConv } from './convolution.ts';
import { planGemm, planMatMul } from './dense.ts';
import { planActivation, planClip, planLeakyRelu, planRelu } from './pointwise.ts';
import { planGlobalAveragePool, planPool, planReduceMean } from './pooling.ts';
import { planAdd, planBatchNormalization, planMultiply } from './scaling.ts';
import { planConcat, planNothing, planPad, planReshape } from './shape.ts';

/** Every operator that can be trained, by its name in the standard. */
export const operators: ReadonlyMap<string, Operator> = new Map([
  ['Add', planAdd(1)],
  ['AveragePool', planPool('averagePooling2d')],
  ['BatchNormalization', planBatchNormalization],
  ['Clip', planClip],
  ['Concat', planConcat],
  ['Conv', planConv],
  ['Div', planMultiply(true)],
  ['Dropout', planNothing],
  ['Flatten', planReshape],
  ['Gemm', planGemm],
  ['GlobalAveragePool', planGlobalAveragePool],
  ['Identity', planNothing],
  ['LeakyRelu', planLeakyRelu],
  ['MatMul', planMatMul],
  ['MaxPool', planPool('maxPooling2d')],
  ['Mul', planMultiply(false)],
  ['Pad', planPad],
  ['ReduceMean', planReduceMean],
  ['Relu', planRelu],
  ['Reshape', planReshape],
  ['Sigmoid', planActivation('sigmoid')],
  ['Squeeze', planReshape],
  ['Sub', planAdd(-1)],
  ['Tanh', planActivation('tanh')],
  ['Unsqueeze', planReshape],
]);
