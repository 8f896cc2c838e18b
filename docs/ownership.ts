import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';

/** Who changes a file: the template's maintainers, promotion commits, or the people who use the template. */
export const ownershipLists = ['platform', 'byCommits', 'yours'] as const;

/** The name of one list of `platform.json`. */
export type OwnershipList = (typeof ownershipLists)[number];

const Owner = Type.String({ pattern: '^@[^\\s@]+$' });
/** A file, or with a final slash a folder and everything below it; relative to the repository, no wildcards. */
const OwnedPath = Type.String({ pattern: '^[^\\s/*?!\\[][^\\s*?!\\[]*$' });

const Ownership = Type.Object(
  {
    version: Type.Literal(1),
    owners: Type.Object({
      platform: Type.Array(Owner),
      byCommits: Type.Array(Owner),
      yours: Type.Array(Owner),
    }),
    platform: Type.Array(OwnedPath),
    byCommits: Type.Array(OwnedPath),
    yours: Type.Array(OwnedPath),
  },
  { additionalProperties: false },
);

/** What `platform.json` says: the paths of each list, and the GitHub handles that review them. */
export type Ownership = Static<typeof Ownership>;

/** Parses the text of `platform.json`. @throws Error naming the first value that is not allowed */
export function parseOwnership(text: string): Ownership {
  const value: unknown = JSON.parse(text);
  if (Value.Check(Ownership, value)) return value;
  const [first] = Value.Errors(Ownership, value);
  throw new Error(
    `platform.json: ${first?.instancePath ?? ''} ${first?.message ?? 'is not valid'}`,
  );
}

/** Reads `platform.json` of this repository. */
export function readOwnership(): Ownership {
  return parseOwnership(readFileSync(join(import.meta.dirname, '../platform.json'), 'utf8'));
}

/**
 * The lists that claim a file. The longest path that covers it decides, so `pipeline/projects/` wins over
 * `pipeline/`. A sound `platform.json` gives exactly one list for every tracked file.
 *
 * @example ownersOf(ownership, 'pipeline/projects/pumpkins/model.ts') // ['yours']
 */
export function ownersOf(ownership: Ownership, file: string): OwnershipList[] {
  const covering = entries(ownership).filter(({ path }) => covers(path, file));
  const longest = Math.max(...covering.map(({ path }) => path.length));
  return covering.filter(({ path }) => path.length === longest).map(({ list }) => list);
}

/**
 * The text of `.github/CODEOWNERS`. GitHub takes the last line that matches a file, so a path comes after the
 * folders that contain it; a path whose list has no owners is written without any, which means that every
 * reviewer may approve it.
 */
export function renderCodeOwners(ownership: Ownership): string {
  const rows = entries(ownership)
    .sort((a, b) => (a.path < b.path ? -1 : 1))
    .map(({ path, list }) => [`/${path}`, ...ownership.owners[list]].join(' '));
  return `${[...notice, ...rows].join('\n')}\n`;
}

const notice = [
  '# Generated from platform.json by "npm run docs"; edit platform.json, not this file.',
  '#',
  '# Replace the owners @OWNER/… in platform.json by teams or people of yours with write access. Until then these',
  '# lines protect nothing: GitHub shows an unknown owner as an error when you look at this file, but assigns nobody,',
  '# and a rule that requires reviews from code owners then has nobody to wait for.',
  '# https://docs.github.com/articles/about-code-owners',
];

interface Entry {
  readonly path: string;
  readonly list: OwnershipList;
}

function entries(ownership: Ownership): Entry[] {
  return ownershipLists.flatMap((list) => ownership[list].map((path) => ({ path, list })));
}

function covers(path: string, file: string): boolean {
  return path.endsWith('/') ? file.startsWith(path) : file === path;
}
