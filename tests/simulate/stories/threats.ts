import assert from 'node:assert/strict';
import { type StoryDefinition, training } from './definition.ts';
import { forgeBundle, forgedChanges } from './forged-bundle.ts';
import { project } from './template-repository.ts';

const passed = { gate: 'accuracy', passed: true, message: 'accuracy 0.99 ≥ 0.8' };

/** What a pull request's own code may try. */
export const stories: readonly StoryDefinition[] = [
  {
    name: 'foreign-run',
    title: 'a bundle whose report and record are of different runs is refused',
    play: async (begin) => {
      const story = await begin({ only: training });
      const files = await forgeBundle({ project, gates: [passed], foreignRun: true });
      const pull = await story.open('foreign', forgedChanges(files));
      const head = pull.head.sha;
      await story.idle();
      for (const { body } of story.comments(pull)) assert.doesNotMatch(body, /gates passed/);
      assert.equal(pull.head.sha, head);
    },
  },
  {
    name: 'unknown-project',
    title: 'a bundle of a project that main does not know promotes nothing',
    play: async (begin) => {
      const story = await begin({ only: training });
      const files = await forgeBundle({ project: 'melons', gates: [passed] });
      const pull = await story.open('unknown', forgedChanges(files));
      const head = pull.head.sha;
      await story.idle();
      assert.equal(pull.head.sha, head);
      assert.equal(story.file('main', 'models/melons/production.json'), null);
    },
  },
];
