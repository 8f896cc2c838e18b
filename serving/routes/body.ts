import type { FastifyRequest } from 'fastify';
import { isMainstemError, MainstemError } from '../../platform/lib/errors.ts';
import { parseValue } from '../../platform/lib/json.ts';
import { imageMediaTypes } from '../../platform/transforms/index.ts';
import { type Row, Rows } from '../schemas.ts';

/** What a prediction request holds. */
export type Inputs =
  | { readonly kind: 'photos'; readonly photos: readonly Uint8Array[] }
  | { readonly kind: 'rows'; readonly rows: readonly Row[] };

/** A multipart form: its files and its text fields. */
export interface Form {
  readonly files: readonly Uint8Array[];
  readonly fields: Readonly<Record<string, string>>;
}

/**
 * Reads the inputs of a request: photos (as the whole body or in a form) or rows (JSON).
 *
 * @param expected what the model takes; it only decides what an empty body is reported as.
 * @param limits most rows.
 * @throws MainstemError REQUEST_INVALID, REQUEST_TOO_MANY
 */
export async function readInputs(
  request: FastifyRequest,
  expected: Inputs['kind'],
  limits: { readonly rows: number },
): Promise<Inputs> {
  if (request.isMultipart()) {
    const { files } = await readForm(request);
    if (files.length === 0) throw invalid('the form has no file');
    return { kind: 'photos', photos: files };
  }
  if (request.body instanceof Uint8Array) {
    if (request.body.length === 0) throw invalid('the body is empty: send a photo');
    return { kind: 'photos', photos: [request.body] };
  }
  if (request.body === undefined && expected === 'photos') {
    throw invalid(
      `the body is empty: send a photo (${imageMediaTypes.join(', ')}), or a form of photos`,
    );
  }
  return { kind: 'rows', rows: parseRows(request.body, limits.rows) };
}

/** Reads a whole multipart form, up to the server's limits. @throws FastifyError beyond a limit */
export async function readForm(request: FastifyRequest): Promise<Form> {
  const files: Uint8Array[] = [];
  const fields = new Map<string, string>();
  for await (const part of request.parts()) {
    if (part.type === 'file') files.push(await part.toBuffer());
    else fields.set(part.fieldname, String(part.value));
  }
  return { files, fields: Object.fromEntries(fields) };
}

/**
 * Rows from an unknown JSON value: one row or a list.
 *
 * @throws MainstemError REQUEST_INVALID, REQUEST_TOO_MANY
 * @example parseRows({ bill_length_mm: 39.1 }, 1000) // [{ bill_length_mm: 39.1 }]
 */
export function parseRows(value: unknown, limit: number): Row[] {
  const rows = parseBody(value, Rows);
  const list = Array.isArray(rows) ? rows : [rows];
  if (list.length > limit) throw new MainstemError('REQUEST_TOO_MANY', { limit, unit: 'rows' });
  return list;
}

function parseBody(value: unknown, schema: typeof Rows) {
  try {
    return parseValue(value, schema, 'the body');
  } catch (error) {
    if (!isMainstemError(error, 'JSON_INVALID')) throw error;
    throw invalid('send one row {"column": value} or a list of rows');
  }
}

function invalid(reason: string): MainstemError {
  return new MainstemError('REQUEST_INVALID', { reason });
}
