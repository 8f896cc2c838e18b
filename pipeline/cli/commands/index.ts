import type { Command } from 'commander';
import { registerCheckout } from './checkout.ts';
import { registerCollect } from './collect.ts';
import { registerDataShow } from './data-show.ts';
import { registerDiff } from './diff.ts';
import { registerExperiment } from './experiment.ts';
import { registerFsck } from './fsck.ts';
import { registerHistory } from './history.ts';
import { registerInit } from './init.ts';
import { registerLock } from './lock.ts';
import { registerPromote } from './promote.ts';
import { registerPull } from './pull.ts';
import { registerPush } from './push.ts';
import { registerReport } from './report.ts';
import { registerReproduce } from './reproduce.ts';
import { registerRollback } from './rollback.ts';
import { registerRun } from './run.ts';
import { registerServe } from './serve.ts';
import { registerShow } from './show.ts';
import { registerStart } from './start.ts';
import { registerStatus } from './status.ts';
import { registerValidate } from './validate.ts';
import { registerVerify } from './verify.ts';

/** Every command, in the order of `--help`. Each registers itself; heavy modules load in its action. */
export const commands: readonly ((program: Command) => void)[] = [
  registerStart,
  registerInit,
  registerCollect,
  registerDataShow,
  registerLock,
  registerStatus,
  registerCheckout,
  registerDiff,
  registerPush,
  registerPull,
  registerFsck,
  registerValidate,
  registerRun,
  registerExperiment,
  registerReport,
  registerPromote,
  registerRollback,
  registerHistory,
  registerShow,
  registerVerify,
  registerReproduce,
  registerServe,
];
