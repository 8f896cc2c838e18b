export { artefactsOf, missingArtefacts } from './artefacts.ts';
export { digestTree, readBuildId, serverFiles } from './build-id.ts';
export { findHeldBackFaults } from './check-held-back.ts';
export {
  loadCommitted,
  type Pointers,
  pointerAt,
  pointersDiffer,
  promotedModelsAt,
  readPointers,
  uncommittedPointer,
} from './committed.ts';
export { describeTraffic } from './describe-traffic.ts';
export { type FoundRun, findRun, listRuns } from './find.ts';
export { findPointerFaults } from './find-pointer-faults.ts';
export { findRecord } from './find-record.ts';
export { type HistoryEntry, history } from './history.ts';
export { isAlike } from './is-alike.ts';
export { buildLook, looksAt, pastLooks, withLooks } from './looks.ts';
export { type MergedPromotion, mergedPromotions } from './merged-promotions.ts';
export {
  type Channel,
  isLookPath,
  isRecordPath,
  isTrial,
  lookPath,
  pointerPath,
  recordPath,
  type TrialChannel,
  trialChannels,
} from './paths.ts';
export { type ProjectState, readProjectState } from './project-state.ts';
export { buildPointer, promote } from './promote.ts';
export type { HeldBackLooker, Promoted, Promotion } from './promotion.ts';
export {
  loadPromoted,
  loadRecord,
  type PromotedModel,
  parseRecord,
  promotedModels,
  readPointer,
} from './read.ts';
export { readableRecords, recordsAt } from './readable-records.ts';
export { recordDigest } from './record-digest.ts';
export { findEarlierPromotion, type RolledBack, rollback } from './rollback.ts';
export {
  parsePrivateKey,
  parsePublicKey,
  readServed,
  type ServedDocument,
  sequenceOf,
  servedFolder,
  servedKey,
  servedPrefix,
  signServed,
} from './served-document.ts';
export {
  findPointers,
  modelsListing,
  namedRecords,
  parseTree,
  refuseCommit,
  type ServedFiles,
  servedFilesAt,
  type TreeEntry,
} from './served-files.ts';
export { settledRecord } from './settled-record.ts';
export {
  describeTrials,
  type EndedTrial,
  endTrial,
  readTrials,
  type Trial,
} from './trials.ts';
export { undoneRuns } from './undone-runs.ts';
export { type CheckResult, verify } from './verify.ts';
export { finishTreeChanges, renderJson } from './write.ts';
