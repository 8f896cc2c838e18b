import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom } from '../../../platform/lib/random.ts';
import { type StoryDefinition, training } from './definition.ts';
import { promoted, runAt } from './pull-requests.ts';
import { prepareMachine } from './server.ts';
import type { Story } from './story.ts';
import { parameters, parametersFile } from './template-repository.ts';

/** Kills of the runner; more of them with MAINSTEM_KILLS. */
const kills = Number(process.env.MAINSTEM_KILLS ?? 5);
const seed = Number(process.env.MAINSTEM_SEED ?? 1);

export const stories: readonly StoryDefinition[] = [
  {
    name: 'kills',
    title:
      'a runner that is killed at random points and started again converges: one comment, one promotion, one model serving',
    play: async (begin) => {
      const random = createRandom(seed);
      const deploying = Math.ceil(kills / 4);
      let left = kills - deploying;
      const folder = mkdtempSync(join(tmpdir(), 'mainstem-machine-'));
      const machine = await prepareMachine(folder);
      const story = await begin({
        only: [...training, 'deploy.yml'],
        labels: [machine.label],
        settings: { vars: { ...machine.vars } },
        onStep: () => {
          if (left === 0 || random.next() > 0.5) return null;
          left--;
          return Math.floor(random.next() * 1500);
        },
      });
      machine.endWith(story);
      story.onClose(() => rmSync(folder, { recursive: true }));
      const pull = await story.open('unlucky', { [parametersFile]: parameters({ epochs: 20 }) });
      const evaluated = pull.head.sha;
      await converge(story);
      assert.equal(story.comments(pull).length, 1);
      assert.match(story.comments(pull)[0]?.body ?? '', /gourds: first model/);
      assert.equal(promoted(story, evaluated, pull.head.sha).length, 2);
      assert.equal(story.sha(`${pull.head.sha}^`), evaluated, 'one promotion commit');
      for (const state of Object.values(story.statuses(pull.head.sha)))
        assert.equal(state, 'success');

      story.chapter('It is merged, and the machine that deploys is killed as well');
      left += deploying;
      story.merge(pull);
      await converge(story);
      assert.equal(left, 0, 'every kill was played');
      assert.equal(await machine.run(), runAt(story, 'main'));
      assert.equal(story.forge.deployments.at(-1)?.state, 'success');
      assert.equal(story.forge.pulls.length, 1, 'nothing is reverted');
    },
  },
];

/** Starts again what failed until nothing does. */
async function converge(story: Story): Promise<void> {
  await story.idle();
  for (let round = 0; round < 3 * kills && rerunFailed(story); round++) await story.idle();
}

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
