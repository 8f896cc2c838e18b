import { MainstemError } from '../../platform/lib/errors.ts';
import { openSession, type Session, spreadSession } from '../onnx/index.ts';
import { runtimeReason } from './runtime-reason.ts';

/** An extractor, ready to run. */
export interface Extractor extends AsyncDisposable {
  /** The features of some pictures, row after row. @throws MainstemError BACKBONE_UNSUPPORTED, also if one is not finite */
  run(values: Float32Array, pictures: number): Promise<Float32Array>;
}

/**
 * Opens what `buildExtractor` wrote.
 *
 * @param size pixels per side @param path what to call the backbone in an error
 * @param runs how many there will be: many are done on all cores
 * @throws MainstemError BACKBONE_UNSUPPORTED
 */
export async function openExtractor(
  onnx: Uint8Array,
  {
    size,
    path,
    runs = 1,
  }: { readonly size: number; readonly path: string; readonly runs?: number },
): Promise<Extractor> {
  const refuse = (cause: unknown): never => {
    throw new MainstemError(
      'BACKBONE_UNSUPPORTED',
      { path, reason: runtimeReason(cause) },
      { cause },
    );
  };
  const session: Session = await openSession(onnx, [size, size, 3]).catch(refuse);
  const sessions = spreadSession(session, runs);
  return {
    async run(values, pictures) {
      const { output } = await sessions.run(values, pictures).catch(refuse);
      const odd = output.find((value) => !Number.isFinite(value));
      if (odd === undefined) return output;
      const reason = `the features of a picture hold ${odd}`;
      throw new MainstemError('BACKBONE_UNSUPPORTED', { path, reason });
    },
    async [Symbol.asyncDispose]() {
      await sessions[Symbol.asyncDispose]();
      await session[Symbol.asyncDispose]();
    },
  };
}
