/* Examples as points whose nearness means likeness, and what can be found with them. */
export { findNearest, type Near } from './find-nearest.ts';
export { mostLearnt } from './learnt-points.ts';
export { type OpenSpace, openSpace, type SpaceSource } from './open-space.ts';
export { type LinearLesson, predictLinearly } from './predict-linearly.ts';
export { medianOf, type NumberLesson, predictMedian } from './predict-median.ts';
export { type FoldedLabels, predictOutOfFold } from './predict-out-of-fold.ts';
export { createPreparedReader, type PreparedReader } from './prepared-reader.ts';
export { countPoints, type Space, type SpaceKind, squaredDistance } from './space.ts';
export { picturePoints, withUnitLength } from './to-points.ts';
export { type LabelPair, type NearnessTrial, tryClasses, tryNumbers } from './try-nearness.ts';
