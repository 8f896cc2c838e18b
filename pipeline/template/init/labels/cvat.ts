import { XmlElement } from '@rgrove/parse-xml';
import { MainstemError } from '../../../../platform/lib/errors.ts';
import type { LabelFormat, LabelledPhoto } from './label-format.ts';

/**
 * CVAT for images 1.1: https://docs.cvat.ai/docs/manual/advanced/formats/format-cvat/
 * The labels of a photo are its tags; in a file without any tag, those of its shapes.
 */
export const cvat: LabelFormat = {
  name: 'CVAT for images',
  extension: '.xml',
  read(file) {
    const { root } = file.xml();
    if (root?.name !== 'annotations') return null;
    const images = childrenOf(root, 'image');
    const fault = (reason: string) =>
      new MainstemError('INIT_LABELS_INVALID', { from: file.path, format: cvat.name, reason });
    if (images.length === 0 && childrenOf(root, 'track').length > 0) {
      throw fault('it is of the format "CVAT for video"; export it as "CVAT for images 1.1"');
    }
    if (images.length === 0) return null;
    const tagged = images.some((image) => childrenOf(image, 'tag').length > 0);
    return images.map((image, at) => {
      const reference = image.attributes.name;
      if (reference === undefined) throw fault(`image ${at + 1} has no name`);
      return { reference, ...labelsOf(image, tagged, fault) };
    });
  },
};

function labelsOf(
  image: XmlElement,
  tagged: boolean,
  fault: (reason: string) => MainstemError,
): Omit<LabelledPhoto, 'reference'> {
  const labelled = elementsOf(image).filter(({ name }) => (name === 'tag') === tagged);
  const labels = labelled.map(({ name, attributes: { label } }) => {
    if (label !== undefined) return label;
    throw fault(`a ${name} of ${image.attributes.name} has no label`);
  });
  const attributes = tagged ? labelled.flatMap((tag) => childrenOf(tag, 'attribute')) : [];
  const columns = attributes.map(({ attributes: { name = '' }, text }) => [name, text.trim()]);
  return { labels: [...new Set(labels)], columns: Object.fromEntries(columns) };
}

function elementsOf({ children }: XmlElement): XmlElement[] {
  return children.filter((child) => child instanceof XmlElement);
}

function childrenOf(element: XmlElement, name: string): XmlElement[] {
  return elementsOf(element).filter((child) => child.name === name);
}
