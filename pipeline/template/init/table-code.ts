import type { LabelScale } from '../../../platform/schemas/index.ts';
import type { Feature } from './choose-feature.ts';
import type { TableChoices } from './choose-table.ts';
import { comment, key, list, property, quote, slicesProperty, stringList } from './code.ts';
import { countDifferent } from './count-different.ts';
import type { GroupColumn } from './find-identifiers.ts';
import { findTimeColumn } from './find-time-column.ts';
import { classificationFloorCode, regressionFloorCode } from './floor-code.ts';
import { notWorseCode, sliceNotWorseCode } from './not-worse-code.ts';
import { splitFractions } from './plan.ts';
import type { ColumnSurvey, TableSurvey } from './survey-table.ts';

/** The properties of a table's project, after its data: what was chosen, with the reasons as comments. */
export function tableProperties(survey: TableSurvey, choices: TableChoices): string[] {
  const { regression, trees, features, labelScale, group, slices } = choices;
  return [
    tableCode(survey.label.name, labelScale, features),
    ...(regression ? [] : [classesCode(survey.label)]),
    splitCode(survey, group),
    ...(trees ? [treesCode] : ['  parameters: modelParameters,', '  model,']),
    slicesCode(slices),
    regression ? regressionGatesCode(survey, labelScale, slices) : gatesCode(survey, slices),
    comment(2, 'What may be served: bytes of the packaged model, milliseconds for one row.'),
    `  budgets: { modelBytes: ${trees ? '5_000_000' : '500_000'}, latencyMs: 5 },`,
    pageCode(survey.label, regression),
  ];
}

const treesCode = [
  comment(
    2,
    'Boosted trees: they need no scaling, and take gaps and categories as they are. For a network instead write',
    "a model.ts and, as in pipeline/projects/penguins, import { model, modelParameters } from './model.ts'.",
  ),
  "  model: { kind: 'trees' },",
].join('\n');

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
  const apart = !group && countDifferent(survey) !== null;
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

const coarseReason = [
  'Few rows can differ, so that equal ones are most likely things of their own: each is dealt by itself. If they are copies of',
  "one thing, leave out equalRows; if several rows are about one thing, name the column that tells which: group: '<column>'.",
];

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
