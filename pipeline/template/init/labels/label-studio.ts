import { type Static, Type } from 'typebox';
import { dictionary } from '../../../../platform/lib/dictionary.ts';
import { MainstemError } from '../../../../platform/lib/errors.ts';
import { parseValue } from '../../../../platform/lib/json.ts';
import { ownValue } from '../../../../platform/lib/own-value.ts';
import { listSome, shorten, showName } from '../../../../platform/lib/text.ts';
import { isObject } from './is-object.ts';
import type { LabelContext, LabelFormat, LabelledPhoto } from './label-format.ts';
import { readLabelTable } from './read-label-table.ts';

/** The part of an export that says what people chose: https://labelstud.io/guide/export */
const Tasks = Type.Array(
  Type.Object({
    data: dictionary(Type.Unknown()),
    annotations: Type.Array(
      Type.Object({
        was_cancelled: Type.Optional(Type.Boolean()),
        result: Type.Array(
          Type.Object({
            from_name: Type.Optional(Type.String()),
            type: Type.String(),
            value: dictionary(Type.Unknown()),
          }),
        ),
      }),
    ),
  }),
);
type Task = Static<typeof Tasks>[number];

/** The exports "JSON" and "JSON-MIN": the labels of a photo are the choices that people made for it. */
export const labelStudio: LabelFormat = {
  name: 'Label Studio',
  extension: '.json',
  read(file, context) {
    const value = file.json();
    if (!Array.isArray(value) || value.length === 0) return null;
    if (!value.some((task) => isObject(task) && isObject(task.data))) {
      return readShort(value, file.path, context);
    }
    const tasks = parseValue(value, Tasks, file.path);
    assertTexts(tasks, file.path);
    const question = findQuestion(tasks, file.path, context);
    return tasks.map((task, at) => {
      const image = findImage(task, context);
      if (image) return { reference: image.reference, ...answersOf(task, image.key, question) };
      throw fault(file.path, `the data of task ${at + 1} of ${tasks.length} names no photo`);
    });
  },
};

function fault(from: string, reason: string): MainstemError {
  return new MainstemError('INIT_LABELS_INVALID', { from, format: labelStudio.name, reason });
}

/** JSON-MIN is a table. */
function readShort(
  tasks: readonly unknown[],
  path: string,
  context: LabelContext,
): LabelledPhoto[] | null {
  if (!tasks.every(isObject)) return null;
  const columns = [...new Set(tasks.flatMap((task) => Object.keys(task)))];
  const rows = tasks.map((task) =>
    Object.fromEntries(columns.map((name) => [name, cellOf(ownValue(task, name))])),
  );
  return readLabelTable({ columns, rows }, path, context);
}

function cellOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value).trim();
}

/** Which of the questions that people answered is the label. */
function findQuestion(tasks: readonly Task[], from: string, { label }: LabelContext): string {
  const results = tasks.flatMap(({ annotations }) => annotations.flatMap(({ result }) => result));
  const questions = [...new Set(results.filter(isChoice).map(questionOf))];
  const names = listSome(questions.map((name) => showName(name)));
  if (label !== undefined) {
    if (questions.includes(label)) return label;
    throw new MainstemError('INIT_LABEL_UNKNOWN', { from, label, names });
  }
  const [only, ...more] = questions;
  if (more.length > 0) throw new MainstemError('INIT_LABEL_NEEDED', { from, names });
  if (only !== undefined) return only;
  const kinds = [...new Set(results.map(({ type }) => type))].join(', ');
  throw fault(from, kinds === '' ? 'nothing is annotated yet' : `it has no choices, only ${kinds}`);
}

type Result = Task['annotations'][number]['result'][number];

function isChoice({ type }: Result): boolean {
  return type === 'choices';
}

function questionOf({ from_name = 'choices' }: Result): string {
  return from_name;
}

/** The value of a task's data that names its photo. */
function findImage({ data }: Task, { isPhoto }: LabelContext) {
  const texts = Object.entries(data).flatMap(([key, value]) =>
    typeof value === 'string' ? [{ key, reference: value }] : [],
  );
  return (
    texts.find(({ reference }) => isPhoto(reference)) ?? texts.find(({ key }) => key === 'image')
  );
}

/** What all people who did not skip the task chose; their other answers are columns. */
function answersOf({ data, annotations }: Task, image: string, question: string) {
  const results = annotations.flatMap(({ was_cancelled = false, result }) =>
    was_cancelled ? [] : result.filter(isChoice),
  );
  const chosen = (name: string) => [
    ...new Set(results.filter((result) => questionOf(result) === name).flatMap(choicesOf)),
  ];
  const others = [...new Set(results.map(questionOf))].filter((name) => name !== question);
  const said = Object.entries(data).filter(
    ([key, value]) => key !== image && ['string', 'number', 'boolean'].includes(typeof value),
  );
  return {
    labels: chosen(question),
    columns: Object.fromEntries([
      ...said.map(([key, value]) => [key, cellOf(value)]),
      ...others.map((name) => [name, chosen(name).join('; ')]),
    ]),
  };
}

function choicesOf({ value }: Result): string[] {
  return Array.isArray(value.choices) ? value.choices.map(String) : [];
}

/** Choices are texts: of anything else nobody knows which label it is. */
function assertTexts(tasks: readonly Task[], from: string): void {
  for (const [at, { annotations }] of tasks.entries()) {
    const results = annotations.flatMap(({ result }) => result).filter(isChoice);
    const odd = results.find(({ value: { choices } }) => {
      const list = choices ?? [];
      return !(Array.isArray(list) && list.every((one) => typeof one === 'string'));
    });
    if (!odd) continue;
    const shown = shorten(JSON.stringify(odd.value.choices));
    throw fault(from, `the choices of task ${at + 1} of ${tasks.length} are ${shown}, not texts`);
  }
}
