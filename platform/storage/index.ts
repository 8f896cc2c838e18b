export { type DvcImport, importDvc } from './dvc/import-dvc.ts';
export { collectGarbage, Garbage } from './gc/collect-garbage.ts';
export {
  collectRemoteGarbage,
  RemoteGarbage,
  remoteSources,
} from './gc/collect-remote-garbage.ts';
export { renderUnseen } from './gc/history.ts';
export { type AppliedCorrections, applyCorrections } from './lock/apply-corrections.ts';
export { assertNameFree } from './lock/assert-name-free.ts';
export { assertPlace } from './lock/assert-place.ts';
export { CheckoutResult, checkoutDataset, restoreDataset } from './lock/checkout.ts';
export { assertNoTwins, findCollisions } from './lock/collisions.ts';
export {
  type CountedExamples,
  countExamples,
  countRows,
  type ExampleCounts,
} from './lock/count-examples.ts';
export { countMoves, type Moves, renderMoves } from './lock/count-moves.ts';
export { withDataTurn } from './lock/data-turn.ts';
export { classCounts, DataDiff, DatasetDiff, diffLocks } from './lock/diff.ts';
export { contentsWithout } from './lock/digest-rows.ts';
export { readAllExamples, readExamples } from './lock/examples.ts';
export { type Part, pickPart, withoutHeldBack } from './lock/held-back.ts';
export {
  candidatesOf,
  describeSufficient,
  findHeldBackGaps,
  type HeldBackGaps,
  toCandidates,
} from './lock/held-back-gaps.ts';
export { joinLock, type PreferredSide } from './lock/join-locks.ts';
export { renderLeftOut } from './lock/left-out.ts';
export {
  lockProject,
  parseLock,
  pickDatasets,
  readLock,
  renderLock,
  withLockTurn,
} from './lock/lock.ts';
export { datasetsOf, lockedOf, sourcesOf } from './lock/locked-of.ts';
export { encodeManifest, readManifest } from './lock/manifest.ts';
export { markHeldBack } from './lock/mark-held-back.ts';
export { loadOtherProjects } from './lock/other-projects.ts';
export { findRenamed, selectParquetNames } from './lock/parquet-names.ts';
export { parseTableFile } from './lock/parse-table-file.ts';
export { describeSharing, projectsReading, renderSharing } from './lock/projects-reading.ts';
export { readLeftOut } from './lock/read-left-out.ts';
export { isParquet } from './lock/read-parquet.ts';
export { readTable } from './lock/read-table.ts';
export { renderChangeCounts, renderChanges, renderDataDiff } from './lock/render-diff.ts';
export { describeChangedFacts, findReplaced, renderReplaced } from './lock/replaced.ts';
export { countsRows, digestRow, type NamedRow } from './lock/row-identity.ts';
export {
  assertOneDefinition,
  contradiction,
  findSharedDatasets,
  type SharedDataset,
} from './lock/shared-datasets.ts';
export { assignPart, assignSplit } from './lock/split.ts';
export { DatasetStatus, readStatus } from './lock/status.ts';
export { stemOf } from './lock/stem-of.ts';
export {
  columnsOfSplit,
  createDealer,
  createMetadata,
  dealTable,
  examplesOfTable,
} from './lock/table-examples.ts';
export { readWorkingData, type WorkingData } from './lock/working.ts';
export { checkRemote, RemoteCheck } from './remotes/check-remote.ts';
export { createFolderRemote } from './remotes/folder-remote.ts';
export { interruptible } from './remotes/interruptible.ts';
export { readInventory } from './remotes/inventory.ts';
export { findNewestServed, type ServedPlace } from './remotes/newest-served.ts';
export { findRemoteAddress, openRemote, remoteOfForge } from './remotes/open-remote.ts';
export { type Pulled, pull } from './remotes/pull.ts';
export { push, type Transfer, type TransferOptions } from './remotes/push.ts';
export {
  artefactReferences,
  collectReferences,
  findArtefacts,
  type References,
} from './remotes/references.ts';
export type { Remote } from './remotes/remote.ts';
export { shareStore } from './remotes/share-store.ts';
export { dropDamaged } from './store/damaged.ts';
export { StoreFinding } from './store/finding.ts';
export { checkStore, FsckResult } from './store/fsck.ts';
export { isStoreError, nameBlob } from './store/name-blob.ts';
export { openStore, type Store } from './store/store.ts';
