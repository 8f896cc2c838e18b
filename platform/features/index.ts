/* The online side of features: what the server looks up, by the rules by which training joins. */
export { type FeatureStatus, type FilledRow, fillRow } from './fill-row.ts';
export {
  type Lookup,
  type LookupStatus,
  lookupStatuses,
  type OnlineView,
  openViews,
  unavailableViews,
} from './look-up.ts';
export { FeatureSnapshot, readSnapshot, snapshotName, ViewSnapshot } from './snapshot.ts';
