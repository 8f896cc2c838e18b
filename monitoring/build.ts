// Writes what Prometheus and Grafana load, monitoring/generated/, from the TypeScript in rules/, alerts/ and dashboards/
// with the objectives in objectives.ts. A test fails while the files differ from what this script writes.
//   npm run dashboards
import { join } from 'node:path';
import { writeJson } from '../platform/lib/json-file.ts';
import { buildGenerated } from './build-generated.ts';
import { objectives } from './objectives.ts';

for (const [name, content] of Object.entries(buildGenerated(objectives))) {
  await writeJson(join(import.meta.dirname, 'generated', name), content);
  process.stdout.write(`monitoring/generated/${name}\n`);
}
