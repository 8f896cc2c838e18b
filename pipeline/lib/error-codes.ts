/** What an error says (`message`), how to mend it (`hint`) and what the command line exits with. */
interface ErrorText {
  readonly message: string;
  readonly hint: string;
  /** 1 finding or gate failed, 2 usage, 3 environment. */
  readonly exit: 1 | 2 | 3;
}

/** Every error code. `docs/errors.md` is generated from this table. */
export const errorCodes = {
  // General
  FILE_UNREADABLE: {
    message: 'Cannot read {path}: {reason}.',
    hint: 'Check that the file exists and that you may read it.',
    exit: 3,
  },
  JSON_INVALID: {
    message: '{path} is not valid: {reason}.',
    hint: 'Mend the named place, or restore the file from git.',
    exit: 2,
  },
  GIT_FAILED: {
    message: 'git {command} failed: {reason}.',
    hint: 'Run the command by hand in the repository to see what git says.',
    exit: 3,
  },
  INTERRUPTED: {
    message: 'Interrupted.',
    hint: 'Nothing is half-written; run the same command again and it continues.',
    exit: 3,
  },
  // Projects
  PROJECT_UNKNOWN: {
    message: 'There is no project "{name}" in pipeline/projects.',
    hint: 'Known projects: {known}. "npx mainstem init <name> --from <folder|csv>" makes a new one.',
    exit: 2,
  },
  PROJECT_INVALID: {
    message: 'Project "{name}": {where} {reason}.',
    hint: 'Mend pipeline/projects/{name}/project.ts at the named place.',
    exit: 2,
  },
  PARAMETER_INVALID: {
    message: '{path}: "{key}" is {value}, but must be {allowed}.',
    hint: 'Change the value in {path}.',
    exit: 2,
  },
  // Data (lock, store, remotes)
  // Stages
  // Validation
  // Backends and training
  // Evaluation and package
  // Models (promotion)
  // Serving
  // Actions
} as const satisfies Record<string, ErrorText>;

export type ErrorCode = keyof typeof errorCodes;
