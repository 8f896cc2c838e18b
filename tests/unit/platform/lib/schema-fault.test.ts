import { Type } from 'typebox';
import { expect, test } from 'vitest';
import { findSchemaFault } from '../../../../platform/lib/schema-fault.ts';

const schema = Type.Object({ epochs: Type.Integer({ minimum: 1 }) });

test.each<[Parameters<typeof Type.String>[0], string, string]>([
  [{ pattern: '^[a-z]+$' }, 'A', 'text that matches ^[a-z]+$'],
  [{ pattern: '^[a-z]+$', allowed: 'small letters' }, 'A', 'small letters'],
  [{ minLength: 2, allowed: 'a word' }, 'a', 'a word'],
])('what %j allows is said in its own words where it has any', (rule, value, allowed) => {
  const nested = Type.Object({ list: Type.Array(Type.Object({ name: Type.String(rule) })) });
  const fault = { key: 'list.1.name', value: JSON.stringify(value), allowed };
  expect(findSchemaFault(nested, { list: [{ name: 'abc' }, { name: value }] })).toEqual(fault);
});

test.each([
  ['[]', 'the whole value', '[]', 'an object'],
  ['null', 'the whole value', 'null', 'an object'],
  ['{"epochs": 1e999}', 'epochs', 'Infinity', 'integer'],
  ['{"epochs": [-1e999]}', 'epochs', '[-Infinity]', 'integer'],
  ['{"epochs": 0}', 'epochs', '0', '>= 1'],
  ['{}', 'epochs', 'missing', 'given'],
])('what is wrong with %s is named as it was written', (text, key, value, allowed) => {
  expect(findSchemaFault(schema, JSON.parse(text))).toEqual({ key, value, allowed });
});
