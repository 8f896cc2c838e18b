import { join } from 'node:path';
import { createAccessKey, digestAccessKey } from '../../platform/lib/access-key.ts';
import { writeJson } from '../../platform/lib/json-file.ts';
import { keysFile } from '../../platform/schemas/access-names.ts';
import type { AccessKey } from '../../platform/schemas/keys-file.ts';

/** A key as its holder has it, and as the server does. */
export interface TestKey {
  readonly text: string;
  readonly entry: AccessKey;
}

/** Makes a key with the scope `predict`, unless others are named. */
export function makeKey(name: string, changed: Partial<AccessKey> = {}): TestKey {
  const text = createAccessKey();
  return {
    text,
    entry: {
      name,
      digest: digestAccessKey(text),
      scopes: ['predict'],
      createdAt: '2026-11-01T00:00:00.000Z',
      expiresAt: null,
      rate: null,
      ...changed,
    },
  };
}

/** Writes the keys file of a repository. */
export async function writeKeys(root: string, ...keys: readonly TestKey[]): Promise<void> {
  const value = { version: 1, keys: keys.map(({ entry }) => entry) };
  await writeJson(join(root, keysFile), value);
}

/** The header that a program sends with a key. */
export const bearer = (text: string) => ({ authorization: `Bearer ${text}` });
