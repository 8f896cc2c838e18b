import type { Random } from '../../platform/lib/random.ts';
import { type HttpRequest, renderRequest } from './requests.ts';

/**
 * Renders a request with one to three faults: bytes flipped, cut off or repeated anywhere; a header changed, dropped or
 * doubled; the method or the path changed; values of JSON replaced; the parts of a form spoilt.
 */
export function mutateRequest(random: Random, request: HttpRequest): Buffer {
  let spoilt = request;
  const times = 1 + random.int(3);
  for (let time = 0; time < times; time++) spoilt = spoilRequest(random, spoilt);
  const bytes = renderRequest(spoilt);
  return random.int(3) === 0 ? spoilBytes(random, bytes) : bytes;
}

type Spoil = (random: Random, request: HttpRequest) => HttpRequest;

function spoilRequest(random: Random, request: HttpRequest): HttpRequest {
  const type = request.headers.find(([name]) => name === 'content-type')?.[1] ?? '';
  const own: Spoil[] = [];
  if (type.includes('json')) own.push(spoilJson, spoilJson, spoilJson);
  if (type.startsWith('multipart/')) own.push(spoilForm, spoilForm, spoilForm);
  if (request.body.length > 0) own.push(spoilBody);
  return random.pick<Spoil>([spoilHeader, spoilAddress, ...own])(random, request);
}

/** A fault in the bytes as they are sent, wherever it may be. */
function spoilBytes(random: Random, bytes: Buffer): Buffer {
  const [at, length] = [random.int(bytes.length + 1), 1 + random.int(64)];
  switch (random.int(4)) {
    case 0:
      return flipBits(random, bytes, 1 + random.int(20));
    case 1:
      return bytes.subarray(0, at);
    case 2:
      return Buffer.concat([bytes.subarray(0, at + length), bytes.subarray(at)]);
    default:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
  }
}

function flipBits(random: Random, bytes: Buffer, flips: number): Buffer {
  const flipped = Buffer.from(bytes);
  for (let flip = 0; flip < flips && bytes.length > 0; flip++) {
    const at = random.int(bytes.length);
    flipped[at] = (flipped[at] ?? 0) ^ (1 << random.int(8));
  }
  return flipped;
}

const spoilBody: Spoil = (random, request) => ({
  ...request,
  body: spoilBytes(random, request.body),
});

type Header = readonly [name: string, value: string];

const hostileHeaders: readonly [Header, ...Header[]] = [
  ['content-type', ''],
  ['content-type', 'multipart/form-data'],
  ['content-type', 'multipart/form-data; boundary='],
  ['content-type', `multipart/form-data; boundary=${'b'.repeat(7000)}`],
  ['content-type', 'application/json; charset=utf-16'],
  ['content-type', 'image/avif'],
  ['content-type', 'text/plain'],
  ['content-encoding', 'gzip'],
  ['content-length', '-1'],
  ['content-length', '99999999999'],
  ['content-length', '5'],
  ['transfer-encoding', 'chunked'],
  ['expect', '100-continue'],
  ['range', 'bytes=0-1,5-9'],
  ['accept', 'x/y;q=nonsense'],
  ['accept-encoding', 'br;q=9, *;q=0'],
  ['if-none-match', '"'.repeat(999)],
  ['inference-header-content-length', '99999'],
  ['sec-fetch-site', 'cross-site'],
  ['upgrade', 'h2c'],
  ['x-padding', 'x'.repeat(20_000)],
  ['x-control', 'a\u0001b'],
];

const spoilHeader: Spoil = (random, request) => {
  const [name, value] = random.pick(hostileHeaders);
  const others = request.headers.filter(([own]) => own !== name);
  switch (random.int(3)) {
    case 0:
      return { ...request, headers: [...request.headers, [name, value]] };
    case 1:
      return { ...request, headers: request.headers.slice(1) };
    default:
      return { ...request, headers: [...others, [name, value]] };
  }
};

const methods = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'OPTIONS',
  'TRACE',
  'QUERY',
  'G',
  'post',
] as const;
const hostilePaths = [
  '%',
  '%00',
  '%ff',
  '..',
  '../..',
  '//',
  '?a=1&a=2',
  '#x',
  '\u00e9',
  '__proto__',
] as const;

const spoilAddress: Spoil = (random, request) => {
  if (random.int(2) === 0) return { ...request, method: random.pick(methods) };
  const parts = request.path.split('/');
  const at = 1 + random.int(parts.length - 1);
  const part = random.pick([...hostilePaths, 'x'.repeat(5000), '']);
  return { ...request, path: parts.map((own, index) => (index === at ? part : own)).join('/') };
};

const hostileValues = [
  ...[
    'null',
    'true',
    '""',
    '[]',
    '{}',
    '-1',
    '0',
    '1e400',
    '-0',
    '1e39',
    '0.1',
    '"\\u0000"',
    'NaN',
  ],
  ...[
    '{"__proto__":1}',
    '"constructor"',
    '9007199254740993',
    '[[[[[[[[1]]]]]]]]',
    '"\\ud800"',
    '01',
  ],
  `"${'x'.repeat(10_000)}"`,
  `[${'1,'.repeat(5000)}1]`,
  `${'['.repeat(3000)}${']'.repeat(3000)}`,
] as const;

/** Replaces one value, wherever it may be, by another: the text stays JSON or nearly so. */
const spoilJson: Spoil = (random, request) => {
  const text = request.body.toString();
  const values = [...text.matchAll(/"(?:[^"\\]|\\.){0,200}"|-?\d[\d.e+-]*|true|false|null/g)];
  const chosen = values[random.int(Math.max(values.length, 1))];
  if (!chosen) return spoilBody(random, request);
  const end = chosen.index + chosen[0].length;
  const value = random.pick([...hostileValues, '', `${chosen[0]},${chosen[0]}`]);
  return { ...request, body: Buffer.from(text.slice(0, chosen.index) + value + text.slice(end)) };
};

const formFaults: readonly (readonly [RegExp, string])[] = [
  [/--mainstem-bench-reliability--/, ''],
  [/--mainstem-bench-reliability/, '--another'],
  [/\r\n\r\n/, '\r\n'],
  [/\r\n/, '\n'],
  [/name="[^"]*"/, 'name=""'],
  [/name="[^"]*"/, 'name="__proto__"'],
  [/name="[^"]*"/, 'name="file'],
  [/filename="[^"]*"/, 'filename="../../etc/passwd"'],
  [/filename="[^"]*"/, ''],
  [/content-disposition[^\r]*/, ''],
  [/content-disposition: form-data/, 'content-disposition: attachment'],
  [/content-disposition/, `x-long: ${'x'.repeat(20_000)}\r\ncontent-disposition`],
  [/content-disposition/, 'content-transfer-encoding: base64\r\ncontent-disposition'],
];

const spoilForm: Spoil = (random, request) => {
  const text = request.body.toString('latin1');
  const choice = random.int(formFaults.length + 2);
  const fault = formFaults[choice];
  if (fault) return { ...request, body: Buffer.from(text.replace(...fault), 'latin1') };
  const at = random.int(request.body.length + 1);
  if (choice === formFaults.length) return { ...request, body: request.body.subarray(0, at) };
  const part =
    '--mainstem-bench-reliability\r\ncontent-disposition: form-data; name="f"\r\n\r\nx\r\n';
  return { ...request, body: Buffer.from(part.repeat(1 + random.int(200)) + text, 'latin1') };
};
