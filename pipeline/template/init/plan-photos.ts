import { spellOut } from '../../../platform/lib/look-alikes.ts';
import { isMissingWord } from '../../../platform/lib/missing-words.ts';
import { plural } from '../../../platform/lib/plural.ts';
import { servedFormats } from '../../../platform/lib/served-photos.ts';
import {
  type CheckThresholds,
  defaultThresholds,
  type Parameters,
} from '../../../platform/schemas/define/index.ts';
import {
  findSpellings,
  type ImageProperties,
  imageFormats,
} from '../../../platform/transforms/index.ts';
import { backboneCode, type ProjectBackbone } from './backbone-code.ts';
import { comment, key, property, quote, slicesProperty, stringList } from './code.ts';
import { classificationFloorCode } from './floor-code.ts';
import { notWorseCode, notWorseNotes, sliceNotWorseCode } from './not-worse-code.ts';
import { photoColumns } from './photo-columns.ts';
import { epochsFor, type ProjectPlan, splitFractions } from './plan.ts';
import type { PhotoSurvey } from './survey-photos.ts';

/** Chooses network, parameters, checks and gates for a folder of photos. */
export function planPhotos(
  name: string,
  survey: PhotoSurvey,
  backbone?: ProjectBackbone,
): ProjectPlan {
  const size = backbone?.size ?? imageSizeFor(survey.sample);
  const metadata = photoColumns(survey);
  return {
    task: 'image-classification',
    template: backbone ? 'head' : 'cnn',
    parameters: backbone ? headParameters(survey, size) : parametersFor(survey, size),
    properties: [
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
    ],
    notes: [...notesFor(survey), ...(backbone ? [] : backboneNotes(survey))],
  };
}

/** As much as a small network can use, no more than most photos have, a multiple of four for the poolings. */
function imageSizeFor(sample: readonly ImageProperties[]): number {
  const side = quantile(sample.map(shorterSide), 0.5);
  return Math.min(64, Math.max(16, Math.floor(side / 4) * 4));
}

function shorterSide({ width, height }: ImageProperties): number {
  return Math.min(width, height);
}

function parametersFor(survey: PhotoSurvey, size: number): Parameters {
  const names = [...survey.classes.keys()];
  const wide = names.length > 10 || survey.photos > 20_000;
  // The last map should be about 4 × 4: every block halves the picture.
  const blocks = Math.max(2, Math.round(Math.log2(size / 4)));
  const batchSize = 32;
  const epochs = epochsFor({ examples: survey.photos, batchSize, steps: 2000 }, [4, 40]);
  return {
    seed: 7,
    imageSize: size,
    epochs,
    batchSize,
    learningRate: 0.001,
    learningRateSchedule: 'cosine',
    earlyStopping: Math.max(4, Math.ceil(epochs / 4)),
    classWeights: 'none',
    // Letters and digits are no longer themselves in a mirror.
    augmentation: { flip: !names.every(isGlyph), shift: 0.06, brightness: 0.2, rotate: 0 },
    thresholds: { acceptance: 0.95 },
    model: {
      filters: (wide ? [32, 48, 64, 96] : [16, 24, 32, 48]).slice(0, blocks),
      embedding: wide ? 96 : 48,
      dropout: 0.3,
    },
  };
}

/** A backbone's features are computed once, so photos are not varied. */
function headParameters({ photos }: PhotoSurvey, size: number): Parameters {
  const batchSize = 32;
  const epochs = epochsFor({ examples: photos, batchSize, steps: 2000 }, [8, 60]);
  return {
    ...{ seed: 7, imageSize: size, epochs, batchSize },
    ...{ learningRate: 0.001, learningRateSchedule: 'cosine', classWeights: 'none' },
    earlyStopping: Math.max(4, Math.ceil(epochs / 4)),
    augmentation: { flip: false, shift: 0, brightness: 0, rotate: 0 },
    thresholds: { acceptance: 0.95 },
    model: { embedding: 64, dropout: 0.3 },
  };
}

/** The head weighs little beside the backbone. */
function budgetsCode(backbone?: ProjectBackbone): string {
  const megabytes = backbone ? Math.ceil((backbone.bytes * 1.1) / 1e6) + 2 : 2;
  const latency = backbone ? 200 : 20;
  return `  budgets: { modelBytes: ${megabytes}_000_000, latencyMs: ${latency} },`;
}

/** Photos with details, too few to learn from pixels what they show. */
function backboneNotes({ photos, sample }: PhotoSurvey): string[] {
  const detailed = quantile(sample.map(shorterSide), 0.5) >= 96;
  if (!detailed || photos >= 20_000) return [];
  return [
    'Natural photos are learnt far better from the features of a network that others trained: see --backbone (docs/backbones.md).',
  ];
}

function isGlyph(name: string): boolean {
  return /^[\p{L}\p{N}]$/u.test(name);
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

function notesFor(survey: PhotoSurvey): string[] {
  const { others, classes, photos, sorted, labelNotes } = survey;
  const few = [...classes].filter(([, count]) => count < 30);
  const [first] = others;
  const shown = new Intl.ListFormat('en').format(few.slice(0, 5).map(([name]) => name));
  const where = sorted ? '' : ' in a class folder';
  return [
    ...labelNotes,
    ...placeNotes(survey),
    ...decodeNotes(survey),
    ...formatNotes(survey),
    ...survey.seriesNotes,
    ...(first
      ? [
          `${plural(others.length, 'file')} not taken for ${others.length === 1 ? 'a photo' : 'photos'}${where}, for example ${first}.`,
        ]
      : []),
    ...(few.length > 0 ? [`Fewer than 30 photos of ${shown}: too few to learn much from.`] : []),
    ...findSpellings([...classes.keys()]).map(
      (alike) => `${alike.map(spellOut).join(' and ')} look like one class; write it in one way.`,
    ),
    ...[...classes]
      .filter(([name]) => isMissingWord(name))
      .map(
        ([name, count]) =>
          `${JSON.stringify(name)} (${plural(count, 'photo')}) is taken for the name of a class; where it means that nobody knows, leave these photos out.`,
      ),
    ...(!sorted && classes.size > 3 && photos / classes.size < 10
      ? ['Class names are the folders that the photos are in: are these your classes?']
      : []),
    ...notWorseNotes('accuracy', photos, 'photo'),
  ];
}

/** What of the photos a model learns from, but its users cannot send, or not all of it. */
function formatNotes({ sample, animated }: PhotoSurvey): string[] {
  const labels = new Map(imageFormats.map(({ name, label }) => [name, label]));
  const foreign = sample.filter(({ format }) => !servedFormats.includes(format));
  const list = (names: readonly string[]) =>
    new Intl.ListFormat('en').format([...new Set(names)].map((name) => labels.get(name) ?? name));
  const [first] = animated;
  return [
    ...(foreign.length > 0
      ? [
          `${foreign.length} of the ${plural(sample.length, 'photo')} looked at are ${list(foreign.map(({ format }) => format))}: the model learns from them, but its server takes only ${list(servedFormats)}.`,
        ]
      : []),
    ...(first
      ? [
          `${animated.length} of the ${plural(sample.length, 'photo')} looked at hold several pictures, for example ${first}: only the first of each is used.`,
        ]
      : []),
  ];
}

/** Which folders the photos are from, where that needs a look. */
function placeNotes({
  places,
  vendorFolders,
  hiddenPhotos,
  links,
  specials,
  emptyFolders,
}: PhotoSurvey): string[] {
  const shown = [...places].slice(0, 8).map(([place, count]) => `${place || '.'} (${count})`);
  const more = places.size > shown.length ? [`and ${places.size - shown.length} more`] : [];
  const [[vendor], [hidden], [link]] = [vendorFolders, hiddenPhotos, links];
  const [[special], [empty]] = [specials, emptyFolders];
  return [
    ...(places.size > 1
      ? [
          `Took photos from class folders in ${[...shown, ...more].join(', ')}: are these your data?`,
        ]
      : []),
    ...(vendor
      ? [
          `Left out ${plural(vendorFolders.length, 'folder')} of other programs, for example ${vendor}.`,
        ]
      : []),
    ...(hidden
      ? [
          `Left out ${plural(hiddenPhotos.length, 'hidden photo')}, for example ${hidden}: take the dot off its name to have it.`,
        ]
      : []),
    ...(link
      ? [
          `Left out ${plural(links.length, 'symbolic link')}, for example ${link}: put the files themselves there to have them.`,
        ]
      : []),
    ...(special
      ? [
          `Left out ${plural(specials.length, 'thing')} that ${specials.length === 1 ? 'is' : 'are'} neither file nor folder (a pipe, a socket or a device), for example ${special}.`,
        ]
      : []),
    ...(empty
      ? [`Left out ${plural(emptyFolders.length, 'empty folder')}, for example ${empty}.`]
      : []),
  ];
}

function decodeNotes({ undecoded, sample }: PhotoSurvey): string[] {
  const [first] = undecoded;
  if (!first) return [];
  const of = `${undecoded.length} of ${undecoded.length + sample.length} photos looked at`;
  return [
    `${of} cannot be decoded, for example ${first.path}: ${first.reason}. Validation stops until they are replaced or removed.`,
  ];
}

/** The value below which a share of the values lies (nearest rank); NaN without values. */
function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
