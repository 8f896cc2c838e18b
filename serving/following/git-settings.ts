import { devNull } from 'node:os';
import { gitEnvironment } from '../../platform/lib/git-environment.js';

/** The name under which git knows the address, which stands in its environment and in no file. */
export const remoteName = 'followed';

/** What of the environment says how to reach a server; whatever else git reads there is about the repository of a caller. */
const kept = /^GIT_(ASKPASS|CONFIG_|CURL_|HTTP_|PROXY_|SSH|SSL_|TERMINAL_PROMPT|TRACE)/;

/**
 * The environment of git for a bare repository of our own.
 *
 * @param root what an address may be relative to
 * @param folder the bare repository
 */
export function environmentFor(
  root: string,
  folder: string,
  address: string,
  more: Readonly<Record<string, string>> = {},
): NodeJS.ProcessEnv {
  const inherited = Object.entries(gitEnvironment(root)).filter(
    ([name]) => !name.startsWith('GIT_') || kept.test(name),
  );
  const environment: NodeJS.ProcessEnv = {
    ...Object.fromEntries(inherited),
    GIT_DIR: folder,
    // Nobody is there to be asked.
    SSH_ASKPASS_REQUIRE: 'never',
  };
  let count = Number(environment.GIT_CONFIG_COUNT ?? 0);
  for (const [key, value] of Object.entries({ ...settings(address), ...more })) {
    environment[`GIT_CONFIG_KEY_${count}`] = key;
    environment[`GIT_CONFIG_VALUE_${count}`] = value;
    count += 1;
  }
  return { ...environment, GIT_CONFIG_COUNT: String(count) };
}

function settings(address: string): Record<string, string> {
  return {
    [`remote.${remoteName}.url`]: address,
    // Neither hooks of the machine nor work that goes on behind it: the repository is removed a moment later.
    'core.hooksPath': devNull,
    'gc.auto': '0',
    'maintenance.auto': 'false',
    'fetch.writeCommitGraph': 'false',
    'fetch.recurseSubmodules': 'false',
    // What comes stays one file, whose size the system bounds.
    'fetch.unpackLimit': '1',
    'color.ui': 'false',
  };
}
