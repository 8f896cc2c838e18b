import type { Command } from 'commander';
import { MainstemError } from '../../../platform/lib/errors.ts';
import { readText } from '../../../platform/lib/read-text.ts';
import { abbreviate } from '../../../platform/lib/text.ts';
import { type CommonOptions, jsonOption, openWorkspace, printResult } from '../command.ts';
import { parsePath, parseText } from '../options.ts';
import { remoteOption } from '../transfer.ts';

interface PublishCommandOptions extends CommonOptions {
  readonly remote?: string;
  readonly rev: string;
  readonly branch: string;
  readonly key?: string;
}

/** `publish`: says in a remote what serves, for servers that follow it there. */
export function registerPublish(program: Command): void {
  program
    .command('publish')
    .description('sign what a commit serves and write it to the remote, for servers without git')
    .option(...remoteOption)
    .option('--rev <revision>', 'the commit', parseText, 'HEAD')
    .option('--branch <name>', 'under which servers look for it', parseText, 'main')
    .option('--key <file>', 'the private key, instead of MAINSTEM_PUBLISH_KEY', parsePath)
    .option(...jsonOption)
    .addHelpText('after', '\nExample:\n  npx mainstem publish --key key.pem')
    .action(runPublish);
}

async function runPublish(options: PublishCommandOptions): Promise<void> {
  const workspace = openWorkspace(options);
  const privateKey = await readKey(options.key);
  const [{ publish }, { openTransfer }, { openStore }] = await Promise.all([
    import('../../operations/publish.ts'),
    import('../../operations/transfer.ts'),
    import('../../../platform/storage/index.ts'),
  ]);
  const store = openStore(workspace.root);
  const transfer = await openTransfer({ workspace, store }, options.remote);
  const { branch, rev: revision } = options;
  const now = () => new Date();
  const done = await publish({ transfer, branch, revision, privateKey, now });
  const what = `${done.models.join(', ')} of commit ${abbreviate(done.commit)}`;
  printResult(options, done, `Published ${what} as ${done.key} to ${transfer.remote.address}.`);
}

/** @throws MainstemError FOLLOW_KEY_INVALID, FILE_UNREADABLE */
async function readKey(file: string | undefined): Promise<string> {
  const text = file === undefined ? process.env.MAINSTEM_PUBLISH_KEY : await readText(file);
  if (text) return text;
  throw new MainstemError('FOLLOW_KEY_INVALID', {
    reason: 'is neither in --key nor in MAINSTEM_PUBLISH_KEY',
  });
}
