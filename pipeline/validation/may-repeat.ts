import type { Table } from '../../platform/lib/table.ts';
import { featureColumns, isNumeric, numbersOf, type TableSubject } from './subjects.ts';

const known = new WeakMap<TableSubject, Uint8Array>();

/**
 * Whether a row may have the same features as another: false is certain, true is not. Looks only at columns that checks have read
 * already, so that in most tables no cell is compared as text.
 */
export function mayRepeat(subject: TableSubject, row: number): boolean {
  const marks = known.get(subject) ?? markRepeated(hashFeatures(subject));
  known.set(subject, marks);
  return marks[row] === 1;
}

/** A number for each row, the same for rows with equal features. */
function hashFeatures(subject: TableSubject): Uint32Array {
  const { data } = subject;
  const hashes = new Uint32Array(data.rows);
  for (const [name] of featureColumns(subject)) {
    if (isNumeric(subject, name)) addNumbers(hashes, numbersOf(subject, name).values);
    else addCodes(hashes, data, name);
  }
  return hashes;
}

function addNumbers(hashes: Uint32Array, values: Float64Array): void {
  const number = new Float64Array(1);
  const halves = new Uint32Array(number.buffer);
  for (let row = 0; row < hashes.length; row++) {
    const value = values[row] ?? Number.NaN;
    // One NaN may have other bits than another.
    number[0] = Number.isNaN(value) ? 0 : value;
    hashes[row] = mix(mix(hashes[row] ?? 0, halves[0] ?? 0), halves[1] ?? 0);
  }
}

function addCodes(hashes: Uint32Array, table: Table, name: string): void {
  const codes = table.column(name)?.codes;
  for (let row = 0; row < hashes.length; row++) {
    hashes[row] = mix(hashes[row] ?? 0, codes?.[row] ?? 0);
  }
}

function mix(hash: number, value: number): number {
  const mixed = Math.imul(hash ^ value, 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}

/** 1 for each value that is there more than once. */
function markRepeated(values: Uint32Array): Uint8Array {
  const slots = new Uint32Array(2 ** Math.ceil(Math.log2(Math.max(2, 2 * values.length))));
  const mask = slots.length - 1;
  const marks = new Uint8Array(values.length);
  for (let at = 0; at < values.length; at++) {
    const value = values[at] ?? 0;
    let slot = value & mask;
    let first = (slots[slot] ?? 0) - 1;
    while (first >= 0 && values[first] !== value) {
      slot = (slot + 1) & mask;
      first = (slots[slot] ?? 0) - 1;
    }
    if (first < 0) slots[slot] = at + 1;
    else {
      marks[first] = 1;
      marks[at] = 1;
    }
  }
  return marks;
}
