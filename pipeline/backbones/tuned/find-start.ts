import { MainstemError } from '../../../platform/lib/errors.ts';
import type { TunedFrom } from '../../../platform/schemas/define/index.ts';
import type { NodeProto } from '../../onnx/index.ts';
import type { Backbone } from '../parse-backbone.ts';
import { attributesOf } from './attributes.ts';
import { findDataTensors, findWaists, readsData } from './data-flow.ts';
import { observe, type TunedPlace } from './observe.ts';

/** A place where the part of a backbone that is trained can begin. */
export interface Start {
  readonly tensor: string;
  /** Numbers that it has of a picture. */
  readonly numbers: number;
}

/**
 * The tensor at which the trained part begins.
 *
 * @throws MainstemError FINE_TUNE_UNSUPPORTED, BACKBONE_UNSUPPORTED
 */
export async function findStart(
  backbone: Backbone,
  { blocks, from }: TunedFrom,
  place: TunedPlace,
): Promise<string> {
  const data = findDataTensors(backbone);
  const waists = findWaists(backbone, data);
  const refuse = (reason: string) =>
    new MainstemError('FINE_TUNE_UNSUPPORTED', { path: place.path, reason });
  if (from !== undefined) {
    if (waists.includes(from)) return from;
    const what = data.has(from) ? 'not all of a picture passes through' : 'there is no tensor';
    throw refuse(`${what} ${JSON.stringify(from)}`);
  }
  const starts = await findBlocks(backbone, place);
  const start = starts[(blocks ?? 1) - 1];
  if (start) return start.tensor;
  throw refuse(`it has ${starts.length} blocks, not ${blocks}`);
}

/**
 * Where the blocks of a backbone begin, the last one first. A block holds the convolutions over neighbouring pixels between
 * two places where the network is one line; it begins where that line is narrowest, counted in numbers of a picture, which
 * is where a residual or an inverted bottleneck begins. Before the first convolution nothing has been learnt, so no block
 * begins there.
 *
 * @throws MainstemError FINE_TUNE_UNSUPPORTED
 */
export async function findBlocks(backbone: Backbone, place: TunedPlace): Promise<Start[]> {
  const data = findDataTensors(backbone);
  const waists = findWaists(backbone, data);
  if (waists.length === 0) return [];
  const { sizes } = await observe(backbone, place, { sizes: waists });
  const groups = groupWaists(backbone, data, new Set(waists));
  return groups
    .slice(1)
    .reverse()
    .flatMap((group) => {
      const starts = group.map((tensor) => ({ tensor, numbers: numbersOf(sizes.get(tensor)) }));
      const least = Math.min(...starts.map(({ numbers }) => numbers));
      const narrowest = starts.findLast(({ numbers }) => numbers === least);
      return narrowest ? [narrowest] : [];
    });
}

/** The waists that stand before each block, after the block before it. */
function groupWaists(
  { nodes }: Backbone,
  data: ReadonlySet<string>,
  waists: ReadonlySet<string>,
): string[][] {
  const groups: string[][] = [];
  let before: string[] = [];
  for (const node of nodes.filter((one) => readsData(one, data))) {
    if (isSpatial(node) && (before.length > 0 || groups.length === 0)) {
      groups.push(before);
      before = [];
    }
    before.push(...node.output.filter((name) => waists.has(name)));
  }
  return groups;
}

/** Whether a convolution looks at neighbouring pixels. */
function isSpatial(node: NodeProto): boolean {
  return (
    node.opType === 'Conv' &&
    attributesOf(node)
      .ints('kernel_shape', [])
      .some((n) => n > 1)
  );
}

function numbersOf([, ...sizes]: readonly number[] = []): number {
  return sizes.reduce((product, size) => product * size, 1);
}
