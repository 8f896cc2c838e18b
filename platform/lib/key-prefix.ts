/**
 * What every access key begins with, so that people and secret scanners recognise one. In a file of its own, because the page that
 * works without a server hides keys, too, and a browser has nothing of what makes them.
 */
export const keyPrefix = 'mainstem_';
