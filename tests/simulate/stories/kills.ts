import assert from 'node:assert/strict';
import { createRandom } from '../../../platform/lib/random.ts';
import { type StoryDefinition, training } from './definition.ts';
import { promoted } from './pull-requests.ts';
import type { Story } from './story.ts';
import { parameters, parametersFile } from './template-repository.ts';

/** Kills of the runner; more of them with MAINSTEM_KILLS. */
const kills = Number(process.env.MAINSTEM_KILLS ?? 5);
const seed = Number(process.env.MAINSTEM_SEED ?? 1);

export const stories: readonly StoryDefinition[] = [
  {
    name: 'kills',
    title: 'a runner that is killed at random points and started again converges',
    play: async (begin) => {
      const random = createRandom(seed);
      let left = kills;
      const story = await begin({
        only: training,
        onStep: () => {
          if (left === 0 || random.next() > 0.5) return null;
          left--;
          return Math.floor(random.next() * 1500);
        },
      });
      const pull = await story.open('unlucky', { [parametersFile]: parameters({ epochs: 20 }) });
      const evaluated = pull.head.sha;
      await story.idle();
      for (let round = 0; round < 3 * kills && rerunFailed(story); round++) await story.idle();
      assert.equal(story.comments(pull).length, 1);
      assert.match(story.comments(pull)[0]?.body ?? '', /gourds: first model/);
      assert.equal(promoted(story, evaluated, pull.head.sha).length, 2);
      assert.equal(story.sha(`${pull.head.sha}^`), evaluated, 'one promotion commit');
      for (const state of Object.values(story.statuses(pull.head.sha)))
        assert.equal(state, 'success');
    },
  },
];

/** Runs again what a person would: the failed jobs of the newest run that failed. @returns whether there was one */
function rerunFailed(story: Story): boolean {
  const failed = story.forge.runs.filter(
    ({ conclusion, trigger }) => conclusion === 'failure' && trigger.action !== 'requested',
  );
  const experiment = failed.find(({ workflow }) => workflow.name === 'experiment');
  const run = experiment ?? failed.at(-1);
  if (run) story.rerun(run, true);
  return run !== undefined;
}
