import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isMainstemError } from '../../../../platform/lib/errors.ts';
import { Form, parseForm } from '../../../../serving/routes/form.ts';

const limits = { files: 3, fields: 3, fieldBytes: 100 };

/** The form as a client writes it: here Node's own. */
async function encode(data: FormData) {
  const response = new Response(data);
  const type = response.headers.get('content-type') ?? '';
  return { bytes: Buffer.from(await response.arrayBuffer()), type };
}

const file = fc.uint8Array({ maxLength: 300 });
const field = fc.tuple(
  fc.string({ minLength: 1, maxLength: 9 }),
  fc.string({ maxLength: 20, unit: 'grapheme' }),
);

test('files and fields come out as a client put them in', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(file, { maxLength: 3 }),
      fc.uniqueArray(field, { maxLength: 3, selector: ([name]) => name }),
      async (files, fields) => {
        const data = new FormData();
        for (const bytes of files) data.append('file', new Blob([bytes]), 'a "b".jpg');
        for (const [name, value] of fields) data.append(name, value);
        fc.pre(fields.every(([name]) => !/%22|\\$/.test(name)));
        const { bytes, type } = await encode(data);
        const form = parseForm(bytes, type, limits);
        expect(form.files.map((found) => [...found])).toEqual(files.map((sent) => [...sent]));
        const sent = fields.map(([name, value]) => [name, value.replaceAll(/\r\n|\r|\n/g, '\r\n')]);
        expect(form.fields).toEqual(Object.fromEntries(sent));
      },
    ),
  );
});

test('a form that is damaged anywhere is a form, or refused: never another error', async () => {
  const data = new FormData();
  data.append('label', 'good');
  data.append('file', new Blob([Buffer.alloc(40, 'x')]), 'a.jpg');
  const { bytes, type } = await encode(data);
  const damage = fc.record({
    at: fc.nat(bytes.length),
    drop: fc.nat(40),
    insert: fc.constantFrom('', '\r\n', '--', '"', ';', ':', '\0', 'name="', '\r\n\r\n'),
    end: fc.nat(bytes.length),
    header: fc.constantFrom(type, 'multipart/form-data', 'multipart/form-data; boundary=', ''),
  });
  fc.assert(
    fc.property(damage, ({ at, drop, insert, end, header }) => {
      const damaged = Buffer.concat([
        bytes.subarray(0, at),
        Buffer.from(insert),
        bytes.subarray(at + drop, Math.max(end, at + drop)),
      ]);
      try {
        expect(parseForm(damaged, header, limits)).toBeInstanceOf(Form);
      } catch (error) {
        if (!isMainstemError(error)) throw error;
        expect(error.code).toMatch(/^REQUEST_(INVALID|TOO_MANY)$/);
      }
    }),
    { numRuns: 3000 },
  );
});

const type = 'multipart/form-data; boundary=b';
const part = (head: string, content = 'x') => `--b\r\n${head}\r\n\r\n${content}\r\n`;
const named = 'content-disposition: form-data; name="label"';

test.each([
  ['no boundary', 'multipart/form-data', '', 'no boundary'],
  ['an empty boundary', 'multipart/form-data; boundary=""', '', 'no boundary'],
  ['a long boundary', `multipart/form-data; boundary=${'b'.repeat(7000)}`, '', '70 characters'],
  ['no delimiter', type, 'hello', 'does not contain its boundary'],
  ['only a delimiter', type, '--b', 'cut off'],
  ['an end in a part', type, `--b\r\n${named}\r\n\r\nval`, 'cut off'],
  ['an end in a header', type, `--b\r\ncontent-dispo`, 'cut off'],
  ['an end behind a part', type, part(named), 'cut off'],
  ['a header without end', type, `--b\r\n${'a: b\r\n'.repeat(3000)}--b--`, 'cut off'],
  [
    'too many headers',
    type,
    `--b\r\n${'a: b\r\n'.repeat(3000)}\r\n\r\n--b--`,
    'the headers of a part of the form have more than 8192 bytes',
  ],
  ['a part without a name', type, `${part('x: y')}--b--`, 'no name'],
  [
    'an encoded part',
    type,
    `${part(`${named}\r\ncontent-transfer-encoding: base64`)}--b--`,
    'encoded',
  ],
  ['a long field', type, `${part(named, 'x'.repeat(101))}--b--`, '100 bytes'],
])('%s is refused with the reason', (_, header, body, reason) => {
  expect(() => parseForm(Buffer.from(body), header, limits)).toThrow(reason);
});

test('more files or fields than allowed are said as what they are', () => {
  const many = (head: string) => Buffer.from(`${part(head).repeat(4)}--b--`);
  expect(() => parseForm(many(named), type, limits)).toThrow('3 form fields');
  expect(() => parseForm(many(`${named}; filename=a`), type, limits)).toThrow('3 files');
});

test('what other clients write is read', () => {
  const body = [
    'preamble\r\n--b  \r\nContent-Type: application/octet-stream\r\n',
    'CONTENT-DISPOSITION:form-data; name=file\r\n\r\n--b\n\r\n--bc\r\n--b\r\n',
    'Content-Disposition: form-data;\r\n name="la\\"bel"\r\n\r\n\r\n--b--\r\nepilogue',
  ].join('');
  const form = parseForm(Buffer.from(body), 'multipart/form-data; Boundary="b"', limits);
  expect(form.files.map(String)).toEqual(['\r\n--b\n\r\n--bc'.slice(2)]);
  expect(form.fields).toEqual({ 'la"bel': '' });
});
