// Reads the pointers, asks the server what it serves, deploys only if they differ, and fails unless the server then
// names the promoted digests.
import * as core from '@actions/core';
import { pullAll } from '../../../pipeline/operations/transfer.ts';
import { reconcile } from '../lib/reconcile.ts';
import { runAction } from '../lib/run.ts';
import { openActionWorkspace } from '../lib/workspace.ts';

await runAction(async () => {
  const workspace = openActionWorkspace();
  const remote = core.getInput('remote');
  if (remote) await pullAll(workspace, remote);
  const changed = await reconcile({
    root: workspace.root,
    url: core.getInput('url', { required: true }),
    command: core.getInput('command'),
    timeoutSeconds: Number(core.getInput('timeout-seconds')),
    report: core.info,
  });
  core.setOutput('changed', changed);
});
