/** What GitHub knows when it decides whether a job or a step runs. */
export interface Situation {
  readonly github?: Readonly<Record<string, unknown>>;
  /** Empty in a fork. */
  readonly vars?: Readonly<Record<string, string>>;
  readonly needs?: Readonly<Record<string, Needed>>;
  readonly steps?: Readonly<
    Record<
      string,
      { readonly outputs?: Readonly<Record<string, string>>; readonly outcome?: string }
    >
  >;
  /** Whether an earlier step of the job has failed. */
  readonly failed?: boolean;
  /** Whether somebody has cancelled the run. */
  readonly cancelled?: boolean;
}

interface Needed {
  readonly result: 'success' | 'failure' | 'cancelled' | 'skipped';
  readonly outputs?: Readonly<Record<string, string>>;
}

/** A sentence about a situation, the situation, and whether the job or step runs in it. */
export type Row = readonly [when: string, given: Situation, runs: boolean];

const repository = { default_branch: 'trunk' };
const event = (name: string, ref: string, payload: object = {}) => ({
  github: { event_name: name, ref_name: ref, event: { ...payload, repository } },
});
const push = event('push', 'trunk');
const pushAside = event('push', 'idea');
const queue = event('merge_group', 'gh-readonly-queue/trunk/pr-7', { action: 'checks_requested' });

/** A run of another workflow that was requested or completed. */
const after = (action: string, name: string, cause = 'pull_request') =>
  event('workflow_run', 'trunk', { action, workflow_run: { name, event: cause } });
const requested = after('requested', 'experiment');
const completed = after('completed', 'experiment');

const success = (outputs: Readonly<Record<string, string>> = {}): Needed => ({
  result: 'success',
  outputs,
});
const failure: Needed = { result: 'failure' };
const cancelled: Needed = { result: 'cancelled' };
const skipped: Needed = { result: 'skipped' };

/** What a step of the same job has set. */
const afterStep = (id: string, outputs: Readonly<Record<string, string>>): Situation => ({
  steps: { [id]: { outputs } },
});

/** Which attempt of its run a job belongs to. */
const attempt = (number: string): Situation => ({ github: { run_attempt: number } });

/** How the step that trains has ended. */
const ended = (outcome: string): Situation => ({ steps: { train: { outcome } } });

/** An app's token is made where there is an app. */
const appToken: readonly Row[] = [
  ['there is an app', { vars: { RETRAIN_APP_CLIENT_ID: 'Iv23' } }, true],
  ['there is no app', {}, false],
  ['a step before failed', { vars: { RETRAIN_APP_CLIENT_ID: 'Iv23' }, failed: true }, false],
];

const served = { SERVING_URL: 'https://pumpkins.example' };
const followed = { MAINSTEM_FOLLOW_KEY: 'MCowBQYDK2VwAyEA' };
const rolledBack = { state: 'failed', serving: 'a'.repeat(40) };
const count = (value: string) => success({ count: value });

/** Each `if` of the workflows: file, job and, of a step, the action it uses. */
export const conditions: Readonly<Record<string, readonly Row[]>> = {
  'check.yml ci-ok': [
    ['the tests passed', { needs: { test: success() } }, true],
    ['the tests failed', { needs: { test: failure } }, true],
    ['the tests were skipped', { needs: { test: skipped } }, true],
    ['the run is cancelled', { needs: { test: cancelled }, cancelled: true }, true],
  ],
  'deploy.yml approve': [
    ['the default branch moves and there is a server', { ...push, vars: served }, true],
    [
      'a person asks on the default branch',
      { ...event('workflow_dispatch', 'trunk'), vars: served },
      true,
    ],
    [
      'a person asks on another branch',
      { ...event('workflow_dispatch', 'idea'), vars: served },
      false,
    ],
    ['another branch moves', { ...pushAside, vars: served }, false],
    ['there is no server, as in a fork', push, false],
  ],
  'deploy.yml revert': [
    ['a release was rolled back', { needs: { deploy: { ...failure, outputs: rolledBack } } }, true],
    [
      'it was rolled back while somebody cancelled',
      { needs: { deploy: { ...cancelled, outputs: rolledBack } }, cancelled: true },
      true,
    ],
    [
      'nothing serves that could be kept',
      { needs: { deploy: { ...failure, outputs: { state: 'failed', serving: '' } } } },
      false,
    ],
    [
      'the release serves',
      { needs: { deploy: success({ ...rolledBack, state: 'deployed' }) } },
      false,
    ],
    ['the deployment failed before it had a state', { needs: { deploy: failure } }, false],
    ['there was no deployment', { needs: { deploy: skipped } }, false],
  ],
  'deploy.yml revert actions/create-github-app-token': appToken,
  'experiment.yml train': [
    ['a project is affected', { needs: { plan: count('1') } }, true],
    ['no project is affected', { needs: { plan: count('0') } }, false],
    ['the plan failed', { needs: { plan: { ...failure, outputs: { count: '1' } } } }, false],
    ['somebody cancelled', { needs: { plan: count('1') }, cancelled: true }, false],
  ],
  'experiment.yml train actions/upload-artifact': [
    ['something was trained', afterStep('train', { runs: 'pumpkins=1' }), true],
    [
      'it was trained and then failed',
      { ...afterStep('train', { runs: 'a=1' }), failed: true },
      true,
    ],
    ['nothing was trained', { ...afterStep('train', { runs: '' }), failed: true }, false],
  ],
  'experiment.yml train actions/download-artifact (Take up the checkpoint)': [
    ['a job runs for the first time', attempt('1'), false],
    ['a job runs again', attempt('2'), true],
    ['a step before failed', { ...attempt('3'), failed: true }, false],
  ],
  'experiment.yml train actions/upload-artifact (Keep the checkpoint)': [
    ['somebody cancelled while it trained', { ...ended('cancelled'), cancelled: true }, true],
    ['training failed', { ...ended('failure'), failed: true }, true],
    ['it was trained', ended('success'), false],
    ['it never began to train', { ...ended('skipped'), failed: true }, false],
    [
      'it was trained, and somebody cancelled then',
      { ...ended('success'), cancelled: true },
      false,
    ],
  ],
  'judge.yml running': [
    ['an experiment of a pull request begins', requested, true],
    ['an experiment of a pull request ends', completed, false],
    ['the tests begin', after('requested', 'check'), false],
    [
      'an experiment that a person started begins',
      after('requested', 'experiment', 'workflow_dispatch'),
      false,
    ],
    ['another event says the same', renamed(requested), false],
  ],
  'judge.yml judge': [
    ['an experiment of a pull request ends', completed, true],
    ['a merge group is made', queue, true],
    ['an experiment begins', requested, false],
    ['the tests end', after('completed', 'check'), false],
    [
      'an experiment that a person started ends',
      after('completed', 'experiment', 'workflow_dispatch'),
      false,
    ],
    ['a promotion is merged', push, false],
    ['another event says the same', renamed(completed), false],
  ],
  'judge.yml judge ./.github/actions/admit': [
    ['an experiment ended', completed, true],
    ['a merge group brings no artefacts', queue, false],
    ['a step before failed', { ...completed, failed: true }, false],
  ],
  'judge.yml judge actions/download-artifact': [
    ['an experiment ended', completed, true],
    ['a merge group brings no artefacts', queue, false],
    ['its artefacts were not admitted', { ...completed, failed: true }, false],
  ],
  'judge.yml judge actions/upload-artifact': [
    ['there is a judgement', afterStep('judge', { head: 'b'.repeat(40) }), true],
    ['the pull request has a newer commit', afterStep('judge', { head: '' }), false],
    ['judging failed', { ...afterStep('judge', { head: 'b'.repeat(40) }), failed: true }, false],
  ],
  'judge.yml report': [
    ['there is a judgement', { needs: { judge: success({ head: 'b'.repeat(40) }) } }, true],
    ['judging failed', { needs: { judge: failure } }, true],
    ['judging was cancelled', { needs: { judge: cancelled }, cancelled: true }, true],
    ['the pull request has a newer commit', { needs: { judge: success({ head: '' }) } }, false],
    ['nothing was to be judged', { needs: { judge: skipped } }, false],
  ],
  'judge.yml report actions/download-artifact': [
    ['there is a judgement', { needs: { judge: success({ judgement: '7' }) } }, true],
    ['the judge left none', { needs: { judge: success({ judgement: '' }) } }, false],
    [
      'an earlier step failed',
      { needs: { judge: success({ judgement: '7' }) }, failed: true },
      false,
    ],
  ],
  'judge.yml promote': [
    [
      'the gates passed',
      { needs: { judge: success({ promotable: 'pumpkins' }), report: success() } },
      true,
    ],
    [
      'no promotion is due',
      { needs: { judge: success({ promotable: '' }), report: success() } },
      false,
    ],
    ['judging failed', { needs: { judge: failure, report: success() } }, false],
    [
      'the report failed',
      { needs: { judge: success({ promotable: 'pumpkins' }), report: failure } },
      false,
    ],
    [
      'somebody cancelled',
      { needs: { judge: success({ promotable: 'pumpkins' }), report: success() }, cancelled: true },
      false,
    ],
  ],
  'judge.yml tests': [
    ['the tests of a pull request end', after('completed', 'check'), true],
    ['the tests of the default branch end', after('completed', 'check', 'push'), true],
    ['the tests begin', after('requested', 'check'), false],
    ['an experiment ends', completed, false],
    ['a merge group is made', queue, false],
    ['another event says the same', renamed(after('completed', 'check')), false],
  ],
  'judge.yml outdated': [
    ['a promotion is merged', push, true],
    ['a promotion is pushed to another branch', pushAside, false],
    ['an experiment ends', completed, false],
  ],
  'publish.yml approve': [
    ['a promotion is merged and servers follow', { ...push, vars: followed }, true],
    [
      'a person asks on the default branch',
      { ...event('workflow_dispatch', 'trunk'), vars: followed },
      true,
    ],
    [
      'a person asks on another branch',
      { ...event('workflow_dispatch', 'idea'), vars: followed },
      false,
    ],
    ['a promotion is pushed to another branch', { ...pushAside, vars: followed }, false],
    ['no server follows, as in a fork', push, false],
  ],
  'retrain.yml decide': [
    ['it is Monday', event('schedule', 'trunk'), true],
    ['an alert fires', event('repository_dispatch', 'trunk'), true],
    ['a person asks on another branch', event('workflow_dispatch', 'idea'), false],
  ],
  'retrain.yml collect': [
    ['a project is retrained', { needs: { decide: count('1') } }, true],
    ['no project is retrained', { needs: { decide: count('0') } }, false],
    ['deciding failed', { needs: { decide: { ...failure, outputs: { count: '1' } } } }, false],
    ['the branch is not the default one', { needs: { decide: skipped } }, false],
  ],
  'retrain.yml propose': [
    ['every project was collected', { needs: { decide: count('2'), collect: success() } }, true],
    [
      'one of them failed, for the others',
      { needs: { decide: count('2'), collect: failure } },
      true,
    ],
    ['collecting was cancelled', { needs: { decide: count('2'), collect: cancelled } }, false],
    ['no project is retrained', { needs: { decide: count('0'), collect: skipped } }, false],
    [
      'deciding failed',
      { needs: { decide: { ...failure, outputs: { count: '1' } }, collect: skipped } },
      false,
    ],
  ],
  'retrain.yml propose actions/create-github-app-token': appToken,
  'rollback.yml propose actions/create-github-app-token': appToken,
  'sweep.yml plan': [
    ['a person asks', event('workflow_dispatch', 'trunk'), true],
    ['a person asks on another branch', event('workflow_dispatch', 'idea'), false],
  ],
  'sweep.yml conclude': [
    ['every share was searched', { needs: { plan: success(), search: success() } }, true],
    ['one of them failed, for the others', { needs: { plan: success(), search: failure } }, true],
    ['searching was cancelled', { needs: { plan: success(), search: cancelled } }, false],
    ['planning failed', { needs: { plan: failure, search: skipped } }, false],
    ['the branch is not the default one', { needs: { plan: skipped, search: skipped } }, false],
  ],
  'sweep.yml propose': [
    [
      'something was found',
      { needs: { search: success(), conclude: success({ proposed: 'true' }) } },
      true,
    ],
    [
      'something was found by the others where a share failed',
      { needs: { search: failure, conclude: success({ proposed: 'true' }) } },
      true,
    ],
    [
      'nothing was found',
      { needs: { search: success(), conclude: success({ proposed: 'false' }) } },
      false,
    ],
    ['concluding failed', { needs: { search: success(), conclude: failure } }, false],
    ['searching was cancelled', { needs: { search: cancelled, conclude: skipped } }, false],
  ],
  'sweep.yml propose actions/create-github-app-token': appToken,
};

/** The same payload under an event that has none of it: the condition names its event itself. */
function renamed({ github }: { github: Readonly<Record<string, unknown>> }): Situation {
  return { github: { ...github, event_name: 'push' } };
}
