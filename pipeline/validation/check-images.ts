import { parseCsv } from '../../platform/lib/csv.ts';
import {
  type BlobStore,
  type Finding,
  type LockedDataset,
  type ManifestEntry,
  metadataFile,
  type Workspace,
} from '../../platform/schemas/index.ts';
import {
  countExamples,
  findHeldBackGaps,
  readAllExamples,
  readManifest,
  toCandidates,
} from '../../platform/storage/index.ts';
import { runChecks } from './check.ts';
import { exampleChecks, fileChecks, folderChecks, qualityChecks } from './checks/index.ts';
import { findLookAlikes } from './find-look-alikes.ts';
import type { ValidateInputs } from './inputs.ts';
import { readPhotos } from './read-photos.ts';
import type { FolderSubject } from './subjects.ts';

/** Runs every check on an image dataset and on its out-of-distribution set. */
export async function checkImages(
  { workspace, store }: { readonly workspace: Workspace; readonly store: BlobStore },
  inputs: ValidateInputs,
  backbone?: FolderSubject['backbone'],
): Promise<{ checked: number; findings: Finding[] }> {
  const { dataset, outOfDistribution, classes } = inputs;
  const limits = inputs.checks;
  const folder = await readFolder(store, inputs);
  const outliers = outOfDistribution ? await readPictures(store, outOfDistribution) : [];
  const photos = await readPhotos(workspace, store, [...folder.pictures, ...outliers]);
  const own = { photos: photos.slice(0, folder.pictures.length), limits };
  const toRefuse = { photos: photos.slice(folder.pictures.length), limits };
  const subject = {
    ...folder,
    lookAlikes: findLookAlikes(folder.examples, own.photos),
    outOfDistribution: new Map(outliers.map(({ digest, path }) => [digest, path])),
    ...(backbone && { backbone }),
  };
  return {
    checked: photos.length,
    findings: [
      ...runChecks(fileChecks, own, dataset.path),
      ...runChecks(folderChecks, subject, dataset.path),
      ...runChecks(
        exampleChecks,
        { ...countFolder(folder, inputs), classes, imbalance: limits.imbalance },
        dataset.path,
      ),
      ...runChecks(qualityChecks, own, dataset.path),
      ...runChecks(fileChecks, toRefuse, outOfDistribution?.path ?? ''),
    ],
  };
}

function countFolder({ examples }: Folder, { split }: ValidateInputs) {
  const counted = countExamples(examples);
  const candidates = () => toCandidates(examples, split);
  const asked = { split, regression: false };
  return { ...counted, heldBackGaps: findHeldBackGaps(counted.counts, candidates, asked) };
}

type Folder = Omit<FolderSubject, 'outOfDistribution' | 'lookAlikes' | 'backbone'> & {
  pictures: readonly ManifestEntry[];
};

async function readFolder(store: BlobStore, inputs: ValidateInputs): Promise<Folder> {
  const { dataset, split, classes } = inputs;
  const entries = await readManifest(store, dataset);
  const examples = await readAllExamples(store, dataset, { split });
  const described = entries.find(({ path }) => path === metadataFile);
  return {
    examples,
    classes,
    pictures: entries.filter(isPicture),
    strays: entries
      .filter((entry) => !isPicture(entry) && entry !== described)
      .map(({ path }) => path),
    metadata: described ? await readFileColumn(store, dataset, described) : null,
  };
}

async function readPictures(store: BlobStore, dataset: LockedDataset): Promise<ManifestEntry[]> {
  return (await readManifest(store, dataset)).filter(isPicture);
}

/** Every file in a class folder should be a picture. */
function isPicture({ path }: ManifestEntry): boolean {
  return path.includes('/');
}

async function readFileColumn(
  store: BlobStore,
  { path }: LockedDataset,
  { digest }: ManifestEntry,
): Promise<string[]> {
  const { rows } = parseCsv(await store.get(digest), `${path}/${metadataFile}`);
  return rows.map(({ file = '' }) => file);
}
