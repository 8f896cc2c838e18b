/** A weight as the layers library lays it out. */
export interface PlannedWeight {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

type Pair = [number, number];

/** How a layer slides over pictures. */
export interface Sliding {
  readonly strides: Pair;
  readonly padding: 'same' | 'valid';
}

/** What a layer does, by the library's names. */
export type LayerKind =
  | ({ readonly kind: 'conv2d'; readonly filters: number; readonly kernelSize: Pair } & Sliding)
  | ({
      readonly kind: 'depthwiseConv2d';
      readonly depthMultiplier: number;
      readonly kernelSize: Pair;
    } & Sliding)
  | { readonly kind: 'dense'; readonly units: number }
  | { readonly kind: 'zeroPadding2d'; readonly padding: [Pair, Pair] }
  | { readonly kind: 'reLU'; readonly maxValue: number | null }
  | { readonly kind: 'leakyReLU'; readonly alpha: number }
  | { readonly kind: 'activation'; readonly activation: 'sigmoid' | 'tanh' }
  | ({ readonly kind: 'maxPooling2d' | 'averagePooling2d'; readonly poolSize: Pair } & Sliding)
  | { readonly kind: 'globalAveragePooling2d' | 'flatten' | 'add' | 'multiply' | 'concatenate' };

/** One layer of the part of a backbone that is trained. */
export interface LayerPlan {
  readonly layer: LayerKind;
  /** Names of the tensors that it reads and makes. */
  readonly inputs: readonly string[];
  readonly output: string;
  /** Of its result for a picture: [height, width, channels], or [width]. */
  readonly shape: readonly number[];
  /** Kernel and bias; none for layers that learn nothing. */
  readonly weights: readonly PlannedWeight[];
  /** The operator of the file that it comes from, for errors. */
  readonly operator: string;
}

/** A tensor while layers are planned. */
export interface PlannedValue {
  /** The tensor of the plan; several of the file are one of the plan where an operator changes nothing. */
  readonly name: string;
  readonly shape: readonly number[];
  /** Zeros that are to be put around it: top, bottom, left, right. */
  readonly padding?: readonly [number, number, number, number];
  /** Set on a flat value: [height, width, channels] before, whose numbers the file has channels first. */
  readonly flattened?: readonly [number, number, number];
}

/** The part of a backbone that is trained, as layers. */
export interface TunedPlan {
  /** The tensor that it begins with. */
  readonly start: string;
  readonly shape: readonly number[];
  readonly layers: readonly LayerPlan[];
  /** The tensor of the plan with the features, which are as many. */
  readonly features: string;
  readonly width: number;
  /** What it must give for what, to the rounding of another library: two pictures, as the plan lays them out. */
  readonly proof: { readonly input: Float32Array; readonly features: Float32Array };
}
