import { isUtf8 } from 'node:buffer';
import { parseXml, type XmlDocument, XmlError } from '@rgrove/parse-xml';
import { type Csv, parseCsv } from '../../../../platform/lib/csv.ts';
import { MainstemError } from '../../../../platform/lib/errors.ts';
import { parseJsonText } from '../../../../platform/lib/json-text.ts';

/** A file that may hold labels; its content is parsed when a format first asks for it. */
export interface LabelFile {
  /** What to call it in an error. */
  readonly path: string;
  /** @throws MainstemError JSON_INVALID */
  readonly json: () => unknown;
  /** @throws MainstemError INIT_LABELS_INVALID */
  readonly xml: () => XmlDocument;
  /** @throws MainstemError DATA_INVALID */
  readonly csv: () => Csv;
}

/** Opens the content of a file of labels. */
export function openLabelFile(path: string, content: Uint8Array): LabelFile {
  return {
    path,
    json: once(() => parseJsonText(decode(content, path, 'JSON'), path)),
    xml: once(() => parseDocument(decode(content, path, 'XML'), path)),
    csv: once(() => parseCsv(content, path)),
  };
}

/** A letter that cannot be decoded would become another one, and the label another label. */
function decode(content: Uint8Array, from: string, format: string): string {
  if (isUtf8(content)) return new TextDecoder().decode(content);
  const reason = 'the text is not UTF-8; save it as UTF-8, whatever encoding it says that it has';
  throw new MainstemError('INIT_LABELS_INVALID', { from, format, reason });
}

function once<T>(work: () => T): () => T {
  let done: { readonly value: T } | undefined;
  return () => {
    done ??= { value: work() };
    return done.value;
  };
}

function parseDocument(text: string, path: string): XmlDocument {
  try {
    return parseXml(text);
  } catch (cause) {
    const facts = { from: path, format: 'XML', reason: xmlFault(cause) };
    throw new MainstemError('INIT_LABELS_INVALID', facts, { cause });
  }
}

/** @throws whatever is no fault of the text */
function xmlFault(cause: unknown): string {
  // It walks through elements by recursion.
  if (cause instanceof RangeError) return 'its elements lie too deep within each other';
  if (!(cause instanceof XmlError)) throw cause;
  const { line, column } = cause;
  const [problem = ''] = cause.message.split(' (line ');
  return `line ${line}, column ${column}: ${problem}`;
}
