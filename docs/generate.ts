// Writes the generated pages: docs/errors.md from the table of error codes, docs/commands.md from the command
// line itself, docs/actions.md from each action.yml, docs/parameters.md from the schema of params.json. A repo test fails while a page differs from what this prints.
//   npm run docs
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generatedPages } from './pages.ts';

for (const [name, text] of await generatedPages()) {
  await writeFile(join(import.meta.dirname, name), text);
  process.stdout.write(`docs/${name}\n`);
}
