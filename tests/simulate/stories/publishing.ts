import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { until } from '../../helpers/prometheus.ts';
import type { Run } from '../github/state.ts';
import { type StoryDefinition, training } from './definition.ts';
import { runAt } from './pull-requests.ts';
import { serveElsewhere } from './server.ts';
import type { Story } from './story.ts';
import {
  collecting,
  definitionFile,
  parameters,
  parametersFile,
  tableFile,
  tableText,
} from './template-repository.ts';

/** From a pull request to a server that nobody deploys to. */
export const stories: readonly StoryDefinition[] = [
  {
    name: 'publishing',
    title:
      'once it is switched on, a merge is published and a server elsewhere follows it; a revert brings the model before back, and late or repeated runs change nothing',
    registry: true,
    play: async (begin) => {
      const story = await begin({ remote: 'registry', only: [...training, 'publish.yml'] });
      const collects = collecting(`writeFile(file, ${JSON.stringify(tableText)})`);
      await story.push('main', { [tableFile]: null, [definitionFile]: collects });
      await story.idle();
      const firstRun = await mergeModel(story, 'first', { epochs: 30 });
      const [skipped] = story.runs('publish');
      assert.equal(skipped?.conclusion, 'skipped', 'nobody has switched it on');

      const publicKey = await playSwitch(story);
      const server = await serveElsewhere(story, publicKey, `${story.sha('main')}^`);
      assert.equal(await server.run(), firstRun);
      const before = await server.ask({ weight: 7, length: 24 });

      story.chapter('The second pull request is merged');
      const secondRun = await mergeModel(story, 'second', { epochs: 60, learningRate: 0.1 });
      assert.notEqual(secondRun, firstRun);
      assert.equal(endOf(story.runs('publish').at(-1)), 'published');
      await until(async () => (await server.run()) === secondRun, 'the second model');
      assert.notDeepEqual(await server.ask({ weight: 7, length: 24 }), before);

      story.chapter('The promotion is reverted');
      story.merge(await story.revert(story.sha('main')), 'merge');
      await story.idle();
      assert.equal(endOf(story.runs('publish').at(-1)), 'published');
      await until(async () => (await server.run()) === firstRun, 'the first model again');
      assert.deepEqual(await server.ask({ weight: 7, length: 24 }), before);

      story.chapter('The run of the second merge comes again, and the last event once more');
      // A push to a branch begins a run, too, which is skipped.
      const published = story.runs('publish').filter((run) => endOf(run) === 'published');
      const [second, last] = published.slice(-2);
      assert.ok(second && last);
      story.rerun(second);
      await story.idle();
      assert.equal(endOf(second), 'unchanged');
      story.repeat(last);
      await story.idle();
      const repeated = story.runs('publish').at(-1);
      assert.notEqual(repeated, last);
      assert.equal(endOf(repeated), 'unchanged');
      assert.equal(await server.run(), firstRun);
      const refused = story.timeline.filter(({ kind }) => kind === 'refused');
      assert.deepEqual(refused, [], 'no job asks for more than it may');
    },
  },
];

/** @returns the run that main names then */
async function mergeModel(
  story: Story,
  branch: string,
  changed: Readonly<Record<string, unknown>>,
): Promise<string | undefined> {
  const pull = await story.open(branch, { [parametersFile]: parameters(changed) });
  await story.idle();
  story.merge(pull, 'squash');
  await story.idle();
  return runAt(story, 'main');
}

/** What there is to set up, one after the other. @returns the key that servers follow by */
async function playSwitch(story: Story): Promise<string> {
  const { vars, environments } = story.forge.settings;
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const shared = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
  const end = async () => {
    story.dispatch('publish.yml');
    await story.idle();
    const run = story.runs('publish').at(-1);
    return run?.conclusion === 'success' ? endOf(run) : logOf(run);
  };
  story.chapter('The owner sets the variable, and forgets the secret');
  vars.MAINSTEM_FOLLOW_KEY = shared;
  assert.match(await end(), /error: PUBLISH_KEY_MISSING/);
  story.chapter('The owner stores the wrong key');
  const keep = (pem: string | Buffer) => {
    environments['production-publish'] = { secrets: { MAINSTEM_PUBLISH_KEY: String(pem) } };
  };
  const form = { type: 'pkcs8', format: 'pem' } as const;
  keep(generateKeyPairSync('ed25519').privateKey.export(form));
  assert.match(await end(), /error: PUBLISH_KEY_OTHER/);
  story.chapter('The owner stores the right one');
  keep(privateKey.export(form));
  assert.equal(await end(), 'published');
  return shared;
}

function endOf(run: Run | undefined): string {
  return run?.jobs.find(({ key }) => key === 'publish')?.outputs.state ?? '';
}

function logOf(run: Run | undefined): string {
  return run?.jobs.flatMap(({ steps }) => steps.map(({ log }) => log)).join('\n') ?? '';
}
