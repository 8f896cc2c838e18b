import { type CheckThresholds, defaultThresholds } from '../../../platform/schemas/define/index.ts';
import { backboneCode, type ProjectBackbone } from './backbone-code.ts';
import { comment, key, property, quote, slicesProperty, stringList } from './code.ts';
import { classificationFloorCode } from './floor-code.ts';
import { notWorseCode, sliceNotWorseCode } from './not-worse-code.ts';
import { photoColumns } from './photo-columns.ts';
import { quantile, shorterSide } from './photo-sizes.ts';
import { splitFractions } from './plan.ts';
import type { PhotoSurvey } from './survey-photos.ts';

/** What a photo's project is called, how large its network sees photos, and whose features it takes. */
interface PhotoChoices {
  readonly name: string;
  readonly size: number;
  readonly backbone: ProjectBackbone | undefined;
}

/** The properties of a project for photos, after its data, with the reasons as comments. */
export function photoProperties(
  survey: PhotoSurvey,
  { name, size, backbone }: PhotoChoices,
): string[] {
  const metadata = photoColumns(survey);
  return [
    ...(backbone ? [...backboneCode(backbone), ''] : []),
    comment(
      2,
      'Photos of other things improve refusals and measure how good they are: put what people may send',
      `by mistake into data/${name}-other/<what>/, then add`,
      `outOfDistribution: { name: '${name}-other', path: 'data/${name}-other', source: '', licence: '' },`,
    ),
    '',
    comment(
      2,
      "Class folders, in the order of the network's outputs. A new folder needs its name here.",
    ),
    stringList(2, 'classes', [...survey.classes.keys()]),
    splitCode(survey, metadata.groups),
    '  parameters: modelParameters,',
    '  model,',
    slicesCode(metadata.slices),
    gatesCode(survey, metadata.slices),
    comment(2, 'What may be served: bytes of the packaged model, milliseconds for one photo.'),
    budgetsCode(backbone),
    ...checksCode(survey, size),
    pageCode(survey),
  ];
}

function splitCode({ photos, seriesColumn }: PhotoSurvey, [group]: readonly string[]): string {
  const fractions = splitFractions(photos).join(', ');
  const why = group
    ? group === seriesColumn
      ? [
          'Photos that look almost the same go to one split, or the test would know them already. metadata.csv names',
          'them as init found them; correct it there, or remove the group to deal photos one by one.',
        ]
      : [`All photos with one ${group} go to one split, or the test would know them already.`]
    : [
        'Each photo is assigned on its own. If several show one thing, name the thing in a column of metadata.csv',
        "(file,thing) and add group: 'thing' here, or the test will know its things already.",
      ];
  const grouped = group ? `, group: ${quote(group)}` : '';
  return [comment(2, ...why), `  split: { seed: 1, fractions: [${fractions}]${grouped} },`].join(
    '\n',
  );
}

function slicesCode(columns: readonly string[]): string {
  const why = comment(
    2,
    'Columns of metadata.csv by which the results are sliced, so that an average cannot hide a weak spot.',
  );
  return `${why}\n${slicesProperty(columns)}`;
}

function gatesCode({ classes, photos }: PhotoSurvey, slices: readonly string[]): string {
  return [
    '  gates: [',
    classificationFloorCode([...classes.values()]),
    notWorseCode('accuracy', photos, 'photo'),
    ...sliceNotWorseCode('accuracy', slices),
    '  ],',
  ].join('\n');
}

/** The head weighs little beside the backbone. */
function budgetsCode(backbone: ProjectBackbone | undefined): string {
  const megabytes = backbone ? Math.ceil((backbone.bytes * 1.1) / 1e6) + 2 : 2;
  const latency = backbone ? 200 : 20;
  return `  budgets: { modelBytes: ${megabytes}_000_000, latencyMs: ${latency} },`;
}

/** Thresholds that many of the photos would miss are moved to where one in a hundred misses them. */
function checksCode({ sample, classes }: PhotoSurvey, size: number): string[] {
  const counts = [...classes.values()];
  const ratio = Math.max(...counts) / Math.min(...counts);
  const checks: Partial<CheckThresholds> = {
    ...below(sample.map(shorterSide), 'minimumSide'),
    ...above(
      sample.map(({ aspect }) => aspect),
      'maximumAspect',
    ),
    ...below(
      sample.map(({ brightness }) => brightness),
      'dark',
    ),
    ...above(
      sample.map(({ brightness }) => brightness),
      'light',
    ),
    ...below(
      sample.map(({ contrast }) => contrast),
      'contrast',
    ),
    ...below(
      sample.map(({ sharpness }) => sharpness),
      'blur',
    ),
    ...(ratio > defaultThresholds.imbalance ? { imbalance: Math.ceil(ratio) } : {}),
  };
  const entries = Object.entries(checks);
  if (entries.length === 0) return [];
  return [
    comment(
      2,
      `Thresholds of validation, where yours differ from the usual; the network sees ${size} pixels.`,
    ),
    `  checks: { ${entries.map(([name, value]) => `${key(name)}: ${value}`).join(', ')} },`,
  ];
}

/** Share of photos beyond a threshold that makes it unfit for these photos. */
const manyOf = 0.05;

function below(values: readonly number[], name: keyof CheckThresholds): Partial<CheckThresholds> {
  const beyond = values.filter((value) => value < defaultThresholds[name]).length;
  return beyond <= manyOf * values.length ? {} : { [name]: Math.floor(quantile(values, 0.01)) };
}

function above(values: readonly number[], name: keyof CheckThresholds): Partial<CheckThresholds> {
  const beyond = values.filter((value) => value > defaultThresholds[name]).length;
  return beyond <= manyOf * values.length ? {} : { [name]: Math.ceil(quantile(values, 0.99)) };
}

function pageCode({ classes }: PhotoSurvey): string {
  const names = [...classes.keys()];
  return [
    comment(2, 'What the page says to people who bring a photo.'),
    '  page: {',
    property(4, 'title', quote('What does your photo show?')),
    property(4, 'intro', quote('Take or choose a photo. You learn which class it is.')),
    comment(4, 'What people call the classes.'),
    '    classes: {',
    ...names.map((name) => property(6, name, quote(name))),
    '    },',
    property(
      4,
      'refusal',
      quote('This does not look like anything I have learnt. Please try another photo.'),
    ),
    '  },',
  ].join('\n');
}
