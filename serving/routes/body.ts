import { isMainstemError, MainstemError } from '../../platform/lib/errors.ts';
import { parseValue } from '../../platform/lib/json.ts';
import { shorten } from '../../platform/lib/text.ts';
import { photoMediaTypes } from '../inference/photo-formats.ts';
import { invalidRequest } from '../invalid-request.ts';
import { type Row, Rows } from '../schemas.ts';
import { Form } from './form.ts';

/** What a prediction request holds. */
export type Inputs =
  | { readonly kind: 'photos'; readonly photos: readonly Uint8Array[] }
  | { readonly kind: 'rows'; readonly rows: readonly Row[] };

/**
 * The inputs of a request: photos (as the whole body or in a form) or rows (JSON).
 *
 * @param expected what the model takes; it only decides what an empty body is reported as.
 * @param limits most rows.
 * @throws MainstemError REQUEST_INVALID, REQUEST_TOO_MANY
 */
export function parseInputs(
  body: unknown,
  expected: Inputs['kind'],
  limits: { readonly rows: number },
): Inputs {
  if (body instanceof Form) {
    if (body.files.length === 0) throw invalidRequest('the form has no file');
    return { kind: 'photos', photos: body.files };
  }
  if (body instanceof Uint8Array) {
    if (body.length === 0) throw invalidRequest('the body is empty: send a photo');
    return { kind: 'photos', photos: [body] };
  }
  if (body === undefined && expected === 'photos') {
    const types = photoMediaTypes.join(', ');
    throw invalidRequest(`the body is empty: send a photo (${types}), or a form of photos`);
  }
  return { kind: 'rows', rows: parseRows(body, limits.rows) };
}

/**
 * Rows from an unknown JSON value: one row or a list.
 *
 * @throws MainstemError REQUEST_INVALID, REQUEST_TOO_MANY
 * @example parseRows({ bill_length_mm: 39.1 }, 1000) // [{ bill_length_mm: 39.1 }]
 */
export function parseRows(value: unknown, limit: number): Row[] {
  if (Array.isArray(value) && value.length > limit) {
    throw new MainstemError('REQUEST_TOO_MANY', { limit, unit: 'rows' });
  }
  const rows = parseBody(value, Rows);
  return Array.isArray(rows) ? rows : [rows];
}

function parseBody(value: unknown, schema: typeof Rows) {
  try {
    return parseValue(value, schema, 'the body');
  } catch (error) {
    if (!isMainstemError(error, 'JSON_INVALID')) throw error;
    throw invalidRequest(faultOf(value) ?? 'send one row {"column": value} or a list of rows');
  }
}

/** Which value of which row cannot be one; null if these are not rows at all. */
function faultOf(value: unknown): string | null {
  for (const [index, row] of [value].flat().entries()) {
    if (typeof row !== 'object' || row === null) return null;
    for (const [column, cell] of Object.entries(row)) {
      const where = `row ${index + 1}, column "${shorten(column)}"`;
      if (cell === Number.POSITIVE_INFINITY || cell === Number.NEGATIVE_INFINITY)
        return `${where} is too large a number`;
      if (typeof cell === 'object' && cell !== null)
        return `${where} is a list or an object, not one value`;
    }
  }
  return null;
}
