import assert from 'node:assert/strict';
import { digestBytes } from '../../../platform/lib/hash.ts';
import { type StoryDefinition, training } from './definition.ts';
import { forgeBundle, forgedChanges } from './forged-bundle.ts';
import { runAt } from './loop.ts';
import { promoted } from './pull-requests.ts';
import { parameters, parametersFile, project } from './template-repository.ts';

const record = `models/${project}/records`;

/** Stories that should hold and do not yet; each names the fault of today's workflows that it waits for. */
export const knownFaults: readonly StoryDefinition[] = [
  {
    name: 'promotion-merges',
    title: 'a promotion commit satisfies the ruleset without a click',
    fault: 'F2: a commit made with a job’s token has no checks, and no status is posted on it',
    play: async (begin) => {
      const story = await begin({ settings: { required: ['ci-ok'] } });
      const changes = { [parametersFile]: parameters({ epochs: 20 }) };
      const pull = await story.open('first', changes);
      await story.idle();
      assert.match(story.merge(pull), /^[0-9a-f]{40}$/);
      await story.idle();
    },
  },
  {
    name: 'settles',
    title: 'workflows that run on a promotion commit change nothing and say nothing else',
    fault: 'F3, F4: each experiment of a promotion commit promotes again, and compares with itself',
    play: async (begin) => {
      const story = await begin({ only: training });
      const pull = await story.open('first', { [parametersFile]: parameters({ epochs: 20 }) });
      const evaluated = pull.head.sha;
      await story.idle();
      const { sha } = pull.head;
      assert.equal(promoted(story, evaluated, sha).length, 2);
      const said = story.comments(pull).map(({ body }) => body);
      for (const round of ['first', 'second']) {
        story.chapter(`A person lets workflows run on the promotion commit, ${round} time`);
        story.approveRuns(pull);
        await story.idle();
        assert.equal(pull.head.sha, sha);
        assert.deepEqual(
          story.comments(pull).map(({ body }) => body),
          said,
        );
      }
    },
  },
  {
    name: 'no-remote',
    title: 'without a setting, the second pull request is compared with the first one’s champion',
    fault: 'F1, F5: without a remote the champion is not there, and the comparison is dropped',
    play: async (begin) => {
      const story = await begin({
        only: training,
        remote: false,
      });
      const first = await story.open('first', { [parametersFile]: parameters({ epochs: 20 }) });
      await story.idle();
      story.merge(first);
      const second = await story.open('second', { [parametersFile]: parameters({ epochs: 40 }) });
      await story.idle();
      const body = story.comments(second)[0]?.body ?? '';
      assert.match(body, /\| metric \| champion \| candidate \|/);
      assert.doesNotMatch(body, /no champion yet/);
    },
  },
  {
    name: 'fork-record',
    title: 'a fork that carries a hand-made record cannot be merged',
    fault: 'F6: verify is skipped where there are no variables, so the required check is green',
    play: async (begin) => {
      const story = await begin({ settings: { required: ['ci-ok'] } });
      const changes = {
        [`${record}/0123456789ab.json`]: '{}\n',
        [`models/${project}/production.json`]: '{"version":1}\n',
      };
      const pull = await story.open('gift', changes, { fork: 'stranger' });
      await story.idle();
      assert.throws(() => story.merge(pull));
    },
  },
  {
    name: 'rewritten-record',
    title: 'a pull request that rewrites a record of the past cannot be merged',
    fault:
      'F7: verify compares the run only where a model served before; today it stops earlier, at pull, which misses a blob of the first promotion',
    play: async (begin) => {
      const story = await begin({ settings: { required: ['ci-ok'] } });
      const first = await story.open('first', { [parametersFile]: parameters({ epochs: 20 }) });
      await story.idle();
      story.forge.settings.required = null;
      story.merge(first);
      story.forge.settings.required = ['ci-ok'];
      await story.idle();
      const path = `${record}/${runAt(story, 'main')}.json`;
      let digest = '';
      const second = await story.open('rewrite', {
        [path]: (text) => {
          const rewritten = text.replace(
            /"createdAt": "[^"]+"/,
            '"createdAt": "2020-01-01T00:00:00.000Z"',
          );
          digest = digestBytes(Buffer.from(rewritten));
          return rewritten;
        },
        [`models/${project}/production.json`]: (text) =>
          text.replace(/"record": "[^"]+"/, `"record": "${digest}"`),
      });
      await story.idle();
      assert.throws(() => story.merge(second));
    },
  },
  {
    name: 'invented-gates',
    title: 'gates that a bundle invents promote nothing',
    fault: 'F8: promote believes the gates of the pull request’s own report',
    play: async (begin) => {
      const story = await begin();
      const gates = [{ gate: 'looks fine', passed: true, message: 'trust me' }];
      const files = await forgeBundle({ project, gates });
      const pull = await story.open('forged', forgedChanges(files));
      const head = pull.head.sha;
      await story.idle();
      assert.equal(pull.head.sha, head);
    },
  },
  {
    name: 'hostile-name',
    title: 'a bundle cannot put words into the mouth of the bot',
    fault: 'F9: the marker of the comment holds the name of the bundle’s folder as it is',
    play: async (begin) => {
      const story = await begin();
      const hostile = 'x -->\n\n# All gates passed, please merge\n\n@octo-org';
      const gates = [{ gate: 'accuracy', passed: true, message: 'fine' }];
      const forged = await forgeBundle({ project: 'melons', gates });
      const files = Object.entries(forged).map(([path, text]) => [
        path.replace('melons/', `${hostile}/`),
        typeof text === 'string'
          ? text.replaceAll('melons', hostile.replaceAll('\n', '\\n'))
          : text,
      ]);
      const changes = { [parametersFile]: parameters({ epochs: 10 }) };
      const pull = await story.open('hostile', changes);
      await story.idle();
      const [run] = story.runs('experiment');
      assert.ok(run);
      story.plantArtifact(run, `experiment-${run.attempt}`, Object.fromEntries(files));
      const trusted = story.forge.runs.find(({ trigger }) => trigger.event === 'workflow_run');
      assert.ok(trusted);
      pull.head.sha = run.trigger.head.sha;
      story.repeat(trusted);
      await story.idle();
      for (const { body } of story.comments(pull)) assert.doesNotMatch(body, /please merge/);
    },
  },
  {
    name: 'failed-experiment',
    title: 'an experiment that ends without a result says so on the pull request',
    fault: 'F22: without a bundle there is neither a comment nor a status',
    play: async (begin) => {
      const story = await begin({
        onStep: ({ job, step }) => (job.startsWith('train') && step === 'train' ? 300 : null),
      });
      const pull = await story.open('unlucky', { [parametersFile]: parameters({ epochs: 20 }) });
      await story.idle();
      assert.equal(story.comments(pull).length, 1);
      assert.notDeepEqual(story.statuses(pull.head.sha), {});
    },
  },
  {
    name: 'second-in-flight',
    title:
      'a pull request that was open when another one promoted can still be merged, or its author learns how',
    fault: 'F4 and the open part of section 5: both write the same pointer, and nobody says a word',
    play: async (begin) => {
      const story = await begin({ only: training });
      const first = await story.open('first', { [parametersFile]: parameters({ epochs: 20 }) });
      const second = await story.open('second', {
        'pipeline/projects/gourds/README.md': '# Gourds, as we grow them\n',
      });
      await story.idle();
      story.merge(first);
      await story.idle();
      const told = story.comments(second).some(({ body }) => /update|rebase/i.test(body));
      assert.ok(second.mergeSha !== null || told);
    },
  },
];
