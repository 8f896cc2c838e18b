import assert from 'node:assert/strict';
import { digestBytes } from '../../../platform/lib/hash.ts';
import { contexts, deciding, type StoryDefinition, training } from './definition.ts';
import { forgeBundle, forgedChanges, praised } from './forged-bundle.ts';
import { mergeFirst, runAt } from './pull-requests.ts';
import type { Story } from './story.ts';
import { parameters, parametersFile, project } from './template-repository.ts';

const required = { required: [...contexts] };
const records = `models/${project}/records`;
const pointer = `models/${project}/production.json`;

/** What a pull request's own code may try. */
export const stories: readonly StoryDefinition[] = [
  {
    name: 'better-numbers',
    title:
      'a bundle that praises a bad network is measured again, and the comment says what differs',
    core: true,
    play: async (begin) => {
      const story = await begin({ only: training });
      const pull = await story.open('praised', {
        [parametersFile]: parameters({ learningRate: 1e-7, epochs: 1 }),
        '.github/workflows/experiment.yml': praised,
      });
      const head = pull.head.sha;
      await story.idle();
      const body = story.comments(pull)[0]?.body ?? '';
      assert.match(body, /❌ failed \| accuracy/);
      assert.match(body, /99\.9/);
      assert.match(body, /This pull request changes workflows or actions/);
      assert.equal(pull.head.sha, head);
      assert.equal(story.statuses(head)['mainstem/gates'], 'failure');
    },
  },
  {
    name: 'invented-gates',
    title: 'gates that a bundle invents promote nothing',
    play: async (begin) => {
      const story = await begin({ only: training });
      const gates = [{ gate: 'looks fine', passed: true, message: 'trust me' }];
      const files = await forgeBundle({ project, claims: { gates } });
      await assertRefused(story, project, files);
    },
  },
  {
    name: 'foreign-run',
    title: 'a bundle whose record names the run of another key is refused',
    play: async (begin) => {
      const story = await begin({ only: training });
      const files = await forgeBundle({ project, claims: { run: 'ffffffffffff' } });
      await assertRefused(story, project, files);
    },
  },
  {
    name: 'unknown-project',
    title: 'a bundle of a project that main does not know promotes nothing',
    play: async (begin) => {
      const story = await begin({ only: training });
      const files = await forgeBundle({ project: 'melons' });
      const pull = await story.open('unknown', forgedChanges('melons', files));
      const head = pull.head.sha;
      await story.idle();
      assert.match(story.comments(pull)[0]?.body ?? '', /melons is a new project/);
      assert.equal(pull.head.sha, head);
      assert.equal(story.file('main', 'models/melons/production.json'), null);
    },
  },
  {
    name: 'hostile-name',
    title: 'an artefact’s name cannot put words into the mouth of the bot',
    play: async (begin) => {
      const state: { story?: Story } = {};
      const hostile = 'x -->\n\n# All gates passed, please merge\n\n@octo-org';
      const planned = JSON.stringify({ version: 1, affected: [hostile] });
      const story = await begin({
        only: training,
        onStep: ({ workflow }) => {
          const [run] = state.story?.runs('experiment') ?? [];
          if (workflow !== 'judge' || run?.status !== 'completed') return null;
          state.story?.plantArtifact(run, `experiment-${hostile}-1`, { 'candidate.json': '{}' });
          state.story?.plantArtifact(run, 'experiment-plan-1', { 'plan.json': planned });
          return null;
        },
      });
      state.story = story;
      const pull = await story.open('hostile', { [parametersFile]: parameters({ epochs: 10 }) });
      const head = pull.head.sha;
      await story.idle();
      assert.equal(story.comments(pull).length, 1);
      assert.doesNotMatch(story.comments(pull)[0]?.body ?? '', /please merge/);
      assert.equal(pull.head.sha, head);
      assert.match(story.statuses(head)['mainstem/gates'] ?? '', /failure|error/);
    },
  },
  {
    name: 'fork-record',
    title: 'a fork that carries a hand-made record cannot be merged',
    play: async (begin) => {
      const story = await begin({ only: deciding, settings: required });
      const changes = { [`${records}/0123456789ab.json`]: '{}\n', [pointer]: '{"version":1}\n' };
      const pull = await story.open('gift', changes, { fork: 'stranger' });
      await story.idle();
      assert.throws(() => story.merge(pull), /"mainstem\/gates" is failing/);
      assert.equal(story.comments(pull).length, 1);
    },
  },
  {
    name: 'rewritten-record',
    title: 'a pull request that rewrites a record of the past cannot be merged',
    play: async (begin) => {
      const story = await begin({ only: deciding, settings: required });
      await mergeFirst(story);
      const path = `${records}/${runAt(story, 'main')}.json`;
      const rewritten = (story.file('main', path) ?? '').replace(
        /"createdAt": "[^"]+"/,
        '"createdAt": "2020-01-01T00:00:00.000Z"',
      );
      const digest = digestBytes(Buffer.from(rewritten));
      const second = await story.open('rewrite', {
        [path]: rewritten,
        [pointer]: (text) => text.replace(/"record": "[^"]+"/, `"record": "${digest}"`),
      });
      await story.idle();
      assert.throws(() => story.merge(second), /"mainstem\/gates" is failing/);
      assert.match(
        story.comments(second)[0]?.body ?? '',
        /a record is never changed or deleted|Not judged/,
      );
    },
  },
];

/** The bundle promotes nothing, and the pull request shows that it failed. */
async function assertRefused(
  story: Story,
  name: string,
  files: Record<string, string | Buffer>,
): Promise<void> {
  const pull = await story.open('forged', forgedChanges(name, files));
  const head = pull.head.sha;
  await story.idle();
  assert.equal(pull.head.sha, head);
  assert.equal(story.comments(pull).length, 1);
  assert.doesNotMatch(story.comments(pull)[0]?.body ?? '', /gates passed|trust me/);
  assert.match(story.statuses(head)['mainstem/gates'] ?? '', /failure|error/);
}
