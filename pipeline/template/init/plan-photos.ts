import type { Parameters } from '../../../platform/schemas/define/index.ts';
import type { ImageProperties } from '../../../platform/transforms/index.ts';
import type { ProjectBackbone } from './backbone-code.ts';
import { photoProperties } from './photo-code.ts';
import { photoNotes } from './photo-notes.ts';
import { middleSide } from './photo-sizes.ts';
import { epochsFor, type ProjectPlan } from './plan.ts';
import type { PhotoSurvey } from './survey-photos.ts';

/** Plans the project of a folder of photos: network and parameters, the code, and what a person should look at. */
export function planPhotos(
  name: string,
  survey: PhotoSurvey,
  backbone?: ProjectBackbone,
): ProjectPlan {
  const size = backbone?.size ?? imageSizeFor(survey.sample);
  return {
    task: 'image-classification',
    template: backbone ? 'head' : 'cnn',
    parameters: backbone ? headParameters(survey, size) : parametersFor(survey, size),
    properties: photoProperties(survey, { name, size, backbone }),
    notes: photoNotes(survey, backbone !== undefined),
  };
}

/** As much as a small network can use, no more than most photos have, a multiple of four for the poolings. */
function imageSizeFor(sample: readonly ImageProperties[]): number {
  const side = middleSide(sample);
  return Math.min(64, Math.max(16, Math.floor(side / 4) * 4));
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

function isGlyph(name: string): boolean {
  return /^[\p{L}\p{N}]$/u.test(name);
}
