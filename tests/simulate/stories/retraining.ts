import assert from 'node:assert/strict';
import { type StoryDefinition, training } from './definition.ts';
import { promoted } from './pull-requests.ts';
import { collecting, definitionFile, harvest, project, tableFile } from './template-repository.ts';

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
];
