import type { ModelRecord } from '../../../platform/schemas/index.ts';
import { automatedTest, both, type Evidence, testedAlerts, workflowStep } from './evidence.ts';
import {
  eachColumnHelps,
  isBetterThanLinear,
  parametersWereTuned,
} from './found-by-experiments.ts';

/** The four sections of the ML Test Score. */
export type Section = 'data' | 'model' | 'infrastructure' | 'monitoring';

/** One of the 28 tests. */
export interface ScoreTest {
  readonly id: string;
  readonly section: Section;
  readonly title: string;
  /** What shows that it is done automatically; null if nothing does. */
  readonly find: (evidence: Evidence) => Promise<string | null> | string | null;
  /** How to get the point. */
  readonly todo: string;
}

const nothing = () => null;

/**
 * The tests of Breck, Cai, Nielsen, Salib and Sculley, The ML Test Score: A Rubric for ML Production Readiness and
 * Technical Debt Reduction, IEEE Big Data 2017. What no file of the repository can show is never found.
 */
export const scoreTests: readonly ScoreTest[] = [
  {
    ...{ id: 'data-1', section: 'data', title: 'Feature expectations are captured in a schema.' },
    find: async (evidence) => both(schemaOf(evidence), await validates(evidence)),
    todo: 'Give every feature of project.ts a range or its values, and keep validate-data in experiment.yml.',
  },
  {
    ...{ id: 'data-2', section: 'data', title: 'All features are beneficial.' },
    find: eachColumnHelps,
    todo: 'Run rank --drop-columns on the model that serves, and drop each column that is not shown to help; of photos write down what helps in ml-test-score.json.',
  },
  {
    ...{ id: 'data-3', section: 'data', title: 'No feature’s cost is too much.' },
    find: nothing,
    todo: 'Write down what each feature costs to collect and to compute, and why it is worth it in ml-test-score.json.',
  },
  {
    ...{ id: 'data-4', section: 'data', title: 'Features adhere to meta-level requirements.' },
    find: ({ definition: { table } }) => {
      if (!table) return null;
      const names = Object.keys(table.features).join(', ');
      return `only the columns under table.features reach the model: ${names}`;
    },
    todo: 'Name the columns that may be used under table.features; of photos write down what they may show in ml-test-score.json.',
  },
  {
    ...{
      id: 'data-5',
      section: 'data',
      title: 'The data pipeline has appropriate privacy controls.',
    },
    find: nothing,
    todo: 'Write down who may read data, store and feedback, and when feedback is deleted in ml-test-score.json.',
  },
  {
    ...{ id: 'data-6', section: 'data', title: 'New features can be added quickly.' },
    find: nothing,
    todo: 'Write down how long the last new feature took from idea to production in ml-test-score.json.',
  },
  {
    ...{ id: 'data-7', section: 'data', title: 'All input feature code is tested.' },
    find: (evidence) =>
      automatedTest(evidence, 'tests/unit/platform/transforms/transforms.test.ts'),
    todo: 'Keep the tests of platform/transforms, and run them in check.yml.',
  },
  {
    ...{ id: 'model-1', section: 'model', title: 'Model specs are reviewed and submitted.' },
    find: async (evidence) =>
      both(
        evidence.reviewed
          ? `run ${evidence.record?.run} was made from a commit of this branch`
          : null,
        await rule(evidence, '"required_approving_review_count": [1-9]', 'a review is required'),
      ),
    todo: 'Promote a model that was made from a commit, and require reviews in .github/ruleset.json.',
  },
  {
    ...{ id: 'model-2', section: 'model', title: 'Offline and online metrics correlate.' },
    find: nothing,
    todo: 'Compare the test metrics of promoted models with what they achieved in use, and write it down in ml-test-score.json.',
  },
  {
    ...{ id: 'model-3', section: 'model', title: 'All hyperparameters have been tuned.' },
    find: parametersWereTuned,
    todo: 'Run a sweep of ten trials or more, and promote a model with values that it tried, or write down in ml-test-score.json what was.',
  },
  {
    ...{ id: 'model-4', section: 'model', title: 'The impact of model staleness is known.' },
    find: nothing,
    todo: 'Evaluate older models on the newest data, and write down how much they lose in ml-test-score.json.',
  },
  {
    ...{ id: 'model-5', section: 'model', title: 'A simpler model is not better.' },
    find: isBetterThanLinear,
    todo: 'Run experiment on what serves: its report compares linear models. Where it is not shown to be better, use a simpler one.',
  },
  {
    ...{
      id: 'model-6',
      section: 'model',
      title: 'Model quality is sufficient on important data slices.',
    },
    find: ({ definition, record }) => {
      const gate = definition.gates.some((one) => 'slices' in one);
      const measured = record?.evaluation.slices.length ?? 0;
      return gate && measured > 0
        ? `a gate on slices, and ${measured} slices measured of run ${record?.run}`
        : null;
    },
    todo: 'Name slices and a gate { slices: … } in project.ts, and promote a model that passes it.',
  },
  {
    ...{
      id: 'model-7',
      section: 'model',
      title: 'The model is tested for considerations of inclusion.',
    },
    find: ({ definition: { sensitive }, columns }) => {
      const known = sensitive.filter((column) => columns.includes(column));
      return known.length > 0 && known.length === sensitive.length
        ? `every report compares the groups of ${known.join(', ')}`
        : null;
    },
    todo: 'Name columns of the data that concern people under "sensitive" in project.ts, and promote a model.',
  },
  {
    ...{ id: 'infrastructure-1', section: 'infrastructure', title: 'Training is reproducible.' },
    find: async (evidence) =>
      both(
        evidence.record?.training.backend.deterministic
          ? `run ${evidence.record.run} was trained by a backend that gives the same bits${renderSeeds(evidence)}`
          : null,
        await automatedTest(evidence, 'tests/contract/backends.test.ts'),
      ),
    todo: 'Promote a model that the default backend trained, and keep the contract tests of backends.',
  },
  {
    ...{ id: 'infrastructure-2', section: 'infrastructure', title: 'Model specs are unit tested.' },
    find: (evidence) =>
      automatedTest(evidence, 'tests/integration/pipeline/training/training.test.ts'),
    todo: 'Keep the tests of pipeline/training, and run them in check.yml.',
  },
  {
    ...{
      id: 'infrastructure-3',
      section: 'infrastructure',
      title: 'The ML pipeline is integration tested.',
    },
    find: (evidence) => automatedTest(evidence, 'tests/e2e/loop.test.ts'),
    todo: 'Keep tests/e2e/loop.test.ts, from data to an answer, and run it in check.yml.',
  },
  {
    ...{
      id: 'infrastructure-4',
      section: 'infrastructure',
      title: 'Model quality is validated before serving.',
    },
    find: async (evidence) =>
      both(
        evidence.definition.gates.length > 0
          ? `${evidence.definition.gates.length} gates${renderHeldBack(evidence)}`
          : null,
        await workflowStep(evidence, 'judge.yml', './.github/actions/judge'),
        await rule(evidence, 'mainstem/gates', 'the status mainstem/gates is required'),
      ),
    todo: 'Give project.ts gates, and require mainstem/gates in .github/ruleset.json.',
  },
  {
    ...{
      id: 'infrastructure-5',
      section: 'infrastructure',
      title: 'The model can be debugged step by step on one example.',
    },
    find: nothing,
    todo: 'Write down how an answer is followed from input to output in ml-test-score.json.',
  },
  {
    ...{
      id: 'infrastructure-6',
      section: 'infrastructure',
      title: 'Models are canaried before serving.',
    },
    find: nothing,
    todo: 'Serve staging to some of the requests first, and write down how it is decided in ml-test-score.json.',
  },
  {
    ...{
      id: 'infrastructure-7',
      section: 'infrastructure',
      title: 'Serving models can be rolled back.',
    },
    find: async (evidence) =>
      both(
        await workflowStep(evidence, 'deploy.yml', './.github/actions/revert'),
        await automatedTest(evidence, 'tests/integration/actions/revert.test.ts'),
      ),
    todo: 'Keep the revert in deploy.yml and its test.',
  },
  {
    ...{
      id: 'monitoring-1',
      section: 'monitoring',
      title: 'Dependency changes result in notification.',
    },
    find: async ({ text }) =>
      /package-ecosystem/.test(await text('.github/dependabot.yml'))
        ? '.github/dependabot.yml opens a pull request for each'
        : null,
    todo: 'Name the ecosystems in .github/dependabot.yml.',
  },
  {
    ...{
      id: 'monitoring-2',
      section: 'monitoring',
      title: 'Data invariants hold in training and serving inputs.',
    },
    find: async (evidence) => {
      const watched = evidence.record?.evaluation.profile.bins.length ?? 0;
      return both(
        watched > 0 ? `run ${evidence.record?.run} says what ${watched} properties are like` : null,
        await validates(evidence),
        await testedAlerts(evidence, inputAlerts(evidence)),
      );
    },
    todo: 'Promote a model, and keep validate-data in experiment.yml and the alerts on inputs with their tests and runbook.',
  },
  {
    ...{
      id: 'monitoring-3',
      section: 'monitoring',
      title: 'Training and serving features compute the same values.',
    },
    find: (evidence) => automatedTest(evidence, 'tests/integration/platform/golden-rows.test.ts'),
    todo: 'Keep the test of golden rows, and run it in check.yml.',
  },
  {
    ...{ id: 'monitoring-4', section: 'monitoring', title: 'Models are not too stale.' },
    find: async (evidence) =>
      both(
        evidence.definition.collect ? 'the project collects new data' : null,
        await workflowStep(evidence, 'retrain.yml', 'schedule:'),
      ),
    todo: 'Give project.ts a collect, and keep the schedule of retrain.yml.',
  },
  {
    ...{ id: 'monitoring-5', section: 'monitoring', title: 'The model is numerically stable.' },
    find: async (evidence) => {
      const path = 'tests/integration/pipeline/package/package.test.ts';
      const tested = (await evidence.text(path)).includes('PACKAGE_NOT_FINITE');
      return tested ? automatedTest(evidence, path) : null;
    },
    todo: 'Keep the tests that a network whose numbers are not finite is refused.',
  },
  {
    ...{
      id: 'monitoring-6',
      section: 'monitoring',
      title: 'Training speed, latency, throughput and memory have not regressed.',
    },
    find: async (evidence) =>
      both(
        `budgets: ${Object.keys(evidence.definition.budgets).join(', ')}`,
        evidence.record ? `measured of run ${evidence.record.run}` : null,
        await workflowStep(evidence, 'judge.yml', './.github/actions/judge'),
      ),
    todo: 'Promote a model, and keep judge.yml, which holds each candidate against the budgets.',
  },
  {
    ...{
      id: 'monitoring-7',
      section: 'monitoring',
      title: 'Prediction quality on served data has not regressed.',
    },
    find: async (evidence) => {
      const accuracy = evidence.record?.evaluation.profile.accuracy ?? null;
      return both(
        accuracy === null
          ? null
          : `answers are held against the accuracy of run ${evidence.record?.run}`,
        await testedAlerts(evidence, ['MainstemQualityDrop', 'MainstemConfidenceDrop']),
      );
    },
    todo: 'Promote a classifier, and keep the alerts on its quality with their tests and runbook; of values write down in ml-test-score.json how they are compared.',
  },
];

/** Validation on every pull request. */
function validates(evidence: Evidence): Promise<string | null> {
  return workflowStep(evidence, 'experiment.yml', './.github/actions/validate-data');
}

/** What is expected of every feature, if it is. */
function schemaOf({ definition: { table, classes, task }, record }: Evidence): string | null {
  if (task === 'image-classification') {
    return `classes ${classes?.join(', ')}, and the thresholds of checks for photos`;
  }
  const features = Object.entries(table?.features ?? {});
  const learnt = new Set(record ? learntValues(record) : []);
  const open = features.filter(([name, { kind, range, values, encoding }]) => {
    // Validation reads each cell as its kind: nothing but a date or a truth value is one.
    const isStrict = kind === 'date' || kind === 'boolean';
    return !isStrict && !range && !values && !(encoding === 'target' && learnt.has(name));
  });
  return features.length > 0 && open.length === 0
    ? `a range, values or a strict kind for each of ${features.length} features`
    : null;
}

/** Columns of which the model that serves lists the values that it knows, too many for a person to list. */
function learntValues({ preprocessing }: ModelRecord): string[] {
  if (preprocessing.kind !== 'table') return [];
  return preprocessing.columns.flatMap((column) =>
    column.kind === 'category' && column.target ? [column.name] : [],
  );
}

/** What is alerted on of a model's inputs. */
function inputAlerts({ definition }: Evidence): string[] {
  const table = definition.table ? ['MainstemMissingFeature'] : [];
  return ['MainstemDataDrift', 'MainstemRejectedInputs', ...table];
}

function renderSeeds({ record }: Evidence): string {
  return record?.seeds ? `, and with ${record.seeds.seeds.length} seeds` : '';
}

function renderHeldBack({ pointer }: Evidence): string {
  const { heldBack } = pointer ?? {};
  return heldBack ? `, ${heldBack.examples} examples held back for the promotion` : '';
}

async function rule({ text }: Evidence, pattern: string, words: string): Promise<string | null> {
  const found = new RegExp(pattern).test(await text('.github/ruleset.json'));
  return found ? `.github/ruleset.json: ${words}` : null;
}
