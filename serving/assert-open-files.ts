import { readFileSync } from 'node:fs';
import { MainstemError } from '../platform/lib/errors.ts';

/** What a server opens while it starts, with half as much again; `strace` counts 31, and 5 for each thread. */
const files = { server: 64, thread: 8 };

/**
 * Refuses a start that would run out of files: native libraries that may open no more of them end the process without a word of
 * why.
 *
 * @param limit files that this process may have open
 * @throws MainstemError LIMIT_REACHED
 */
export function assertOpenFiles(workers: number, limit = readOpenFiles()): void {
  const needed = files.server + files.thread * workers;
  if (limit >= needed) return;
  const threads = workers === 1 ? 'one thread' : `${workers} threads`;
  const reason = `a server with ${threads} needs ${needed} open files, and may have ${limit} ("ulimit -n ${needed}" allows more)`;
  throw new MainstemError('LIMIT_REACHED', { reason });
}

/** Files that this process may have open; infinitely many where the system does not say. Node raises the soft limit to the hard one. */
export function readOpenFiles(): number {
  return readLinuxLimit() ?? readReportedLimit() ?? Number.POSITIVE_INFINITY;
}

/** Linux says so in a file, in a hundredth of the time that a report takes. */
function readLinuxLimit(): number | null {
  try {
    const limits = readFileSync('/proc/self/limits', 'utf8');
    return numberOf(/^Max open files +(\S+)/m.exec(limits)?.[1]);
  } catch {
    return null;
  }
}

function readReportedLimit(): number | null {
  const { report } = process;
  if (process.platform === 'win32') return null;
  // Names of hosts would be looked up for it. The types do not know of this yet.
  Object.assign(report, { excludeNetwork: true });
  const { userLimits } = report.getReport() as {
    readonly userLimits?: { readonly open_files?: { readonly soft: number | string } };
  };
  Object.assign(report, { excludeNetwork: false });
  return numberOf(userLimits?.open_files?.soft);
}

/** Null for `unlimited`. */
function numberOf(limit: number | string | undefined): number | null {
  return /^\d+$/.test(String(limit)) ? Number(limit) : null;
}
