import assert from 'node:assert/strict';
import { type StoryDefinition, training } from './definition.ts';
import { promoted } from './pull-requests.ts';
import { parameters, parametersFile, project } from './template-repository.ts';

const searchFile = `pipeline/projects/${project}/sweep.json`;

/** Rates around one that learns; the one that stands there learns next to nothing. */
const search = {
  method: 'sobol',
  space: {
    learningRate: { real: [0.001, 0.2], scale: 'logarithmic' },
    batchSize: { values: [16, 32] },
  },
  trials: 20,
};

/** A search that somebody asks for. */
export const stories: readonly StoryDefinition[] = [
  {
    name: 'sweep',
    title:
      'a sweep of 20 trials on two runners ends in a pull request, which is trained and promoted',
    play: async (begin) => {
      const story = await begin({ only: [...training, 'sweep.yml'] });
      await story.push('main', {
        [searchFile]: `${JSON.stringify(search)}\n`,
        [parametersFile]: parameters({ learningRate: 0.00001, epochs: 20 }),
      });
      await story.idle();
      story.dispatch('sweep.yml', {
        project,
        runners: '2',
        trials: '',
        minutes: '',
        'within-noise': 'false',
      });
      await story.idle();
      const [pull, ...more] = story.forge.pulls;
      assert.ok(pull);
      assert.equal(more.length, 0);
      assert.equal(pull.head.ref, `sweep/${project}`);
      assert.match(pull.body, /gourds: better parameters/);
      assert.match(pull.body, /20 of 20 trials by sobol/);
      assert.equal(story.runs('experiment').length, 0, 'a job’s own token starts nothing');
      story.chapter('A person lets the workflows run');
      const proposed = pull.head.sha;
      story.approveRuns(pull);
      await story.idle();
      assert.match(story.comments(pull)[0]?.body ?? '', /gourds: first model/);
      assert.equal(promoted(story, proposed, pull.head.sha).length, 2);
    },
  },
];
