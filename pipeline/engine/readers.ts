import { createFileLog, type FileLog } from '../../platform/lib/file-log.ts';
import { type InstalledPackages, openInstalledPackages } from './installed-packages.ts';
import { type ModuleCache, openModuleCache } from './module-cache.ts';

/** How source files and installed packages are read. */
export interface Readers {
  readonly modules: ModuleCache;
  readonly installed: InstalledPackages;
}

/** Opens the readers of a repository. @param log where each look at a file is noted */
export async function openReaders(
  root: string,
  log: FileLog = createFileLog(root),
): Promise<Readers> {
  return {
    modules: await openModuleCache(root, log),
    installed: openInstalledPackages(root, log),
  };
}
