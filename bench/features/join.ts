// One join of Mainstem, in a process of its own: node join.ts <folder> <created?>. Prints JSON as feast_join.py does; the clock
// runs over reading both files, the join and writing the table.
import { join } from 'node:path';
import { joinFeatures } from '../../pipeline/features/index.ts';
import { defineFeatures } from '../../platform/schemas/define/index.ts';

const [, , root = '.', created] = process.argv;
const definition = defineFeatures({
  rows: { path: 'rows.parquet', time: 'asked_at' },
  entities: { person: ['who'] },
  views: {
    facts: {
      entity: 'person',
      source: { path: 'facts.parquet', time: 'true_at', ...(created && { created: 'written_at' }) },
      fields: ['a', 'b', 'c', 'd'],
      ttl: '1d',
    },
  },
});
// Loading the database's library is not the join, as importing Feast is not.
await import('@duckdb/node-api');
const began = performance.now();
const spent = process.cpuUsage();
await joinFeatures({ root, definition, to: join(root, 'mainstem.parquet'), format: 'parquet' });
const seconds = (performance.now() - began) / 1000;
const { user, system } = process.cpuUsage(spent);
process.stdout.write(JSON.stringify({ seconds, processor: (user + system) / 1e6 }));
