import { type Static, type TSchema, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { shorten } from '../../platform/lib/text.ts';

/** Fields of a line by their names in the Elastic Common Schema, each a text or a number. */
export type Fields = Readonly<Record<string, string | number>>;

/** Characters of a text: as many fit into a term of Lucene (32,766 bytes), which refuses longer ones with their line. */
const mostText = 8192;

/** A text that every receiver takes: bounded, without halves of characters. */
export const boundText = (text: string): string => shorten(text, mostText).toWellFormed();

const Req = Type.Object({
  method: Type.String(),
  url: Type.String(),
  host: Type.Optional(Type.String()),
  remoteAddress: Type.Optional(Type.String()),
  remotePort: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535 })),
});
const Err = Type.Object({
  type: Type.String(),
  message: Type.String(),
  stack: Type.Optional(Type.String()),
});
const status = Type.Integer({ minimum: 100, maximum: 599 });
/** Longer ones are no whole numbers of nanoseconds. */
const duration = Type.Number({ minimum: 0, maximum: 9_000_000 });
const hex = (digits: number) => Type.String({ pattern: `^(?!0+$)[0-9a-f]{${digits}}$` });

type Reader = (value: unknown) => Fields | null;

/** How a field that the server logs is named elsewhere. What is not of its schema is kept as it is. */
const readers: ReadonlyMap<string, Reader> = new Map([
  ['trace.id', reader(hex(32), (id) => ({ 'trace.id': id }))],
  ['span.id', reader(hex(16), (id) => ({ 'span.id': id }))],
  ['reqId', reader(Type.String(), (id) => ({ 'http.request.id': boundText(id) }))],
  ['method', reader(Type.String(), (method) => ({ 'http.request.method': boundText(method) }))],
  ['url', reader(Type.String(), readUrl)],
  ['path', reader(Type.String(), (path) => ({ 'url.path': boundText(path) }))],
  ['req', reader(Req, readRequest)],
  ['res', reader(Type.Object({ statusCode: status }), (res) => statusField(res.statusCode))],
  ['code', reader(Type.Union([status, Type.String()]), readCode)],
  ['responseTime', reader(duration, (ms) => durationField(ms * 1e6))],
  ['seconds', reader(duration, (seconds) => durationField(seconds * 1e9))],
  ['err', reader(Err, readError)],
]);

/**
 * Names what a line holds. What has no name of its own becomes a label: a text or a number.
 *
 * @example nameFields({ res: { statusCode: 200 }, model: 'pumpkins' })
 * // { 'http.response.status_code': 200, 'labels.model': 'pumpkins' }
 */
export function nameFields(line: Readonly<Record<string, unknown>>): Fields {
  const named: Record<string, string | number> = {};
  for (const [key, value] of Object.entries(line)) {
    const fields = readers.get(key)?.(value) ?? null;
    if (fields) Object.assign(named, fields);
    else addLabel(named, key, value);
  }
  return named;
}

function addLabel(named: Record<string, string | number>, key: string, value: unknown): void {
  if (value === null || value === undefined) return;
  let name = `labels.${shorten(key, 100).replace(/[^\w-]/g, '_') || '_'}`;
  while (Object.hasOwn(named, name)) name += '_';
  named[name] = typeof value === 'number' ? value : boundText(textOf(value));
}

/** A text as it is, anything else as JSON. */
export const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value);

function reader<Schema extends TSchema>(
  schema: Schema,
  read: (value: Static<Schema>) => Fields,
): Reader {
  const compiled = Compile(schema);
  return (value) => (compiled.Check(value) ? read(value) : null);
}

function readUrl(url: string): Fields {
  const [path = '', ...query] = url.split('?');
  return {
    'url.path': boundText(path),
    ...(query.length > 0 ? { 'url.query': boundText(query.join('?')) } : {}),
  };
}

function readRequest({ method, url, host, remoteAddress, remotePort }: Static<typeof Req>): Fields {
  return {
    'http.request.method': boundText(method),
    ...readUrl(url),
    ...(host ? { 'url.domain': boundText(host.replace(/:\d+$/, '')) } : {}),
    ...(remoteAddress ? { 'client.address': boundText(remoteAddress) } : {}),
    ...(remotePort ? { 'client.port': remotePort } : {}),
  };
}

function statusField(code: number): Fields {
  return { 'http.response.status_code': code };
}

/** Of an answer it is a number, of an error a word. */
function readCode(code: number | string): Fields {
  return typeof code === 'number' ? statusField(code) : { 'error.code': boundText(code) };
}

function durationField(nanoseconds: number): Fields {
  return { 'event.duration': Math.round(nanoseconds) };
}

function readError({ type, message, stack, ...more }: Static<typeof Err>): Fields {
  const { code, ...details }: Readonly<Record<string, unknown>> = more;
  return {
    'error.type': boundText(type),
    'error.message': boundText(message),
    ...(stack ? { 'error.stack_trace': boundText(stack) } : {}),
    ...(code === undefined || code === null ? {} : { 'error.code': boundText(textOf(code)) }),
    ...(Object.keys(details).length > 0
      ? { 'labels.error': boundText(JSON.stringify(details)) }
      : {}),
  };
}
