import { Type } from 'typebox';
import { expect, test } from 'vitest';
import { findSchemaFault } from '../../../../platform/lib/schema-fault.ts';

const schema = Type.Object({ epochs: Type.Integer({ minimum: 1 }) });

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
