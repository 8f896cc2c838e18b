import type { BackboneDefinition } from '../../../platform/schemas/define/index.ts';
import { comment, property, quote } from './code.ts';

/** A backbone as a project gets it. */
export interface ProjectBackbone {
  readonly definition: BackboneDefinition;
  readonly bytes: number;
  /** Pixels per side of the pictures that it takes. */
  readonly size: number;
  /** Whether how it takes pixels is known, and not the usual guess. */
  readonly known: boolean;
}

/** The property `backbone` of a project. */
export function backboneCode({ definition, known }: ProjectBackbone): string[] {
  const { name, path, source, licence, features, pixels, origin } = definition;
  const numbers = (values: readonly number[]) => `[${values.join(', ')}]`;
  return [
    comment(
      2,
      origin
        ? 'A model of ours that was promoted; this one learns from its features.'
        : 'A network that others trained on many pictures; ours learns from its features.',
    ),
    '  backbone: {',
    property(4, 'name', quote(name)),
    property(4, 'path', quote(path)),
    property(4, 'source', quote(source)),
    property(4, 'licence', quote(licence)),
    ...(features === undefined ? [] : [property(4, 'features', quote(features))]),
    ...(known
      ? []
      : [
          comment(
            4,
            'It takes (pixel − mean) / deviation: those of ImageNet, so check what yours takes.',
          ),
        ]),
    property(
      4,
      'pixels',
      `{ mean: ${numbers(pixels.mean)}, deviation: ${numbers(pixels.deviation)} }`,
    ),
    ...(origin ? originCode(origin) : []),
    '  },',
  ];
}

/** What the file says of itself, too. */
function originCode(origin: NonNullable<BackboneDefinition['origin']>): string[] {
  return [
    '    origin: [',
    ...origin.flatMap(({ model, run, onnx, data }) => [
      '      {',
      property(8, 'model', quote(model)),
      property(8, 'run', quote(run)),
      property(8, 'onnx', quote(onnx)),
      '        data: {',
      ...Object.entries(data).map(([name, digest]) => property(10, name, quote(digest))),
      '        },',
      '      },',
    ]),
    '    ],',
  ];
}
