/* Where things lie in a repository, relative to its folder: the names that several rooms agree on. */

/** Which data, by digest. */
export const lockFile = 'data.lock.json';

/** One folder a project. */
export const projectsFolder = 'pipeline/projects';

/** Records and pointers of promoted models, one folder a model. */
export const modelsFolder = 'models';
