import fc from 'fast-check';
import { expect, test } from 'vitest';
import { traceOf } from '../../../../serving/logs/trace.ts';

const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
const span = '00f067aa0ba902b7';
const named = { 'trace.id': trace, 'span.id': span };

test.each([
  ['version 00', `00-${trace}-${span}-01`],
  ['flags that have no meaning yet', `00-${trace}-${span}-ff`],
  ['a later version', `cc-${trace}-${span}-01`],
  ['a later version that says more', `01-${trace}-${span}-01-what-follows`],
])('a trace is that of the caller: %s', (_name, header) => {
  expect(traceOf(header)).toEqual(named);
});

test.each([
  ['none', undefined],
  ['an empty text', ''],
  ['several', [`00-${trace}-${span}-01`]],
  ['several in one', `00-${trace}-${span}-01, 00-${trace}-${span}-01`],
  ['the version that is forbidden', `ff-${trace}-${span}-01`],
  ['version 00 that says more', `00-${trace}-${span}-01-more`],
  ['a later version with longer flags', `01-${trace}-${span}-011`],
  ['a trace of zeros', `00-${'0'.repeat(32)}-${span}-01`],
  ['a span of zeros', `00-${trace}-${'0'.repeat(16)}-01`],
  ['capital letters', `00-${trace.toUpperCase()}-${span}-01`],
  ['a trace that is short', `00-${trace.slice(1)}-${span}-01`],
  ['a span that is long', `00-${trace}-${span}0-01`],
  ['no flags', `00-${trace}-${span}`],
  ['something before it', ` 00-${trace}-${span}-01`],
  ['a line break after it', `00-${trace}-${span}-01\n`],
])('a header that is not valid is ignored, and the trace is new: %s', (_name, header) => {
  const [first, second] = [traceOf(header), traceOf(header)];
  for (const ids of [first, second]) {
    expect(ids['trace.id']).toMatch(/^(?!0{32})[0-9a-f]{32}$/);
    expect(ids['span.id']).toMatch(/^(?!0{16})[0-9a-f]{16}$/);
    expect(ids).not.toMatchObject({ 'trace.id': trace });
  }
  expect(first['trace.id']).not.toBe(second['trace.id']);
  expect(first['span.id']).not.toBe(second['span.id']);
});

test('ids are hexadecimal whatever a header says, and of the header only where they stand in it', () => {
  const lower = fc.constantFrom(...'0123456789abcdef');
  const strange = fc.constantFrom(...'0aF-\n');
  const digits = (length: number) => {
    const bounds = { minLength: length, maxLength: length };
    const valid = { weight: 9, arbitrary: fc.string({ unit: lower, ...bounds }) };
    return fc.oneof(valid, { weight: 1, arbitrary: fc.string({ unit: strange, ...bounds }) });
  };
  const close = fc
    .tuple(digits(2), digits(32), digits(16), digits(2), fc.constantFrom('', '-', '-x', 'x', '\n'))
    .map(([version, ...rest]) => `${version}-${rest.slice(0, 3).join('-')}${rest[3]}`);
  fc.assert(
    fc.property(fc.oneof(close, fc.string()), (header) => {
      const ids = traceOf(header);
      expect(ids['trace.id']).toMatch(/^(?!0{32})[0-9a-f]{32}$/);
      expect(ids['span.id']).toMatch(/^(?!0{16})[0-9a-f]{16}$/);
      const [version, first, second, flags = '', ...more] = header.split('-');
      const isValid =
        /^[0-9a-f]{2}$/.test(version ?? '') &&
        version !== 'ff' &&
        /^[0-9a-f]{32}$/.test(first ?? '') &&
        !/^0+$/.test(first ?? '') &&
        /^[0-9a-f]{16}$/.test(second ?? '') &&
        !/^0+$/.test(second ?? '') &&
        /^[0-9a-f]{2}$/.test(flags) &&
        !flags.endsWith('\n') &&
        (more.length === 0 || version !== '00');
      expect(ids['trace.id'] === first && ids['span.id'] === second).toBe(isValid);
    }),
  );
});
