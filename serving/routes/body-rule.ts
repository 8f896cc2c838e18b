import type { Config } from '../config.ts';
import { inputShape, type ServedModel } from '../inference/models.ts';
import { photoMediaTypes } from '../inference/photo-formats.ts';

/** What the body of a request may be, by what its route does and its model takes. */
export interface BodyRule {
  /** Media types that are read. */
  readonly types: readonly string[];
  /** What the model takes, for a message. */
  readonly takes: string;
  /** Most bytes. */
  readonly bytes: number;
  /** Most values (numbers, texts, lists, objects) in JSON. */
  readonly values: number;
  /** Whether its JSON may hold tensors: long lists of numbers. */
  readonly tensors?: boolean;
}

const json = 'application/json';
/** JSON and bytes after it, or bytes alone. */
const octets = 'application/octet-stream';
const form = 'multipart/form-data';

/** A key, and room for whatever a program puts around it. */
const loginRule: BodyRule = { types: [json], takes: 'a login is JSON', bytes: 4096, values: 100 };

/** A few switches. */
const repositoryRule: BodyRule = { ...loginRule, takes: 'a request about what is loaded is JSON' };

/** Whether a route is about what is loaded. Its body may be left out. */
export function isRepositoryUrl(url: string): boolean {
  return url.startsWith('/v2/repository/');
}

/** A small body is never too large, however small the model's rows are: room for blanks and a few mistakes. */
const roomBytes = 64 * 1024;
const roomValues = 1000;
/** Values of a label that names an answer, and of whatever a program puts around it. */
const labelValues = 20;
/** Bytes of a cell, beyond its column's name: a value with its punctuation and indentation. */
const cellBytes = 128;
/** Bytes of a number with all its digits and punctuation. */
const numberBytes = 32;

/**
 * The rule for a request to a route with this URL: `…/predict`, `…/explain`, `…/feedback`, `…/infer`, `/session` or
 * `/v2/repository/…`.
 *
 * @param model that answers it; undefined where none does.
 * @example findBodyRule(model, config, '/predict').types // ['image/jpeg', …, 'multipart/form-data']
 */
export function findBodyRule(
  model: ServedModel | undefined,
  config: Config,
  url: string,
): BodyRule {
  if (isRepositoryUrl(url)) return repositoryRule;
  if (url === '/session' || !model) return loginRule;
  const isImage = model.record.preprocessing.kind === 'image';
  if (url.endsWith('/infer')) return tensorRule(model, config);
  if (isImage) return photoRule(model, config, url.endsWith('/feedback'));
  return rowRule(model, config, /\/(?:feedback|explain)$/.test(url) ? 1 : config.rows);
}

function photoRule({ name }: ServedModel, { bodyBytes }: Config, isFeedback: boolean): BodyRule {
  return {
    // Feedback may name an answer instead of holding its photo.
    types: isFeedback ? [form, json] : [...photoMediaTypes, form],
    takes: `"${name}" takes photos`,
    bytes: bodyBytes,
    values: isFeedback ? labelValues : 0,
  };
}

function rowRule({ name, record }: ServedModel, config: Config, rows: number): BodyRule {
  const { preprocessing } = record;
  const columns = preprocessing.kind === 'table' ? preprocessing.columns : [];
  const keys = Object.values(record.features?.views ?? {}).flatMap((view) => view.keys);
  const names = [...columns.map((column) => column.name), ...keys];
  // A letter outside ASCII takes up to six bytes as \uXXXX.
  const rowBytes = names.reduce((sum, column) => sum + 6 * column.length + cellBytes, 0);
  return {
    types: [json],
    takes: `"${name}" takes rows of a table`,
    bytes: Math.min(config.bodyBytes, roomBytes + rows * rowBytes),
    values: Math.min(config.values, roomValues + rows * (names.length + 2)),
  };
}

/** A tensor's numbers; photos of an image model are base64 text in the same body. */
function tensorRule(model: ServedModel, config: Config): BodyRule {
  const numbers = config.rows * inputShape(model).reduce((product, length) => product * length, 1);
  const isImage = model.record.preprocessing.kind === 'image';
  return {
    types: [json, octets],
    takes: `the protocol's requests are JSON, with or without bytes after it`,
    bytes: isImage
      ? config.bodyBytes
      : Math.min(config.bodyBytes, roomBytes + numbers * numberBytes),
    // Nested data has a list for each innermost row, at worst one for each number.
    values: Math.min(config.values, roomValues + 2 * numbers),
    tensors: true,
  };
}
