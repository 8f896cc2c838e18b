import type { FastifyRequest } from 'fastify';
import { isMainstemError, MainstemError } from '../../platform/lib/errors.ts';
import { checkJson } from '../../platform/lib/json.ts';
import { imageMediaTypes } from '../../platform/transforms/index.ts';
import { type Row, Rows } from '../schemas.ts';

/** What a prediction request holds. */
export type Inputs =
  | { readonly kind: 'photos'; readonly photos: readonly Uint8Array[] }
  | { readonly kind: 'rows'; readonly rows: readonly Row[] };

/** A multipart form: its files and its texts. */
export interface Form {
  readonly files: readonly Uint8Array[];
  readonly fields: Readonly<Record<string, string>>;
}

/**
 * Reads photos (bare or as a form) or rows (JSON).
 *
 * @param expected what the model takes. @param limits of rows. @throws MainstemError REQUEST_INVALID, REQUEST_TYPE, REQUEST_TOO_*
 */
export async function readInputs(
  request: FastifyRequest,
  expected: Inputs['kind'],
  limits: { readonly rows: number },
): Promise<Inputs> {
  if (request.isMultipart()) {
    const { files } = await readForm(request);
    if (files.length === 0) throw invalid('the form holds no file');
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
  return { kind: 'rows', rows: checkRows(request.body, limits.rows) };
}

/** Reads a whole multipart form; its limits are the server's. */
export async function readForm(request: FastifyRequest): Promise<Form> {
  const files: Uint8Array[] = [];
  const fields: Record<string, string> = {};
  for await (const part of request.parts()) {
    if (part.type === 'file') files.push(await part.toBuffer());
    else fields[part.fieldname] = String(part.value);
  }
  return { files, fields };
}

/** Rows of an unknown JSON value: one row or a list. @throws MainstemError REQUEST_INVALID, REQUEST_TOO_MANY */
export function checkRows(value: unknown, limit: number): Row[] {
  const rows = checkBody(value, Rows);
  const list = Array.isArray(rows) ? rows : [rows];
  if (list.length > limit) throw new MainstemError('REQUEST_TOO_MANY', { limit, unit: 'rows' });
  return list;
}

function checkBody(value: unknown, schema: typeof Rows) {
  try {
    return checkJson(value, schema, 'the body');
  } catch (error) {
    if (!isMainstemError(error, 'JSON_INVALID')) throw error;
    throw invalid('send one row {"column": value} or a list of rows');
  }
}

function invalid(reason: string): MainstemError {
  return new MainstemError('REQUEST_INVALID', { reason });
}
