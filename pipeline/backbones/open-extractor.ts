import { MainstemError } from '../../platform/lib/errors.ts';
import { openSession, type Session, spreadSession } from '../onnx/index.ts';

/** An extractor, ready to run. */
export interface Extractor extends AsyncDisposable {
  /** The features of some pictures, row after row. @throws MainstemError BACKBONE_UNSUPPORTED */
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
    const reason = `ONNX Runtime says: ${cause instanceof Error ? cause.message : cause}`;
    throw new MainstemError('BACKBONE_UNSUPPORTED', { path, reason }, { cause });
  };
  const session: Session = await openSession(onnx, [size, size, 3]).catch(refuse);
  const sessions = spreadSession(session, runs);
  return {
    run: async (values, pictures) => (await sessions.run(values, pictures).catch(refuse)).output,
    async [Symbol.asyncDispose]() {
      await sessions[Symbol.asyncDispose]();
      await session[Symbol.asyncDispose]();
    },
  };
}
