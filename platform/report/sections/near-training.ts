import { renderNumber, renderPercent } from '../../lib/render-number.ts';
import { showName } from '../../lib/text.ts';
import type { Analysis, ErrorExample, Nearness, Neighbour } from '../../schemas/index.ts';
import type { Report } from '../report.ts';
import type { Block, NearPhoto, ReportCell } from '../section.ts';

type Task = Report['project']['task'];

/** Errors whose near rows are listed with their values. */
const mostListed = 8;

const spaces: Readonly<Record<Nearness['space'], string>> = {
  features: 'by the features of the backbone',
  columns: 'by the columns that the model sees, numbers in standard deviations',
  network: 'by what the last layer of the network reads',
  pixels: 'by their pixels',
};

/** What the training examples near to an error say, in a few words: `3 × dress, 1 × pants`. */
export function sayNear(
  { near = [], alone, label, predicted }: ErrorExample,
  regression: boolean,
): ReportCell | string {
  if (near.length === 0) return '';
  const far = alone ? 'nothing alike; ' : '';
  if (regression) {
    return `${far}${near.map((one) => renderNumber(Number(one.label))).join(', ')}`;
  }
  const groups = Map.groupBy(near, (one) => one.label);
  const words = [...groups].map(([name, some]) => `${some.length} × ${showName(name)}`);
  const contradicts = !groups.has(label) && groups.has(predicted);
  const text = `${far}${words.join(', ')}`;
  return contradicts ? { text, tone: 'bad' } : text;
}

/** The training photos near to an error. */
export function nearPhotos({ near = [] }: ErrorExample): NearPhoto[] {
  return near.map(({ digest, label, distance }) => ({
    photo: digest,
    text: `${showName(label)}, ${renderDistance(distance)}`,
  }));
}

/** A value of a row; a dash where there is none. */
export function showCell(text = ''): ReportCell | string {
  return text === '' ? '–' : { text, code: true };
}

/** How nearness was found and what it means; of a table the near rows with their values. */
export function nearBlocks(analysis: Analysis, task: Task): Block[] {
  const { nearness, columns = [], features = 0 } = analysis;
  const more: Block[] =
    features > columns.length
      ? [{ kind: 'text', text: `${columns.length} of ${features} columns are shown.` }]
      : [];
  if (!nearness) return more;
  const text: Block = { kind: 'text', text: sayNearness(nearness, task === 'tabular-regression') };
  if (!nearness.informs) return [...more, text];
  const rows = task === 'image-classification' ? [] : [rowTable(analysis)];
  return [...more, text, { kind: 'text', text: meaning }, ...rows];
}

const meaning =
  'An error whose neighbours have the class of the answer may have a wrong label, or they have. One with nothing alike, ' +
  'farther off than for 95 of 100 test examples, asks for training data of its kind.';

function renderDistance(distance: number): string {
  return String(Number(distance.toPrecision(2)));
}

function sayNearness(nearness: Nearness, regression: boolean): string {
  const { space, training, of, asked, nearest, chance, informs } = nearness;
  const many = training < of ? `${training} of ${of} training examples` : `${of} training examples`;
  const among = `Nearness is measured ${spaces[space]}, among ${many}.`;
  const tried = regression
    ? `Of ${asked} test examples the nearest one's value differs by ${renderNumber(nearest)} on average, that of any by ${renderNumber(chance)}`
    : `For ${renderPercent(nearest)} of ${asked} test examples the nearest one has the same class, for ${renderPercent(chance)} any would`;
  if (!informs) {
    return `${among} ${tried}: that is no more than chance, so the nearest training examples are not shown.`;
  }
  return `${among} ${tried}.`;
}

/** Each error above the rows that are near to it, so that their values can be compared. */
function rowTable({ worst, columns = [] }: Analysis): Block {
  const cellsOf = (cells: readonly string[] = []) => columns.map((_, at) => showCell(cells[at]));
  const rows = worst
    .slice(0, mostListed)
    .flatMap((error) => [
      [nameOf(error), { text: error.label, code: true }, '', ...cellsOf(error.cells)],
      ...(error.near ?? []).map((one) => [
        `near ${nameOf(one)}`,
        { text: one.label, code: true },
        renderDistance(one.distance),
        ...cellsOf(one.cells),
      ]),
    ]);
  return {
    kind: 'table',
    head: ['error, and near to it', 'truth', 'distance', ...columns],
    rows,
    numeric: [2],
  };
}

function nameOf({ id, row }: Pick<Neighbour, 'id' | 'row'>): string {
  return row === undefined ? id : `row ${row}`;
}
