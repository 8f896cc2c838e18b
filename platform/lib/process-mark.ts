import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/*
 * A mark names one process forever: `<place>-<pid>-<start>`. A process id alone is soon another process's, after a
 * restart of the machine or in the next container, where the first process is always 1.
 */

/** A mark, as part of a regular expression. */
export const markPattern = '[0-9a-f]{8}-\\d+-\\d*';

/** Whether a process still runs; `unknown` for a process that cannot be seen from here, or not told from another. */
export type ProcessState = 'running' | 'ended' | 'unknown';

let own: string | undefined;

/**
 * The mark of this process.
 *
 * @example ownMark() // '5e0c9a41-18423-9120477'
 */
export function ownMark(): string {
  own ??= `${place()}-${process.pid}-${startOf(process.pid)}`;
  return own;
}

/**
 * Whether the process with this mark still runs.
 *
 * @example stateOf(ownMark()) // 'running'
 */
export function stateOf(mark: string): ProcessState {
  const [where, pid = '', start = ''] = mark.split('-');
  if (!new RegExp(`^${markPattern}$`).test(mark) || where !== place()) return 'unknown';
  if (!exists(Number(pid))) return 'ended';
  const found = startOf(Number(pid));
  if (found === '' || start === '') return 'unknown';
  return found === start ? 'running' : 'ended';
}

let here: string | undefined;

/** Where process ids mean the same: this start of this machine, and the container in it. */
function place(): string {
  here ??= createHash('sha256').update(describePlace()).digest('hex').slice(0, 8);
  return here;
}

function describePlace(): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8');
    return `${boot} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return hostname();
  }
}

/** When a process started, in whatever unit the system counts; '' if it does not say. */
function startOf(pid: number): string {
  if (process.platform === 'win32') return '';
  return process.platform === 'linux' ? startFromProc(pid) : startFromPs(pid);
}

/** Field 22 of the process's line: clock ticks since the machine started. The name before may hold any character. */
function startFromProc(pid: number): string {
  try {
    const line = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return line.slice(line.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

function startFromPs(pid: number): string {
  try {
    const options = { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' } } as const;
    const said = execFileSync('ps', ['-o', 'lstart=', '-p', `${pid}`], options);
    const time = Date.parse(`${said.trim()} UTC`);
    return Number.isNaN(time) ? '' : `${time / 1000}`;
  } catch {
    return '';
  }
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
