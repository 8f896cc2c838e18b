import fc from 'fast-check';
import fastify from 'fastify';
import { Check, Errors } from 'typebox/value';
import { expect, test } from 'vitest';
import { MainstemError } from '../../../../platform/lib/errors.ts';
import { createLineFormat } from '../../../../serving/logs/formats.ts';
import { logOptions } from '../../../../serving/logs/options.ts';
import { lineSchemas } from '../../../helpers/log-schemas.ts';

const formats = ['ecs', 'gelf', 'fluentd'] as const;
type Format = (typeof formats)[number];
const messageKeys = { ecs: 'message', gelf: 'short_message', fluentd: 'message' } as const;
/** What begins the names of fields besides the format's own. */
const prefixes = { ecs: '', gelf: '_', fluentd: '' } as const;

/** A logger as the server has it, and the lines that it writes. */
function openLog(format: Format) {
  const written: string[] = [];
  const { logger, ...options } = logOptions({ logLevel: 'trace' as 'debug', logFormat: format });
  if (typeof logger !== 'object') throw new TypeError('the logger has no options');
  const stream = { write: (line: string) => void written.push(line) };
  const app = fastify({ ...options, logger: { ...logger, stream } });
  return { log: app.log, written };
}

/** The only line of a log. */
function lineOf(format: Format, write: (log: ReturnType<typeof openLog>['log']) => void) {
  const { log, written } = openLog(format);
  write(log);
  expect(written).toHaveLength(1);
  return readLine(format, written[0] ?? '');
}

function readLine(format: Format, text: string): Record<string, unknown> {
  expect(text).toMatch(/^\{[^\n]*\}\n$/);
  const line = JSON.parse(text);
  expect([...Errors(lineSchemas[format], line)]).toEqual([]);
  expect(Check(lineSchemas[format], line)).toBe(true);
  return line;
}

testEach('has the words of the format for a level', (format) => {
  const key = { ecs: 'log.level', gelf: 'level', fluentd: 'level' }[format];
  const words = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
  const found = words.map((level) => lineOf(format, (log) => log[level]('ready'))[key]);
  expect(found).toEqual(format === 'gelf' ? [7, 7, 6, 4, 3, 2] : words);
});

testEach('tells the time of the line', (format) => {
  const before = Date.now();
  const line = lineOf(format, (log) => log.info('ready'));
  const at = {
    ecs: Date.parse(String(line['@timestamp'])),
    gelf: Number(line.timestamp) * 1000,
    fluentd: Date.parse(String(line.time)),
  }[format];
  expect(Math.round(at)).toBeGreaterThanOrEqual(before);
  expect(Math.round(at)).toBeLessThanOrEqual(Date.now());
});

testEach('names what an error is, why, and where', (format) => {
  const cause = new MainstemError('SERVING_BUSY', { reason: 'it is full' });
  const line = lineOf(format, (log) => log.error(cause));
  const prefix = prefixes[format];
  expect(line).toMatchObject({
    [messageKeys[format]]: cause.message,
    [`${prefix}error.type`]: 'MainstemError',
    [`${prefix}error.message`]: cause.message,
    [`${prefix}error.code`]: 'SERVING_BUSY',
    [`${prefix}error.stack_trace`]: expect.stringContaining('formats.test.ts'),
    [`${prefix}labels.error`]: expect.stringContaining('it is full'),
  });
});

testEach('has durations in nanoseconds, and codes by what they are', (format) => {
  const prefix = prefixes[format];
  const line = (fields: object) => lineOf(format, (log) => log.info(fields, 'done'));
  expect(line({ seconds: 0.25, code: 200 })).toMatchObject({
    [`${prefix}event.duration`]: 250_000_000,
    [`${prefix}http.response.status_code`]: 200,
  });
  expect(line({ responseTime: 1.5, code: 'MODEL_UNKNOWN' })).toMatchObject({
    [`${prefix}event.duration`]: 1_500_000,
    [`${prefix}error.code`]: 'MODEL_UNKNOWN',
  });
});

testEach('keeps a field that is named as one of its own, but is not', (format) => {
  const prefix = prefixes[format];
  const strange = { seconds: 'many', id: 7, level: 'high', time: 'noon' };
  expect(lineOf(format, (log) => log.warn(strange, 'strange'))).toMatchObject({
    [`${prefix}labels.seconds`]: 'many',
    [`${prefix}labels.id`]: 7,
    [`${prefix}labels.level`]: 'high',
    [`${prefix}labels.time`]: 'noon',
    [format === 'ecs' ? 'log.level' : 'level']: format === 'gelf' ? 4 : 'warn',
  });
});

testEach('keeps fields apart whose names become the same', (format) => {
  const prefix = prefixes[format];
  const line = lineOf(format, (log) => log.info({ 'a b': 1, 'a.b': 2, a_b: 3 }, 'same'));
  expect(line).toMatchObject({
    [`${prefix}labels.a_b`]: 1,
    [`${prefix}labels.a_b_`]: 2,
    [`${prefix}labels.a_b__`]: 3,
  });
});

testEach('says so where there is no message, since receivers refuse such a line', (format) => {
  for (const message of [undefined, '', ' \n '])
    expect(lineOf(format, (log) => log.info({}, message))).toMatchObject({
      [messageKeys[format]]: 'no message',
    });
});

testEach('holds a line that is not of pino as its message', (format) => {
  for (const text of ['{"level":', 'null', '{"level":"high"}'])
    expect(readLine(format, createLineFormat(format)(text))).toMatchObject({
      [messageKeys[format]]: text,
    });
});

/** Texts that have broken logs: line breaks, halves of characters, names of prototypes, very long ones. */
const oddText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '\n',
    '\r\n{"level":60}',
    '\u0000',
    '\u2028',
    '\ud83c',
    '😀'.repeat(9000),
    '%s %j',
  ),
);
/** Not `req` and `res`: what the framework says under these are its own objects (see below). */
const oddName = fc.oneof(
  oddText,
  fc.constantFrom('__proto__', '_id', 'id', 'level', 'time', 'msg', 'pid', 'hostname', 'fields'),
  fc.constantFrom('code', 'seconds', 'url', 'trace.id', 'constructor', 'toJSON'),
);
const oddValue = fc.oneof(
  oddText,
  fc.anything({ withBigInt: true, withDate: true, withNullPrototype: true, key: oddName }),
);
/** Nearly what the server logs. */
const familiar = fc.record(
  {
    req: fc.record({ method: oddText, url: oddText, host: oddText, remotePort: fc.anything() }),
    res: fc.record({ statusCode: fc.oneof(fc.integer(), fc.anything()) }),
    err: fc.record({ type: oddText, message: oddText, stack: oddText, code: oddValue }),
    responseTime: fc.double(),
  },
  { requiredKeys: [] },
);
const oddFields = fc
  .tuple(fc.array(fc.tuple(oddName, oddValue), { maxLength: 12 }), familiar)
  .map(([odd, all]) => Object.fromEntries([...odd, ...Object.entries(all)]));

testEach('is one valid line, whatever is logged', (format) => {
  fc.assert(
    fc.property(oddFields, oddText, (fields, message) => {
      const line = lineOf(format, (log) => log.info(fields, message.replaceAll('%', '')));
      const shown = message.replaceAll('%', '').toWellFormed();
      if (shown.trim() !== '' && shown.length < 8000) expect(line[messageKeys[format]]).toBe(shown);
    }),
  );
});

function testEach(title: string, check: (format: Format) => void): void {
  test.each(formats)(`a line of %s ${title}`, check);
}
