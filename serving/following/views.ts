import { readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Type } from 'typebox';
import { isMainstemError } from '../../platform/lib/errors.ts';
import { readJson, writeJson } from '../../platform/lib/json-file.ts';
import { sweepLeftovers } from '../../platform/lib/leftovers.ts';
import { makeFolder } from '../../platform/lib/make-folder.ts';
import { readFile } from '../../platform/lib/read-text.ts';
import { temporaryIn } from '../../platform/lib/temporary.ts';
import { writeFile } from '../../platform/lib/write-file.ts';
import type { ServedFiles } from '../../platform/registry/index.ts';

/** What was read of a branch, as folders that a server reads like a repository. */
export interface View {
  readonly commit: string;
  /** A folder with `models/`. */
  readonly root: string;
}

/** Keeps views across restarts. */
export interface Views {
  /** The one that was followed last; null if there is none. */
  last(): Promise<View | null>;
  /** @throws NodeJS.ErrnoException where it cannot be written */
  write(snapshot: ServedFiles): Promise<View>;
  /** Notes that a view is followed from now on, and removes old ones. */
  keep(view: View): Promise<void>;
}

const State = Type.Object({
  version: Type.Literal(1),
  commit: Type.String({ pattern: '^([0-9a-f]{40}|[0-9a-f]{64})$' }),
});
/** Servers that share a folder may be a commit apart, and one may still read the view from before. */
const kept = 4;

/** Opens the views of one branch. */
export async function openViews(folder: string): Promise<Views> {
  await sweepLeftovers(folder, { now: Date.now(), remove: true, recursive: false });
  const stateFile = join(folder, 'state.json');
  const viewOf = (commit: string): View => ({ commit, root: join(folder, commit) });
  return {
    async last() {
      const state = await readJson(stateFile, State).catch((error: unknown) => {
        if (isMainstemError(error)) return null;
        throw error;
      });
      return state && viewOf(state.commit);
    },
    async write({ commit, files }) {
      const view = viewOf(commit);
      if (await isSame(view.root, files)) return view;
      const temporary = temporaryIn(folder);
      try {
        for (const [path, bytes] of files) await writeBelow(join(temporary, path), bytes);
        // What is there was left half-written by a machine that stopped.
        await rm(view.root, { recursive: true, force: true });
        await rename(temporary, view.root);
      } finally {
        await rm(temporary, { recursive: true, force: true });
      }
      return view;
    },
    async keep(view) {
      await writeJson(stateFile, { version: 1, commit: view.commit });
      await prune(folder, view.commit);
    },
  };
}

async function writeBelow(path: string, bytes: Uint8Array): Promise<void> {
  await makeFolder(dirname(path));
  await writeFile(path, bytes);
}

async function isSame(root: string, files: ServedFiles['files']): Promise<boolean> {
  for (const [path, bytes] of files) {
    const found = await readFile(join(root, path)).catch(() => null);
    if (!found || Buffer.compare(found, bytes) !== 0) return false;
  }
  return true;
}

/** Removes all views but the newest. */
async function prune(folder: string, current: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => /^[0-9a-f]{40,64}$/.test(name));
  const aged = await Promise.all(
    names.map(async (name) => ({
      name,
      at: await stat(join(folder, name)).then(
        ({ mtimeMs }) => mtimeMs,
        () => 0,
      ),
    })),
  );
  const old = aged.filter(({ name }) => name !== current).sort((a, b) => b.at - a.at);
  for (const { name } of old.slice(kept - 1))
    await rm(join(folder, name), { recursive: true, force: true });
}
