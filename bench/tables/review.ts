// Reviews a table against its first nine tenths, as a report does with two versions of the data.
//   npx node bench/tables/review.ts <table.csv> <label> <key>
import { readFileSync } from 'node:fs';
import { findChangedRows } from '../../pipeline/changed-rows.ts';
import { versionOfTable } from '../../pipeline/data-version.ts';
import { reviewData } from '../../pipeline/review-data.ts';
import { parseTable } from '../../platform/lib/parse-table.ts';
import type { SplitDefinition } from '../../platform/schemas/define/index.ts';

const [path = '', label = '', key = ''] = process.argv.slice(2);
const content = readFileSync(path);
const earlier = content.subarray(0, content.lastIndexOf('\n', 0.9 * content.length) + 1);
const split: SplitDefinition = { seed: 1, fractions: [0.7, 0.15, 0.15] };
const read = (bytes: Uint8Array) => versionOfTable(parseTable(bytes, path), path, { split, label });
const [before, after] = [read(earlier), read(content)];
const changedRows = findChangedRows(before, after, key);
const { added, removed, drift } = reviewData({ dataset: path, before, after, changedRows });
console.log(`${added.count} added, ${removed.count} removed, ${drift.columns} columns compared`);
