import buildSerializers from '@fastify/fast-json-stringify-compiler';
import fc from 'fast-check';
import { type TSchema, Type } from 'typebox';
import { expect, test } from 'vitest';
import { nullable } from '../../../../platform/schemas/index.ts';
import { spellNullable } from '../../../../serving/plugins/spell-nullable.ts';

const write = (schema: unknown, value: unknown): string =>
  buildSerializers()({}, {})({ schema, method: 'GET', url: '/', httpStatus: '200' })(value);

/** A schema and a value of it. */
type Case = readonly [TSchema, unknown];

const plain: fc.Arbitrary<Case> = fc.oneof(
  fc.string().map((value): Case => [Type.String(), value]),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value): Case => [Type.Number(), value]),
  fc.integer().map((value): Case => [Type.Integer(), value]),
  fc.boolean().map((value): Case => [Type.Boolean(), value]),
  fc.constantFrom<Case>(
    [Type.Literal('good'), 'good'],
    [Type.Enum(['good', 'bad']), 'bad'],
    [Type.Union([Type.String(), Type.Number()]), 3],
    [Type.Union([Type.String(), Type.Null(), Type.Number()]), null],
  ),
);

const { any } = fc.letrec<{ any: Case }>((tie) => ({
  any: fc.oneof(
    { depthSize: 'small' },
    plain,
    tie('any').map(([schema, value]): Case => [Type.Array(schema), [value, value]]),
    fc
      .uniqueArray(fc.tuple(fc.stringMatching(/^[a-z]{1,8}$/), tie('any')), {
        ...{ selector: ([name]) => name, maxLength: 4 },
      })
      .map((all): Case => {
        const named = (at: 0 | 1) => Object.fromEntries(all.map(([name, one]) => [name, one[at]]));
        return [Type.Object(named(0) as Record<string, TSchema>), named(1)];
      }),
    fc
      .tuple(tie('any'), fc.boolean())
      .map(([[schema, value], isNull]): Case => [nullable(schema), isNull ? null : value]),
  ),
}));

test('an answer has the same bytes, however its schema says that a value may be null', () => {
  fc.assert(
    fc.property(any, ([schema, value]) => {
      expect(write(spellNullable(schema), value)).toBe(write(schema, value));
    }),
    { numRuns: 100 },
  );
});

test('only one type beside null is spelled so, wherever it stands', () => {
  const text = { type: 'string', description: 'a class' };
  const none = { type: 'null' };
  const either = { anyOf: [text, { type: 'number' }, none] };
  const constant = { anyOf: [{ type: 'string', const: 'good' }, none] };
  expect(spellNullable({ anyOf: [none, text], title: 'Class' })).toEqual({
    ...{ ...text, title: 'Class', nullable: true },
  });
  expect(spellNullable({ type: 'array', items: { anyOf: [text, none] } })).toEqual({
    ...{ type: 'array', items: { ...text, nullable: true } },
  });
  for (const kept of [either, constant, { anyOf: [none, none] }])
    expect(spellNullable(kept)).toEqual(kept);
});

test('a value of another type than its schema names is never written as null', () => {
  const schema = spellNullable(Type.Object({ value: nullable(Type.Number()) }));
  expect(write(schema, { value: null })).toBe('{"value":null}');
  expect(() => write(schema, { value: 'three' })).toThrow();
  expect(() => write(schema, {})).toThrow('required');
});
