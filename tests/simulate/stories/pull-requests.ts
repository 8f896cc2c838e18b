import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Run, Trigger } from '../github/state.ts';
import { type StoryDefinition, training } from './definition.ts';
import type { Story } from './story.ts';
import { parameters, parametersFile, project } from './template-repository.ts';

/** Files of the promotion commit that a trusted job has put on top of a head; empty if there is none. */
export function promoted(story: Story, evaluated: string, head: string): string[] {
  return evaluated === head ? [] : story.changed(evaluated, head);
}

/** The run that production names at a commit. */
export function runAt(story: Story, revision: string): string | undefined {
  const text = story.file(revision, `models/${project}/production.json`);
  return text === null ? undefined : JSON.parse(text).run;
}

/** Brings the first champion to main: what its pull request trains is promoted, and merged. */
export async function mergeFirst(story: Story): Promise<void> {
  const pull = await story.open('first', { [parametersFile]: parameters({ epochs: 20 }) });
  await story.idle();
  story.merge(pull);
  await story.idle();
}

/** What a pull request goes through until it is merged. */
export const stories: readonly StoryDefinition[] = [
  {
    name: 'hyperparameter',
    core: true,
    title:
      'a changed hyperparameter is trained, reported in one comment and promoted, however often the event comes',
    play: async (begin) => {
      const story = await begin({ only: training });
      const changes = { [parametersFile]: parameters({ learningRate: 0.02 }) };
      const pull = await story.open('slower-steps', changes);
      const evaluated = pull.head.sha;
      await story.idle();
      const [comment, ...more] = story.comments(pull);
      assert.equal(more.length, 0);
      assert.equal(comment?.user.login, 'github-actions[bot]');
      assert.match(comment?.body ?? '', /gourds: first model/);
      assert.match(comment?.body ?? '', /`learningRate` \| `0.02`/);
      const [pointer, record, ...others] = promoted(story, evaluated, pull.head.sha);
      assert.equal(pointer, `models/${project}/production.json`);
      assert.match(record ?? '', /^models\/gourds\/records\/[0-9a-f]{12}\.json$/);
      assert.deepEqual(others, []);
      assert.equal(story.runs('experiment').length, 1, 'a job’s own push starts nothing');
      const reported = story.forge.runs.find(({ trigger }) => isEnd(trigger));
      assert.ok(reported);
      story.chapter('The event is delivered once more');
      const head = pull.head.sha;
      story.repeat(reported);
      await story.idle();
      assert.equal(story.comments(pull).length, 1);
      assert.equal(pull.head.sha, head);
    },
  },
  {
    name: 'gates',
    title: 'a model that its gates stop is reported and not promoted',
    play: async (begin) => {
      const story = await begin({ only: training });
      const changes = { [parametersFile]: parameters({ learningRate: 1e-7, epochs: 1 }) };
      const pull = await story.open('hardly-trained', changes);
      const evaluated = pull.head.sha;
      await story.idle();
      const [comment] = story.comments(pull);
      assert.match(comment?.body ?? '', /❌ failed \| accuracy/);
      assert.equal(pull.head.sha, evaluated);
    },
  },
  {
    name: 'crash',
    title:
      'runners that die leave a failed experiment, report and promotion, and running jobs again, older ones too, converges',
    play: async (begin) => {
      const story = await begin({
        only: training,
        onStep: ({ job, step, attempt }) => {
          if (job.startsWith('train') && step === 'train' && attempt === 1) return 700;
          const reports = job === 'mainstem / report' && attempt === 1;
          const promotes = job === 'mainstem / promote' && attempt === 2;
          return (reports && story.runs('experiment')[0]?.attempt === 2) || promotes ? 0 : null;
        },
      });
      const pull = await story.open('unlucky', { [parametersFile]: parameters({ epochs: 30 }) });
      const evaluated = pull.head.sha;
      await story.idle();
      const [run] = story.runs('experiment');
      assert.equal(run?.conclusion, 'failure');
      assert.equal(pull.head.sha, evaluated, 'nothing is promoted');
      story.chapter('The failed jobs run again');
      if (run) story.rerun(run, true);
      await story.idle();
      assert.equal(run?.attempt, 2);
      assert.equal(run?.conclusion, 'success');
      const judge = story.runs('judge').at(-1);
      assert.equal(judge?.conclusion, 'failure', 'the report is missing');
      assert.equal(pull.head.sha, evaluated, 'nothing is promoted that was not reported');
      story.chapter('The failed jobs of the judging run again, with the judgement that is there');
      if (judge) story.rerun(judge, true);
      await story.idle();
      assert.equal(story.comments(pull).length, 1);
      assert.match(story.comments(pull)[0]?.body ?? '', /gourds: first model/);
      assert.equal(pull.head.sha, evaluated, 'the runner that promotes died');
      story.chapter('What judged the first attempt runs again, by hand');
      const said = story.comments(pull)[0]?.body;
      const statuses = story.statuses(evaluated);
      for (const older of story.runs('judge').slice(0, -1)) story.rerun(older);
      await story.idle();
      assert.equal(story.comments(pull)[0]?.body, said, 'the newer judgement stays');
      assert.deepEqual(story.statuses(evaluated), statuses);
      story.chapter('The promotion runs again');
      if (judge) story.rerun(judge, true);
      await story.idle();
      assert.equal(promoted(story, evaluated, pull.head.sha).length, 2);
    },
  },
  {
    name: 'cancelled',
    title:
      'an experiment that somebody cancels keeps its checkpoint, and the next attempt goes on from there',
    play: async (begin) => {
      const state: { story?: Story } = {};
      const story = await begin({
        only: training,
        onStep: ({ workflow, step, attempt }) => {
          if (workflow !== 'experiment' || step !== 'train' || attempt !== 1) return null;
          void cancelWhileTraining(state.story);
          return null;
        },
      });
      state.story = story;
      // Several seconds on a fast machine: a checkpoint is written each second, and the person needs a moment, too.
      const patient = parameters({ epochs: 2000, batchSize: 8 });
      const pull = await story.open('patient', { [parametersFile]: patient });
      const evaluated = pull.head.sha;
      await story.idle();
      const [run] = story.runs('experiment');
      assert.equal(run?.conclusion, 'cancelled');
      assert.equal(pull.head.sha, evaluated, 'nothing is promoted');
      story.chapter('The cancelled jobs run again');
      if (run) story.rerun(run, true);
      await story.idle();
      assert.equal(run?.conclusion, 'success');
      assert.match(
        logOf(run, '/train'),
        /Continuing after epoch [1-9]\d*, where it was interrupted/,
      );
      assert.match(story.comments(pull)[0]?.body ?? '', /gourds: first model/);
      assert.equal(promoted(story, evaluated, pull.head.sha).length, 2);
    },
  },
  {
    name: 'moved-head',
    title: 'what was measured on an older commit is neither reported nor promoted on a newer one',
    play: async (begin) => {
      const state: { story?: Story; newer?: Promise<string> } = {};
      const story = await begin({
        only: training,
        onStep: async ({ workflow }) => {
          const [measured] = state.story?.runs('experiment') ?? [];
          if (workflow !== 'experiment' && state.story && measured?.status === 'completed') {
            state.newer ??= pushAndCancel(state.story, 'hurried');
            await state.newer;
          }
          return null;
        },
      });
      state.story = story;
      const changes = { [parametersFile]: parameters({ epochs: 20 }) };
      const pull = await story.open('hurried', changes);
      await story.idle();
      assert.equal(pull.head.sha, await state.newer);
      assert.deepEqual(
        story.comments(pull).filter(({ body }) => body.includes('gates passed')),
        [],
      );
    },
  },
  {
    name: 'fork',
    title: 'a fork’s experiment runs without rights and is reported, and its branch is left alone',
    play: async (begin) => {
      const story = await begin({ only: training });
      const changes = { [parametersFile]: parameters({ epochs: 25 }) };
      const pull = await story.open('idea', changes, { fork: 'stranger' });
      const evaluated = pull.head.sha;
      await story.idle();
      const [run] = story.runs('experiment');
      assert.ok(
        run?.jobs.every(({ permissions }) => !Object.values(permissions).includes('write')),
      );
      assert.equal(story.comments(pull).length, 1);
      assert.equal(pull.head.sha, evaluated);
    },
  },
];

/** Whether an event says that another run has ended. */
function isEnd({ event, action }: Trigger): boolean {
  return event === 'workflow_run' && action === 'completed';
}

/** A person cancels as soon as there is a checkpoint, and not while it is written beside its place. */
async function cancelWhileTraining(story: Story | undefined): Promise<void> {
  const [run] = story?.runs('experiment') ?? [];
  if (!story || !run) return;
  const isThere = () =>
    globSync(join(story.folder, 'runner/hosted/*/*/*/.mainstem/scratch/*/checkpoint.bin')).length >
    0;
  while (!isThere() && run.status !== 'completed') await pause(50);
  story.forge.commands.cancel(run);
}

/** What the last step of that name or action has printed, in the run's last attempt. */
function logOf(run: Run | undefined, step: string): string {
  const steps = run?.jobs.flatMap((job) => job.steps) ?? [];
  return steps.findLast(({ name }) => name.endsWith(step))?.log ?? '';
}

/** A newer commit, whose own experiment a person cancels. */
async function pushAndCancel(story: Story, branch: string): Promise<string> {
  const before = story.runs('experiment').length;
  const sha = await story.push(branch, { 'NOTES.md': 'One more thing.\n' });
  while (story.runs('experiment').length === before) await pause(50);
  const newest = story.runs('experiment').at(-1);
  if (newest) story.forge.commands.cancel(newest);
  return sha;
}
