import { Type } from 'typebox';

/*
 * What a line of a log must be, written from the specifications of the formats. Names that a format does not know are
 * refused, so that a line with a name that only we know is noticed.
 */

const text = Type.String({ minLength: 1, maxLength: 8192, pattern: '\\S' });
const traceId = Type.String({ pattern: '^(?!0{32})[0-9a-f]{32}$' });
const spanId = Type.String({ pattern: '^(?!0{16})[0-9a-f]{16}$' });
const time = Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$' });
const level = Type.Enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']);
const label = Type.Union([Type.String({ maxLength: 8192 }), Type.Number()]);
const optional = {
  keyword: Type.Optional(Type.String({ maxLength: 8192 })),
  long: Type.Optional(Type.Integer({ minimum: 0 })),
};

/** Fields of the Elastic Common Schema (https://www.elastic.co/docs/reference/ecs/ecs-field-reference) by their types there. */
const known = {
  'process.pid': Type.Integer({ minimum: 1 }),
  'trace.id': Type.Optional(traceId),
  'span.id': Type.Optional(spanId),
  'http.request.id': optional.keyword,
  'http.request.method': optional.keyword,
  'http.response.status_code': Type.Optional(Type.Integer({ minimum: 100, maximum: 599 })),
  'url.path': optional.keyword,
  'url.query': optional.keyword,
  'url.domain': optional.keyword,
  'client.address': optional.keyword,
  'client.port': Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535 })),
  'event.duration': optional.long,
  'error.type': optional.keyword,
  'error.message': optional.keyword,
  'error.stack_trace': optional.keyword,
  'error.code': optional.keyword,
};
/** Labels are not nested, and a dot in their names would nest them. */
const labels = '^labels\\.[\\w-]+$';

/** ECS logging (https://github.com/elastic/ecs-logging/tree/main/spec): names with dots, none nested. */
const ecs = Type.Object(
  {
    '@timestamp': time,
    'log.level': level,
    message: text,
    'ecs.version': Type.String({ pattern: '^(1|8)\\.\\d+\\.\\d+$' }),
    'service.name': text,
    'host.hostname': text,
    ...known,
  },
  { patternProperties: { [labels]: label }, additionalProperties: false },
);

/** GELF 1.1 (https://go2docs.graylog.org/current/getting_in_log_data/gelf.html): texts and numbers, `_id` never. */
const gelf = Type.Object(
  {
    version: Type.Literal('1.1'),
    host: text,
    short_message: text,
    timestamp: Type.Number({ exclusiveMinimum: 1e9, exclusiveMaximum: 1e11 }),
    level: Type.Integer({ minimum: 0, maximum: 7 }),
    ...Object.fromEntries(Object.entries(known).map(([name, schema]) => [`_${name}`, schema])),
  },
  { patternProperties: { '^_(?!id$)[\\w.-]+$': label }, additionalProperties: false },
);

/** A record of Fluentd or Fluent Bit: what their `json` parser reads with `time_format %Y-%m-%dT%H:%M:%S.%LZ`. */
const fluentd = Type.Object(
  {
    time,
    level,
    tag: Type.String({ pattern: '^[a-z]+(\\.[a-z]+)*$' }),
    message: text,
    'service.name': text,
    'host.hostname': text,
    ...known,
  },
  { patternProperties: { [labels]: label }, additionalProperties: false },
);

/** Format → schema of a line. */
export const lineSchemas = { ecs, gelf, fluentd };
