import type { ImagePreprocessing } from '../../platform/schemas/index.ts';
import type { ImageProperties, Picture } from '../../platform/transforms/index.ts';

/** The first message to a worker thread: the models that it begins with. */
export interface WorkerStart {
  readonly models: readonly { readonly name: string; readonly onnx: Uint8Array }[];
}

/** One batch to compute; `input`'s memory moves to the worker. */
export interface Batch {
  readonly kind: 'batch';
  readonly input: Float32Array<ArrayBuffer>;
  readonly shape: readonly number[];
}

/** One photo to compute: a plain JPEG, which the worker decodes, or a picture that has been decoded. */
export interface Photo {
  readonly kind: 'photo';
  readonly source: PlainJpeg | Picture;
  readonly preprocessing: ImagePreprocessing;
  /** Whether its properties are wanted. */
  readonly measured: boolean;
  /** Whether its input is wanted, to compute more of it. */
  readonly kept?: boolean;
}

/** A rectangle of a photo's input, and the colour that covers it, as the network sees it. */
export interface Cover {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
  readonly colour: readonly [number, number, number];
}

/** Copies of one photo to compute, each with a part covered. */
export interface Covered {
  readonly kind: 'covered';
  /** [size, size, 3], row-major; it is copied. */
  readonly input: Float32Array<ArrayBuffer>;
  readonly size: number;
  readonly covers: readonly Cover[];
}

/** The bytes of a JPEG that can be decoded in one pass. */
export interface PlainJpeg {
  readonly jpeg: Uint8Array<ArrayBuffer>;
  readonly maximumPixels: number;
}

/** A model to keep from now on. The network answers an input of this shape once, so that its first request is not its slowest. */
export interface Load {
  readonly kind: 'load';
  readonly onnx: Uint8Array;
  readonly shape: readonly number[];
}

/** A model that is no longer needed. */
export interface Unload {
  readonly kind: 'unload';
}

/** What a worker is asked for. */
export interface Task {
  readonly id: number;
  readonly model: string;
  readonly work: Batch | Photo | Covered | Load | Unload;
}

/** What the network says, row-major; the memory moves back. */
export interface BatchResult {
  /** [batch, n]: logits, or a value. */
  readonly output: Float32Array<ArrayBuffer>;
  /** [batch, d]: the input of the network's last layer. */
  readonly embedding: Float32Array<ArrayBuffer>;
  /** Time spent in the runtime. */
  readonly seconds: number;
}

/** What a worker makes of a photo. */
export interface PhotoResult extends BatchResult {
  /** Null where they are not wanted. */
  readonly properties: ImageProperties | null;
  /** [size, size, 3], row-major, as the network saw it; null where it is not wanted. */
  readonly input: Float32Array<ArrayBuffer> | null;
  /** Time spent on decoding it. */
  readonly decodeSeconds: number;
  /** Time spent on cropping, measuring and scaling it. */
  readonly preprocessSeconds: number;
}

/** What a worker sends: that it has loaded the runtime, that it has its first models, or the outcome of a task. */
export type WorkerMessage =
  | 'loaded'
  | 'ready'
  | { readonly id: number; readonly batch: BatchResult }
  /** Null for a JPEG that is damaged after all. */
  | { readonly id: number; readonly photo: PhotoResult | null }
  /** A model was loaded or unloaded. */
  | { readonly id: number; readonly done: true }
  | { readonly id: number; readonly error: string };
