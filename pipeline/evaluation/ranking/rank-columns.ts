import { createRandom } from '../../../platform/lib/random.ts';
import type { Growth, Ranking, Task, WithoutColumns } from '../../../platform/schemas/index.ts';
import { meanDifference } from '../statistics/mean-difference.ts';
import { lossMetric } from './loss-of.ts';

/** How often each column is shuffled. */
const repeats = 5;
/** A growth that certainly stays below this share of the loss is not worth a column. */
const negligible = 0.005;
/** More weak columns than this are not tried together one after another. */
const mostTried = 30;

/** Encoded rows of a table, and how a model answers them. */
export interface RankedTable {
  readonly task: Task;
  /** Row after row, as the model takes them. */
  readonly values: Float32Array;
  readonly rows: number;
  /** Which numbers of a row come from which column of the table, in their order. */
  readonly columns: readonly { readonly name: string; readonly width: number }[];
  /** The loss of each row, if these were its numbers. */
  readonly lossesOf: (values: Float32Array) => Promise<readonly number[]>;
}

/**
 * Ranks the columns of a table by what shuffling their cells among the rows costs (permutation importance: L. Breiman, Random
 * Forests, Machine Learning 45, 2001). All numbers that come from one column, such as the 0 and 1 of its categories, move
 * together. The interval is of the growth over the rows.
 *
 * Of the columns that are not shown to help it proposes as many as can be shuffled at once, since two that say the same stand in
 * for each other: each alone seems to be needless.
 */
export async function rankColumns(table: RankedTable): Promise<Ranking> {
  const before = await table.lossesOf(table.values);
  const loss = before.reduce((sum, value) => sum + value, 0) / before.length;
  const cost = (columns: readonly string[]) => growthWithout(table, before, columns);
  const names = [...new Set(table.columns.map(({ name }) => name))];
  const columns: ({ column: string } & Growth)[] = [];
  for (const column of names) columns.push({ column, ...(await cost([column])) });
  columns.sort((a, b) => b.growth - a.growth || (a.column < b.column ? -1 : 1));
  // A model without any column is none.
  const weak = columns
    .slice(1)
    .filter((one) => isWeak(one, loss))
    .map(({ column }) => column);
  const without = async (some: readonly string[]): Promise<WithoutColumns | null> =>
    some.length === 0 ? null : { columns: [...some], ...(await cost(some)) };
  const all = await without(weak);
  return {
    metric: lossMetric(table.task).name,
    ...{ loss, examples: table.rows, repeats, columns },
    weak: all,
    proposed: all && (isWeak(all, loss) ? all : await choose(weak, loss, without)),
  };
}

/** Whether a column is not shown to help, or to help next to nothing. */
function isWeak({ low, high }: Growth, loss: number): boolean {
  return low <= 0 || high < negligible * loss;
}

/** Takes the weakest first, and each further one as long as all that were taken still cost nothing together. */
async function choose(
  weak: readonly string[],
  loss: number,
  without: (columns: readonly string[]) => Promise<WithoutColumns | null>,
): Promise<WithoutColumns | null> {
  let taken: WithoutColumns | null = null;
  for (const column of weak.toReversed().slice(0, mostTried)) {
    const more: WithoutColumns | null = await without([...(taken?.columns ?? []), column]);
    if (more && isWeak(more, loss)) taken = more;
  }
  return taken;
}

async function growthWithout(
  table: RankedTable,
  before: readonly number[],
  columns: readonly string[],
): Promise<Growth> {
  const sums = new Float64Array(before.length);
  for (let repeat = 0; repeat < repeats; repeat++) {
    const after = await table.lossesOf(shuffled(table, columns, repeat));
    for (const [row, value] of after.entries()) {
      sums[row] = (sums[row] ?? 0) + (value - (before[row] ?? 0)) / repeats;
    }
  }
  const { value, low, high } = meanDifference(sums, createRandom(`ranking/${columns.join('/')}`));
  return { growth: value, low, high };
}

/** The rows with the numbers of some columns as another row has them: the same other row for all of these. */
function shuffled(
  { values, rows, columns }: RankedTable,
  names: readonly string[],
  repeat: number,
): Float32Array {
  const width = values.length / rows;
  const order = createRandom(`ranking/order/${repeat}`).shuffle([...Array(rows).keys()]);
  const moved = values.slice();
  let from = 0;
  for (const { name, width: size } of columns) {
    if (names.includes(name)) {
      for (const [row, other] of order.entries()) {
        const source = other * width + from;
        moved.set(values.subarray(source, source + size), row * width + from);
      }
    }
    from += size;
  }
  return moved;
}
