/* Where things are in a repository, relative to its folder: the names that several folders share. */

/** The lock: which data is used, by digest. */
export const lockFile = 'data.lock.json';

/** The projects, one folder each. */
export const projectsFolder = 'pipeline/projects';

/** The records and pointers of promoted models, one folder per model. */
export const modelsFolder = 'models';
