// Writes the dashboard that Grafana loads, monitoring/generated/mainstem.json, from the TypeScript in dashboards/. A
// test fails while the file differs from what this script writes.
//   npm run dashboards
import { join } from 'node:path';
import { writeJson } from '../platform/lib/json-file.ts';
import { buildDashboard } from './dashboards/index.ts';

const path = join(import.meta.dirname, 'generated', 'mainstem.json');
await writeJson(path, buildDashboard());
process.stdout.write('monitoring/generated/mainstem.json\n');
