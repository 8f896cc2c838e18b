import { MainstemError } from '../../../platform/lib/errors.ts';
import { spellOut } from '../../../platform/lib/look-alikes.ts';
import { isMissingWord } from '../../../platform/lib/missing-words.ts';
import { plural } from '../../../platform/lib/plural.ts';
import { listSome, shorten, showName } from '../../../platform/lib/text.ts';
import type { Parameters } from '../../../platform/schemas/define/index.ts';
import type { LabelScale, Task } from '../../../platform/schemas/index.ts';
import { findSpellings, parseNumber } from '../../../platform/transforms/index.ts';
import { chooseFeature, doubtCategory, type Feature } from './choose-feature.ts';
import { chooseLabelScale } from './choose-label-scale.ts';
import { comment, key, list, property, quote, slicesProperty, stringList } from './code.ts';
import { chooseGroup, type GroupColumn } from './find-identifiers.ts';
import { findTimeColumn } from './find-time-column.ts';
import { fitForNetwork } from './fit-for-network.ts';
import { classificationFloorCode, regressionFloorCode } from './floor-code.ts';
import { notWorseCode, notWorseNotes, sliceNotWorseCode } from './not-worse-code.ts';
import { epochsFor, type ProjectPlan, splitFractions } from './plan.ts';
import { type ColumnSurvey, mostClasses, type TableSurvey } from './survey-table.ts';

/**
 * Chooses features, network, parameters and gates for a table.
 *
 * @param task null has it chosen: regression for numbers with many values. @throws MainstemError
 *   INIT_TASK_MISMATCH, INIT_NO_FEATURES
 */
export function planTable(from: string, survey: TableSurvey, task: Task | null): ProjectPlan {
  const chosen = task ?? taskFor(survey.label);
  assertTask(from, survey.label, chosen);
  const choices = survey.columns.map((column) => chooseFeature(column, survey.rows));
  const trees = survey.rows >= fewestForTrees;
  const features = choices.flatMap((choice, at) => {
    if ('reason' in choice) return [];
    const column = survey.columns[at];
    return [trees || !column ? choice : fitForNetwork(choice, column)];
  });
  const reasons = choices.flatMap((choice) =>
    'reason' in choice ? [`${showName(choice.name)} ${choice.reason}`] : [],
  );
  if (features.length === 0) {
    const details = {
      from,
      label: survey.label.name,
      reasons: listSome(reasons, { between: '; ' }),
    };
    throw new MainstemError('INIT_NO_FEATURES', details);
  }
  const regression = chosen === 'tabular-regression';
  const labelScale = regression ? chooseLabelScale(survey.label) : undefined;
  const group = chooseGroup(survey.columns);
  const slices = sliceColumns(features, survey);
  const used = new Set(features.map(({ name }) => name));
  return {
    task: chosen,
    template: trees ? null : 'mlp',
    parameters: trees ? treesParameters : networkParametersFor(survey),
    properties: [
      tableCode(survey.label.name, labelScale, features),
      ...(regression ? [] : [classesCode(survey.label)]),
      splitCode(survey, group),
      ...(trees ? [treesCode] : ['  parameters: modelParameters,', '  model,']),
      slicesCode(slices),
      regression ? regressionGatesCode(survey, labelScale, slices) : gatesCode(survey, slices),
      comment(2, 'What may be served: bytes of the packaged model, milliseconds for one row.'),
      `  budgets: { modelBytes: ${trees ? '5_000_000' : '500_000'}, latencyMs: 5 },`,
      pageCode(survey.label, regression),
    ],
    notes: [
      ...headerNotes(survey),
      ...reasons.map((reason) => `Left out: ${reason}.`),
      ...survey.columns.filter(({ name }) => used.has(name)).flatMap(doubtNotes),
      ...(group ? [`Rows go to the splits by their ${group.name} (split.group).`] : []),
      ...(group ? [] : coarseNotes(survey)),
      ...timeNotes(survey),
      ...survey.columns.filter(({ name }) => used.has(name)).flatMap(standInNotes),
      ...survey.columns.filter(({ name }) => used.has(name)).flatMap(cellNotes),
      ...cellNotes(survey.label),
      ...survey.columns.filter(({ name }) => used.has(name)).flatMap(wordNotes),
      ...wordNotes(survey.label),
      ...features.flatMap(dateNotes),
      ...labelNotes(survey, regression),
      ...(labelScale ? [labelScaleNote(survey.label)] : []),
      ...notWorseNotes(regression ? 'mae' : 'accuracy', survey.rows, 'row'),
    ],
  };
}

function taskFor({ numeric, distinct }: ColumnSurvey): Task {
  return numeric && distinct > mostClasses ? 'tabular-regression' : 'tabular-classification';
}

function assertTask(from: string, { name, numeric }: ColumnSurvey, task: Task): void {
  const mismatch = (reason: string) =>
    new MainstemError('INIT_TASK_MISMATCH', { from, task, reason });
  if (task === 'image-classification') throw mismatch('it is a table');
  if (task === 'tabular-regression' && !numeric) throw mismatch(`column ${name} holds text`);
}

/**
 * From so many rows on trees are proposed. On most smaller public tables a network was as good or better, on larger
 * ones trees were (bench/RESULTS.md).
 */
const fewestForTrees = 10_000;

const treesCode = [
  comment(
    2,
    'Boosted trees: they need no scaling, and take gaps and categories as they are. For a network instead write',
    "a model.ts and, as in pipeline/projects/penguins, import { model, modelParameters } from './model.ts'.",
  ),
  "  model: { kind: 'trees' },",
].join('\n');

const treesParameters: Parameters = {
  seed: 7,
  learningRate: 0.1,
  earlyStopping: 50,
  thresholds: { acceptance: 0.95 },
  model: { trees: 1000, leaves: 31, minimumRows: 20, l2: 1, bins: 255, columnShare: 0.8 },
};

function networkParametersFor({ rows }: TableSurvey): Parameters {
  const batchSize = rows < 2000 ? 32 : 128;
  const epochs = epochsFor({ examples: rows, batchSize, steps: 4000 }, [10, 200]);
  return {
    seed: 7,
    epochs,
    batchSize,
    learningRate: 0.003,
    learningRateSchedule: 'cosine',
    earlyStopping: Math.max(5, Math.ceil(epochs / 5)),
    classWeights: 'none',
    augmentation: { flip: false, shift: 0, brightness: 0, rotate: 0 },
    thresholds: { acceptance: 0.95 },
    model: { hidden: rows < 2000 ? [32, 16] : [64, 32], dropout: 0.1 },
  };
}

function tableCode(
  label: string,
  labelScale: LabelScale | undefined,
  features: readonly Feature[],
): string {
  return [
    '  table: {',
    property(4, 'label', quote(label)),
    ...(labelScale ? [labelScaleCode(labelScale)] : []),
    comment(
      4,
      'What the model sees. Leave out what is not known yet at the time of prediction. Validation stops',
      'at values outside range and values, and where more than the share in missing (0.05) is missing;',
      'ranges are those of the data and a quarter more on either side.',
      ...(features.some(({ encoding }) => encoding)
        ? [
            "encoding: 'target' gives the model the mean label of a value's training rows, for it has many values.",
          ]
        : []),
      ...(features.some(({ scaling }) => scaling)
        ? [
            "scaling: 'robust' keeps a few numbers far from the others from hiding how those differ.",
          ]
        : []),
      ...(features.some(({ indicateGaps }) => indicateGaps)
        ? [
            'indicateGaps tells the network where a value is missing, which otherwise is the mean to it.',
          ]
        : []),
    ),
    '    features: {',
    ...features.map(featureCode),
    '    },',
    '  },',
  ].join('\n');
}

function labelScaleCode(labelScale: LabelScale): string {
  return [
    comment(
      4,
      'Its logarithm is learnt, so that errors count as shares of it; all that is shown is in its own unit. Answers are',
      'medians: leave this out where they will be added up, for a sum of medians is too low.',
    ),
    property(4, 'labelScale', quote(labelScale)),
  ].join('\n');
}

function featureCode(feature: Feature): string {
  const { name, kind, encoding, scaling, range, values, missing, indicateGaps } = feature;
  const parts = [
    `kind: ${quote(kind)}`,
    ...(encoding ? [`encoding: ${quote(encoding)}`] : []),
    ...(scaling ? [`scaling: ${quote(scaling)}`] : []),
    ...(range ? [`range: [${range.join(', ')}]`] : []),
    ...(values ? [`values: ${list(8, values.map(quote), Number.POSITIVE_INFINITY)}`] : []),
    ...(missing === undefined ? [] : [`missing: ${missing}`]),
    ...(indicateGaps ? ['indicateGaps: true'] : []),
  ];
  const line = `      ${key(name)}: { ${parts.join(', ')} },`;
  if (line.length <= 100) return line;
  const rows = parts.map((part) =>
    part.startsWith('values:') ? stringList(8, 'values', values ?? []) : `        ${part},`,
  );
  return [`      ${key(name)}: {`, ...rows, '      },'].join('\n');
}

function classesCode({ counts }: ColumnSurvey): string {
  return [
    comment(2, "Values of the label, in the order of the model's outputs."),
    stringList(2, 'classes', [...counts.keys()].sort()),
  ].join('\n');
}

function splitCode(survey: TableSurvey, group: GroupColumn | null): string {
  const apart = !group && isCoarse(survey);
  const property = group ? `, group: ${quote(group.name)}` : apart ? ", equalRows: 'apart'" : '';
  const fractions = splitFractions(survey.rows).join(', ');
  return [
    comment(
      2,
      ...(apart ? coarseReason : splitReason(group)),
      ...timeReason(survey.columns, `fractions: [${fractions}]${group ? property : ''}`),
    ),
    `  split: { seed: 1, fractions: [${fractions}]${property} },`,
  ].join('\n');
}

/** How to split by time, where a column says when. */
function timeReason(columns: readonly ColumnSurvey[], dealt: string): string[] {
  const time = findTimeColumn(columns);
  if (!time) return [];
  return [
    'To train on the oldest rows and test the newest, as serving will ask, instead write',
    `split: { seed: 1, ${dealt}, by: 'time', time: ${quote(time.name)} },`,
  ];
}

function timeNotes({ columns }: TableSurvey): string[] {
  const time = findTimeColumn(columns);
  if (!time) return [];
  return [
    `${time.name} says when: if what is predicted changes with time, split by it (see split in project.ts), or the test looks easier than serving will be.`,
  ];
}

function splitReason(group: GroupColumn | null): string[] {
  if (group?.repeats) {
    return [
      `All rows with one ${group.name} go to one split, or the test would know them already.`,
    ];
  }
  if (group) {
    return [
      `Each row is assigned by its ${group.name}, so that it stays there when its cells change.`,
    ];
  }
  return [
    'Each row is assigned by its content, wherever it stands. If several rows are about one thing, name the column',
    "that tells which: group: '<column>', or the test will know its things already.",
  ];
}

/** Columns of 0 and 1 may be many, and seldom say who or what a row is about. */
function sliceColumns(features: readonly Feature[], { columns }: TableSurvey): string[] {
  const texts = new Set(columns.filter(({ numeric }) => !numeric).map(({ name }) => name));
  const few = features.filter(({ name, kind, values }) =>
    kind === 'boolean' ? texts.has(name) : values && values.length <= 6,
  );
  return few.map(({ name }) => name);
}

function slicesCode(columns: readonly string[]): string {
  const why = comment(
    2,
    'Columns by which the results are sliced, so that an average cannot hide a weak spot.',
  );
  return `${why}\n${slicesProperty(columns)}`;
}

function gatesCode({ label, rows }: TableSurvey, slices: readonly string[]): string {
  return [
    '  gates: [',
    classificationFloorCode([...label.counts.values()]),
    notWorseCode('accuracy', rows, 'row'),
    ...sliceNotWorseCode('accuracy', slices),
    '  ],',
  ].join('\n');
}

function regressionGatesCode(
  { rows }: TableSurvey,
  labelScale: LabelScale | undefined,
  slices: readonly string[],
): string {
  return [
    '  gates: [',
    regressionFloorCode(labelScale),
    notWorseCode('mae', rows, 'row'),
    ...sliceNotWorseCode('mae', slices),
    '  ],',
  ].join('\n');
}

function pageCode({ name, counts }: ColumnSurvey, regression: boolean): string {
  const classes = [
    comment(4, 'What people call the classes.'),
    '    classes: {',
    ...[...counts.keys()].sort().map((value) => property(6, value, quote(value))),
    '    },',
  ];
  return [
    comment(2, 'What the page says to people who bring a row.'),
    '  page: {',
    property(4, 'title', quote(`What is the ${name}?`)),
    property(4, 'intro', quote('Type in what you know.')),
    ...(regression ? [] : classes),
    property(
      4,
      'refusal',
      quote('These values are unlike any that I have learnt from. Please check them.'),
    ),
    '  },',
  ].join('\n');
}

/** How many rows can differ, where nearly all must be equal to others; otherwise null. */
function countDifferent({ columns, label, rows }: TableSurvey): number | null {
  let most = 1;
  for (const { distinct, missing } of [label, ...columns]) {
    // A column that is left out has no values that tell rows apart.
    most *= Math.max(distinct + (missing > 0 ? 1 : 0), 1);
    // Counting the values of all columns would take long, and is mostly not needed.
    if (most >= rows / 2) return null;
  }
  return most;
}

function isCoarse(survey: TableSurvey): boolean {
  return countDifferent(survey) !== null;
}

const coarseReason = [
  'Few rows can differ, so that equal ones are most likely things of their own: each is dealt by itself. If they are copies of',
  "one thing, leave out equalRows; if several rows are about one thing, name the column that tells which: group: '<column>'.",
];

/** Equal rows would share a split, and too few things were left to be dealt. */
function coarseNotes(survey: TableSurvey): string[] {
  const most = countDifferent(survey);
  if (most === null) return [];
  return [
    `At most ${most} of ${survey.rows} rows can differ: equal rows are taken for things of their own (split.equalRows). ` +
      'If several rows are about one thing, add a column that names it and give it as split.group.',
  ];
}

/** A number that may stand for gaps: left out of the range, so that validation stops until a person has decided. */
function standInNotes({ name, standIn }: ColumnSurvey): string[] {
  if (standIn === null) return [];
  const times = plural(standIn.times, 'cell');
  return [
    `${name}: ${standIn.text} in ${times} is far from all other numbers. If it stands for gaps, leave these cells empty; ` +
      'if it was measured, widen the range in project.ts. Validation stops until then.',
  ];
}

/** A test that is drawn by chance flatters a model that knows the days before and after each of its rows. */
function dateNotes({ name, kind }: Feature): string[] {
  if (kind !== 'date') return [];
  return [
    `${name}: year, month, weekday and day are features. Rows are dealt by chance, so the test asks about days between those ` +
      'of training; on later days the model may do worse.',
  ];
}

function labelScaleNote({ name }: ColumnSurvey): string {
  return `${name} is above 0 and lies far to one side: its logarithm is learnt, and answers are medians in its own unit (table.labelScale).`;
}

/** What stands in a column of numbers beside numbers. */
function cellNotes({ name, odd, gapWords }: ColumnSurvey): string[] {
  const count = (counts: ReadonlyMap<string, number>) =>
    plural(
      [...counts.values()].reduce((sum, times) => sum + times, 0),
      'cell',
    );
  const show = (counts: ReadonlyMap<string, number>) =>
    [...counts.keys()]
      .slice(0, 3)
      .map((text) => JSON.stringify(shorten(text)))
      .join(', ') + (counts.size > 3 ? ', …' : '');
  return [
    ...(gapWords.size > 0
      ? [`${name}: ${count(gapWords)} taken for gaps (${show(gapWords)}).`]
      : []),
    ...(odd.size > 0
      ? [
          `${name}: all but ${count(odd)} are numbers up to 3.4e38 (${show(odd)}): ` +
            'validation stops until they are numbers or empty.',
        ]
      : []),
  ];
}

/** Names that are values like those below them: whoever saved the file may have left out the names. */
function headerNotes({ columns, label }: TableSurvey): string[] {
  const all = [...columns, label].toSorted((a, b) => a.position - b.position);
  const isCount = all.every(({ name, position }) => name === String(position - 1));
  const looksHeld = ({ name, numeric, find }: ColumnSurvey) =>
    numeric ? parseNumber(name) !== null : find((text) => text === name) !== undefined;
  if (isCount || !all.every(looksHeld)) return [];
  const names = all.slice(0, 3).map(({ name }) => showName(name));
  return [
    `The first line (${names.join(', ')}${all.length > 3 ? ', …' : ''}) reads like a row: if it is one, add a line with the names of the columns above it.`,
  ];
}

function doubtNotes(column: ColumnSurvey): string[] {
  const doubt = doubtCategory(column);
  return doubt === null
    ? []
    : [`${column.name} ${doubt}. Until then each text is a kind of thing.`];
}

/** Words among categories that elsewhere stand for gaps: `NA` may be a name, so only the author knows. */
function wordNotes({ name, numeric, counts }: ColumnSurvey): string[] {
  if (numeric) return [];
  return [...counts]
    .filter(([value]) => isMissingWord(value))
    .map(
      ([value, times]) =>
        `${name}: ${JSON.stringify(value)} (${plural(times, 'row')}) is taken for a name; where it means a gap, leave the cell empty.`,
    );
}

function labelNotes({ label, rows }: TableSurvey, regression: boolean): string[] {
  const gaps = Math.round(label.missing * rows);
  const classes = label.distinct;
  const alike = regression ? [] : findSpellings([...label.counts.keys()]);
  return [
    ...(gaps > 0
      ? [
          `${plural(gaps, 'row')} without ${label.name}: validation stops until ${gaps === 1 ? 'it is' : 'they are'} gone.`,
        ]
      : []),
    ...alike.map(
      (spellings) =>
        `${label.name}: ${spellings.map((one) => spellOut(shorten(one))).join(' and ')} look like one class; write it in one way.`,
    ),
    ...(!regression && classes > 50
      ? [`${label.name} has ${classes} classes: is it the label?`]
      : []),
  ];
}
