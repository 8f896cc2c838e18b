// Writes what Prometheus and Grafana load, monitoring/generated/, from the TypeScript in rules/, alerts/ and dashboards/
// with the objectives in objectives.ts. A test fails while the files differ from what this script writes.
//   npm run dashboards
import { join } from 'node:path';
import { isMainstemError } from '../platform/lib/errors.ts';
import { writeJson } from '../platform/lib/json-file.ts';

try {
  const { buildGenerated } = await import('./build-generated.ts');
  const { objectives } = await import('./objectives.ts');
  for (const [name, content] of Object.entries(buildGenerated(objectives))) {
    await writeJson(join(import.meta.dirname, 'generated', name), content);
    process.stdout.write(`monitoring/generated/${name}\n`);
  }
} catch (error) {
  if (!isMainstemError(error)) throw error;
  process.stderr.write(`${error.code} ${error.message}\n  ${error.hint}\n`);
  process.exitCode = error.exitCode;
}
