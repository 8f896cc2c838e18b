/*
 * What a thread that computes begins with: hooks of the loader are of one thread, and whatever an `import` at the top names is looked
 * for before they are there.
 */
import '../../platform/lib/use-bundles.js';

await import('./worker.ts');
