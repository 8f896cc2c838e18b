import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom } from '../../../platform/lib/random.ts';
import { type StoryDefinition, training } from './definition.ts';
import { promoted, runAt } from './pull-requests.ts';
import { prepareMachine } from './server.ts';
import type { Story, StoryOptions } from './story.ts';
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
      const folder = mkdtempSync(join(tmpdir(), 'mainstem-machine-'));
      const machine = await prepareMachine(folder);
      const killer = createKiller();
      const story = await begin({
        only: [...training, 'deploy.yml'],
        labels: [machine.label],
        settings: { vars: { ...machine.vars } },
        onStep: killer.aim,
      });
      machine.endWith(story);
      story.onClose(() => rmSync(folder, { recursive: true }));
      killer.begin(story, kills - Math.ceil(kills / 4));
      const pull = await story.open('unlucky', { [parametersFile]: parameters({ epochs: 20 }) });
      const evaluated = pull.head.sha;
      await converge(story, killer, 'experiment');
      assert.equal(story.comments(pull).length, 1);
      assert.match(story.comments(pull)[0]?.body ?? '', /gourds: first model/);
      assert.equal(promoted(story, evaluated, pull.head.sha).length, 2);
      assert.equal(story.sha(`${pull.head.sha}^`), evaluated, 'one promotion commit');
      for (const state of Object.values(story.statuses(pull.head.sha)))
        assert.equal(state, 'success');

      story.chapter('It is merged, and the machine that deploys is killed as well');
      killer.begin(story, kills);
      story.merge(pull);
      await converge(story, killer, 'deploy');
      assert.equal(await machine.run(), runAt(story, 'main'));
      assert.equal(story.forge.deployments.at(-1)?.state, 'success');
      assert.equal(story.forge.pulls.length, 1, 'nothing is reverted');
    },
  },
];

interface Killer {
  /** From now on runners die until so many have died in all. */
  begin(story: Story, limit: number): void;
  readonly aim: NonNullable<StoryOptions['onStep']>;
  /** Whether enough runners have died. */
  done(): boolean;
}

/** Aims at every step alike: the more often it was aimed at one, the rarer again. A step that ends before is a miss. */
function createKiller(): Killer {
  const random = createRandom(seed);
  const aimed = new Map<string, number>();
  const wanted: { story?: Story; limit: number } = { limit: 0 };
  const done = () => deaths(wanted.story) >= wanted.limit;
  return {
    done,
    begin: (story, limit) => void Object.assign(wanted, { story, limit }),
    aim: ({ job, step }) => {
      const point = `${job}/${step}`;
      const before = aimed.get(point) ?? 0;
      if (done() || random.next() > Math.max(0.15, 0.6 ** (before + 1))) return null;
      aimed.set(point, before + 1);
      return Math.floor(random.next() ** 2 * 4000);
    },
  };
}

function deaths(story: Story | undefined): number {
  return story?.timeline.filter(({ text }) => text.includes('the runner dies')).length ?? 0;
}

/** Starts again what failed until nothing does, and all of the newest run while too few runners have died. */
async function converge(story: Story, killer: Killer, workflow: string): Promise<void> {
  await story.idle();
  for (let round = 0; round < 5 * kills; round++) {
    const failed = rerunFailed(story);
    const [newest] = story.runs(workflow).slice(-1);
    if (!failed && killer.done()) return;
    if (!failed && newest) story.rerun(newest);
    await story.idle();
  }
  throw new Error(`After ${5 * kills} rounds something still fails, or too few runners died.`);
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
