import { isAbsolute, posix, win32 } from 'node:path';

/** A mistake in a definition: where, and the end of a sentence about it. */
export interface Mistake {
  readonly where: string;
  readonly reason: string;
}

/** What of a definition says where the data is and how it is cut. */
interface DataParts {
  readonly data: { readonly path: string };
  readonly outOfDistribution?: { readonly path: string };
  readonly table?: {
    readonly label: string;
    readonly features: Readonly<Record<string, { readonly range?: readonly [number, number] }>>;
  };
  readonly slices?: readonly { readonly column: string }[];
}

/** The first mistake in where the data is and how it is cut; null if there is none. */
export function findDataMistake(definition: DataParts): Mistake | null {
  return (
    findPlaceMistake(definition) ?? findRangeMistake(definition) ?? findSliceMistake(definition)
  );
}

function findPlaceMistake({ data, outOfDistribution }: DataParts): Mistake | null {
  const places = [
    { where: 'data.path', path: data.path },
    { where: 'outOfDistribution.path', path: outOfDistribution?.path },
  ];
  for (const { where, path } of places) {
    const reason = path === undefined ? null : placeFault(path);
    if (reason) return { where, reason };
  }
  return null;
}

function placeFault(path: string): string | null {
  if (path.trim() === '') return 'must not be empty';
  if (isAbsolute(path) || win32.isAbsolute(path) || /^~(?:\/|$)/.test(path)) {
    return `is ${path}, but must be relative to the repository: "npx mainstem init" copies data from elsewhere into it`;
  }
  const [first] = posix.normalize(path).split('/');
  if (first === '..') return `is ${path}, but must stay inside the repository`;
  return first === '.mainstem' || first === '.git'
    ? `is ${path}, but ${first} is not for data`
    : null;
}

function findRangeMistake({ table }: DataParts): Mistake | null {
  for (const [name, { range: [low, high] = [0, 0] }] of Object.entries(table?.features ?? {})) {
    if (low > high) {
      const reason = `is [${low}, ${high}], but must be [lowest, highest]`;
      return { where: `table.features.${name}.range`, reason };
    }
  }
  return null;
}

function findSliceMistake({ table, slices = [] }: DataParts): Mistake | null {
  const seen = new Set<string>();
  for (const [index, { column }] of slices.entries()) {
    const where = `slices.${index}.column`;
    if (column === table?.label) return { where, reason: `is ${column}, the column to predict` };
    if (seen.has(column)) return { where, reason: `is ${column}, which is there twice` };
    seen.add(column);
  }
  return null;
}
