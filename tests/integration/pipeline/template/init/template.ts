import { execFile } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import {
  type InitRequest,
  type InitResult,
  initProject,
} from '../../../../../pipeline/template/init/index.ts';
import { createRandom } from '../../../../../platform/lib/random.ts';
import { silentReporter } from '../../../../../platform/lib/reporter.ts';

const repository = join(import.meta.dirname, '../../../../..');
const run = promisify(execFile);

/** Makes an empty folder a copy of the template without projects, as far as a project's code reaches. */
export async function plantTemplate(root: string): Promise<void> {
  await mkdir(join(root, 'pipeline/projects'), { recursive: true });
  for (const path of ['platform', 'node_modules', 'biome.json', 'package.json']) {
    await symlink(join(repository, path), join(root, path));
  }
}

/** `mainstem init` in this folder. */
export function initIn(
  root: string,
  request: InitRequest,
  signal: AbortSignal = new AbortController().signal,
): Promise<InitResult> {
  return initProject({ root, reporter: silentReporter, signal }, request);
}

/** Type-checks and lints a project's folder. @throws with the tools' words if they find anything */
export async function checkCode(root: string): Promise<void> {
  const config = { extends: join(repository, 'tsconfig.json'), include: ['pipeline/projects'] };
  await writeFile(join(root, 'tsconfig.json'), JSON.stringify(config));
  const binaries = join(repository, 'node_modules/.bin');
  await run(join(binaries, 'tsc'), ['-p', root], { cwd: root });
  const noGit = '--vcs-enabled=false';
  await run(join(binaries, 'biome'), ['check', noGit, 'pipeline/projects'], { cwd: root });
}

/** Photos of spots: `<folder>/<class>/<number>.jpg`, each class with a colour of its own. */
export async function plantSpots(folder: string, classes: Readonly<Record<string, number>>) {
  const random = createRandom(5);
  for (const [at, [name, count]] of Object.entries(classes).entries()) {
    await mkdir(join(folder, name), { recursive: true });
    for (let number = 0; number < count; number++) {
      const pixels = Buffer.from(
        Array.from({ length: 80 * 80 * 3 }, (_, index) =>
          index % 3 === at % 3 ? 120 + random.int(136) : random.int(120),
        ),
      );
      await sharp(pixels, { raw: { width: 80, height: 80, channels: 3 } })
        .jpeg()
        .toFile(join(folder, name, `${number}.jpg`));
    }
  }
}
