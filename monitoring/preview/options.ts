import { parseArgs } from 'node:util';
import { MainstemError } from '../../platform/lib/errors.ts';
import { firstSentence } from '../../platform/lib/parse-script.ts';
import type { PreviewSource } from './read-dashboards.ts';

/** What the preview is asked to draw, and where to. */
export interface PreviewOptions {
  readonly source: PreviewSource;
  /** The page's file. */
  readonly out: string;
}

/**
 * Reads the command line of the preview.
 *
 * @param now seconds since 1970, at which the drawn time ends
 * @throws MainstemError PREVIEW_OPTION_INVALID
 */
export function readPreviewOptions(args: readonly string[], now: number): PreviewOptions {
  const { prometheus, model = null, minutes, out } = parse(args);
  const length = Number(minutes);
  if (!(length > 0 && length <= mostMinutes))
    throw invalid(`--minutes must be a number up to ${mostMinutes}, and is ${minutes}`);
  const source = { prometheus: readAddress(prometheus), model, from: now - length * 60, to: now };
  if (out === '') throw invalid('--out is empty');
  return { source, out };
}

/** A year. */
const mostMinutes = 366 * 24 * 60;

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        prometheus: { type: 'string', default: 'http://127.0.0.1:9090' },
        model: { type: 'string' },
        minutes: { type: 'string', default: '360' },
        out: { type: 'string', default: 'dashboards.html' },
      },
    }).values;
  } catch (error) {
    throw invalid(firstSentence(error));
  }
}

function readAddress(text: string): URL {
  const address = URL.parse(text);
  if (address && /^https?:$/.test(address.protocol)) return address;
  throw invalid(`--prometheus must be an address that begins with http, and is ${text}`);
}

function invalid(reason: string): MainstemError {
  return new MainstemError('PREVIEW_OPTION_INVALID', { reason });
}
