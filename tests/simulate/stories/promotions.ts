import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import type { Pull } from '../github/state.ts';
import type { Changes } from './contributions.ts';
import { contexts, deciding, type StoryDefinition, training } from './definition.ts';
import { mergeFirst, promoted, runAt } from './pull-requests.ts';
import { definitionFile, parameters, parametersFile, project } from './template-repository.ts';

const required = { required: [...contexts] };
const pointer = `models/${project}/production.json`;
const canaryFile = `models/${project}/canary.json`;

/** What becomes of a promotion commit, and of what is judged beside it. */
export const stories: readonly StoryDefinition[] = [
  {
    name: 'promotion-merges',
    title:
      'a promotion commit satisfies the ruleset without a click, and workflows that run on it change nothing and say nothing else',
    play: async (begin) => {
      const story = await begin({ only: deciding, settings: required });
      const pull = await story.open('first', { [parametersFile]: parameters({ epochs: 20 }) });
      const evaluated = pull.head.sha;
      assert.throws(() => story.merge(pull), /"mainstem\/gates" is expected/);
      await story.idle();
      const { sha } = pull.head;
      assert.equal(promoted(story, evaluated, sha).length, 2);
      const success = Object.fromEntries(contexts.map((context) => [context, 'success']));
      assert.deepEqual(story.statuses(sha), success);
      for (const round of ['first', 'second']) {
        story.chapter(`A person lets workflows run on the promotion commit, ${round} time`);
        story.approveRuns(pull);
        await story.idle();
        assert.equal(pull.head.sha, sha);
        assert.equal(story.comments(pull).length, 1);
        assert.match(story.comments(pull)[0]?.body ?? '', /gourds: first model/);
        assert.deepEqual(story.statuses(sha), success);
      }
      assert.match(story.merge(pull), /^[0-9a-f]{40}$/);
      await story.idle();
    },
  },
  {
    name: 'second-in-flight',
    title:
      'a pull request that was open when another one promoted is stopped, and what its status says brings it in',
    play: async (begin) => {
      const story = await begin({ only: training });
      const first = await story.open('first', { [parametersFile]: parameters({ epochs: 20 }) });
      const second = await story.open('second', {
        [parametersFile]: (text) => text.replace('"acceptance": 0.95', '"acceptance": 0.9'),
      });
      await story.idle();
      story.merge(first);
      await story.idle();
      assert.equal(second.mergeSha, null, 'both write the pointer');
      assert.equal(story.statuses(second.head.sha)['mainstem/promotion'], 'failure');
      const told = story.descriptions(second.head.sha)['mainstem/promotion'] ?? '';
      assert.match(told, /merge main, keep its models\/gourds, and push/);
      story.chapter('Its author does what the status says');
      await story.mergeMain(second, [`models/${project}`]);
      await story.idle();
      assert.match(story.comments(second)[0]?.body ?? '', /\| metric \| champion \| candidate \|/);
      assert.equal(story.statuses(second.head.sha)['mainstem/promotion'], 'success');
      assert.notEqual(runAt(story, second.head.sha), runAt(story, 'main'));
      story.merge(second);
      await story.idle();
    },
  },
  {
    name: 'same-run-twice',
    title:
      'two pull requests that made the same run are brought together as the status of the second says',
    play: async (begin) => {
      const story = await begin({ only: deciding, settings: required });
      const changes = { [parametersFile]: parameters({ epochs: 20 }) };
      const [one, two] = [await story.open('one', changes), await story.open('two', changes)];
      await story.idle();
      assert.equal(runAt(story, one.head.sha), runAt(story, two.head.sha));
      story.merge(one);
      await story.idle();
      const told = story.descriptions(two.head.sha)['mainstem/promotion'] ?? '';
      assert.match(told, /merge main, keep its models\/gourds, and push/);
      await story.mergeMain(two, [`models/${project}`]);
      await story.idle();
      assert.equal(story.statuses(two.head.sha)['mainstem/promotion'], 'success');
      story.merge(two);
      await story.idle();
    },
  },
  {
    name: 'odd-changes',
    title: 'what nobody could have meant is said on the pull request, and not by a job that fails',
    play: async (begin) => {
      const story = await begin({ only: deciding, settings: required });
      await mergeFirst(story);
      const rate = /"learningRate": [^,]+/;
      const infinite = parameters({ epochs: 20 }).replace(rate, '"learningRate": 1e400');
      const serving = JSON.parse(story.file('main', pointer) ?? '{}');
      const canary = JSON.stringify({ ...serving, traffic: { share: 1 } });
      const told: [name: string, changes: Changes, context: string, says: RegExp][] = [
        ['infinite', { [parametersFile]: infinite }, 'gates', /the number 1e400 is beyond/],
        ['gone', { [parametersFile]: null }, 'gates', /params\.json: there is nothing there/],
        ['tried', { [canaryFile]: canary }, 'promotion', /canary tries what is in production/],
        ['unnamed', { [canaryFile]: JSON.stringify(serving) }, 'promotion', /tries what is/],
      ];
      const pulls: Pull[] = [];
      for (const [name, changes] of told) pulls.push(await story.open(name, changes));
      await story.idle();
      for (const [at, pull] of pulls.entries()) {
        const [name, , context = '', says = /./] = told[at] ?? [];
        assert.equal(story.statuses(pull.head.sha)[`mainstem/${context}`], 'failure', name);
        const comment = story.comments(pull)[0]?.body ?? '';
        assert.match(
          `${story.descriptions(pull.head.sha)[`mainstem/${context}`]} ${comment}`,
          says,
        );
        assert.throws(() => story.merge(pull));
      }
    },
  },
  {
    name: 'held-back',
    title:
      'what is held back is looked at when somebody asks for the promotion, and not for each candidate',
    play: async (begin) => {
      const story = await begin({ only: training });
      const holding = (text: string) => text.replace('split: {', 'split: { heldBack: 0.3,');
      await story.push('main', { [definitionFile]: holding }, { lock: true });
      await story.idle();
      const pull = await story.open('first', { [parametersFile]: parameters({ epochs: 20 }) });
      await story.idle();
      const evaluated = pull.head.sha;
      assert.equal(story.statuses(evaluated)['mainstem/gates'], 'success');
      assert.match(story.descriptions(evaluated)['mainstem/promotion'] ?? '', /held back/);
      assert.match(story.comments(pull)[0]?.body ?? '', /held back: nothing here was measured/);
      assert.equal(story.file(evaluated, pointer), null, 'nothing is promoted by itself');
      story.chapter('A person has chosen this candidate');
      story.label(pull, 'promote');
      const judge = story.runs('judge').findLast(({ trigger }) => trigger.action === 'completed');
      if (judge) story.rerun(judge);
      await story.idle();
      const committed = story.changed(evaluated, pull.head.sha);
      const run = runAt(story, pull.head.sha);
      assert.deepEqual(committed, [
        `models/${project}/held-back/${run}.json`,
        pointer,
        `models/${project}/records/${run}.json`,
      ]);
      const { heldBack } = JSON.parse(story.file(pull.head.sha, pointer) ?? '{}');
      assert.equal(heldBack.looks, 1);
      assert.match(story.comments(pull)[0]?.body ?? '', /held-back examples: accuracy/);
      story.chapter('Workflows on the promotion commit repeat the look and find the same');
      story.approveRuns(pull);
      await story.idle();
      assert.equal(story.statuses(pull.head.sha)['mainstem/promotion'], 'success');
      story.merge(pull);
      await story.idle();
    },
  },
  {
    name: 'failed-experiment',
    title: 'an experiment that ends without a result says so on the pull request',
    play: async (begin) => {
      const story = await begin({
        only: training,
        onStep: ({ job, step }) => (job.startsWith('train') && step === 'train' ? 300 : null),
      });
      const pull = await story.open('unlucky', { [parametersFile]: parameters({ epochs: 20 }) });
      await story.idle();
      assert.equal(story.comments(pull).length, 1);
      assert.match(story.comments(pull)[0]?.body ?? '', /The experiment left no result/);
      assert.equal(story.statuses(pull.head.sha)['mainstem/gates'], 'failure');
    },
  },
  {
    name: 'lost-remote',
    title:
      'a champion whose artefacts are lost stops the next pull request instead of being ignored',
    play: async (begin) => {
      const story = await begin({ only: training });
      await mergeFirst(story);
      rmSync(story.remote, { recursive: true });
      const second = await story.open('second', { [parametersFile]: parameters({ epochs: 30 }) });
      const evaluated = second.head.sha;
      await story.idle();
      assert.equal(second.head.sha, evaluated, 'nothing is promoted');
      const body = story.comments(second)[0]?.body ?? '';
      assert.doesNotMatch(body, /no champion yet|first model/);
      assert.equal(story.statuses(evaluated)['mainstem/gates'], 'failure');
    },
  },
];
