import { MainstemError } from '../../platform/lib/errors.ts';
import { openSession, type Session } from '../onnx/index.ts';

/** An extractor, ready to run. */
export interface Extractor extends AsyncDisposable {
  /** The features of some pictures, row after row. @throws MainstemError BACKBONE_UNSUPPORTED */
  run(values: Float32Array, pictures: number): Promise<Float32Array>;
}

/**
 * Opens what `buildExtractor` wrote.
 *
 * @param size pixels per side @param path what to call the backbone in an error
 * @throws MainstemError BACKBONE_UNSUPPORTED
 */
export async function openExtractor(
  onnx: Uint8Array,
  { size, path }: { readonly size: number; readonly path: string },
): Promise<Extractor> {
  const refuse = (cause: unknown): never => {
    const reason = `ONNX Runtime says: ${cause instanceof Error ? cause.message : cause}`;
    throw new MainstemError('BACKBONE_UNSUPPORTED', { path, reason }, { cause });
  };
  const session: Session = await openSession(onnx, [size, size, 3]).catch(refuse);
  return {
    run: async (values, pictures) => (await session.run(values, pictures).catch(refuse)).output,
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  };
}
