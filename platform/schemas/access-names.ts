/**
 * What a caller may be allowed to do; `admin` is allowed everything. Without imports, so that the command line can name them
 * before it loads any schema.
 */
export const scopes = ['predict', 'feedback', 'metrics', 'admin'] as const;
export type Scope = (typeof scopes)[number];

/** The keys file of a repository, if no other is named; git does not see it. */
export const keysFile = '.mainstem/keys.json';

/** A name that may stand in a metric's label and in a log. */
export const keyNamePattern = '^[a-z0-9][a-z0-9._-]{0,63}$';
