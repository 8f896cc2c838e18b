import assert from 'node:assert/strict';
import { type StoryDefinition, training } from './definition.ts';
import { promoted, runAt } from './pull-requests.ts';
import { serveOnLaptop } from './server.ts';
import type { Story } from './story.ts';
import {
  collecting,
  definitionFile,
  parameters,
  parametersFile,
  tableFile,
  tableText,
} from './template-repository.ts';

const store = 'jen/farm/store';

/** A repository made from the template: nobody has set anything on any page of GitHub. */
export const stories: readonly StoryDefinition[] = [
  {
    name: 'zero-settings',
    title:
      'without any setting a pull request is trained, judged, merged and served, and the next one compared with it',
    core: true,
    registry: true,
    play: async (begin) => {
      const story = await begin({
        remote: 'registry',
        only: [...training, 'deploy.yml', 'publish.yml'],
      });
      const { vars, secrets, environments, app } = story.forge.settings;
      assert.deepEqual({ vars, secrets, environments, app }, nothing);
      await story.push('main', {
        [tableFile]: null,
        [definitionFile]: collecting(`writeFile(file, ${JSON.stringify(tableText)})`),
      });
      await story.idle();

      const first = await story.open('first', { [parametersFile]: parameters({ epochs: 30 }) });
      const evaluated = first.head.sha;
      await story.idle();
      assert.match(story.comments(first)[0]?.body ?? '', /gourds: first model/);
      assert.equal(promoted(story, evaluated, first.head.sha).length, 2);
      assert.deepEqual(
        [...story.forge.packages.values()],
        [{ name: store, repository: 'jen/farm' }],
      );
      assert.deepEqual(
        writersOfPackages(story),
        ['promote'],
        'what stores is the trusted job alone',
      );

      story.chapter('It is merged, and the owner’s laptop serves it');
      story.merge(first, 'squash');
      await story.idle();
      for (const workflow of ['deploy', 'publish']) {
        const ends = story.runs(workflow).map(({ conclusion }) => conclusion);
        assert.deepEqual([...new Set(ends)], ['skipped'], 'where a server is, somebody has to say');
      }
      const firstRun = runAt(story, 'main');
      const before = await serveOnLaptop(story);
      assert.equal(await before.run(), firstRun);

      story.chapter('The second pull request is compared with what serves');
      const changes = { [parametersFile]: parameters({ epochs: 60, learningRate: 0.1 }) };
      const second = await story.open('second', changes);
      await story.idle();
      const said = story.comments(second)[0]?.body ?? '';
      assert.match(said, /\| metric \| champion \| candidate \|/);
      assert.match(said, new RegExp(`\\| champion \\| \`${firstRun}\` \\|`));
      story.merge(second, 'squash');
      await story.idle();
      const after = await serveOnLaptop(story);
      assert.equal(await after.run(), runAt(story, 'main'));
      const gourd = { weight: 7, length: 24 };
      assert.notDeepEqual(await after.ask(gourd), await before.ask(gourd));
      const refused = story.timeline.filter(({ kind }) => kind === 'refused');
      assert.deepEqual(refused, [], 'no job asks for more than it may');
    },
  },
];

const nothing = { vars: {}, secrets: {}, environments: {}, app: null };

/** Keys of the jobs that ran and whose token might write packages. */
function writersOfPackages({ forge }: Story): string[] {
  const jobs = forge.runs.flatMap((run) => run.jobs).filter(({ steps }) => steps.length > 0);
  const writers = jobs.filter(({ permissions }) => permissions.packages === 'write');
  return [...new Set(writers.map(({ key }) => key))];
}
