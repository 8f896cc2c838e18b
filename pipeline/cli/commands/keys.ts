import { resolve } from 'node:path';
import type { Command } from 'commander';
import { keysFile, type Scope } from '../../../platform/schemas/access-names.ts';
import type { AccessKey } from '../../../platform/schemas/keys-file.ts';
import {
  type CommonOptions,
  jsonOption,
  openWorkspace,
  printResult,
  writeResult,
} from '../command.ts';
import { parseExpiry, parseKeyName, parsePath, parseScopes, wholeNumber } from '../options.ts';

interface KeysOptions extends CommonOptions {
  readonly file?: string;
}

interface AddOptions extends KeysOptions {
  readonly name: string;
  readonly scopes: Scope[];
  readonly expires?: string;
  readonly rate?: number;
}

const fileOption = [
  '--file <path>',
  'the keys file (default: MAINSTEM_KEYS, or .mainstem/keys.json)',
  parsePath,
] as const;

/** `keys add`, `keys list`, `keys revoke`: who may call a server. */
export function registerKeys(program: Command): void {
  const keys = program.command('keys').description('say who may call the server');
  keys
    .command('add')
    .description('make a key, print it once, and store its digest')
    .requiredOption('--name <name>', 'whose key it is', parseKeyName)
    .requiredOption(
      '--scopes <list>',
      'what it may do: predict, feedback, metrics, admin (everything)',
      parseScopes,
    )
    .option('--expires <when>', 'a time (ISO 8601), or in how many days: 90d', parseExpiry)
    .option('--rate <number>', 'most requests a minute', wholeNumber(1, 1_000_000))
    .option(...fileOption)
    .option(...jsonOption)
    .addHelpText(
      'after',
      '\nExample:\n  npx mainstem keys add --name farm-stand --scopes predict,feedback --expires 90d --rate 600',
    )
    .action(runAdd);
  keys
    .command('list')
    .description('print the keys: names, scopes, rates and when they expire')
    .option(...fileOption)
    .option(...jsonOption)
    .addHelpText('after', '\nExample:\n  npx mainstem keys list')
    .action(runList);
  keys
    .command('revoke')
    .description('remove a key; running servers refuse it within a second')
    .argument('<name>', 'whose key it is', parseKeyName)
    .option(...fileOption)
    .option(...jsonOption)
    .addHelpText('after', '\nExample:\n  npx mainstem keys revoke farm-stand')
    .action(runRevoke);
}

async function runAdd(options: AddOptions): Promise<void> {
  const workspace = openWorkspace(options);
  const { addKey } = await import('../../operations/manage-keys.ts');
  const { name, scopes, rate = null } = options;
  const now = new Date();
  const expiresAt = options.expires === undefined ? null : timeOf(options.expires, now);
  const path = pathOf(workspace.root, options);
  const note = `This is the key of "${name}". It is shown this once: only its digest is kept, in ${path}.`;
  await addKey(workspace, path, { name, scopes, expiresAt, rate }, now, ({ text, entry }) =>
    writeResult(options, { key: text, ...entry }, `${text}\n\n${note}`),
  );
}

async function runList(options: KeysOptions): Promise<void> {
  const { root } = openWorkspace(options);
  const { readKeys } = await import('../../operations/manage-keys.ts');
  const path = pathOf(root, options);
  const keys = await readKeys(path);
  const lines = keys.map((key) => renderKey(key, Date.now()));
  printResult(options, keys, lines.length > 0 ? lines.join('\n') : `There are no keys in ${path}.`);
}

async function runRevoke(name: string, options: KeysOptions): Promise<void> {
  const workspace = openWorkspace(options);
  const { revokeKey } = await import('../../operations/manage-keys.ts');
  await revokeKey(workspace, pathOf(workspace.root, options), name);
  printResult(options, { revoked: name }, `The key "${name}" is revoked.`);
}

/** Where the server of this machine looks, unless a file is named. */
function pathOf(root: string, { file }: KeysOptions): string {
  return file === undefined ? resolve(root, process.env.MAINSTEM_KEYS || keysFile) : resolve(file);
}

const dayMs = 24 * 3_600_000;

function timeOf(when: string, now: Date): string {
  const days = /^(\d+)d$/.exec(when)?.[1];
  const time = days === undefined ? Date.parse(when) : now.getTime() + Number(days) * dayMs;
  return new Date(time).toISOString();
}

function renderKey({ name, scopes, expiresAt, rate }: AccessKey, nowMs: number): string {
  const expired = expiresAt !== null && Date.parse(expiresAt) <= nowMs;
  const end =
    expiresAt === null ? 'does not expire' : `${expired ? 'expired' : 'expires'} ${expiresAt}`;
  const limit = rate === null ? 'any rate' : `${rate} a minute`;
  return `${name.padEnd(20)}  ${scopes.join(',').padEnd(24)}  ${limit.padEnd(14)}  ${end}`;
}
