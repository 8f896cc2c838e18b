// Runs in a workflow_run job or for a merge group, from the default branch's checkout. The head is fetched and read as
// data: lock, parameters, pointers and records. What it trained is an ONNX file, which is data too.
import { join } from 'node:path';
import * as core from '@actions/core';
import { type JudgedChange, judgeChange } from '../../../pipeline/operations/judge-change.ts';
import { renderHtmlReport } from '../../../pipeline/operations/render-html-report.ts';
import { writeFileAtomic } from '../../../platform/lib/files.ts';
import { isRecordPath } from '../../../platform/registry/index.ts';
import { projectNames } from '../../../platform/schemas/define/index.ts';
import type { Workspace } from '../../../platform/schemas/index.ts';
import {
  artefactReferences,
  createFolderRemote,
  openStore,
  push,
} from '../../../platform/storage/index.ts';
import { affectedProjects, noticesOf } from '../lib/affected.ts';
import { readBundle } from '../lib/bundle.ts';
import { changedFiles, fetchCommit } from '../lib/fetch-commit.ts';
import { openGitHub } from '../lib/github.ts';
import { type JudgedProject, writeJudgement } from '../lib/judgement-file.ts';
import { runAttempt } from '../lib/pull-request.ts';
import { runAction } from '../lib/run.ts';
import { findSubject, type Subject } from '../lib/subject.ts';
import { openActionWorkspace } from '../lib/workspace.ts';

await runAction(async () => {
  const token = core.getInput('github-token', { required: true });
  const folder = core.getInput('folder', { required: true });
  core.setOutput('head', '');
  const subject = await findSubject(openGitHub(token));
  if (!subject) {
    return core.notice('The pull request is closed, has a newer commit or run, or goes elsewhere.');
  }
  const workspace = openActionWorkspace();
  const { root } = workspace;
  for (const sha of [subject.head, subject.base]) await fetchCommit(root, sha, token);
  const changed = await changedFiles(root, subject.base, subject.head);
  const known = await projectNames(root);
  const downloads = core.getInput('downloads');
  const { names, notices, blocked } = await affectedProjects({
    root,
    ...subject,
    changed,
    known,
    downloads,
  });
  const projects: JudgedProject[] = [];
  for (const name of names) projects.push(await judgeProject(workspace, subject, name, folder));
  const { head, base, pull } = subject;
  await writeJudgement(folder, {
    ...{ version: 1, head, base, pull },
    blocked,
    notices: [...notices, ...noticesOf(changed, known)],
    projects,
  });
  core.setOutput('head', subject.head);
  const due = projects.filter(({ files }) => Object.keys(files).length > 0);
  core.setOutput('promotable', due.map(({ project }) => project).join(' '));
});

async function judgeProject(
  workspace: Workspace,
  { base, head, pull, asked }: Subject,
  name: string,
  folder: string,
): Promise<JudgedProject> {
  const downloads = core.getInput('downloads');
  const bundle = downloads ? await readBundle(downloads, name, runAttempt()) : null;
  const judged = await judgeChange(workspace, name, {
    ...{
      base,
      head,
      asked,
      remote: core.getInput('remote'),
      writable: pull !== null && !pull.fork,
    },
    result: bundle && { ...bundle, blobs: createFolderRemote(bundle.blobs) },
  });
  const { candidate, ...told } = judged;
  core.info(`${name}: ${told.gates.description}`);
  if (told.report) {
    const page = await renderHtmlReport(openStore(workspace.root), told.report);
    await writeFileAtomic(join(folder, 'reports', `${name}.html`), page);
  }
  return {
    ...told,
    files: { ...told.files },
    blobs: await keepArtefacts(workspace, judged, folder),
  };
}

/** Puts what is to be promoted beside the judgement: the jobs that write never see the experiment's own files. */
async function keepArtefacts(
  workspace: Workspace,
  { candidate, files, project }: JudgedChange,
  folder: string,
): Promise<string | null> {
  if (!candidate || !Object.keys(files).some(isRecordPath)) return null;
  const remote = createFolderRemote(join(folder, 'blobs', project));
  await push(
    { workspace, store: openStore(workspace.root), remote },
    artefactReferences(candidate),
  );
  return join('blobs', project);
}
