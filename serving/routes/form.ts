import { MainstemError } from '../../platform/lib/errors.ts';
import { shorten } from '../../platform/lib/text.ts';
import { invalidRequest } from '../invalid-request.ts';

/** A multipart form: its files and its text fields. */
export class Form {
  readonly files: readonly Uint8Array[];
  readonly fields: Readonly<Record<string, string>>;

  constructor(files: readonly Uint8Array[], fields: Readonly<Record<string, string>>) {
    this.files = files;
    this.fields = fields;
  }
}

/** How many parts a form may have. */
export interface FormLimits {
  readonly files: number;
  readonly fields: number;
  /** Bytes of a field's value. */
  readonly fieldBytes: number;
}

const mostHeaderBytes = 8192;
/** Fields that some route reads: of two nobody knows which is meant. What nobody reads may stand there as often as it likes. */
const readFields: ReadonlySet<string> = new Set(['label', 'slices', 'version']);

/**
 * Parses a multipart form (RFC 7578). A part is a file if it has a file name, or the type of unknown bytes.
 *
 * @param contentType the header, with the boundary.
 * @returns the files as views into `bytes`.
 * @throws MainstemError REQUEST_INVALID, REQUEST_TOO_MANY
 */
export function parseForm(bytes: Buffer, contentType: string, limits: FormLimits): Form {
  const files: Uint8Array[] = [];
  const fields: [string, string][] = [];
  for (const { header, content } of partsOf(bytes, boundaryOf(contentType))) {
    const { name, isFile } = parsePartHeader(header);
    if (isFile) files.push(content);
    else fields.push([name, fieldValue(name, content, limits.fieldBytes)]);
    assertCount(files.length, limits.files, 'files');
    assertCount(fields.length, limits.fields, 'form fields');
  }
  const names = fields.map(([name]) => name);
  const repeated = names.find((name, at) => readFields.has(name) && names.indexOf(name) < at);
  if (repeated !== undefined)
    throw invalidRequest(`the form has the field "${shorten(repeated)}" twice`);
  return new Form(files, Object.fromEntries(fields));
}

interface Part {
  readonly header: string;
  readonly content: Buffer;
}

/** The parts between the delimiters; what stands before the first and after the last one is ignored, as the RFC says. */
function* partsOf(bytes: Buffer, boundary: string): Generator<Part> {
  const line = Buffer.from(`\r\n--${boundary}`, 'latin1');
  // The first delimiter may stand at the very beginning, without a line end before it.
  let delimiter = findDelimiter(bytes, line, -2);
  if (!delimiter) throw invalidRequest('the form does not contain its boundary, or is cut off');
  while (!delimiter.isLast) {
    const headerStart: number = delimiter.end;
    const headerEnd = bytes.indexOf('\r\n\r\n', headerStart - 2);
    if (headerEnd === -1) throw cutOff();
    if (headerEnd - headerStart > mostHeaderBytes) {
      throw invalidRequest(
        `the headers of a part of the form have more than ${mostHeaderBytes} bytes`,
      );
    }
    const next = findDelimiter(bytes, line, headerEnd + 2);
    if (!next) throw cutOff();
    yield {
      header: bytes.toString('utf8', headerStart, Math.max(headerStart, headerEnd)),
      content: bytes.subarray(Math.min(headerEnd + 4, next.start), next.start),
    };
    delimiter = next;
  }
}

interface Delimiter {
  readonly start: number;
  readonly end: number;
  readonly isLast: boolean;
}

/** The next line that is a boundary, not one that only begins with it; null if there is none. */
function findDelimiter(bytes: Buffer, line: Buffer, from: number): Delimiter | null {
  const atBeginning = from < 0 && bytes.subarray(0, line.length - 2).equals(line.subarray(2));
  let start = atBeginning ? -2 : bytes.indexOf(line, Math.max(0, from));
  while (start !== -1) {
    let end = start + line.length;
    if (bytes[end] === hyphen && bytes[end + 1] === hyphen) return { start, end, isLast: true };
    while (bytes[end] === 0x20 || bytes[end] === 0x09) end += 1;
    if (bytes[end] === 0x0d && bytes[end + 1] === 0x0a) {
      return { start, end: end + 2, isLast: false };
    }
    start = bytes.indexOf(line, end);
  }
  return null;
}

const hyphen = 0x2d;

function boundaryOf(contentType: string): string {
  const [, quoted, plain] = /;\s*boundary=(?:"([^"]*)"|([^;\s]*))/i.exec(contentType) ?? [];
  const boundary = quoted ?? plain ?? '';
  if (boundary === '')
    throw invalidRequest('the form has no boundary; let the client set the header');
  if (boundary.length > 70)
    throw invalidRequest('the boundary of the form has more than 70 characters');
  return boundary;
}

function parsePartHeader(header: string): { readonly name: string; readonly isFile: boolean } {
  const lines = header.replaceAll(/\r\n[ \t]+/g, ' ').split('\r\n');
  const headerOf = (wanted: string) =>
    lines
      .map((line) => /^([\w-]+)[ \t]*:[ \t]*(.*)$/s.exec(line) ?? [])
      .find(([, name]) => name?.toLowerCase() === wanted)?.[2];
  const disposition = headerOf('content-disposition') ?? '';
  if (!/^form-data\b/i.test(disposition)) throw invalidRequest('a part of the form has no name');
  const encoding = headerOf('content-transfer-encoding') ?? '8bit';
  if (!/^(7bit|8bit|binary)$/i.test(encoding.trim())) {
    throw invalidRequest('a part of the form is encoded; send its bytes as they are');
  }
  const isFile =
    /;\s*filename\*?\s*=/i.test(disposition) ||
    /^application\/octet-stream\b/i.test(headerOf('content-type') ?? '');
  return { name: parameterOf(disposition, 'name'), isFile };
}

/** Browsers write `"` in a name as `%22`, other clients as `\\"`. */
function parameterOf(disposition: string, name: string): string {
  const pattern = new RegExp(`;\\s*${name}\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|([^;\\s]*))`, 'i');
  const [, quoted, plain = ''] = pattern.exec(disposition) ?? [];
  return quoted?.replaceAll('\\"', '"').replaceAll('%22', '"') ?? plain;
}

function fieldValue(name: string, content: Buffer, limit: number): string {
  if (content.length > limit) {
    throw invalidRequest(`the field "${name.slice(0, 80)}" has more than ${limit} bytes`);
  }
  return content.toString('utf8');
}

function assertCount(count: number, limit: number, unit: string): void {
  if (count > limit) throw new MainstemError('REQUEST_TOO_MANY', { limit, unit });
}

function cutOff(): MainstemError {
  return invalidRequest('the form is cut off or damaged');
}
