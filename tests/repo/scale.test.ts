import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const read = (name: string) => readFile(join(root, name), 'utf8');

/** The rows of the table below a heading of its columns, as their cells. */
function tableOf(text: string, heading: RegExp): string[][] {
  const lines = text.split('\n');
  const at = lines.findIndex((line) => heading.test(line));
  expect(at, `${heading}`).toBeGreaterThan(-1);
  const rows = lines.slice(at + 2);
  return rows
    .slice(
      0,
      rows.findIndex((line) => !line.startsWith('|')),
    )
    .map((line) => line.split('|').map((cell) => cell.trim()));
}

const numberOf = (text = '') => Number.parseFloat(text.replaceAll(',', ''));

test('docs/scale.md plans with what was measured', async () => {
  const heading = /^\| request \| server \| answers\/s at saturation \|/;
  const measured = new Map(
    tableOf(await read('bench/RESULTS.md'), heading)
      .filter(([, , server]) => server === 'Mainstem')
      .map(([, request = '', , answers, time]) => [request, [numberOf(answers), numberOf(time)]]),
  );
  const planned = tableOf(await read('docs/scale.md'), /^\| request \| both cores/);
  expect(planned.map(([, request]) => request)).toEqual([...measured.keys()]);
  for (const [, request = '', answers, time, each] of planned) {
    expect([numberOf(answers), numberOf(time)], request).toEqual(measured.get(request));
    expect(numberOf(each), request).toBe(Math.round(1000 / numberOf(time)));
  }
});

test('docs/scale.md says what a million predictions cost by its own formula', async () => {
  const text = await read('docs/scale.md');
  const times = new Map(
    tableOf(text, /^\| request \| both cores/).map(([, request = '', , time]) => [
      request,
      numberOf(time),
    ]),
  );
  const said =
    /small photos cost ([\d.]+) × `servingPerHour`[\s\S]*?large ones ([\d.]+) ×, tensors as bytes ([\d.]+) ×/;
  const [, ...factors] = said.exec(text) ?? [];
  const requests = ['photo 288 × 216', 'photo 1600 × 1600', 'tensor as bytes'];
  const hours = requests.map((one) => (1e6 * (times.get(one) ?? Number.NaN)) / 3_600_000 / 2 / 0.6);
  expect(factors).toEqual(hours.map((one) => one.toFixed(2)));
});
