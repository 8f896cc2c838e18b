/* What training and serving must do alike: from bytes to the network's input, from its output to an answer. */
export { alterPhoto } from './alter-photo.ts';
export { binOf } from './bin.ts';
export { parseBoolean } from './boolean.ts';
export {
  type Cell,
  type ColumnKind,
  categoryOf,
  guessKind,
  isMissing,
  isMostlyNumbers,
  isTooLarge,
  largestNumber,
  parseNumber,
} from './cell.ts';
export { type ChoiceRules, chooseClass } from './choose-class.ts';
export { countFrames } from './count-frames.ts';
export { cropInput } from './crop-input.ts';
export { dateParts, parseDay, partOf } from './date.ts';
export {
  type Decision,
  type DecisionRules,
  decide,
  decisionRules,
  type NetworkOutput,
} from './decide.ts';
export { cropPicture, decodeImage } from './decode-image.ts';
export { openColumns, type TableColumns } from './encode-columns.ts';
export { findLookAlikePhotos } from './find-look-alike-photos.ts';
export { findRounded } from './find-rounded.ts';
export { findStandIn } from './find-stand-in.ts';
export {
  hasImageName,
  type ImageFormat,
  imageFormat,
  imageFormats,
  namedFormat,
  readableNames,
} from './image-formats.ts';
export { indexOfLargest } from './index-of-largest.ts';
export { isWholeJpeg } from './is-whole-jpeg.ts';
export { fromLabelScale, logLimits, toLabelScale } from './label-scale.ts';
export {
  type ImageProperties,
  imagePropertyNames,
  measureImage,
  measurePicture,
  readImageSize,
} from './measure-image.ts';
export { defaultMaximumPixels as maximumPixels, maximumBytes } from './open-image.ts';
export { type PhotoHeader, parsePhotoHeader } from './photo-header.ts';
export { type PhotoPrint, printedSide, printPicture, readPhotoPrint } from './photo-print.ts';
export { type Picture, readPicture, readPlainPicture } from './picture.ts';
export { parsePlainJpeg } from './plain-jpeg.ts';
export { isReadable, readCell } from './read-cell.ts';
export {
  cellStates,
  type NumberCells,
  readBooleans,
  readDays,
  readNumbers,
  rowsInState,
} from './read-numbers.ts';
export { type DecodeRaster, readPictureBy } from './read-picture-by.ts';
export { type PhotoRefusal, refusePhoto, servedNames } from './refuse-photo.ts';
export { removeShift, shiftOf } from './remove-shift.ts';
export { fitRobustScale } from './robust-scale.ts';
export { imagePreprocessing, scaleImage } from './scale-image.ts';
export { distanceScore, energyScore } from './score.ts';
export { logSumExp, softmax } from './softmax.ts';
export { spellCategory } from './spell-category.ts';
export { findSpellings } from './spellings.ts';
export { stripPhoto } from './strip-photo.ts';
export { encodedLength, encodeRow, fitTable, mostCodes, type TableRow } from './table.ts';
export { type TrainingTargets, targetFolds } from './target-encoding.ts';
export { renderThumbnail } from './thumbnail.ts';
export { typicalRow } from './typical-row.ts';
