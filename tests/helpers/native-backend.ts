import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { toolsFolder } from './tools.ts';

/** Where `npm run test:setup` installs the native part of the backend `tensorflow`; `auto` does not look there. */
export const nativeBackends = join(toolsFolder, 'backends');

export const hasTensorFlow = existsSync(join(nativeBackends, 'tensorflow', 'native.json'));
