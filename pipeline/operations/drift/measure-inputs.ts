import { isMainstemError } from '../../../platform/lib/errors.ts';
import { digestBytes } from '../../../platform/lib/hash.ts';
import { inLanes } from '../../../platform/lib/in-lanes.ts';
import type { ModelRecord } from '../../../platform/schemas/index.ts';
import { type ImageProperties, measureImage } from '../../../platform/transforms/index.ts';
import type { MeasuredProperty } from '../../compare-with-profile.ts';
import type { ProjectContext } from '../../context.ts';
import { measureQuantities } from '../../evaluation/index.ts';
import type { Input } from './inputs.ts';

/** Inputs as the profile compares them. */
export interface MeasuredInputs {
  readonly properties: readonly MeasuredProperty[];
  /** Photos that cannot be decoded; none of their properties counts. */
  readonly unreadable: number;
}

/** sharp decodes on four threads. */
const lanes = 4;

/** Measures inputs by the functions that evaluation and serving use. */
export async function measureInputs(
  { workspace, store }: ProjectContext,
  { preprocessing }: ModelRecord,
  inputs: readonly Input[],
): Promise<MeasuredInputs> {
  const cells = inputs.flatMap((input) => ('cells' in input ? [input.cells] : []));
  if (preprocessing.kind === 'table') {
    const known = { id: '', digest: digestBytes(''), split: 'test', label: '' } as const;
    const rows = cells.map((metadata) => ({ ...known, metadata }));
    const properties = await measureQuantities(workspace, store, rows, preprocessing);
    return { properties, unreadable: 0 };
  }
  const { reporter, signal } = workspace;
  const progress = reporter.progress('Measuring', inputs.length, 'photos');
  let done = 0;
  const measured = await inLanes(inputs, lanes, async (input) => {
    signal.throwIfAborted();
    const properties = 'photo' in input ? await measure(input.photo, preprocessing.size) : null;
    progress.update(++done);
    return properties;
  }).finally(() => progress.end());
  const readable = measured.filter((properties) => properties !== null);
  return {
    properties: propertiesOf(readable),
    unreadable: measured.length - readable.length,
  };
}

/** Null for what is not a photo, or one that is too large. */
async function measure(
  photo: () => Promise<Uint8Array>,
  side: number,
): Promise<ImageProperties | null> {
  const bytes = await photo();
  try {
    return await measureImage(bytes, { side });
  } catch (error) {
    if (isMainstemError(error) && error.code.startsWith('IMAGE_')) return null;
    throw error;
  }
}

function propertiesOf(photos: readonly ImageProperties[]): MeasuredProperty[] {
  const names = Object.keys(photos[0] ?? {}) as (keyof ImageProperties)[];
  return names.map((name) => ({ name, values: photos.map((one) => one[name]) }));
}
