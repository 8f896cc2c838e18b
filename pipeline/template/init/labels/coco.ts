import { Type } from 'typebox';
import { MainstemError } from '../../../../platform/lib/errors.ts';
import { parseValue } from '../../../../platform/lib/json.ts';
import { isObject } from './is-object.ts';
import type { LabelFormat, LabelledPhoto } from './label-format.ts';

const Id = Type.Union([Type.Integer(), Type.String()]);

/** The part of the format that says which photo shows what: https://cocodataset.org/#format-data */
const Coco = Type.Object({
  images: Type.Array(Type.Object({ id: Id, file_name: Type.String() })),
  annotations: Type.Array(Type.Object({ image_id: Id, category_id: Id })),
  categories: Type.Array(Type.Object({ id: Id, name: Type.String() })),
});

/** The labels of a photo are the categories of its annotations, whatever shapes these have. */
export const coco: LabelFormat = {
  name: 'COCO',
  extension: '.json',
  read(file) {
    const value = file.json();
    if (!isObject(value) || !Array.isArray(value.images)) return null;
    if (!('annotations' in value) && !('categories' in value)) return null;
    const content = parseValue(value, Coco, file.path);
    const labels = labelsByImage(content, file.path);
    return content.images.map(
      ({ id, file_name }): LabelledPhoto => ({
        reference: file_name,
        labels: [...(labels.get(id) ?? [])],
        columns: {},
      }),
    );
  },
};

type Coco = Type.Static<typeof Coco>;
type Id = Type.Static<typeof Id>;

function labelsByImage({ images, annotations, categories }: Coco, path: string) {
  const fault = (reason: string) =>
    new MainstemError('INIT_LABELS_INVALID', { from: path, format: coco.name, reason });
  const names = new Map(categories.map(({ id, name }) => [id, name]));
  const labels = new Map<Id, Set<string>>(images.map(({ id }) => [id, new Set()]));
  const inexact = [...images, ...categories].find(({ id }) => isInexact(id));
  if (inexact) throw fault(`the id ${inexact.id} is beyond 2^53: write ids as texts`);
  if (names.size < categories.length) throw fault('two of its categories have the same id');
  if (labels.size < images.length) throw fault('two of its images have the same id');
  for (const [at, { image_id, category_id }] of annotations.entries()) {
    const found = labels.get(image_id);
    const name = names.get(category_id);
    const place = `annotations[${at}]`;
    if (isInexact(image_id) || isInexact(category_id))
      throw fault(`${place} has an id beyond 2^53: write ids as texts`);
    if (!found) throw fault(`${place} is of image ${explainId(image_id, labels, 'images')}`);
    if (name === undefined)
      throw fault(`${place} is of category ${explainId(category_id, names, 'categories')}`);
    found.add(name);
  }
  return labels;
}

/** JSON's numbers of this size are rounded, and another id would become the same. */
function isInexact(id: Id): boolean {
  return typeof id === 'number' && !Number.isSafeInteger(id);
}

/** The end of a sentence: text and number of one look are two ids, as some programs write them. */
function explainId(id: Id, known: ReadonlyMap<Id, unknown>, where: string): string {
  const isText = typeof id === 'string';
  const other = isText ? Number(id) : String(id);
  const shown = JSON.stringify(id);
  if (!known.has(other) || String(other) !== String(id))
    return `${shown}, which is not in ${where}`;
  const [kind, otherKind] = isText ? ['a text', 'a number'] : ['a number', 'a text'];
  return `${shown}, ${kind}, but in ${where} this id is ${otherKind}, ${JSON.stringify(other)}: write both alike`;
}
