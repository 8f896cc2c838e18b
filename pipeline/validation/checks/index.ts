import type { Check } from '../check.ts';
import type { ExampleSubject, FolderSubject, PhotoSubject, TableSubject } from '../subjects.ts';
import { backboneSeen } from './backbone-seen.ts';
import { classImbalance } from './class-imbalance.ts';
import { classMissing } from './class-missing.ts';
import { classSparse } from './class-sparse.ts';
import { classUnknown } from './class-unknown.ts';
import { columnCategory } from './column-category.ts';
import { columnConstant } from './column-constant.ts';
import { columnExtra } from './column-extra.ts';
import { columnGaps } from './column-gaps.ts';
import { columnLeak } from './column-leak.ts';
import { columnMissing } from './column-missing.ts';
import { columnRange } from './column-range.ts';
import { columnRounded } from './column-rounded.ts';
import { columnStandIn } from './column-stand-in.ts';
import { columnTooLarge } from './column-too-large.ts';
import { columnType } from './column-type.ts';
import { duplicateAcross } from './duplicate-across.ts';
import { duplicateLabels } from './duplicate-labels.ts';
import { duplicateWithin } from './duplicate-within.ts';
import { fileStray } from './file-stray.ts';
import { groupStraddles } from './group-straddles.ts';
import { heldBackClass } from './held-back-class.ts';
import { heldBackNothing } from './held-back-nothing.ts';
import { labelAlike } from './label-alike.ts';
import { labelMissing } from './label-missing.ts';
import { labelNotPositive } from './label-not-positive.ts';
import { labelSimilar } from './label-similar.ts';
import { labelTooSmall } from './label-too-small.ts';
import { labelUnknown } from './label-unknown.ts';
import { lookAlikeAcross } from './look-alike-across.ts';
import { metadataMissing } from './metadata-missing.ts';
import { metadataOrphan } from './metadata-orphan.ts';
import { nameCase } from './name-case.ts';
import { nameUnportable } from './name-unportable.ts';
import { outOfDistributionOverlap } from './out-of-distribution-overlap.ts';
import { photoAnimated } from './photo-animated.ts';
import { photoBlurred } from './photo-blurred.ts';
import { photoDamaged } from './photo-damaged.ts';
import { photoDark } from './photo-dark.ts';
import { photoElongated } from './photo-elongated.ts';
import { photoFlat } from './photo-flat.ts';
import { photoLight } from './photo-light.ts';
import { photoLocated } from './photo-located.ts';
import { photoMistyped } from './photo-mistyped.ts';
import { photoNotImage } from './photo-not-image.ts';
import { photoOrientation } from './photo-orientation.ts';
import { photoSmall } from './photo-small.ts';
import { photoTooLarge } from './photo-too-large.ts';
import { photoTruncated } from './photo-truncated.ts';
import { photoUnreadable } from './photo-unreadable.ts';
import { photoUnserved } from './photo-unserved.ts';
import { rowConflict } from './row-conflict.ts';
import { rowDuplicate } from './row-duplicate.ts';
import { rowStraddles } from './row-straddles.ts';
import { sliceTooFine } from './slice-too-fine.ts';
import { splitEmpty } from './split-empty.ts';
import { valueSpellings } from './value-spellings.ts';

/** Checks of every photo, including those that must be refused. */
export const fileChecks: readonly Check<PhotoSubject>[] = [
  photoNotImage,
  photoUnreadable,
  photoTruncated,
  photoDamaged,
  photoTooLarge,
  photoMistyped,
  photoAnimated,
  photoLocated,
];

/** Checks of photos to learn from; what must be refused may well be dark or blurred. */
export const qualityChecks: readonly Check<PhotoSubject>[] = [
  photoSmall,
  photoElongated,
  photoDark,
  photoLight,
  photoFlat,
  photoBlurred,
  photoOrientation,
  photoUnserved,
];

/** Checks of labelled examples, photos and rows alike. */
export const exampleChecks: readonly Check<ExampleSubject>[] = [
  splitEmpty,
  classMissing,
  classSparse,
  heldBackNothing,
  heldBackClass,
  classImbalance,
  groupStraddles,
  labelAlike,
  labelSimilar,
];

/** Checks of a folder of photos as a whole. */
export const folderChecks: readonly Check<FolderSubject>[] = [
  classUnknown,
  fileStray,
  duplicateLabels,
  duplicateAcross,
  duplicateWithin,
  lookAlikeAcross,
  outOfDistributionOverlap,
  backboneSeen,
  metadataOrphan,
  metadataMissing,
  nameCase,
  nameUnportable,
];

/** Checks of a table. */
export const tableChecks: readonly Check<TableSubject>[] = [
  columnMissing,
  columnExtra,
  columnType,
  columnTooLarge,
  columnRounded,
  columnGaps,
  columnRange,
  columnStandIn,
  columnCategory,
  columnConstant,
  columnLeak,
  labelMissing,
  labelUnknown,
  labelNotPositive,
  labelTooSmall,
  valueSpellings,
  rowDuplicate,
  rowConflict,
  rowStraddles,
  sliceTooFine,
];

/** Every check, without its `observe`: for pages and lists. */
export const allChecks: readonly Omit<Check<never>, 'observe'>[] = [
  ...fileChecks,
  ...qualityChecks,
  ...folderChecks,
  ...exampleChecks,
  ...tableChecks,
];
