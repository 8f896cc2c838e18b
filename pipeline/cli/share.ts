import type { Command } from 'commander';
import { parseText } from './options.ts';

/** Every command whose results other machines may find or have left takes it. */
export const shareOption = [
  '--share [address]',
  'find results of other machines in a remote and put those of this one there; without an address the one that is configured',
  parseText,
] as const;

/** For a Job, whose image may hold something other than whoever submitted it. */
export const expectOption = [
  '--expect <digest>',
  'do nothing unless code, packages, parameters, data and backend are those of whoever asked; compile writes it',
] as const;

/** Where work runs. */
export const places = ['kubernetes'] as const;

/** The help of `--image`. */
export const imageOption = [
  '--image <name>',
  'the image of the Jobs, instead of "mainstem": { "jobs": { "image": … } } in package.json; {commit} stands for the commit',
  parseText,
] as const;

/** The address as operations take it: empty for the remote that is configured, undefined for none. */
export function sharedRemoteOf({ share }: { readonly share?: string | true }): string | undefined {
  return share === true ? '' : share;
}

/** Where work is done, and options that only Jobs have. */
interface PlaceOptions {
  readonly on?: string | undefined;
  readonly image?: string | undefined;
  readonly restart?: boolean | undefined;
}

/** Ends a command whose options are about Jobs, while its work is to be done here: they would be passed over without a word. */
export function assertPlace(
  command: Command,
  options: PlaceOptions,
  needing: readonly (keyof PlaceOptions)[],
): void {
  if (options.on !== undefined) return;
  const idle = needing.find((name) => options[name] !== undefined);
  if (idle !== undefined) command.error(`error: option '--${idle}' needs '--on kubernetes'`);
}
