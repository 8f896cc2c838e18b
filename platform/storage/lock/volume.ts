import { randomBytes } from 'node:crypto';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { foldVolume } from '../../lib/look-alikes.ts';
import { makeFolderSync } from '../../lib/make-folder.ts';

/** Which names the volume of a folder takes for one. */
export interface Volume {
  /** Names that differ only by case. */
  readonly ignoresCase: boolean;
  /** Names that differ only by whether an accent is part of its letter. */
  readonly ignoresComposition: boolean;
}

/** Finds out by writing two files, which are removed again. The folder is created if it is missing. */
export function probeVolume(folder: string): Volume {
  makeFolderSync(folder);
  const name = `.mainstem-${randomBytes(6).toString('hex')}`;
  return {
    ignoresCase: isFoundAs(folder, `${name}-a`, `${name}-A`),
    ignoresComposition: isFoundAs(folder, `${name}-\u00e9`, `${name}-e\u0301`),
  };
}

function isFoundAs(folder: string, name: string, other: string): boolean {
  const path = join(folder, name);
  try {
    writeFileSync(path, '', { flag: 'wx' });
    return existsSync(join(folder, other));
  } finally {
    rmSync(path, { force: true });
  }
}

/** What the volume takes a name for: equal texts are one file. */
export function nameOnVolume({ ignoresCase, ignoresComposition }: Volume, name: string): string {
  if (ignoresCase) return ignoresComposition ? foldVolume(name) : name.toLowerCase();
  return ignoresComposition ? name.normalize('NFC') : name;
}
