import { execFile } from 'node:child_process';
import {
  copyFile,
  lstat,
  mkdir,
  readFile,
  rename,
  rm,
  stat,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { recallAnswer } from '../../../pipeline/commands/recall-answer.ts';
import { rememberAnswer } from '../../../pipeline/commands/unchanged.ts';
import { openStore } from '../../../pipeline/data/index.ts';
import { readTreeState } from '../../../pipeline/file-state.js';
import { digestBytes } from '../../../pipeline/lib/hash.ts';
import { questionOf, recall } from '../../../pipeline/recall.js';
import { createFileLog } from '../../../pipeline/stages/index.ts';
import { modelRecord } from '../../helpers/model-record.ts';
import { createRepository } from '../stages/temporary-repository.ts';
