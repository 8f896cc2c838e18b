import type { ProjectPlan } from './plan.ts';
import type { ProjectTitle } from './render-project.ts';

/** The text of the project's README.md: what to change when. */
export function renderReadme({ name, data, source, licence }: ProjectTitle, plan: ProjectPlan) {
  const photos = plan.task === 'image-classification';
  const own = plan.template === 'head' ? headRows : photos ? photoRows : tableRows;
  const rows = plan.template ? [...own, ...networkRows] : treesRows;
  return `# ${name}

Made by \`mainstem init\` from what it found in the data; every value is yours to change.

- Data: \`${data}\`
- Source: ${source}
- Licence: ${licence}

\`\`\`
npx mainstem lock ${name}         # after each change of the data
npx mainstem validate ${name}     # what is wrong with it
npx mainstem experiment ${name}   # train, evaluate, report
npx mainstem promote ${name}      # make the last experiment what serves
npx mainstem serve --model ${name}   # the page in the browser
\`\`\`

What to change in \`params.json\`, and when:

| parameter | change it when |
|---|---|
${rows.map(([what, when]) => `| \`${what}\` | ${when} |`).join('\n')}

\`project.ts\` holds what is seldom changed, with a comment for each${plan.template ? '; `model.ts` holds the network' : ''}.
`;
}

const commonRows = [
  [
    'thresholds.acceptance',
    'too many good inputs are refused: higher; too many out-of-distribution ones pass: lower',
  ],
  ['seed', 'to see how much of a difference is chance'],
] as const;

const photoRows = [
  [
    'imageSize',
    'details matter that are lost at this size; twice the side takes four times as long',
  ],
  [
    'augmentation',
    'training accuracy is far above validation: more; `flip` only if mirrored is the same',
  ],
  [
    'model.filters',
    'accuracy stays low in training too: more and larger; fewer where speed matters',
  ],
] as const;

const headRows = [
  ['model.embedding', 'accuracy stays low in training too: more; fewer where photos are very few'],
] as const;

const tableRows = [
  ['model.hidden', 'the training loss stays high: wider or deeper; narrower for few rows'],
] as const;

const networkRows = [
  ['epochs', 'the curves still fall at the end: more'],
  ['earlyStopping', 'training stops too early or too late; 0 never stops early'],
  ['learningRate', 'the loss jumps about: lower; it falls very slowly: higher'],
  ['batchSize', 'memory runs out: lower; change `learningRate` in proportion'],
  ['model.dropout', 'training accuracy is far above validation: higher'],
  [
    'classWeights',
    '`balanced` where rare classes are learnt too little; probabilities stay what they say',
  ],
  ...commonRows,
] as const;

const treesRows = [
  ['model.trees', 'training ended before it stopped early: more'],
  ['earlyStopping', 'training stops too early or too late; 0 never stops early'],
  ['learningRate', 'lower is often a little better and needs more trees'],
  ['model.leaves', 'training is far better than validation: fewer; little was learnt: more'],
  ['model.minimumRows', 'training is far better than validation: more'],
  ['model.columnShare', 'many columns say the same: lower'],
  ['model.loss', '`absolute` where outliers of the label must not matter (regression only)'],
  ...commonRows,
] as const;
