type Combination = Readonly<Record<string, unknown>>;

/**
 * The combinations of a matrix, with include and exclude.
 *
 * @throws Error if a dimension is empty: GitHub fails such a job
 */
export function expandMatrix(matrix: unknown): Combination[] {
  const { include, exclude, ...axes } = fieldsOf(matrix);
  const empty = Object.entries(axes).find(([, values]) => !Array.isArray(values) || !values.length);
  if (empty) throw new Error(`Matrix vector '${empty[0]}' does not contain any values`);
  const crossed = Object.entries(axes).reduce<Combination[]>(
    (so, [axis, values]) =>
      so.flatMap((one) => listOf(values).map((value) => ({ ...one, [axis]: value }))),
    Object.keys(axes).length > 0 ? [{}] : [],
  );
  const kept = crossed.filter(
    (one) =>
      !listOf(exclude).some((entry) => agrees(one, fieldsOf(entry), Object.keys(fieldsOf(entry)))),
  );
  const combinations = listOf(include).reduce<Combination[]>(
    (so, entry) => addIncluded(so, fieldsOf(entry), Object.keys(axes)),
    kept,
  );
  if (combinations.length === 0) throw new Error('Matrix must define at least one vector');
  return combinations;
}

/** An entry extends the combinations whose own values it does not change, or stands by itself. */
function addIncluded(
  so: Combination[],
  entry: Combination,
  axes: readonly string[],
): Combination[] {
  const shared = axes.filter((axis) => axis in entry);
  const extended = so.map((one) =>
    axes.some((axis) => axis in one) && agrees(one, entry, shared) ? { ...one, ...entry } : one,
  );
  return extended.some((one, at) => one !== so[at]) ? extended : [...so, entry];
}

function agrees(one: Combination, entry: Combination, keys: readonly string[]): boolean {
  return keys.every((key) => JSON.stringify(one[key]) === JSON.stringify(entry[key]));
}

function fieldsOf(value: unknown): Combination {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
