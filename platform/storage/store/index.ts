/* The store by itself: what a server reads models from, without the remotes, locks and tables of its neighbours. */
export { nameBlob } from './name-blob.ts';
export { openStore, type Store } from './store.ts';
