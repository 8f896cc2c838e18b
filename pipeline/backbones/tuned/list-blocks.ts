import { isMainstemError } from '../../../platform/lib/errors.ts';
import type { ParseOptions } from '../parse-backbone.ts';

/** Blocks that a backbone could be trained from. */
export interface TunableBlocks {
  /** The last block first, then the one before, …: where each begins, and the bytes that it has of a photo there. */
  readonly blocks: readonly { readonly from: string; readonly photoBytes: number }[];
  /** Why no more of them can be trained; null where there are more, or none before. */
  readonly reason: string | null;
}

/** More are seldom trained on what fits into memory. */
const mostBlocks = 4;

/**
 * Which of its last blocks a backbone can be trained from, as far as anybody would.
 *
 * @throws MainstemError BACKBONE_UNSUPPORTED
 */
export async function listBlocks(
  bytes: Uint8Array,
  { size, ...options }: ParseOptions & { readonly size: number },
): Promise<TunableBlocks> {
  // Loaded here, because a command that only plans needs no ONNX files.
  const [{ parseBackbone }, { findBlocks }, { planTuned }] = await Promise.all([
    import('../parse-backbone.ts'),
    import('./find-start.ts'),
    import('./plan-tuned.ts'),
  ]);
  const backbone = parseBackbone(bytes, options);
  const place = { path: options.path, size };
  const blocks: { from: string; photoBytes: number }[] = [];
  try {
    for (const { tensor, numbers } of (await findBlocks(backbone, place)).slice(0, mostBlocks)) {
      await planTuned(backbone, tensor, place);
      blocks.push({ from: tensor, photoBytes: 4 * numbers });
    }
    return { blocks, reason: null };
  } catch (error) {
    if (!isMainstemError(error)) throw error;
    return { blocks, reason: String(error.details.reason) };
  }
}
