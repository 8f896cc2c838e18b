import { spellOut } from '../../../platform/lib/look-alikes.ts';
import { isMissingWord } from '../../../platform/lib/missing-words.ts';
import { plural } from '../../../platform/lib/plural.ts';
import { shorten, showName } from '../../../platform/lib/text.ts';
import { findSpellings, parseNumber } from '../../../platform/transforms/index.ts';
import { doubtCategory, type Feature } from './choose-feature.ts';
import type { TableChoices } from './choose-table.ts';
import { countDifferent } from './count-different.ts';
import { findTimeColumn } from './find-time-column.ts';
import { notWorseNotes } from './not-worse-code.ts';
import type { ColumnSurvey, TableSurvey } from './survey-table.ts';

/** What a person should look at, of the table itself and of what was chosen. */
export function tableNotes(survey: TableSurvey, choices: TableChoices): string[] {
  const { regression, features, reasons, labelScale, group } = choices;
  const names = new Set(features.map(({ name }) => name));
  const used = survey.columns.filter(({ name }) => names.has(name));
  return [
    ...headerNotes(survey),
    ...reasons.map((reason) => `Left out: ${reason}.`),
    ...used.flatMap(doubtNotes),
    ...(group
      ? [`Rows go to the splits by their ${group.name} (split.group).`]
      : coarseNotes(survey)),
    ...timeNotes(survey),
    ...used.flatMap(standInNotes),
    ...[...used, survey.label].flatMap(cellNotes),
    ...[...used, survey.label].flatMap(wordNotes),
    ...features.flatMap(dateNotes),
    ...labelNotes(survey, regression),
    ...(labelScale ? [labelScaleNote(survey.label)] : []),
    ...notWorseNotes(regression ? 'mae' : 'accuracy', survey.rows, 'row'),
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

/** Equal rows would share a split, and too few things were left to be dealt. */
function coarseNotes(survey: TableSurvey): string[] {
  const most = countDifferent(survey);
  if (most === null) return [];
  return [
    `At most ${most} of ${survey.rows} rows can differ: equal rows are taken for things of their own (split.equalRows). ` +
      'If several rows are about one thing, add a column that names it and give it as split.group.',
  ];
}

function timeNotes({ columns }: TableSurvey): string[] {
  const time = findTimeColumn(columns);
  if (!time) return [];
  return [
    `${time.name} says when: if what is predicted changes with time, split by it (see split in project.ts), or the test looks easier than serving will be.`,
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

/** A test that is drawn by chance flatters a model that knows the days before and after each of its rows. */
function dateNotes({ name, kind }: Feature): string[] {
  if (kind !== 'date') return [];
  return [
    `${name}: year, month, weekday and day are features. Rows are dealt by chance, so the test asks about days between those ` +
      'of training; on later days the model may do worse.',
  ];
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

function labelScaleNote({ name }: ColumnSurvey): string {
  return `${name} is above 0 and lies far to one side: its logarithm is learnt, and answers are medians in its own unit (table.labelScale).`;
}
