/* The offline side of features: the point-in-time join for training, and the snapshot that the server looks things up in. */
export { buildSnapshot, type SnapshotRequest } from './build-snapshot.ts';
export { type Joined, type JoinRequest, joinFeatures, type ViewCounts } from './join-features.ts';
