export type { Picture } from './develop.ts';
export { type OtherThing, otherThings } from './fruit.ts';
export { type GroundName, groundNames } from './ground.ts';
export {
  type CameraName,
  type OtherPhoto,
  type PumpkinPhoto,
  renderOther,
  renderPumpkin,
} from './photo.ts';
export type { Quality, VarietyName } from './pumpkin.ts';
