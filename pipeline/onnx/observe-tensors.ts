import type { Tensor } from 'onnxruntime-node';

/** What a tensor held in a run; whole numbers as they are. */
export interface Observed {
  readonly dims: readonly number[];
  readonly values: Float32Array | readonly number[];
}

/**
 * Runs a file once and gives all of its outputs, whatever their type.
 *
 * @param feed its one input @throws Error of ONNX Runtime if the file is not a network, or not one for this input
 */
export async function observeTensors(
  onnx: Uint8Array,
  feed: { readonly name: string; readonly values: Float32Array; readonly dims: readonly number[] },
): Promise<ReadonlyMap<string, Observed>> {
  // Loaded here, because a command that only plans needs no runtime.
  const { InferenceSession, Tensor: Input } = await import('onnxruntime-node');
  const session = await InferenceSession.create(onnx, {
    ...{ intraOpNumThreads: 1, interOpNumThreads: 1, executionProviders: ['cpu'] },
    // Nothing may be joined with what is looked at.
    ...{ graphOptimizationLevel: 'disabled', logSeverityLevel: 4 },
  });
  try {
    const input = new Input('float32', feed.values, [...feed.dims]);
    const found = await session.run({ [feed.name]: input }, { logSeverityLevel: 4 });
    return new Map(Object.entries(found).map(([name, tensor]) => [name, observedOf(tensor)]));
  } finally {
    await session.release();
  }
}

function observedOf({ dims, data }: Tensor): Observed {
  if (data instanceof Float32Array) return { dims, values: data.slice() };
  return { dims, values: Array.from(data, Number) };
}
