// Brings what is published for servers into line with the checkout: signs pointers and records of its commit and writes them into
// the remote. It reconciles, so a run that was lost, is late or is repeated does no harm.
import * as core from '@actions/core';
import { publishNewer } from '../../../pipeline/operations/publish-newer.ts';
import { openTransfer } from '../../../pipeline/operations/transfer.ts';
import { openStore } from '../../../platform/storage/index.ts';
import { fetchCommit } from '../lib/fetch-commit.ts';
import { runAction } from '../lib/run.ts';
import { openActionWorkspace } from '../lib/workspace.ts';

await runAction(async () => {
  const token = core.getInput('github-token', { required: true });
  const publicKey = core.getInput('follow-key', { required: true });
  const privateKey = core.getInput('key');
  for (const line of privateKey.split('\n').filter(Boolean)) core.setSecret(line);
  const workspace = openActionWorkspace();
  const ends = { workspace, store: openStore(workspace.root) };
  const elsewhere = core.getInput('documents');
  const { state, commit, document } = await publishNewer({
    transfer: await openTransfer(ends, core.getInput('remote')),
    documents: elsewhere === '' ? undefined : (await openTransfer(ends, elsewhere)).remote,
    branch: core.getInput('branch'),
    revision: 'HEAD',
    ...{ privateKey, publicKey, now: () => new Date() },
    fetch: (sha) => fetchCommit(workspace.root, sha, token),
  });
  core.setOutput('state', state);
  core.setOutput('commit', commit);
  core.setOutput('document', document);
  if (state === 'published') core.notice(`Servers follow ${document} from now on.`);
});
