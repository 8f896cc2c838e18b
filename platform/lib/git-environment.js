// How git is called. JavaScript, because bootstrap.js needs it on any Node.
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Set by git for its hooks, or by hand; they would lead every command to another repository or index than the root's. */
const elsewhere = [
  ...['GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE', 'GIT_COMMON_DIR', 'GIT_OBJECT_DIRECTORY'],
  ...['GIT_ALTERNATE_OBJECT_DIRECTORIES', 'GIT_PREFIX', 'GIT_NAMESPACE', 'GIT_QUARANTINE_PATH'],
];

/** Set by a person for commands of his own; ours name files as they are. */
const pathspecs = ['LITERAL', 'GLOB', 'NOGLOB', 'ICASE'].map((kind) => `GIT_${kind}_PATHSPECS`);

/**
 * The environment for git in a folder: that folder decides which repository is meant, and messages are in English, so that
 * they can be told apart. A folder without `.git` keeps what the environment says, which then is all there is.
 *
 * @param {string} root
 * @returns {NodeJS.ProcessEnv}
 */
export function gitEnvironment(root) {
  /** @type {NodeJS.ProcessEnv} */
  const environment = { ...process.env, LC_ALL: 'C', GIT_TERMINAL_PROMPT: '0' };
  for (const name of pathspecs) delete environment[name];
  if (existsSync(join(root, '.git'))) for (const name of elsewhere) delete environment[name];
  return environment;
}
