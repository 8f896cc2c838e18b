import { isUtf8 } from 'node:buffer';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isMainstemError, MainstemError } from '../../platform/lib/errors.ts';
import { findTextFault } from '../../platform/lib/find-text-fault.ts';
import { findSchemaFault } from '../../platform/lib/schema-fault.ts';
import { shorten } from '../../platform/lib/text.ts';
import type { Config } from '../config.ts';
import type { Admission, Place } from '../inference/admission.ts';
import { photoMediaTypes } from '../inference/photo-formats.ts';
import { invalidRequest } from '../invalid-request.ts';
import { isProtocolUrl } from '../is-protocol-url.ts';
import { requestCost } from '../request-cost.ts';
import { attachBytes, jsonLengthHeader, RawTensor, splitBody } from '../routes/binary-tensors.ts';
import { type BodyRule, findBodyRule, isRepositoryUrl } from '../routes/body-rule.ts';
import { findJsonFault } from '../routes/find-json-fault.ts';
import { parseForm } from '../routes/form.ts';
import { InferenceRequest } from '../routes/inference-schemas.ts';
import { attachNumbers, cutNumbers } from '../routes/json-numbers.ts';
import { assertJsonSize } from '../routes/json-size.ts';
import { atOnce } from './at-once.ts';
import { chosenModel } from './chosen-models.ts';
import { exchangeOf } from './exchanges.ts';

/** A request whose body may be read. */
interface Admitted {
  readonly rule: BodyRule;
  readonly place: Place;
}

/**
 * Admits requests before their body is read, and reads bodies within what their model takes: photos as bytes, forms as
 * `Form`, JSON as values. Every POST takes a place in the admission. Call it after `addChosenModels`.
 */
export function addBodies(
  app: FastifyInstance,
  { config }: { readonly config: Config },
  admission: Admission,
): void {
  const admitted = new WeakMap<IncomingMessage, Admitted>();

  const admit = (request: FastifyRequest, reply: FastifyReply) => {
    if (request.method !== 'POST') return refuseBody(request.raw.headers);
    const url = request.routeOptions.url ?? '';
    const mayLackBody = isRepositoryUrl(url) && isEmptyBody(request.raw.headers);
    if (mayLackBody) delete request.raw.headers['content-type'];
    else assumeType(url, request.raw.headers);
    const model = chosenModel(request);
    const rule = findBodyRule(model, config, url);
    assertHeaders(request.headers, rule);
    const exchange = exchangeOf(request);
    const place = admission.enter(exchange.abort, requestCost(model, url));
    exchange.onEnd(place.leave);
    admitted.set(request.raw, { rule, place });
    if (request.headers.expect !== undefined) reply.raw.writeContinue();
  };
  app.addHook('onRequest', atOnce(admit));

  const read = async (request: FastifyRequest): Promise<{ bytes: Buffer; rule: BodyRule }> => {
    const known = admitted.get(request.raw);
    if (!known) throw new TypeError('the request was not admitted');
    const { rule, place } = known;
    const bytes = await readBytes(request.raw, rule.bytes, place, exchangeOf(request).signal);
    place.begin();
    return { bytes, rule };
  };
  app.removeAllContentTypeParsers();
  app.addContentTypeParser([...photoMediaTypes], async (request: FastifyRequest) => {
    return (await read(request)).bytes;
  });
  app.addContentTypeParser('multipart/form-data', async (request: FastifyRequest) => {
    const { bytes } = await read(request);
    const limits = { files: config.files, fields: 8, fieldBytes: 4096 };
    return parseForm(bytes, request.headers['content-type'] ?? '', limits);
  });
  app.addContentTypeParser('application/json', async (request: FastifyRequest) => {
    const { bytes, rule } = await read(request);
    const length = jsonLengthOf(request);
    return length === undefined ? parseJsonBytes(bytes, rule) : parseBinary(bytes, length, rule);
  });
  app.addContentTypeParser('application/octet-stream', async (request: FastifyRequest) => {
    const { bytes, rule } = await read(request);
    const body = parseBinary(bytes, jsonLengthOf(request) ?? '0', rule);
    if (!(body instanceof RawTensor)) assertInferenceRequest(request, body);
    return body;
  });
}

/** What says that the bytes of tensors follow the JSON; only routes of the protocol ask for it. */
function jsonLengthOf({ headers, routeOptions }: FastifyRequest): string | undefined {
  const value = headers[jsonLengthHeader];
  return isProtocolUrl(routeOptions.url ?? '') ? value?.toString() : undefined;
}

/** JSON with the bytes of tensors after it, or the bytes of the one input alone. */
function parseBinary(body: Buffer, header: string, rule: BodyRule): unknown {
  const { json, binary } = splitBody(body, header);
  if (json.length === 0) return new RawTensor(binary);
  const request = parseJsonBytes(json, rule);
  attachBytes(request, binary);
  return request;
}

/** The framework checks only bodies that are JSON alone by itself. */
function assertInferenceRequest(request: FastifyRequest, body: unknown): void {
  if (request.validateInput(body, InferenceRequest)) return;
  const fault = findSchemaFault(InferenceRequest, body);
  if (fault) throw invalidRequest(`${fault.key} is ${fault.value}, but must be ${fault.allowed}`);
}

function parseJsonBytes(bytes: Buffer, rule: BodyRule): unknown {
  return (rule.tensors && parseTensors(bytes, rule)) || parseAnyJson(bytes, rule);
}

/** JSON with the numbers of its tensor apart; null for any that the general parser must read, or find the fault of. */
function parseTensors(bytes: Buffer, { values }: BodyRule): unknown {
  const cut = cutNumbers(bytes, values);
  if (!cut) return null;
  try {
    const request = parseAnyJson(cut.json, { values: values - cut.numbers.length });
    return attachNumbers(request, cut.numbers) ? request : null;
  } catch (error) {
    if (isMainstemError(error)) return null;
    throw error;
  }
}

function parseAnyJson(bytes: Buffer, limits: { readonly values: number }): unknown {
  assertJsonSize(bytes, limits);
  if (!isUtf8(bytes)) throw invalidRequest('its JSON is not UTF-8');
  return parseJsonBody(bytes.toString('utf8'));
}

/**
 * A body's JSON, in which no object has a key twice: of two values nobody knows which is meant. A key such as `__proto__` is
 * a key like any other, and its object has it as its own.
 *
 * @throws MainstemError REQUEST_INVALID
 */
function parseJsonBody(text: string): unknown {
  const json = text.replace(/^\ufeff/, '');
  if (json.trim() === '') throw invalidRequest('the body is empty: send JSON');
  const value = readJsonText(json);
  const fault = findTextFault(json);
  if (!fault) return value;
  if ('tooDeep' in fault) throw invalidRequest('its JSON has too many lists within each other');
  const { key, first, second } = fault;
  const lines = first === second ? `line ${first}` : `lines ${first} and ${second}`;
  throw invalidRequest(`its JSON has the key "${shorten(key)}" twice (${lines})`);
}

function readJsonText(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    const place = findJsonFault(json);
    if (!place)
      throw new MainstemError(
        'REQUEST_INVALID',
        { reason: 'its JSON cannot be read' },
        { cause: error },
      );
    throw invalidRequest(`its JSON is faulty at line ${place.line}, column ${place.column}`);
  }
}

/** Of a method that takes no body. A content type alone says nothing, and nothing is read. @throws MainstemError REQUEST_TYPE */
function refuseBody(headers: IncomingHttpHeaders): void {
  const type = headers['content-type'];
  delete headers['content-type'];
  if (isEmptyBody(headers)) return;
  const shown = type ? shorten(type) : 'a body';
  throw new MainstemError('REQUEST_TYPE', { type: shown, allowed: 'no body' });
}

function isEmptyBody(headers: IncomingHttpHeaders): boolean {
  return Number(headers['content-length'] ?? 0) === 0 && headers['transfer-encoding'] === undefined;
}

/** Clients of the Open Inference Protocol send no content type: its requests are JSON, or JSON and bytes. */
function assumeType(url: string, headers: IncomingHttpHeaders): void {
  if (!isProtocolUrl(url)) return;
  const octets = headers[jsonLengthHeader] !== undefined;
  headers['content-type'] ??= `application/${octets ? 'octet-stream' : 'json'}`;
}

/** Rejects a body by its headers. @throws MainstemError REQUEST_ENCODING, REQUEST_INVALID, REQUEST_TYPE, REQUEST_TOO_LARGE */
function assertHeaders(headers: IncomingHttpHeaders, rule: BodyRule): void {
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding.trim().toLowerCase() !== 'identity') {
    throw new MainstemError('REQUEST_ENCODING', { encoding: shorten(encoding) });
  }
  const transfer = headers['transfer-encoding'] ?? 'chunked';
  if (transfer.trim().toLowerCase() !== 'chunked') {
    throw invalidRequest(
      `its Transfer-Encoding is ${shorten(transfer)}: only chunked can be undone here`,
    );
  }
  const length = Number(headers['content-length'] ?? 0);
  const isEmpty = isEmptyBody(headers);
  const type = headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  if (!(isEmpty && type === undefined) && !rule.types.includes(type ?? '')) {
    const shown = type ? shorten(type) : 'a body without a content type';
    throw new MainstemError('REQUEST_TYPE', { type: shown, allowed: allowedText(rule) });
  }
  const charset = charsetOf(headers['content-type'] ?? '');
  if (type === 'application/json' && charset !== null && !/^utf-?8$/i.test(charset)) {
    throw invalidRequest(`its charset is ${shorten(charset)}, but JSON is sent in UTF-8`);
  }
  if (length > rule.bytes) throw new MainstemError('REQUEST_TOO_LARGE', { limit: rule.bytes });
}

/** The parameter `charset` of a content type, without its quotes; null where there is none. */
function charsetOf(type: string): string | null {
  return /;\s*charset\s*=\s*"?([^";\s]*)/i.exec(type)?.[1] ?? null;
}

function allowedText({ types, takes }: BodyRule): string {
  return `${types.join(', ').replace(/, ([^,]+)$/, ' or $1')}: ${takes}`;
}

/** Reads a body into memory. @throws MainstemError REQUEST_TOO_LARGE, SERVING_BUSY, or the signal's reason */
function readBytes(
  message: IncomingMessage,
  limit: number,
  place: Place,
  signal: AbortSignal,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  return new Promise((resolve, reject) => {
    const receive = (chunk: Buffer) => {
      length += chunk.length;
      try {
        if (length > limit) throw new MainstemError('REQUEST_TOO_LARGE', { limit });
        place.receive(chunk.length);
        chunks.push(chunk);
      } catch (error) {
        stop(error);
      }
    };
    const finish = () => stop();
    const abort = () => stop(signal.reason);
    const stop = (error?: unknown) => {
      message.off('data', receive).off('end', finish).off('error', stop).resume();
      signal.removeEventListener('abort', abort);
      if (error === undefined) resolve(joined(chunks, length));
      else reject(error);
    };
    signal.addEventListener('abort', abort);
    if (signal.aborted) abort();
    else message.on('data', receive).on('end', finish).on('error', stop);
  });
}

/** One after another; the only one as it is. */
function joined(chunks: readonly Buffer[], length: number): Buffer {
  const [only, ...others] = chunks;
  return only && others.length === 0 ? only : Buffer.concat(chunks, length);
}
