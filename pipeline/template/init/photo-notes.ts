import { spellOut } from '../../../platform/lib/look-alikes.ts';
import { isMissingWord } from '../../../platform/lib/missing-words.ts';
import { plural } from '../../../platform/lib/plural.ts';
import { servedFormats } from '../../../platform/lib/served-photos.ts';
import { findSpellings, imageFormats } from '../../../platform/transforms/index.ts';
import { notWorseNotes } from './not-worse-code.ts';
import { middleSide } from './photo-sizes.ts';
import type { PhotoSurvey } from './survey-photos.ts';

/** What a person should look at. */
export function photoNotes(survey: PhotoSurvey, onBackbone: boolean): string[] {
  const { others, classes, photos, sorted, labelNotes } = survey;
  const few = [...classes].filter(([, count]) => count < 30);
  const [first] = others;
  const shown = new Intl.ListFormat('en').format(few.slice(0, 5).map(([name]) => name));
  const where = sorted ? '' : ' in a class folder';
  return [
    ...labelNotes,
    ...placeNotes(survey),
    ...decodeNotes(survey),
    ...formatNotes(survey),
    ...survey.seriesNotes,
    ...(first
      ? [
          `${plural(others.length, 'file')} not taken for ${others.length === 1 ? 'a photo' : 'photos'}${where}, for example ${first}.`,
        ]
      : []),
    ...(few.length > 0 ? [`Fewer than 30 photos of ${shown}: too few to learn much from.`] : []),
    ...findSpellings([...classes.keys()]).map(
      (alike) => `${alike.map(spellOut).join(' and ')} look like one class; write it in one way.`,
    ),
    ...[...classes]
      .filter(([name]) => isMissingWord(name))
      .map(
        ([name, count]) =>
          `${JSON.stringify(name)} (${plural(count, 'photo')}) is taken for the name of a class; where it means that nobody knows, leave these photos out.`,
      ),
    ...(!sorted && classes.size > 3 && photos / classes.size < 10
      ? ['Class names are the folders that the photos are in: are these your classes?']
      : []),
    ...notWorseNotes('accuracy', photos, 'photo'),
    ...(onBackbone ? [] : backboneNotes(survey)),
  ];
}

/** What of the photos a model learns from, but its users cannot send, or not all of it. */
function formatNotes({ sample, animated }: PhotoSurvey): string[] {
  const labels = new Map(imageFormats.map(({ name, label }) => [name, label]));
  const foreign = sample.filter(({ format }) => !servedFormats.includes(format));
  const list = (names: readonly string[]) =>
    new Intl.ListFormat('en').format([...new Set(names)].map((name) => labels.get(name) ?? name));
  const [first] = animated;
  return [
    ...(foreign.length > 0
      ? [
          `${foreign.length} of the ${plural(sample.length, 'photo')} looked at are ${list(foreign.map(({ format }) => format))}: the model learns from them, but its server takes only ${list(servedFormats)}.`,
        ]
      : []),
    ...(first
      ? [
          `${animated.length} of the ${plural(sample.length, 'photo')} looked at hold several pictures, for example ${first}: only the first of each is used.`,
        ]
      : []),
  ];
}

/** Which folders the photos are from, where that needs a look. */
function placeNotes({
  places,
  vendorFolders,
  hiddenPhotos,
  links,
  specials,
  emptyFolders,
}: PhotoSurvey): string[] {
  const shown = [...places].slice(0, 8).map(([place, count]) => `${place || '.'} (${count})`);
  const more = places.size > shown.length ? [`and ${places.size - shown.length} more`] : [];
  const [[vendor], [hidden], [link]] = [vendorFolders, hiddenPhotos, links];
  const [[special], [empty]] = [specials, emptyFolders];
  return [
    ...(places.size > 1
      ? [
          `Took photos from class folders in ${[...shown, ...more].join(', ')}: are these your data?`,
        ]
      : []),
    ...(vendor
      ? [
          `Left out ${plural(vendorFolders.length, 'folder')} of other programs, for example ${vendor}.`,
        ]
      : []),
    ...(hidden
      ? [
          `Left out ${plural(hiddenPhotos.length, 'hidden photo')}, for example ${hidden}: take the dot off its name to have it.`,
        ]
      : []),
    ...(link
      ? [
          `Left out ${plural(links.length, 'symbolic link')}, for example ${link}: put the files themselves there to have them.`,
        ]
      : []),
    ...(special
      ? [
          `Left out ${plural(specials.length, 'thing')} that ${specials.length === 1 ? 'is' : 'are'} neither file nor folder (a pipe, a socket or a device), for example ${special}.`,
        ]
      : []),
    ...(empty
      ? [`Left out ${plural(emptyFolders.length, 'empty folder')}, for example ${empty}.`]
      : []),
  ];
}

function decodeNotes({ undecoded, sample }: PhotoSurvey): string[] {
  const [first] = undecoded;
  if (!first) return [];
  const of = `${undecoded.length} of ${undecoded.length + sample.length} photos looked at`;
  return [
    `${of} cannot be decoded, for example ${first.path}: ${first.reason}. Validation stops until they are replaced or removed.`,
  ];
}

/** Photos with details, too few to learn from pixels what they show. */
function backboneNotes({ photos, sample }: PhotoSurvey): string[] {
  const detailed = middleSide(sample) >= 96;
  if (!detailed || photos >= 20_000) return [];
  return [
    'Natural photos are learnt far better from the features of a network that others trained: see --backbone (docs/backbones.md).',
  ];
}
