import type { Tensor } from 'onnxruntime-node';
import { onnxNames } from './onnx-names.ts';

/** What the packaged network gives for some rows, row after row. */
export interface SessionResult {
  readonly output: Float32Array;
  readonly embedding: Float32Array;
}

/** A network as a file. */
export interface NetworkFile {
  readonly onnx: Uint8Array;
  /** That of one row, without the batch. */
  readonly shape: readonly number[];
}

/** A packaged network, ready to run. */
export interface Session extends AsyncDisposable {
  readonly file: NetworkFile;
  /** Runs the network. @param values network input, row after row @param rows how many */
  run(values: Float32Array, rows: number): Promise<SessionResult>;
}

/**
 * Opens an ONNX file in ONNX Runtime. Each run takes one thread, the one that calls it, as in the server.
 *
 * @param shape that of one row, without the batch @throws Error of ONNX Runtime if the file is not a network
 */
export async function openSession(onnx: Uint8Array, shape: readonly number[]): Promise<Session> {
  // Loaded here, because a command that only plans needs no runtime.
  const { InferenceSession, Tensor } = await import('onnxruntime-node');
  const session = await InferenceSession.create(onnx, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionProviders: ['cpu'],
    // What goes wrong is thrown as well; its log would write raw lines between those of a command.
    logSeverityLevel: 4,
  });
  return {
    file: { onnx, shape },
    async run(values, rows) {
      const input = new Tensor('float32', values, [rows, ...shape]);
      const found = await session.run({ [onnxNames.input]: input }, { logSeverityLevel: 4 });
      return {
        output: floatsOf(found[onnxNames.output]),
        embedding: floatsOf(found[onnxNames.embedding]),
      };
    },
    [Symbol.asyncDispose]: () => session.release(),
  };
}

function floatsOf(tensor: Tensor | undefined): Float32Array {
  if (tensor?.data instanceof Float32Array) return tensor.data;
  throw new Error('the packaged network gave no float32 values');
}
