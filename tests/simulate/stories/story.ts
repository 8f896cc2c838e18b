import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { defaultBranchTrigger, emit } from '../github/events.ts';
import { git, tryGit } from '../github/git.ts';
import {
  enqueue,
  landGroup,
  type MergeMethod,
  mergePull,
  type QueueEntry,
} from '../github/merging.ts';
import { emitPull } from '../github/references.ts';
import { startRegistry } from '../github/registry.ts';
import { type GitHub, startGitHub, userToken } from '../github/start-github.ts';
import {
  type Comment,
  type Entry,
  type Forge,
  type Pull,
  type Run,
  record,
  type Settings,
} from '../github/state.ts';
import type { RunnerOptions } from '../runner/job-host.ts';
import type { Runner } from '../runner/runner.ts';
import { startRunner } from '../runner/start-runner.ts';
import { keepArtifact } from '../runner/third-party/upload-artifact.ts';
import {
  type Changes,
  clone,
  type Hands,
  mergeMain,
  open,
  type PullRequestOptions,
  push,
  revert,
} from './contributions.ts';
import { type Template, templateRepository } from './template-repository.ts';

const root = join(import.meta.dirname, '../../..');

export interface StoryOptions extends Pick<RunnerOptions, 'only' | 'onStep' | 'labels'> {
  readonly settings?: Partial<Settings>;
  /** What the variable MAINSTEM_REMOTE names, or the forge's own registry, which no variable names. @default 'folder' */
  readonly remote?: 'folder' | 'registry' | 'none';
  /** The repository that it starts from. @default the one with the gourds */
  readonly template?: Template;
}

/**
 * A repository on a simulated GitHub, and what people do to it. Every step only starts what it starts; `idle` waits until
 * nothing more happens by itself.
 */
export interface Story {
  readonly forge: Forge;
  readonly runner: Runner;
  readonly folder: string;
  /** Address of the remote; where there is none, that of a folder with the data. */
  readonly remote: string;
  /** Of the owner, who may do everything. */
  readonly token: string;
  readonly timeline: readonly Entry[];
  idle(): Promise<void>;
  /** A heading in the timeline. */
  chapter(text: string): void;
  open(branch: string, changes: Changes, options?: PullRequestOptions): Promise<Pull>;
  /** Another commit on a pull request's branch, or on a branch by name. */
  push(
    branch: Pull | string,
    changes: Changes,
    options?: { readonly lock?: boolean },
  ): Promise<string>;
  /** A person merges main into a pull request's branch and takes main's version of some files. */
  mergeMain(pull: Pull, theirs: readonly string[]): Promise<string>;
  /** A person puts a label on a pull request. */
  label(pull: Pull, name: string): void;
  /** @throws Refusal 405 while it conflicts or the ruleset blocks it */
  merge(pull: Pull, method?: MergeMethod): string;
  queue(pull: Pull): void;
  /** Lands or drops what waits in the queue, in order. @returns what was missing, for each */
  settleQueue(): string[][];
  /** Opens a pull request that reverts a commit of main. */
  revert(commit: string): Promise<Pull>;
  comments(pull: Pull): Comment[];
  /** The newest status of each context. */
  statuses(commit: string): Record<string, string>;
  /** What the newest status of each context says. */
  descriptions(commit: string): Record<string, string>;
  runs(workflow: string): Run[];
  rerun(run: Run, failedOnly?: boolean): void;
  /** The same event once more, as GitHub sometimes delivers it. */
  repeat(run: Run): void;
  dispatch(workflow: string, inputs?: Readonly<Record<string, string>>): void;
  repositoryDispatch(type: string, payload?: Readonly<Record<string, unknown>>): void;
  schedule(cron: string): void;
  approve(environment: string): void;
  /** A person lets workflows run on a head that a job's token has pushed. */
  approveRuns(pull: Pull): void;
  /** Is called when the story closes. */
  onClose(end: () => void | Promise<void>): void;
  /** Puts an artefact into a run as hostile code can: no name is refused. */
  plantArtifact(run: Run, name: string, files: Readonly<Record<string, string | Buffer>>): void;
  file(revision: string, path: string): string | null;
  sha(revision: string): string;
  /** Files that differ between two commits. */
  changed(from: string, to: string): string[];
  /** A clone of main's tip with packages linked, for commands. */
  clone(revision?: string): string;
  close(): Promise<void>;
}

/** Starts a story: a repository fresh from the template, its GitHub and its runner. */
export async function startStory(options: StoryOptions = {}): Promise<Story> {
  const folder = mkdtempSync(join(tmpdir(), 'mainstem-story-'));
  const bare = join(folder, 'farm.git');
  const template = options.template ?? (await templateRepository());
  git(folder, ['clone', '--quiet', '--bare', '--no-local', template.folder, bare]);
  const share = join(folder, 'remote');
  cpSync(template.remote, share, { recursive: true });
  const vars: Record<string, string> =
    (options.remote ?? 'folder') === 'folder' ? { MAINSTEM_REMOTE: share, BACKEND: 'wasm' } : {};
  const settings = { ...options.settings, vars: { ...vars, ...options.settings?.vars } };
  const github = await startGitHub({ repository: bare, folder: join(folder, 'github'), settings });
  const registry = options.remote === 'registry' ? await startRegistry(github.forge) : null;
  const runner = startRunner(github.forge, {
    ...options,
    folder: join(folder, 'runner'),
    nodeModules: join(root, 'node_modules'),
    node: join(root, 'node_modules/node/bin/node'),
    compiled: join(root, 'node_modules/.cache/simulate'),
    // The runners of an enterprise server name its registry like this; those of github.com know ghcr.io.
    env: registry ? { MAINSTEM_REGISTRY: registry.host } : {},
  });
  const remote = registry ? `oci://${registry.host}/${github.forge.home.fullName}/store` : share;
  const story = createStory({ folder, remote, github, runner });
  if (registry) story.onClose(() => registry.close());
  return story;
}

interface Parts {
  readonly folder: string;
  readonly remote: string;
  readonly github: GitHub;
  readonly runner: Runner;
}

function createStory({ folder, remote, github, runner }: Parts): Story {
  const { forge } = github;
  const jen = userToken(forge, forge.home.owner);
  const waiting: QueueEntry[] = [];
  const ends: (() => void | Promise<void>)[] = [];
  const main = () =>
    git(forge.home.folder, ['rev-parse', `refs/heads/${forge.home.defaultBranch}`]);
  const hands: Hands = { folder, forge, jen };
  return {
    forge,
    runner,
    folder,
    remote,
    token: jen.value,
    timeline: forge.timeline,
    idle: () => runner.idle(),
    chapter: (text) => record(forge, 'note', `— ${text} —`),
    open: (branch, changes, more = {}) => open(hands, { branch, changes, ...more }),
    push: (branch, changes, more = {}) => push(hands, branch, changes, more.lock === true),
    mergeMain: (pull, theirs) => mergeMain(hands, pull, theirs),
    label: (pull, name) => {
      pull.labels = [...(pull.labels ?? []), name];
      record(forge, 'pull', `${jen.login} puts the label ${name} on #${pull.number}`, {
        pull: pull.number,
      });
    },
    merge: (pull, method = 'squash') => mergePull(forge, pull, method, jen),
    queue: (pull) => void waiting.push(enqueue(forge, pull, waiting, jen)),
    settleQueue: () => waiting.splice(0).map((entry) => landGroup(forge, entry, jen)),
    revert: (commit) => revert(hands, commit),
    ...whatHappened(forge),
    ...eventsOf(forge),
    approve: (environment) => {
      const [...all] = runner.waiting.splice(0);
      for (const one of all) {
        if (one.environment === environment) one.approve();
        else runner.waiting.push(one);
      }
    },
    approveRuns: (pull) => emitPull(forge, pull, 'synchronize', jen.login),
    onClose: (end) => void ends.push(end),
    plantArtifact: (run, name, files) => plantArtifact(hands, run, name, files),
    clone: (revision = main()) => clone(hands, revision),
    close: async () => {
      await runner.idle();
      for (const end of ends) await end();
      await github.close();
      rmSync(folder, { recursive: true, force: true });
      if (forge.violations.length > 0) throw new Error(forge.violations.join('\n'));
    },
  };
}

/** What a person finds on GitHub. */
function whatHappened(
  forge: Forge,
): Pick<Story, 'comments' | 'statuses' | 'descriptions' | 'runs' | 'file' | 'sha' | 'changed'> {
  return {
    comments: (pull) => forge.comments.filter(({ issue }) => issue === pull.number),
    statuses: (commit) =>
      Object.fromEntries(
        forge.statuses
          .filter(({ sha }) => sha === commit)
          .map(({ context, state }) => [context, state]),
      ),
    descriptions: (commit) =>
      Object.fromEntries(
        forge.statuses
          .filter(({ sha }) => sha === commit)
          .map(({ context, description }) => [context, description ?? '']),
      ),
    runs: (workflow) => forge.runs.filter((run) => run.workflow.name === workflow),
    file: (revision, path) => tryGit(forge.home.folder, ['show', `${revision}:${path}`]),
    sha: (revision) => git(forge.home.folder, ['rev-parse', revision]),
    changed: (from, to) =>
      git(forge.home.folder, ['diff', '--name-only', from, to]).split('\n').filter(Boolean),
  };
}

/** What starts workflows without a change. */
function eventsOf(
  forge: Forge,
): Pick<Story, 'rerun' | 'repeat' | 'dispatch' | 'repositoryDispatch' | 'schedule'> {
  return {
    rerun: (run, failedOnly = false) => forge.commands.rerun(run, failedOnly),
    repeat: (run) => emit(forge, run.trigger),
    dispatch: (workflow, inputs = {}) =>
      emit(
        forge,
        defaultBranchTrigger(forge, 'workflow_dispatch', {
          payload: { inputs, workflow: `.github/workflows/${workflow}` },
        }),
      ),
    repositoryDispatch: (action, client_payload = {}) =>
      emit(
        forge,
        defaultBranchTrigger(forge, 'repository_dispatch', {
          action,
          payload: { action, client_payload },
        }),
      ),
    schedule: (schedule) =>
      emit(forge, defaultBranchTrigger(forge, 'schedule', { payload: { schedule } })),
  };
}

/** Puts an artefact into a run as hostile code can. */
function plantArtifact(
  { forge, folder }: Hands,
  run: Run,
  name: string,
  files: Readonly<Record<string, string | Buffer>>,
): void {
  const source = mkdtempSync(join(folder, 'artifact-'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(source, path)), { recursive: true });
    writeFileSync(join(source, path), text);
  }
  const paths = Object.keys(files).map((path) => join(source, path));
  keepArtifact(forge, run, { name, root: source, files: paths, overwrite: true });
}
