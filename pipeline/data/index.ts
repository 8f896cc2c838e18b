export { DataDiff, DatasetDiff, diffLocks } from './diff.ts';
export { readExamples } from './examples.ts';
export { datasetsOf, lockProject, readLock } from './lock.ts';
export { readManifest } from './manifest.ts';
export { assignSplit } from './split.ts';
export { openStore, type Store } from './store.ts';
