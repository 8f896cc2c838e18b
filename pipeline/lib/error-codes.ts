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
  MODEL_RECORD_MISSING: {
    message: 'Model {model} has no record {run}: {path} does not exist.',
    hint: 'Restore the file from git; "npx mainstem history {model}" names the runs that served.',
    exit: 1,
  },
  MODEL_RECORD_CHANGED: {
    message: '{path} is not what it was promoted as: expected {expected}, found {found}.',
    hint: 'Records are immutable: restore the file from git ("git checkout HEAD -- {path}").',
    exit: 1,
  },
  MODEL_NOT_PROMOTED: {
    message: 'Model {model} was never promoted.',
    hint: 'Run "npx mainstem experiment {model}", then "npx mainstem promote {model}".',
    exit: 1,
  },
  PROMOTE_NO_CANDIDATE: {
    message: 'There is no candidate for {model}.',
    hint: 'Run "npx mainstem experiment {model}" first.',
    exit: 1,
  },
  PROMOTE_STALE: {
    message: 'Candidate {run} of {model} is stale: the working tree now describes run {tree}.',
    hint: 'Run "npx mainstem experiment {model}" again; what did not change is reused.',
    exit: 1,
  },
  PROMOTE_ARTEFACT_MISSING: {
    message: 'Run {run} of {model} cannot serve: the store lacks {missing}.',
    hint: 'Run "npx mainstem pull", or rebuild it with "npx mainstem reproduce {run}".',
    exit: 1,
  },
  PROMOTE_DIRTY: {
    message: 'Run {run} of {model} was made with uncommitted code: {files}.',
    hint: 'Commit these files, then promote; otherwise nobody could rebuild the model from its commit.',
    exit: 1,
  },
  GATE_FAILED: {
    message: 'Run {run} of {model} does not pass its gates: {failed}.',
    hint: 'Improve the model, or change the gate in project.ts in a commit of its own that says why.',
    exit: 1,
  },
  ROLLBACK_NOTHING: {
    message: 'Model {model} has no earlier run to roll back to.',
    hint: 'Only committed promotions can be rolled back to; see "npx mainstem history {model}".',
    exit: 1,
  },
  ROLLBACK_UNKNOWN_RUN: {
    message: 'No run of {model} that begins with "{run}" served before.',
    hint: 'Runs that did: {known}.',
    exit: 2,
  },
  REPRODUCE_UNKNOWN: {
    message: 'No committed record begins with "{run}".',
    hint: 'Committed records: {known}.',
    exit: 2,
  },
  REPRODUCE_DIFFERS: {
    message: 'Run {run} of {model} was rebuilt, but is not the same: {differences}.',
    hint: 'The record says which backend made it; only deterministic backends promise the same bits.',
    exit: 1,
  },
  // Serving
  SERVING_NO_MODEL: {
    message: 'There is no model to serve: {path} does not exist.',
    hint: 'Run "npx mainstem run {model}" and "npx mainstem promote {model}", or "npm start".',
    exit: 3,
  },
  SERVING_DIGEST_MISMATCH: {
    message: '{what} has digest {found}, but {expected} was promoted.',
    hint: 'Restore models/ from git; the promoted model is the one that git names.',
    exit: 3,
  },
  SERVING_CONFIG_INVALID: {
    message: 'The server setting {key} is {value}, but must be {allowed}.',
    hint: 'Set {key} in the environment or on the command line.',
    exit: 2,
  },
  SERVING_FAILED: {
    message: 'The server ended before it answered: {reason}.',
    hint: 'Run "npx mainstem serve" to see what it says.',
    exit: 3,
  },
  SERVING_WORKER_FAILED: {
    message: 'The model stopped while it computed an answer: {reason}.',
    hint: 'Send the request again; the model has been started anew.',
    exit: 3,
  },
  SERVING_BUSY: {
    message: 'There are {waiting} requests waiting already.',
    hint: 'Send the request again in a moment.',
    exit: 3,
  },
  PORT_TAKEN: {
    message: 'Port {port} on {host} is taken by another program.',
    hint: 'Choose another one: --port {suggestion}.',
    exit: 3,
  },
  MODEL_UNKNOWN: {
    message: 'No model "{name}" is served.',
    hint: 'Served: {known}.',
    exit: 2,
  },
  ROUTE_UNKNOWN: {
    message: 'There is nothing at {method} {path}.',
    hint: 'See /docs for everything that there is.',
    exit: 2,
  },
  REQUEST_INVALID: {
    message: 'The request is not as expected: {reason}.',
    hint: 'See /docs for what the request must look like.',
    exit: 2,
  },
  REQUEST_TOO_LARGE: {
    message: 'The request is larger than {limit} bytes.',
    hint: 'Send a smaller photo, or fewer at once.',
    exit: 2,
  },
  REQUEST_TOO_MANY: {
    message: 'The request holds more than {limit} {unit}.',
    hint: 'Send fewer at once.',
    exit: 2,
  },
  REQUEST_TYPE: {
    message: 'The server cannot read {type} here.',
    hint: 'Send {allowed}.',
    exit: 2,
  },
  REQUEST_CROSS_SITE: {
    message: 'Another web site may not send this.',
    hint: 'Open the page of this server and send it from there.',
    exit: 2,
  },
  ROW_INVALID: {
    message: 'Row {row}: column "{column}" {reason}.',
    hint: 'The model knows these columns: {known}.',
    exit: 2,
  },
  FEEDBACK_LABEL_UNKNOWN: {
    message: 'There is no class "{label}".',
    hint: 'Known: {known}.',
    exit: 2,
  },
  FEEDBACK_FULL: {
    message: 'The place for feedback is full ({limit} bytes).',
    hint: 'Move the folder {folder} into the data set, or raise MAINSTEM_FEEDBACK_BYTES.',
    exit: 3,
  },
  // Actions
} as const satisfies Record<string, ErrorText>;

export type ErrorCode = keyof typeof errorCodes;
