import { existsSync, readFileSync } from 'node:fs';
import { Type } from 'typebox';
import { parseJson } from '../../../platform/lib/json.ts';
import { failStep } from './fail-step.ts';

/**
 * Ends the step if the file of the event cannot be read as what it is, at once when this module is loaded. A file that is missing is
 * an event without a payload, as it is for GitHub's library.
 */
const { GITHUB_EVENT_PATH: path } = process.env;
if (path && existsSync(path)) {
  try {
    parseJson(readFileSync(path, 'utf8'), Type.Object({}), `GITHUB_EVENT_PATH, ${path},`);
  } catch (error) {
    failStep(error);
    process.exit(1);
  }
}
