import { backend_util, type TensorInfo } from '@tensorflow/tfjs-core';
import { replaceKernel } from '../replace-kernel.ts';

/** Every convolution kernel of the published backend, and whether it is depthwise. */
const convolutions = {
  Conv2D: false,
  FusedConv2D: false,
  DepthwiseConv2dNative: true,
  FusedDepthwiseConv2D: true,
};

interface ConvolutionInputs {
  readonly x: TensorInfo;
  readonly filter: TensorInfo;
}

interface ConvolutionAttributes {
  readonly strides: [number, number] | number;
  readonly pad: 'same' | 'valid' | number | backend_util.ExplicitPadding;
  readonly dilations?: [number, number] | number | null;
}

/**
 * Gives `same` padding in numbers if the stride is longer than the filter: the published kernels would compute a
 * negative padding and return zeros.
 */
export function registerSamePadding(): void {
  for (const [name, depthwise] of Object.entries(convolutions)) {
    replaceKernel<ConvolutionInputs, ConvolutionAttributes>(name, (published) => (call) => {
      const { inputs, attrs } = call;
      if (attrs.pad !== 'same' || !outruns(inputs.filter.shape, attrs.strides))
        return published(call);
      return published({ inputs, attrs: { ...attrs, pad: explicitPadding(call, depthwise) } });
    });
  }
}

function outruns([height = 1, width = 1]: number[], strides: [number, number] | number): boolean {
  const [down, across] = typeof strides === 'number' ? [strides, strides] : strides;
  return down > height || across > width;
}

function explicitPadding(
  call: { readonly inputs: ConvolutionInputs; readonly attrs: ConvolutionAttributes },
  depthwise: boolean,
): backend_util.ExplicitPadding {
  const [n = 0, h = 0, w = 0, c = 0] = call.inputs.x.shape;
  const [kh = 0, kw = 0, from = 0, to = 0] = call.inputs.filter.shape;
  // The layers library says null for a depthwise convolution that is not dilated.
  const { strides } = call.attrs;
  const dilations = call.attrs.dilations ?? 1;
  const images: [number, number, number, number] = [n, h, w, c];
  const taps: [number, number, number, number] = [kh, kw, from, to];
  const { padInfo } = backend_util.computeConv2DInfo(
    images,
    taps,
    strides,
    dilations,
    'same',
    undefined,
    depthwise,
  );
  return [
    [0, 0],
    [padInfo.top, padInfo.bottom],
    [padInfo.left, padInfo.right],
    [0, 0],
  ];
}
