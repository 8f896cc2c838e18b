/*
 * A thread that works on kernels beside the main one, on the same memory. It reads and writes nothing else, and ends with the
 * process. Started by team.ts, never by hand.
 */
import { workerData } from 'node:worker_threads';
import { instantiateKernels } from './compiled.ts';
import { doParts, openBoard } from './job-board.ts';
import type { TeamMember } from './team.ts';

const { module, memory, board }: TeamMember = workerData;
doParts(openBoard(board), await instantiateKernels(module, memory));
