import { errorCodes } from '../../../../../platform/lib/error-codes.ts';
import type { Trial } from './drive.ts';

const anyCode = new RegExp(`^(${Object.keys(errorCodes).join('|')}) .+`, 'm');
const raw =
  /^\s+at .+[:(]|\bE[A-Z]{4,}\b:|\berrno\b|\b(?:ENOENT|EACCES|EPERM|EISDIR|ENOTDIR|ELOOP|EEXIST|EROFS|ENOSPC)\b|node:internal|\[object Object\]|\bundefined\b|\bNaN\b/m;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there.
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

/** What is wrong with how a command ended, a text for each fault. */
export function checkTrial(trial: Trial): string[] {
  const { place, damage, command, exit, out, err, changed } = trial;
  const failed = exit !== 0;
  const said = out + err;
  const results = changed.filter((path) => !/^(?:\.mainstem|remote)(?:\/|$)/.test(path));
  const faults = [
    ...([0, 1, 2, 3].includes(exit) ? [] : [`exit ${exit}`]),
    ...(raw.test(said) ? ['raw words of the system'] : []),
    ...(controls.test(said) ? ['control characters'] : []),
    ...(exit > 1 && !anyCode.test(err) ? ['no code'] : []),
    ...(anyCode.test(err) && !/^ {2}\S.+/m.test(err) ? ['no hint'] : []),
    ...(failed && exit > 1 && results.length > 0 ? [`changed ${results.join(', ')}`] : []),
    ...leftovers(changed).map((path) => `left ${path}`),
  ];
  const title = `${command} with ${place} ${damage}`;
  return faults.length === 0 ? [] : [`${title}: ${faults.join('; ')}\n${said.slice(0, 1500)}`];
}

function leftovers(changed: readonly string[]): string[] {
  return changed.filter((path) => /\.tmp$|\.lock$/.test(path));
}
