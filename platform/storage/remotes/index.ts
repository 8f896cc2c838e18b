/* Remotes by themselves: what a server pulls models with, without the locks and tables of their neighbours. */
export { hidePassword } from './hide-password.ts';
export { interruptible } from './interruptible.ts';
export { objectKey } from './inventory.ts';
export { findNewestServed } from './newest-served.ts';
export { openRemote } from './open-remote.ts';
export { pull } from './pull.ts';
export type { Remote } from './remote.ts';
