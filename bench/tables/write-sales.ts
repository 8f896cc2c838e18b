import { closeSync, openSync, writeSync } from 'node:fs';
import { createRandom, type Random } from '../../platform/lib/random.ts';

/** How many values the large category has. */
const stores = 9999;
const regions = ['east', 'north', 'south', 'west'];
const channels = ['phone', 'shop', 'web'];
const products = Array.from(
  { length: 24 },
  (_, at) => `product ${String(at + 1).padStart(2, '0')}`,
);
const levels = ['basic', 'gold', 'plus', 'silver', 'trial'];
const weathers = ['cloud', 'fog', 'rain', 'snow', 'sun', 'wind', 'hail'];
const numbers = [
  'price',
  'amount',
  'weight',
  'distance',
  'age',
  'visits',
  'rating',
  'discount',
  'delay',
  'load',
];

/** The columns: two ids, a date, ten numbers, six categories and the label. */
export const salesColumns: readonly string[] = [
  ...['order_id', 'customer_id', 'day', ...numbers],
  ...['region', 'channel', 'product', 'level', 'weather', 'store', 'returned'],
];
const lastFeature = salesColumns.length - 1;
const gapShare = 0.03;
/** Gives 6.5 % of the rows the label 1. */
const offset = -4.24;
const rowsAtOnce = 5000;

/**
 * Writes a seeded table of sales: 20 columns, 3 % gaps, of which a number, the store and the channel decide who returns what
 * they bought.
 */
export function writeSales(path: string, rows: number): void {
  const random = createRandom('bench/tables');
  const leanings = Array.from({ length: stores }, () => 1.2 * random.normal());
  const file = openSync(path, 'w');
  writeSync(file, `${salesColumns.join(',')}\n`);
  for (let first = 0; first < rows; first += rowsAtOnce) {
    const length = Math.min(rowsAtOnce, rows - first);
    const lines = Array.from({ length }, (_, at) => line(first + at, random, leanings));
    writeSync(file, lines.join(''));
  }
  closeSync(file);
}

function line(row: number, random: Random, leanings: readonly number[]): string {
  const store = Math.floor(stores * random.next() ** 1.5);
  const values = numbers.map(() => random.normal());
  const channel = random.int(channels.length);
  const [price = 0, amount = 0, , distance = 0, age = 0] = values;
  const odds =
    offset +
    (leanings[store] ?? 0) +
    0.5 * price -
    0.4 * amount * age +
    0.3 * distance +
    0.7 * channel;
  const label = random.next() < 1 / (1 + Math.exp(-odds)) ? '1' : '0';
  const day = new Date(Date.UTC(2022, 0, 1) + random.int(1400) * 86_400_000)
    .toISOString()
    .slice(0, 10);
  const pick = (words: readonly string[]) => words[random.int(words.length)] ?? '';
  const cells = [
    ...[`O-${String(row + 1).padStart(8, '0')}`, String(10_000 + random.int(300_000)), day],
    ...values.map((value, at) => (100 + (at + 1) * 10 * value).toFixed(3 + (at % 4))),
    ...[pick(regions), channels[channel] ?? '', pick(products), pick(levels), pick(weathers)],
    ...[`store ${store + 1}`, label],
  ];
  const kept = cells.map((cell, at) => {
    const gap = at > 2 && at < lastFeature && random.next() < gapShare;
    return gap ? '' : cell;
  });
  return `${kept.join(',')}\n`;
}
