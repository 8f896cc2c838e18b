// Writes what is generated from tables: docs/errors.md from the table of error codes, docs/commands.md from the
// command line itself, docs/actions.md from each action.yml, docs/parameters.md from the schema of params.json,
// docs/quality.md from the tables of metrics and gate kinds, docs/checks.md from the validation checks,
// .github/CODEOWNERS from platform.json. A repo test fails while one of them differs from what this prints.
//   npm run docs
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readOwnership, renderCodeOwners } from './ownership.ts';
import { generatedPages } from './pages.ts';

const root = join(import.meta.dirname, '..');
const pages = [...(await generatedPages())].map(([name, text]) => [`docs/${name}`, text] as const);

for (const [path, text] of [
  ...pages,
  ['.github/CODEOWNERS', renderCodeOwners(readOwnership())] as const,
]) {
  await writeFile(join(root, path), text);
  process.stdout.write(`${path}\n`);
}
