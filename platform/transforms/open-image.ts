import type { Sharp } from 'sharp';
import { MainstemError } from '../lib/errors.ts';
import { imageFormat, readableNames } from './image-formats.ts';
import { loadSharp } from './load-sharp.ts';

/** How to open a picture. */
export interface ImageOptions {
  /** Pictures with more pixels are refused before they are decoded. @default 100 million */
  readonly maximumPixels?: number;
  /** Whole seconds that decoding may take. @default no limit */
  readonly maximumSeconds?: number;
  /** What to call the picture in an error. @default `the picture` */
  readonly name?: string;
  /** Whether a picture is refused of which the decoder only warns. @default `error`: it is not */
  readonly failOn?: 'warning' | 'error';
}

/** Pictures with more pixels are refused before they are decoded, where nothing else is asked. */
export const defaultMaximumPixels = 100_000_000;

/** A larger file holds more than such a picture can be encoded in; it is not even read. */
export const maximumBytes = 4 * defaultMaximumPixels;

/**
 * Opens an encoded picture as upright sRGB without alpha (laid on white), ready to be resized.
 *
 * @throws MainstemError IMAGE_UNREADABLE where the format is not one of ours
 */
export async function openImage(bytes: Uint8Array, options: ImageOptions = {}): Promise<Sharp> {
  // Only these reach the decoder: it also reads SVG, PDF and others, which may reach for files or the network.
  if (!imageFormat(bytes)?.readable) {
    throw unreadable(options, `it is not a ${readableNames} picture`);
  }
  const limitInputPixels = options.maximumPixels ?? defaultMaximumPixels;
  const sharp = await loadSharp();
  return sharp(bytes, { limitInputPixels, failOn: options.failOn ?? 'error', pages: 1 })
    .timeout({ seconds: options.maximumSeconds ?? 0 })
    .autoOrient()
    .flatten({ background: '#ffffff' })
    .toColourspace('srgb');
}

/** Refuses a picture with more pixels than it may have. @throws MainstemError IMAGE_TOO_LARGE */
export function assertPixels(
  { width, height }: { readonly width: number; readonly height: number },
  options: ImageOptions,
): void {
  const limit = options.maximumPixels ?? defaultMaximumPixels;
  if (width * height <= limit) return;
  throw new MainstemError('IMAGE_TOO_LARGE', { name: nameOf(options), limit });
}

/** Runs work on an opened picture and turns the decoder's errors into ours. @throws MainstemError IMAGE_* */
export async function withImageErrors<T>(
  options: ImageOptions,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof MainstemError) throw cause;
    const reason = (cause as Error).message.trim().split('\n')[0] ?? '';
    if (/^timeout: \d+% complete/.test(reason)) {
      const seconds = options.maximumSeconds;
      throw new MainstemError('IMAGE_TOO_SLOW', { name: nameOf(options), seconds }, { cause });
    }
    if (!/exceeds pixel limit/i.test(reason)) throw unreadable(options, reason, cause);
    const limit = options.maximumPixels ?? defaultMaximumPixels;
    throw new MainstemError('IMAGE_TOO_LARGE', { name: nameOf(options), limit }, { cause });
  }
}

/** The error of a picture of which a decoder would invent a part. */
export function damagedImage(options: ImageOptions): MainstemError {
  const reason = 'its data is garbled or breaks off';
  return new MainstemError('IMAGE_UNREADABLE', { name: nameOf(options), reason, damaged: true });
}

function unreadable(options: ImageOptions, reason: string, cause?: unknown): MainstemError {
  return new MainstemError('IMAGE_UNREADABLE', { name: nameOf(options), reason }, { cause });
}

function nameOf(options: ImageOptions): string {
  return options.name ?? 'the picture';
}
