import type { Command } from 'commander';

/** Adds a command to the command line. */
export type Register = (program: Command) => void;

/**
 * Every command, in the order of `--help`. Each is loaded by itself, so that no command waits for another's modules or
 * depends on them; heavy ones are loaded in its action.
 */
export const commands: Readonly<Record<string, () => Promise<Register>>> = {
  start: async () => (await import('./start.ts')).registerStart,
  init: async () => (await import('./init.ts')).registerInit,
  backbone: async () => (await import('./backbone.ts')).registerBackbone,
  backend: async () => (await import('./backend.ts')).registerBackend,
  collect: async () => (await import('./collect.ts')).registerCollect,
  data: async () => (await import('./data-show.ts')).registerDataShow,
  import: async () => (await import('./import.ts')).registerImport,
  features: async () => (await import('./features.ts')).registerFeatures,
  'ingest-feedback': async () => (await import('./ingest-feedback.ts')).registerIngestFeedback,
  lock: async () => (await import('./lock.ts')).registerLock,
  status: async () => (await import('./status.ts')).registerStatus,
  checkout: async () => (await import('./checkout.ts')).registerCheckout,
  diff: async () => (await import('./diff.ts')).registerDiff,
  push: async () => (await import('./push.ts')).registerPush,
  publish: async () => (await import('./publish.ts')).registerPublish,
  pull: async () => (await import('./pull.ts')).registerPull,
  fsck: async () => (await import('./fsck.ts')).registerFsck,
  gc: async () => (await import('./gc.ts')).registerGc,
  validate: async () => (await import('./validate.ts')).registerValidate,
  run: async () => (await import('./run.ts')).registerRun,
  experiment: async () => (await import('./experiment.ts')).registerExperiment,
  sweep: async () => (await import('./sweep.ts')).registerSweep,
  trial: async () => (await import('./trial.ts')).registerTrial,
  compile: async () => (await import('./compile.ts')).registerCompile,
  report: async () => (await import('./report.ts')).registerReport,
  drift: async () => (await import('./drift.ts')).registerDrift,
  rank: async () => (await import('./rank.ts')).registerRank,
  promote: async () => (await import('./promote.ts')).registerPromote,
  rollback: async () => (await import('./rollback.ts')).registerRollback,
  history: async () => (await import('./history.ts')).registerHistory,
  show: async () => (await import('./show.ts')).registerShow,
  card: async () => (await import('./card.ts')).registerCard,
  export: async () => (await import('./export.ts')).registerExport,
  score: async () => (await import('./score.ts')).registerScore,
  doctor: async () => (await import('./doctor.ts')).registerDoctor,
  verify: async () => (await import('./verify.ts')).registerVerify,
  reproduce: async () => (await import('./reproduce.ts')).registerReproduce,
  keys: async () => (await import('./keys.ts')).registerKeys,
  serve: async () => (await import('./serve.ts')).registerServe,
};
