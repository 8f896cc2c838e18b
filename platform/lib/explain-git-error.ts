import { accessSync, constants, existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ErrorCode } from './error-codes.ts';
import { type ErrorDetails, MainstemError } from './errors.ts';

/** What git said when it failed. */
export interface GitFailure {
  readonly root: string;
  /** The command in short, for example `commit -m`. */
  readonly command: string;
  /** What it wrote to standard error, or why it could not be started. */
  readonly reason: string;
  /** How it ended by itself. */
  readonly exit?: number | null;
  /** The name of a system error, if git could not be started. */
  readonly code?: unknown;
}

/** How git's words read, the code that says so, and what fills its texts. */
type Meaning = {
  [Code in ErrorCode]: readonly [
    RegExp,
    Code,
    (failure: GitFailure, match: RegExpExecArray) => ErrorDetails<Code>,
  ];
}[ErrorCode];

/** What git says (with LC_ALL=C), and what it means; the first that fits counts. */
const meanings: readonly Meaning[] = [
  [/tell me who you are|empty ident|unable to auto-detect email/i, 'GIT_IDENTITY', () => ({})],
  [
    /bad config|bad \w+ config value|reading the configuration files|bogus (?:count|format)|(?:missing|empty) config (?:key|value)|parse (?:command-line|environment) config|invalid config (?:format|key)|too many entries in GIT_CONFIG/i,
    'GIT_SETTINGS',
    ({ reason }) => ({ reason }),
  ],
  [
    /could not fetch .* from promisor remote|promisor remote/i,
    'GIT_PARTIAL',
    ({ reason }) => ({ reason: reason.split('\n', 1)[0] ?? reason }),
  ],
  [/dubious ownership/i, 'GIT_UNTRUSTED', ({ root }) => ({ path: root })],
  [
    /unable to create '([^']*\.lock)': File exists/i,
    'GIT_BUSY',
    (_, match) => ({ path: match[1] }),
  ],
  [
    /no space left on device|out of diskspace/i,
    'DISK_FULL',
    () => ({ path: '.git', reason: 'ENOSPC' }),
  ],
  [/disk quota exceeded/i, 'DISK_FULL', () => ({ path: '.git', reason: 'EDQUOT' })],
  [/file too large/i, 'DISK_FULL', () => ({ path: '.git', reason: 'EFBIG' })],
  [/read-only file system/i, 'FILE_UNWRITABLE', () => ({ path: '.git', reason: 'EROFS' })],
  [
    /unable to (?:create|write|append|unlink)[^\n]*permission denied|insufficient permission/i,
    'FILE_UNWRITABLE',
    () => ({ path: '.git', reason: 'EACCES' }),
  ],
  [/permission denied/i, 'FILE_UNREADABLE', () => ({ path: '.git', reason: 'EACCES' })],
  [/not a git repository/i, 'GIT_NO_REPOSITORY', ({ root }) => ({ path: root })],
  [
    /does not have any commits yet|(?:ambiguous argument|bad revision|object name|not a valid ref:?) '?HEAD\b/i,
    'GIT_NO_COMMITS',
    () => ({}),
  ],
  [
    /partial commit during|unmerged|MERGE_HEAD exists|you need to resolve|not concluded your merge/i,
    'GIT_UNFINISHED',
    ({ reason }) => ({ reason }),
  ],
  [
    /corrupt|bad (?:object|index|signature|tree)|unable to (?:read (?:tree|sha1)|parse|map)|index file (?:smaller|corrupt)|invalid (?:sha1|gitfile)|object file .* is empty|missing (?:blob|tree|commit)|broken|bad signature|cannot lock ref/i,
    'GIT_DAMAGED',
    ({ reason }) => ({ reason }),
  ],
];

/**
 * The error for a git command that failed: what git means, if it is among the common reasons, and otherwise its own words.
 *
 * @example explainGitError({ root, command: 'log', reason: 'fatal: not a git repository' }).code // 'GIT_NO_REPOSITORY'
 */
export function explainGitError(failure: GitFailure, options: ErrorOptions = {}): MainstemError {
  const { root, command, reason, exit, code } = failure;
  if (code !== undefined) return explainStart(failure, options);
  for (const [pattern, meaning, details] of meanings) {
    const match = pattern.exec(reason);
    if (!match) continue;
    if (meaning === 'GIT_NO_REPOSITORY' && existsSync(join(root, '.git')))
      return explainRefused(root, reason, options);
    return MainstemError.again(meaning, details(failure, match), options);
  }
  return new MainstemError('GIT_FAILED', { command, reason, exit }, options);
}

/** git says "not a repository" too where .git is there, but cannot be read or is not what it should be. */
function explainRefused(root: string, reason: string, options: ErrorOptions): MainstemError {
  try {
    accessSync(join(root, '.git', 'HEAD'), constants.R_OK);
    accessSync(join(root, '.git', 'objects'), constants.R_OK);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EACCES')
      return new MainstemError('FILE_UNREADABLE', { path: '.git', reason: error.code }, options);
  }
  return new MainstemError('GIT_DAMAGED', { reason }, options);
}

/** ENOENT means that there is no git, or that the folder to run it in has disappeared. */
function explainStart({ root, code }: GitFailure, options: ErrorOptions): MainstemError {
  if (!existsSync(root))
    return new MainstemError('FILE_UNREADABLE', { path: root, reason: 'ENOENT' }, options);
  if (code === 'ENOENT') return new MainstemError('GIT_MISSING', {}, options);
  return new MainstemError('PROGRAM_UNUSABLE', { program: 'git', reason: code }, options);
}
