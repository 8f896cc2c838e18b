import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mainstem } from '../../helpers/mainstem.ts';
import { type StoryDefinition, training } from './definition.ts';
import { runAt } from './pull-requests.ts';
import { prepareMachine } from './server.ts';
import type { Story } from './story.ts';
import { parameters, parametersFile, project } from './template-repository.ts';

/** Runs that served, newest first, as `mainstem history` says. */
async function history(story: Story): Promise<string[]> {
  const clone = story.clone();
  const { stdout, stderr } = await mainstem(clone, 'history', project, '--json');
  assert.notEqual(stdout, '', stderr);
  const entries: { run: string }[] = JSON.parse(stdout);
  return entries.map(({ run }) => run);
}

/** From a pull request to a server that answers differently, and back. */
export const stories: readonly StoryDefinition[] = [
  {
    name: 'loop',
    title:
      'a merged pull request serves, the next one replaces it, and a revert brings the old digest back',
    play: async (begin) => {
      const folder = mkdtempSync(join(tmpdir(), 'mainstem-machine-'));
      const machine = await prepareMachine(folder);
      const story = await begin({
        only: [...training, 'deploy.yml'],
        labels: [machine.label],
        settings: { vars: { ...machine.vars } },
      });
      machine.endWith(story);
      story.onClose(() => rmSync(folder, { recursive: true }));

      const first = await story.open('first', { [parametersFile]: parameters({ epochs: 30 }) });
      await story.idle();
      story.merge(first, 'squash');
      await story.idle();
      const firstRun = runAt(story, 'main');
      assert.equal(await machine.run(), firstRun);
      const before = await machine.ask({ weight: 7, length: 24 });

      story.chapter('The second pull request is compared with what serves');
      const changes = { [parametersFile]: parameters({ epochs: 60, learningRate: 0.1 }) };
      const second = await story.open('second', changes);
      await story.idle();
      assert.match(story.comments(second)[0]?.body ?? '', /\| metric \| champion \| candidate \|/);
      story.merge(second, 'rebase');
      await story.idle();
      const secondRun = runAt(story, 'main');
      assert.notEqual(secondRun, firstRun);
      assert.equal(await machine.run(), secondRun);
      assert.notDeepEqual(await machine.ask({ weight: 7, length: 24 }), before);

      story.chapter('The promotion is reverted');
      const back = await story.revert(story.sha('main'));
      story.merge(back, 'merge');
      await story.idle();
      assert.equal(await machine.run(), firstRun);
      assert.deepEqual(await machine.ask({ weight: 7, length: 24 }), before);
      assert.deepEqual(await history(story), [firstRun, secondRun, firstRun]);
    },
  },
];
