import { hostname } from 'node:os';
import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { dictionary } from '../../platform/lib/dictionary.ts';
import type { Config } from '../config.ts';
import { boundText, type Fields, nameFields, textOf } from './fields.ts';

/** How lines may look besides pino's own form. */
export type LineFormat = Exclude<Config['logFormat'], 'pino'>;

/** Under this key pino puts what a caller logs, so that it cannot stand for the line's own level or time. */
export const nestedKey = 'fields';

/** The service's name in lines. */
const service = 'mainstem-serving';

/** A line as pino writes it; what is bound to a request stands beside these. */
const PinoLine = Type.Object({
  level: Type.Number(),
  time: Type.Number(),
  pid: Type.Integer(),
  hostname: Type.String(),
  msg: Type.Optional(Type.Unknown()),
  [nestedKey]: Type.Optional(dictionary(Type.Unknown())),
});
type PinoLine = Static<typeof PinoLine>;
const compiledLine = Compile(PinoLine);

/** What every format says in words of its own. */
interface Line {
  readonly level: (typeof levels)[number];
  readonly at: Date;
  readonly host: string;
  /** Never empty. */
  readonly message: string;
  readonly fields: Fields;
}

/** From the least severe on, with the level of syslog (RFC 5424), which GELF takes. */
const levels = [
  { from: -Infinity, word: 'trace', syslog: 7 },
  { from: 20, word: 'debug', syslog: 7 },
  { from: 30, word: 'info', syslog: 6 },
  { from: 40, word: 'warn', syslog: 4 },
  { from: 50, word: 'error', syslog: 3 },
  { from: 60, word: 'fatal', syslog: 2 },
] as const;

const formats: Readonly<Record<LineFormat, (line: Line) => object>> = {
  ecs: ({ level, at, host, message, fields }) => ({
    '@timestamp': at.toISOString(),
    'log.level': level.word,
    message,
    'ecs.version': '8.11.0',
    'service.name': service,
    'host.hostname': host,
    ...fields,
  }),
  gelf: ({ level, at, host, message, fields }) => ({
    version: '1.1',
    host,
    short_message: message,
    timestamp: at.getTime() / 1000,
    level: level.syslog,
    '_service.name': service,
    // No name is `id`, which GELF forbids: what callers name begins with `labels.`.
    ...Object.fromEntries(Object.entries(fields).map(([name, value]) => [`_${name}`, value])),
  }),
  fluentd: ({ level, at, host, message, fields }) => ({
    time: at.toISOString(),
    level: level.word,
    tag: 'mainstem.serving',
    message,
    'service.name': service,
    'host.hostname': host,
    ...fields,
  }),
};

/**
 * Rewrites lines of pino, one for one. It never throws: a line that is not pino's is logged as an error with its text as
 * the message.
 *
 * @example createLineFormat('gelf')('{"level":30,…,"msg":"ready"}\n') // '{"version":"1.1",…,"short_message":"ready",…}\n'
 */
export function createLineFormat(format: LineFormat): (line: string) => string {
  return (text) => `${JSON.stringify(formats[format](readLine(text)))}\n`;
}

function readLine(text: string): Line {
  const { level, time, pid, hostname: host, msg, fields: sent = {}, ...bound } = parse(text);
  // What is bound to a request counts before what a line says.
  const fields = nameFields({ ...sent, ...bound });
  return {
    level: levels.findLast(({ from }) => level >= from) ?? levels[0],
    at: new Date(time),
    host: boundText(host),
    message: findMessage([msg, sent.msg, fields['error.message']]),
    fields: { 'process.pid': pid, ...fields },
  };
}

function parse(text: string): PinoLine {
  try {
    const line: unknown = JSON.parse(text);
    if (compiledLine.Check(line)) return line;
  } catch {
    // It is no JSON: see below.
  }
  return { level: 50, time: Date.now(), pid: process.pid, hostname: hostname(), msg: text };
}

/** The first that says something: receivers refuse a line without a message. */
function findMessage(candidates: readonly unknown[]): string {
  const texts = candidates.flatMap((one) => (one === undefined || one === null ? [] : textOf(one)));
  return boundText(texts.find((text) => text.trim() !== '') ?? 'no message');
}
