import assert from 'node:assert/strict';
import type { StoryDefinition } from './definition.ts';
import type { StoryOptions } from './story.ts';

const checks: StoryOptions = {
  only: ['check.yml'],
  remote: 'none',
  settings: { required: ['ci-ok'] },
};
const broken = '#!/usr/bin/env bash\necho "0 passed, 1 failed"\nexit 1\n';
const repaired = '#!/usr/bin/env bash\necho "2 passed, 0 failed"\n';

/** What the ruleset of main and the merge queue let through. */
export const stories: readonly StoryDefinition[] = [
  {
    name: 'ruleset',
    title: 'main takes a pull request only when its required check has passed',
    play: async (begin) => {
      const story = await begin(checks);
      const pull = await story.open('careless', { '.ci/run': broken });
      assert.throws(() => story.merge(pull), /"ci-ok" is expected/);
      await story.idle();
      assert.throws(() => story.merge(pull), /"ci-ok" is failing/);
      await story.push(pull, { '.ci/run': repaired });
      await story.idle();
      const merged = story.merge(pull, 'squash');
      assert.equal(story.sha('main'), merged);
      await story.idle();
    },
  },
  {
    name: 'queue',
    title:
      'two pull requests pass the merge queue one on top of the other, each checked as it will land',
    play: async (begin) => {
      const story = await begin(checks);
      const first = await story.open('first', { 'NOTES.md': 'First.\n' });
      const second = await story.open('second', { 'MORE.md': 'Second.\n' });
      await story.idle();
      story.queue(first);
      story.queue(second);
      await story.idle();
      assert.deepEqual(story.settleQueue(), [[], []]);
      assert.equal(story.file('main', 'NOTES.md'), 'First.');
      assert.equal(story.file('main', 'MORE.md'), 'Second.');
      const groups = story.runs('check').filter(({ trigger }) => trigger.event === 'merge_group');
      assert.deepEqual(
        groups.map(({ conclusion }) => conclusion),
        ['success', 'success'],
      );
      await story.idle();
    },
  },
];
