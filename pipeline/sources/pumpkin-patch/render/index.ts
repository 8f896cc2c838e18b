// In this folder `render` is the word of graphics: such a function makes pixels. Elsewhere it makes text.
export type { Picture } from './develop.ts';
export { type OtherThing, otherThings } from './fruit.ts';
export { type GroundName, groundNames } from './ground.ts';
export {
  type CameraName,
  type OutlierPhoto,
  type PumpkinPhoto,
  renderOutlier,
  renderPumpkin,
} from './photo.ts';
export type { Quality, VarietyName } from './pumpkin.ts';
