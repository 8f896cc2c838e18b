import type { StageContext } from '../../pipeline/engine/index.ts';
import { silentReporter } from '../../platform/lib/reporter.ts';
import type { Store } from '../../platform/storage/index.ts';
import { buildProject } from './project.ts';

/** What a stage runs in, for stages that make no use of the project. */
export function stageContext(store: Store, root: string): StageContext {
  const signal = new AbortController().signal;
  const workspace = { root, reporter: silentReporter, signal };
  return { workspace, store, project: buildProject(root), scratch: root };
}
