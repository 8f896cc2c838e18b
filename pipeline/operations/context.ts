import type { ModelRecord, Workspace } from '../../platform/schemas/index.ts';

/** What the commands about one model start from: project, store and lock, loaded together. */
export async function openArena(workspace: Workspace, name: string) {
  const [{ loadProject }, { openStore, readLock }] = await Promise.all([
    import('../../platform/schemas/define/index.ts'),
    import('../../platform/storage/index.ts'),
  ]);
  const project = await loadProject(workspace.root, name);
  return {
    workspace,
    project,
    store: openStore(workspace.root),
    lock: await readLock(workspace.root),
  };
}

export type Arena = Awaited<ReturnType<typeof openArena>>;

/** The source files (relative to the repository) that decided a run, from the records of its stages. */
export async function codeOf(arena: Arena, record: ModelRecord): Promise<string[]> {
  const records = await Promise.all(
    Object.values(record.stages).map((key) => arena.store.readRecord(key)),
  );
  const files = records.flatMap((stage) => Object.keys(stage?.ingredients.code ?? {}));
  return [...new Set(files)].sort();
}
