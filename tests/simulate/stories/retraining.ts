import assert from 'node:assert/strict';
import type { Changes } from './contributions.ts';
import { type StoryDefinition, training } from './definition.ts';
import { featureRepository } from './feature-repository.ts';
import { promoted } from './pull-requests.ts';
import {
  collecting,
  definitionFile,
  harvest,
  parameters,
  parametersFile,
  project,
  tableFile,
} from './template-repository.ts';

const pointer = `models/${project}/production.json`;

/** Makes a harvest of its own: forty more gourds. */
const collectsMore = collecting(`appendFile(file, ${JSON.stringify(harvest(40, 9))})`);

/** Data that changes, by a person or by an alert. */
export const stories: readonly StoryDefinition[] = [
  {
    name: 'data-change',
    title: 'changed data is trained and promoted with its lock',
    play: async (begin) => {
      const story = await begin({ only: training });
      const changes = { [tableFile]: (text: string) => text + harvest(30, 6) };
      const pull = await story.open('harvest', changes, { lock: true });
      const evaluated = pull.head.sha;
      await story.idle();
      assert.match(story.comments(pull)[0]?.body ?? '', /gourds: first model/);
      assert.equal(promoted(story, evaluated, pull.head.sha).length, 2);
    },
  },
  {
    name: 'alert',
    title: 'an alert becomes one retraining pull request, which is trained after one click',
    play: async (begin) => {
      const story = await begin({ only: [...training, 'retrain.yml'] });
      await story.push('main', { [definitionFile]: collectsMore });
      await story.idle();
      const alert = {
        project,
        alert: 'ModelPredictionDrift',
        reason: 'PSI 0.41',
        fingerprint: '3f2a9c41d07b',
      };
      story.repositoryDispatch('retrain', alert);
      story.repositoryDispatch('model-drift', alert);
      await story.idle();
      const [pull, ...more] = story.forge.pulls;
      assert.ok(pull);
      assert.equal(more.length, 0);
      assert.equal(pull.head.ref, `retrain/${project}`);
      assert.match(pull.body, /PSI 0\.41/);
      assert.equal(story.runs('experiment').length, 0, 'a job’s own token starts nothing');
      story.chapter('A person lets the workflows run');
      const proposed = pull.head.sha;
      story.approveRuns(pull);
      await story.idle();
      assert.equal(promoted(story, proposed, pull.head.sha).length, 2);
    },
  },
  {
    name: 'features',
    title:
      'a project with features is retrained on rows that no checkout has, joined where they are collected',
    play: async (begin) => {
      const template = await featureRepository();
      const story = await begin({ only: [...training, 'retrain.yml'], template });
      const alert = { project, alert: 'ModelPredictionDrift', fingerprint: '8c1d22e07f3a' };
      story.repositoryDispatch('retrain', alert);
      await story.idle();
      const [pull, ...more] = story.forge.pulls;
      assert.ok(pull);
      assert.equal(more.length, 0);
      const note = `pipeline/projects/${project}/features.lock.json`;
      assert.deepEqual(story.changed('main', pull.head.sha), ['data.lock.json', note]);
      const joined = JSON.parse(story.file(pull.head.sha, note) ?? '');
      assert.deepEqual(Object.keys(joined.sources), ['data/asked.csv', 'data/lengths.csv']);
      story.chapter('A person lets the workflows run');
      const proposed = pull.head.sha;
      story.approveRuns(pull);
      await story.idle();
      assert.equal(promoted(story, proposed, pull.head.sha).length, 2);
      const { datasets } = JSON.parse(story.file(pull.head.sha, 'data.lock.json') ?? '');
      const splits: Record<string, Record<string, number>> = datasets[project].splits;
      const counts = Object.values(splits).flatMap((classes) => Object.values(classes));
      assert.equal(
        counts.reduce((sum, count) => sum + count),
        190,
      );
    },
  },
  {
    name: 'bad-promotion',
    title:
      'an alert about a promotion becomes one pull request, and merging it brings the run before back',
    play: async (begin) => {
      const story = await begin({ only: [...training, 'rollback.yml'] });
      const promote = async (branch: string, changes: Changes) => {
        const pull = await story.open(branch, changes);
        await story.idle();
        story.merge(pull);
        await story.idle();
        return JSON.parse(story.file('main', pointer) ?? '').run as string;
      };
      const before = await promote('first', { [parametersFile]: parameters({ epochs: 20 }) });
      const after = await promote('second', {
        [parametersFile]: (text) => text.replace('"acceptance": 0.95', '"acceptance": 0.9'),
      });
      assert.notEqual(after, before);
      const alert = { project, alert: 'MainstemPromotionWorse', fingerprint: '5b3d7cbb9ab1a0f2' };
      story.chapter('People prove it wrong, and the alert arrives twice');
      story.repositoryDispatch('revert', { ...alert, version: after });
      story.repositoryDispatch('revert', { ...alert, version: after });
      await story.idle();
      const [pull, ...more] = story.forge.pulls.filter(({ state }) => state === 'open');
      assert.ok(pull);
      assert.equal(more.length, 0);
      assert.equal(pull.head.ref, `rollback/${project}-${after}`);
      assert.deepEqual(story.changed('main', pull.head.sha), [pointer]);
      assert.equal(
        JSON.parse(story.file('main', pointer) ?? '').run,
        after,
        'nobody merged it yet',
      );
      story.chapter('A person lets the workflows run, and merges');
      story.approveRuns(pull);
      await story.idle();
      const { 'mainstem/gates': gates, 'mainstem/promotion': promotion } = story.statuses(
        pull.head.sha,
      );
      assert.deepEqual([gates, promotion], ['success', 'success']);
      story.merge(pull);
      await story.idle();
      assert.equal(JSON.parse(story.file('main', pointer) ?? '').run, before);
      story.chapter('A late alert about what was undone');
      story.repositoryDispatch('revert', { ...alert, version: after });
      await story.idle();
      assert.deepEqual(
        story.forge.pulls.filter(({ state }) => state === 'open'),
        [],
      );
    },
  },
];
