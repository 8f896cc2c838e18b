import type { Command } from 'commander';

/** Every command, in the order of `--help`. Each registers itself; heavy modules load in its action. */
export const commands: readonly ((program: Command) => void)[] = [];
