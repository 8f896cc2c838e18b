import { isMainstemError } from '../../../platform/lib/errors.ts';
import { inLanes } from '../../../platform/lib/in-lanes.ts';
import type { ModelRecord, TableColumn } from '../../../platform/schemas/index.ts';
import { type ImageProperties, measureImage } from '../../../platform/transforms/index.ts';
import type { MeasuredProperty } from '../../compare-with-profile.ts';
import type { ProjectContext } from '../../context.ts';
import { comparedColumns, presentCell } from '../../evaluation/index.ts';
import { type ColumnCells, columnsOfObjects } from '../../example-columns.ts';
import type { Inputs, Photo } from './inputs.ts';

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
  context: ProjectContext,
  { preprocessing }: ModelRecord,
  inputs: Inputs,
): Promise<MeasuredInputs> {
  if (preprocessing.kind === 'table') {
    const rows = inputs.kind === 'rows' ? inputs.rows : columnsOfObjects([]);
    const measured = comparedColumns(preprocessing.columns).map((column) =>
      measureColumn(column, rows.column(column.name)),
    );
    return { properties: measured, unreadable: 0 };
  }
  return measurePhotos(context, inputs.kind === 'photos' ? inputs.photos : [], preprocessing.size);
}

/** Numbers one by one; of anything else each different text once. */
function measureColumn({ name, kind }: TableColumn, cells: ColumnCells): MeasuredProperty {
  if (kind === 'number') {
    return {
      name,
      values: Float64Array.from({ length: cells.count }, (_, at) => cells.number(at)),
    };
  }
  const counts = [...(cells.countTexts(Number.POSITIVE_INFINITY) ?? [])];
  return {
    name,
    values: counts.map(([text]) => presentCell(text, kind)),
    times: counts.map(([, count]) => count),
  };
}

async function measurePhotos(
  { workspace: { reporter, signal } }: ProjectContext,
  photos: readonly Photo[],
  side: number,
): Promise<MeasuredInputs> {
  const progress = reporter.progress('Measuring', photos.length, 'photos');
  let done = 0;
  const measured = await inLanes(photos, lanes, async (photo) => {
    signal.throwIfAborted();
    const properties = await measure(photo, side);
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
async function measure(photo: Photo, side: number): Promise<ImageProperties | null> {
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
