import type { LookupStatus, OnlineView } from './look-up.ts';

/** A row of a request: column → value. */
type Row = Readonly<Record<string, string | number | boolean | null>>;

/** What became of a view's features in a row; `given` where the request named them all itself. */
export type FeatureStatus = LookupStatus | 'given';

/** A row with its features. */
export interface FilledRow {
  /** Without the keys, with a value or null for each field that the request did not name. */
  readonly row: Record<string, string | number | boolean | null>;
  /** View → where its features come from. */
  readonly features: Readonly<Record<string, FeatureStatus>>;
}

/**
 * Fills in the features that a row lacks. What the request names itself stays as it is, null included.
 *
 * @param at milliseconds since 1970 @param columns that the model takes: a key that is not one of them is left out
 * @example fillRow(views, { grower_id: 'g7', weight: 4 }, { at: Date.now(), columns })
 * // { row: { weight: 4, moisture: '0.31' }, features: { soil: 'present' } }
 */
export function fillRow(
  views: readonly OnlineView[],
  row: Row,
  { at, columns }: { readonly at: number; readonly columns: ReadonlySet<string> },
): FilledRow {
  const filled: FilledRow['row'] = { ...row };
  const features: Record<string, FeatureStatus> = {};
  for (const { name, keys, fields, lookUp } of views) {
    const lacking = fields.filter((field) => !Object.hasOwn(row, field));
    if (lacking.length === 0) {
      features[name] = 'given';
      continue;
    }
    const asked = keys.map((key) => keyText(Object.hasOwn(row, key) ? row[key] : null));
    // A missing key is an entity that nobody knows.
    const { status, values } = lookUp(asked, at);
    features[name] = status;
    for (const field of lacking) filled[field] = values[fields.indexOf(field)] ?? null;
  }
  for (const key of views.flatMap(({ keys }) => keys)) if (!columns.has(key)) delete filled[key];
  // A field of the view that the model does not take is not an unknown column of the request.
  for (const field of views.flatMap(({ fields }) => fields)) {
    if (!columns.has(field) && !Object.hasOwn(row, field)) delete filled[field];
  }
  return { row: filled, features };
}

/** A key as tables write it; '' where it is missing. */
function keyText(value: string | number | boolean | null | undefined): string {
  return value === null || value === undefined ? '' : String(value).trim();
}
