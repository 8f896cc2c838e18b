/** What the command line ends with: 1 finding or gate failed, 2 usage, 3 environment, 4 fault of Mainstem, 130 Ctrl-C. */
export type ExitCode = 1 | 2 | 3 | 4 | 130;

/** What an error says (`message`), how to fix it (`hint`) and what the command line exits with. */
interface ErrorText {
  readonly message: string;
  readonly hint: string;
  readonly exit: ExitCode;
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
    hint: 'Fix the place named above, or restore an earlier version of the file.',
    exit: 2,
  },
  CORRECTIONS_PROJECT: {
    message: 'Corrections belong to one project, and {projects} were named.',
    hint: 'Name it: npx mainstem lock <project> --corrections <file>.',
    exit: 2,
  },
  FILE_UNWRITABLE: {
    message: 'Cannot write {path}: {reason}.',
    hint: 'Check that you may write there; nothing was half-written.',
    exit: 3,
  },
  CANDIDATE_DAMAGED: {
    message: 'What the last experiment of "{project}" left is damaged: {reason}',
    hint: 'Run "npx mainstem experiment {project}": it makes that file again from the results of its stages, which are kept.',
    exit: 2,
  },
  OUTPUT_TAKEN: {
    message: '{path} is not written: {reason}.',
    hint: 'Name another place; or move or delete what is there first, if it may go.',
    exit: 2,
  },
  OUTPUT_CLOSED: {
    message: 'Nobody reads the output any more, and the result is shown only once.',
    hint: 'Nothing was changed. Run the command again where its output is read to the end.',
    exit: 3,
  },
  DISK_FULL: {
    message: 'Cannot write {path}: {reason}.',
    hint: 'Free some space, or raise the limit, then run the same command again; nothing was half-written.',
    exit: 3,
  },
  LIMIT_REACHED: {
    message: 'The system refused to go on: {reason}.',
    hint: 'Close other programs, or raise the limit ("ulimit -a" lists limits), then run the command again.',
    exit: 3,
  },
  MEMORY_EXHAUSTED: {
    message: 'Memory ran out: {reason}.',
    hint: 'Close other programs, or use a machine with more memory; when training, lower batchSize in params.json.',
    exit: 3,
  },
  PROGRAM_UNUSABLE: {
    message: 'Cannot run {program}: {reason}.',
    hint: 'Install it, or correct PATH, so that it runs in this terminal.',
    exit: 3,
  },
  NETWORK_FAILED: {
    message: 'Cannot reach {address}: {reason}.',
    hint: 'Check the network and the address, then run the command again.',
    exit: 3,
  },
  CODE_UNLOADABLE: {
    message: 'Mainstem cannot be loaded: {reason}.',
    hint: '"git status" shows which of its files changed; "npm ci" installs its packages again.',
    exit: 3,
  },
  ENDED_EARLY: {
    message: 'The command ended before it had finished: {reason}.',
    hint: 'If code of a project does so (process.exit, an await that never settles), correct it there; otherwise it is a fault of Mainstem: please report it with the command.',
    exit: 4,
  },
  UNEXPECTED: {
    message: 'Mainstem failed in a way that it should not: {reason}.',
    hint: 'This is a fault of Mainstem, not yours. Details are in {file}: please report it with them.',
    exit: 4,
  },
  GIT_MISSING: {
    message: 'The program git was not found.',
    hint: 'Install git (https://git-scm.com/downloads), or correct PATH, so that "git --version" answers.',
    exit: 3,
  },
  GIT_NO_REPOSITORY: {
    message: '{path} is not in a git repository.',
    hint: 'Mainstem keeps everything in git: clone the repository, or run "git init" there and commit.',
    exit: 3,
  },
  GIT_NESTED: {
    message: '{path} is a folder inside another git repository, {repository}.',
    hint: 'Mainstem is a repository of its own: move it out of the other one, or add it there with "git submodule add".',
    exit: 3,
  },
  GIT_BRANCH_UNBORN: {
    message: 'The branch {branch} has no commit yet; other branches of the repository have.',
    hint: 'Go to one of them: "git branch" lists them, "git switch <branch>" goes there. If the branch is meant to begin from nothing, make its first commit.',
    exit: 3,
  },
  GIT_NO_COMMITS: {
    message: 'The repository has no commit yet.',
    hint: 'Make the first one: git add --all && git commit -m "Start".',
    exit: 3,
  },
  GIT_UNTRUSTED: {
    message: 'git does not trust {path}, because somebody else owns it.',
    hint: 'If you trust it, run: git config --global --add safe.directory "{path}"',
    exit: 3,
  },
  GIT_BUSY: {
    message: 'Another git is at work here, or one that was stopped left {path}.',
    hint: 'Run the command again when it has ended; if no git is running, remove that file first.',
    exit: 3,
  },
  GIT_KILLED: {
    message: 'Something ended git before it was done: "git {command}" {reason}.',
    hint: 'Run the command again. If it comes again, this machine may be short of memory, or a limit too low ("ulimit -a").',
    exit: 3,
  },
  GIT_UNFINISHED: {
    message: 'A merge, rebase or similar is not finished: {reason}',
    hint: 'Finish it ("git status" says how) or abort it, then run the command again.',
    exit: 3,
  },
  GIT_DAMAGED: {
    message: 'The git repository is damaged: {reason}',
    hint: '"git fsck" says what is wrong; a fresh clone of the remote, with your changes copied over, is the safe way.',
    exit: 3,
  },
  GIT_PARTIAL: {
    message:
      'This clone left objects out (git clone --filter), and git cannot fetch them now: {reason}',
    hint: 'Make the remote reachable ("git fetch" tries it), then run the command again.',
    exit: 3,
  },
  GIT_SETTINGS: {
    message: 'git cannot read its settings: {reason}',
    hint: 'Correct that line (".git/config" is this repository’s file, "~/.gitconfig" yours), or the environment variable that holds it; then "git config --list" answers.',
    exit: 3,
  },
  MERGE_CONFLICT: {
    message: '{path} has an unresolved merge conflict between {ours} and {theirs}.',
    hint: 'Keep one side or join both, without the lines of <, = and >; then run "git add" on it. docs/merging.md says what is safe for which file.',
    exit: 2,
  },
  GIT_FAILED: {
    message: 'git {command} failed: {reason}.',
    hint: 'Run the command by hand in the repository to see what git says.',
    exit: 3,
  },
  COMMIT_UNSETTLED: {
    message: 'Commit {commit} was made, and "{subject}" counts, but git did not end well: {reason}',
    hint: 'See "git status", and do what a hook of this repository does after a commit (post-commit in .git/hooks) by hand.',
    exit: 3,
  },
  COMMIT_STAGED: {
    message:
      'Git did not end well: {reason} It left {path}, so that {files} cannot be taken out of what is staged.',
    hint: 'If no git is running, remove {path}; then run "git reset -- {files}", or the command again, which does that first. Until then the next "git commit" would take them in.',
    exit: 3,
  },
  GIT_HOOK_CHANGED: {
    message: 'A git hook changed what was to be committed: {files}. The commit was undone.',
    hint: 'Let the hook leave these files alone (formatters read an ignore file), then run the command again.',
    exit: 3,
  },
  GIT_SPARSE: {
    message:
      '{path} is left out of this working tree by a sparse checkout of git, so that it looks as if it were deleted.',
    hint: 'Add its folder (git sparse-checkout add {folder}), or take all of it: git sparse-checkout disable.',
    exit: 3,
  },
  GIT_LOOKS_AWAY: {
    message:
      'git does not look at {files} (assume-unchanged or skip-worktree), so that no change to it can be seen or committed.',
    hint: 'Run: git update-index --no-assume-unchanged --no-skip-worktree -- {files}',
    exit: 3,
  },
  GIT_IDENTITY: {
    message: 'git does not know who you are.',
    hint: 'Run: git config --global user.name "Your Name" && git config --global user.email you@example.com',
    exit: 3,
  },
  REVISION_UNKNOWN: {
    message: 'There is no git revision "{revision}".',
    hint: 'Name a branch, a tag or a commit; "git log --oneline" lists commits, "git fetch" brings those of the remote.',
    exit: 2,
  },
  INTERRUPTED: {
    message: 'Interrupted; run the same command again and it continues.',
    hint: 'Nothing is half-written.',
    exit: 130,
  },
  COMMIT_INTERRUPTED: {
    message: 'Interrupted after commit {commit} was made: "{subject}" counts.',
    hint: 'Only what a hook of this repository does after a commit (post-commit in .git/hooks) was cut short. "git show {commit}" has what counts.',
    exit: 130,
  },
  // Projects
  PROJECT_UNKNOWN: {
    message: 'There is no project "{name}" in pipeline/projects.',
    hint: 'Known projects: {known}. "npx mainstem init <name> --from <folder|csv>" creates one.',
    exit: 2,
  },
  PROJECT_INVALID: {
    message: 'Project "{name}": {where} {reason}.',
    hint: 'Fix pipeline/projects/{name}/project.ts at that place.',
    exit: 2,
  },
  PROMETHEUS_UNREADABLE: {
    message: 'Cannot read from the Prometheus at {address}: {reason}.',
    hint: 'Give the address at which its own page opens in a browser: --prometheus http://127.0.0.1:9090.',
    exit: 3,
  },
  PREVIEW_OPTION_INVALID: {
    message: 'No preview can be drawn: {reason}.',
    hint: 'Every option stands at the head of monitoring/preview.ts.',
    exit: 2,
  },
  OBJECTIVES_INVALID: {
    message: 'monitoring/objectives.ts: {where} {reason}.',
    hint: 'Fix it at that place; monitoring/define-objectives.ts says what each objective means.',
    exit: 2,
  },
  PARAMETER_INVALID: {
    message: '{path}: {key} is {value}, but must be {allowed}.',
    hint: 'Change the value in {path}.',
    exit: 2,
  },
  SWEEP_UNDEFINED: {
    message: 'There is no {path}, which says what to search.',
    hint: 'Write it, for example {"space": {"learningRate": {"real": [0.001, 0.1], "scale": "logarithmic"}}}; docs/sweep.md has the rest.',
    exit: 2,
  },
  SWEEP_INVALID: {
    message: '{path}: {key} {reason}.',
    hint: 'Change it in {path}; docs/sweep.md says what each entry means.',
    exit: 2,
  },
  SWEEP_NO_VALIDATION: {
    message: 'The validation split of {project} is empty, so nothing can be chosen by it.',
    hint: 'Give it a share in split.fractions of project.ts. The test split stays out of every choice.',
    exit: 2,
  },
  SWEEP_SHARES_MISSING: {
    message: 'No job of the sweep of {project} left any result.',
    hint: 'The log of its job "search" says what failed. Run the workflow again when that is fixed.',
    exit: 3,
  },
  SWEEP_SHARES_DIFFER: {
    message:
      'The share {share} is of another sweep than the others: of other parameters, data or code.',
    hint: 'Run the whole workflow again, so that all of its jobs check out one commit.',
    exit: 3,
  },
  SWEEP_TRIAL_UNKNOWN: {
    message: 'There is no finished trial {trial}.',
    hint: 'Take one of {known}; 0 is today’s parameters.',
    exit: 2,
  },
  SWEEP_NOT_SPREAD: {
    message: 'The trials of {project} cannot be given to several machines: {method} {reason}.',
    hint: 'Take another method in sweep.json, for example "sobol", or run the sweep on one machine.',
    exit: 2,
  },
  TRIAL_FAILED: {
    message: 'The trial failed with {code}: {reason}',
    hint: 'It says something about these values: a sweep notes it and goes on with others.',
    exit: 1,
  },
  JOB_SETTINGS_INVALID: {
    message: 'package.json: mainstem.jobs: {key} {reason}.',
    hint: 'Change it there; docs/cluster.md says what each entry means.',
    exit: 2,
  },
  JOB_IMAGE_UNSET: {
    message: 'No image is named in which Jobs run.',
    hint: 'Build one (docs/cluster.md), and give --image <name>, or add "mainstem": { "jobs": { "image": "<name>:{commit}" } } to package.json.',
    exit: 2,
  },
  JOB_IMAGE_INVALID: {
    message: '{image} is no name of an image.',
    hint: 'Write <registry>/<name>:<tag>; of all that stands in braces only {commit} is filled in.',
    exit: 2,
  },
  JOB_REMOTE: {
    message: 'Jobs cannot reach the remote {address}.',
    hint: 'Give a bucket or a registry: --share s3://<bucket>[/<prefix>] or --share oci://<registry>/<repository>.',
    exit: 2,
  },
  JOB_DIFFERS: {
    message:
      'This machine would not do what was asked for: what goes into the work has the digest {found} here, and not {expected}.',
    hint: 'The image holds other code, packages or data than the repository that submitted the work, or chose another backend. Build it from that commit, without changes.',
    exit: 2,
  },
  JOB_FAILED: {
    message: 'Job {job} failed: {reason}.',
    hint: 'Look at it with "kubectl describe job {job}" and "kubectl logs job/{job}". Fixed, submit it again with --restart.',
    exit: 3,
  },
  JOB_GONE: {
    message: 'Job {job} was deleted before it had ended.',
    hint: 'Run the same command again: what has ended is found in the remote, and the rest is submitted again.',
    exit: 3,
  },
  JOB_RESULT_MISSING: {
    message: 'Job {job} ended well, but its result is not in the remote {address}.',
    hint: 'Perhaps somebody cleaned up there. Delete the Job with "kubectl delete job {job}" and run the command again.',
    exit: 3,
  },
  KUBECTL_MISSING: {
    message: 'There is no kubectl, by which Jobs are submitted.',
    hint: 'Install it and choose a cluster, or write the Jobs with "npx mainstem compile <project> --to kubernetes" and apply them elsewhere.',
    exit: 3,
  },
  KUBECTL_FAILED: {
    message: 'The cluster did not do "kubectl {verb}": {reason}.',
    hint: 'Check "kubectl config current-context" and what it allows: infra/kubernetes/submitter.yaml has the rights that are needed.',
    exit: 3,
  },
  HARVEST_INVALID: {
    message: 'There is no harvest "{harvest}".',
    hint: 'A harvest is a four-digit year, {first} or later: for example --harvest 2027.',
    exit: 2,
  },
  COLLECT_MISSING: {
    message: 'Project "{name}" does not say how to collect its data.',
    hint: 'Put the data where project.ts says, or give the project a "collect" function.',
    exit: 2,
  },
  // Data (lock, store, remotes)
  STORE_MISSING: {
    message: 'The store has no {digest}{what}.',
    hint: 'Run "npx mainstem pull" to fetch it from the remote. Otherwise data comes back with "npx mainstem lock" where it is, or "npx mainstem collect <project>" where the project makes its own, and what a run makes with "npx mainstem experiment <project>".',
    exit: 3,
  },
  STORE_CORRUPT: {
    message: '{digest}{what} is damaged in the store: {file} at byte {offset} holds {found}.',
    hint: 'Run "npx mainstem pull", "npx mainstem lock" where the data is, or "npx mainstem experiment <project>" for what a run makes: they replace what is damaged; "npx mainstem fsck --repair" only deletes it.',
    exit: 3,
  },
  DATA_MISSING: {
    message: 'Dataset "{dataset}" is not at {path}.',
    hint: 'Run "npx mainstem collect {project}" to create it, or "npx mainstem pull" and "npx mainstem checkout".',
    exit: 3,
  },
  DATA_NOT_FETCHED: {
    message: '{path}: {files} holds a pointer of Git LFS in the place of the data.',
    hint: 'Fetch the data: git lfs pull.',
    exit: 3,
  },
  DATA_SUBMODULE: {
    message: '{path} is in the git submodule {submodule}, which is not checked out.',
    hint: 'Run: git submodule update --init -- {submodule}',
    exit: 3,
  },
  DATA_INVALID: {
    message: '{path}: {reason}.',
    hint: "Fix the file, or the project's definition of the dataset.",
    exit: 1,
  },
  DATA_LOCK_CONFLICT: {
    message: 'data.lock.json has an unresolved merge conflict between {ours} and {theirs}.',
    hint: 'Run "npx mainstem lock --join" to take the data of both, then "git add data.lock.json" and "npx mainstem checkout".',
    exit: 2,
  },
  DATA_JOIN_CONFLICT: {
    message:
      'Both sides of the merge changed {example} differently ({count} in all); nothing was written.',
    hint: 'Say whose version to take: "npx mainstem lock --join ours" (the branch that you are on) or "--join theirs".',
    exit: 1,
  },
  DATA_NAME_INVALID: {
    message: '{path}: the name {name} {reason}.',
    hint: 'Rename it{shortcut} and run the command again.',
    exit: 1,
  },
  DATA_NAMES_ALIKE: {
    message:
      '{path}: {first} and {second} are two names that look the same and that macOS takes for one.',
    hint: 'Rename one of them or, if both mean the same, move its files to the other.',
    exit: 1,
  },
  DATA_NAMES_COLLIDE: {
    message: '{path}: this volume takes {first} and {second} for one file (pairs in all: {count}).',
    hint: 'Use a volume that tells such names apart, or rename them where the data is and lock it again.',
    exit: 1,
  },
  DATA_MOVED: {
    message:
      'data.lock.json has dataset "{dataset}" at {locked}, but project "{project}" has it at {path}; nothing was written.',
    hint: 'Move the files there and run "npx mainstem lock {project}", or name the old path in project.ts.',
    exit: 1,
  },
  DATA_CONTRADICTED: {
    message:
      'The dataset "{dataset}" has one entry in data.lock.json, but {own} and {other} define it differently: {differences}.',
    hint: 'Give it another name in one of them (datasets of two names may have one path), or define it equally in both.',
    exit: 1,
  },
  DATA_NAME_TAKEN: {
    message: 'The name "{name}" is taken in data.lock.json: {whose}; nothing was written.',
    hint: 'Choose another name; {remedy}.',
    exit: 1,
  },
  FILE_CHANGED: {
    message: '{path} changed while it was read.',
    hint: 'Wait until the program that writes it has finished, then run the command again.',
    exit: 3,
  },
  // A finding (1), as MODEL_NOT_PROMOTED: the command is right (not 2) and nothing is wrong with the machine (not
  // 3, as where locked data is not at hand); the repository lacks a commit that only its people can decide on.
  DATA_UNLOCKED: {
    message: 'Dataset "{dataset}" is not in data.lock.json.',
    hint: 'Run "npx mainstem lock {project}" and commit data.lock.json.',
    exit: 1,
  },
  CHECKOUT_CONFLICT: {
    message: 'Changes that no lock records would be lost: {example} ({count} in all).',
    hint: 'Keep them with "npx mainstem lock", or overwrite them with --force.',
    exit: 1,
  },
  REMOTE_UNSET: {
    message: 'No remote is configured.',
    hint: 'Give --remote <address>, set MAINSTEM_REMOTE, or add "mainstem": { "remote": "<address>" } to package.json.',
    exit: 2,
  },
  REMOTE_UNKNOWN: {
    message: 'Remote {address} {reason}.',
    hint: 'A remote is a folder (a path or file://…), oci://<registry>/<repository>, or s3://<bucket>[/<prefix>][?endpoint=…].',
    exit: 2,
  },
  REMOTE_FAILED: {
    message: 'Remote {address} {reason}.',
    hint: 'Check that the remote is reachable and writable, then run the command again: it continues.',
    exit: 3,
  },
  REMOTE_SILENT: {
    message:
      'Remote {address} is silent: {endpoint} takes connections, and then no byte moved for {seconds} s.',
    hint: 'Check the address, and that the server behind it works (a full disk, a proxy, a firewall that drops what it let in). Then run the command again: it continues.',
    exit: 3,
  },
  REMOTE_CREDENTIALS: {
    message: 'Remote {address} cannot be asked: there are no credentials of {owner}.',
    hint: 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or sign in with "aws login". A profile (?profile=… in the address, or AWS_PROFILE) counts before these variables: leave it away, or name one that is in ~/.aws.',
    exit: 3,
  },
  REMOTE_MISSING: {
    message: 'Remote {address} has no {key}.',
    hint: 'Push it again from a store that has it; "npx mainstem fsck --remote" names everything that is missing.',
    exit: 3,
  },
  REMOTE_CORRUPT: {
    message: 'Remote {address} sent a damaged {key}: expected {expected}, found {found}.',
    hint: 'Nothing of it was kept. It came damaged twice: try another network, since something on the way may change it. Where it comes damaged everywhere, remove that key from the remote, then run "npx mainstem push" where the store is intact.',
    exit: 3,
  },
  DVC_INVALID: {
    message: '{path} {reason}.',
    hint: 'Give the folder of a DVC repository, the one with .dvc in it; "dvc status" says whether it is whole.',
    exit: 2,
  },
  DVC_MISSING: {
    message: 'DVC has no object {md5} on this machine ({path}).',
    hint: 'Run "dvc fetch" in {repository}, then import again.',
    exit: 1,
  },
  DVC_CORRUPT: {
    message: 'The DVC object of {path} is damaged: {file} holds {found} instead of {expected}.',
    hint: 'Remove that file, run "dvc fetch", then import again.',
    exit: 3,
  },
  DVC_UNRELATED: {
    message:
      'Nothing that DVC tracks in {folder} is at the path of a dataset: it tracks {tracked}; the datasets are at {paths}.',
    hint: 'Set "path" of the dataset in project.ts to what DVC tracks, then import again.',
    exit: 2,
  },
  GC_INCOMPLETE: {
    message: 'What is needed cannot be known: {reason}.',
    hint: 'Fetch all branches and tags (git fetch --all --tags, git fetch --unshallow); bring a missing manifest with "npx mainstem pull --rev <commit>", or lock the data that it lists. Then run it again.',
    exit: 1,
  },
  // Stages
  CODE_INVALID: {
    message: '{path} cannot be parsed: {reason}',
    hint: 'Fix the file; "npx tsc" shows where.',
    exit: 2,
  },
  CODE_MISSING: {
    message: '{path}, imported by {by}, does not exist.',
    hint: 'Fix the import, or restore the file from git.',
    exit: 2,
  },
  CODE_CHANGED: {
    message: 'The code of {stage} changed while it ran: {changes}. Nothing of it was kept.',
    hint: 'Run the command again. To edit while a run is under way, use a second working tree ("git worktree add").',
    exit: 1,
  },
  STAGE_LIMIT: {
    message: 'Stage {stage} was stopped: it took {spent}, and project.ts limits it to {limit}.',
    hint: 'Give it less to do (fewer epochs, smaller photos), or raise "limits" in project.ts: a training goes on from its checkpoint.',
    exit: 1,
  },
  STAGE_UNKNOWN: {
    message: 'There is no stage "{name}".',
    hint: 'The stages are: {known}.',
    exit: 2,
  },
  STAGE_RANGE: {
    message: 'Stage "{to}" comes before "{from}", so there is nothing to run between them.',
    hint: 'The stages run in this order: {known}.',
    exit: 2,
  },
  STAGE_OUTPUT_INVALID: {
    message: 'Stage "{stage}" returned something other than it declares: {reason}.',
    hint: "Compare what the stage's run() returns with its outputs schema.",
    exit: 3,
  },
  DATA_NOT_AS_LOCKED: {
    message: 'The data of {dataset} is {found}, but data.lock.json says {expected}.',
    hint: 'Pull the locked data from a remote, or lock what is there with "npx mainstem lock" and commit.',
    exit: 1,
  },
  // Features
  IMAGE_UNREADABLE: {
    message: 'Cannot read {name}: {reason}.',
    hint: 'Save it as a JPEG, PNG or WebP file and try again.',
    exit: 1,
  },
  IMAGE_LINE: {
    message: 'Cannot use {name}: {reason}.',
    hint: 'Cut out a part of it that is at most {times} times as long as it is wide.',
    exit: 1,
  },
  IMAGE_TOO_LARGE: {
    message: 'Cannot decode {name}: it has more than {limit} pixels.',
    hint: 'Make it smaller and try again.',
    exit: 1,
  },
  IMAGE_TOO_SLOW: {
    message: 'Cannot decode {name}: it takes longer than {seconds} s.',
    hint: 'Make it smaller, save it as a plain JPEG, and try again.',
    exit: 1,
  },
  TABLE_VALUE_INVALID: {
    message: 'Column "{column}" holds {value}, which is not a number up to 3.4e38.',
    hint: 'Fix the value, leave the cell empty, or declare the column as a category in project.ts.',
    exit: 1,
  },
  FEATURES_INVALID: {
    message: 'The features are not valid: {where} {reason}.',
    hint: 'Correct that place; docs/features.md says what a definition holds.',
    exit: 2,
  },
  FEATURES_MISSING: {
    message: 'The project "{project}" declares no features.',
    hint: 'Declare them in a features.ts and import it in its project.ts, as docs/features.md shows; without any, nothing is joined.',
    exit: 2,
  },
  FEATURES_NOT_JOINED: {
    message: 'The table of "{project}" is not what its features are joined to: {reason}.',
    hint: 'Run "npx mainstem features join {project}", then "npx mainstem lock {project}", and commit what they wrote.',
    exit: 1,
  },
  FEATURES_OTHER_DEFINITION: {
    message: '{path} is of another definition of features than the one that {model} learnt from.',
    hint: 'Write it with the features.ts of the commit that trained the model: npx mainstem features snapshot {model}.',
    exit: 2,
  },
  TABLE_TOO_LARGE: {
    message: '{path} has {size}; a table may have {limit} at most.',
    hint: 'Take a sample of the rows, for more seldom help a model of a table, or leave out columns that it does not use.',
    exit: 1,
  },
  TABLE_VALUE_EXTREME: {
    message: 'A row cannot be computed with: {reason}.',
    hint: 'Fix the value, or leave the cell empty if it stands for a gap.',
    exit: 1,
  },
  PREPARE_UNREADABLE: {
    message: 'Cannot prepare {path}: {reason}.',
    hint: 'Fix or remove the file (or row), run "npx mainstem lock", and run again.',
    exit: 1,
  },
  PREPARE_LABEL_UNKNOWN: {
    message: 'Cannot prepare {path}: its label is "{label}", but the labels are {known}.',
    hint: 'Move the file to a known class, or add the class to project.ts.',
    exit: 1,
  },
  PREPARE_EMPTY: {
    message: 'Dataset {path} has no examples to prepare.',
    hint: 'Add examples, or collect them, and run "npx mainstem lock".',
    exit: 1,
  },
  BACKBONE_UNSUPPORTED: {
    message: 'Cannot use {path} as a backbone: {reason}.',
    hint: 'Take a network for images that was exported as one ONNX file; docs/backbones.md says what it must look like.',
    exit: 2,
  },
  FINE_TUNE_UNSUPPORTED: {
    message: 'Cannot train the last blocks of {path}: {reason}.',
    hint: 'Train fewer blocks, name a later tensor in "fineTune.from" of params.json, or leave "fineTune" out: then the backbone stays as it is.',
    exit: 2,
  },
  BACKBONE_MISSING: {
    message: 'There is no backbone {from}: it is not a file, an address or one of {known}.',
    hint: 'Give the path of an ONNX file, its https address, or a name that "npx mainstem backbone list" shows.',
    exit: 2,
  },
  BACKBONE_ADDRESS_INVALID: {
    message: 'Nothing can be downloaded from {address}: {reason}.',
    hint: 'Give the https address of the file itself, or the path of a file.',
    exit: 2,
  },
  BACKBONE_UNREACHABLE: {
    message: 'Cannot download the backbone from {address}: {reason}.',
    hint: 'Download it where there is a network, and give the path of the file.',
    exit: 3,
  },
  BACKBONE_OTHER: {
    message: '{address} gave other bytes than those that are known: {found}, not {expected}.',
    hint: 'Nothing was written. Download the file by another way, or give its path if you trust it.',
    exit: 1,
  },
  BACKBONE_AMBIGUOUS: {
    message: '{from} could be {found}.',
    hint: 'Say which: ./{from} for a file, catalogue:{from}, or {from}@production for the promoted model.',
    exit: 2,
  },
  BACKBONE_ORIGIN: {
    message: '{path} says that it is {found}, but data.lock.json says {expected}.',
    hint: 'Take what "npx mainstem backbone add {path}" prints into project.ts, then lock again.',
    exit: 1,
  },
  // Training
  TRAINING_DIVERGED: {
    message: 'Training diverged: the loss became {loss} in epoch {epoch}, step {step}.',
    hint: 'Lower learningRate (it is {learningRate}) in params.json, by a factor of 3 to 10.',
    exit: 1,
  },
  TRAINING_LEAK: {
    message: 'Training leaked memory: {before} tensors before epoch {epoch}, {after} after it.',
    hint: "Wrap the model's own computations in tf.tidy(), or use only the library's layers.",
    exit: 1,
  },
  TRAINING_MODEL_INVALID: {
    message: 'The network of project {project} does not fit: {reason}.',
    hint: 'Fix the builder in pipeline/projects/{project}/model.ts.',
    exit: 2,
  },
  TRAINING_SPLIT_EMPTY: {
    message: 'The {split} split has no examples.',
    hint: 'Change the shares or the seed of the split in project.ts, or add data.',
    exit: 1,
  },
  TRAINING_FAILED: {
    message: 'Training stopped before it had finished: {reason}.',
    hint: 'Run the same command again: it resumes after the last finished epoch.',
    exit: 3,
  },
  // Init
  BACKBONE_NAME_INVALID: {
    message: '"{name}" is not a valid name of a backbone.',
    hint: 'Use lower-case letters, digits and dashes, starting with a letter or a digit: --name my-backbone.',
    exit: 2,
  },
  INIT_NAME_INVALID: {
    message: '"{name}" is not a valid project name: it {reason}.',
    hint: 'Use lower-case letters, digits and dashes, starting with a letter: for example my-photos.',
    exit: 2,
  },
  INIT_EXISTS: {
    message: '{path} already exists; nothing was written.',
    hint: 'Choose another name, or remove it to start again.',
    exit: 2,
  },
  INIT_SAME_PLACE: {
    message:
      'The photos in {path} have to be sorted or converted, and their copy would go there, too; nothing was written.',
    hint: 'Choose another name for the project, or move the folder out of data.',
    exit: 2,
  },
  INIT_SOURCE_MISSING: {
    message: 'There is nothing at {from}.',
    hint: 'Give --from a folder of photos, a CSV or Parquet file, or what a labelling tool exported.',
    exit: 2,
  },
  INIT_NO_PHOTOS: {
    message: '{from} is not a folder of photos that can be used: {reason}.',
    hint: 'Put photos into one folder per class, {from}/<class>/<photo>.jpg, or beside a file that holds their labels.',
    exit: 2,
  },
  INIT_ONE_CLASS: {
    message: '{from} has only one class: {class}.',
    hint: 'A classifier needs at least two classes to tell apart, with examples of each.',
    exit: 2,
  },
  INIT_CLASSES_ALIKE: {
    message: '{from} has classes whose names look the same: {names}.',
    hint: 'Rename one, or give both the same name if they are one class.',
    exit: 2,
  },
  INIT_LABELS_UNKNOWN: {
    message: '{from} does not say which photo has which label in any way that is known.',
    hint: 'Give a CSV file with a column of file names, COCO or Label Studio JSON, or "CVAT for images 1.1".',
    exit: 2,
  },
  INIT_LABELS_INVALID: {
    message: 'Not all of {from} can be read as {format}: {reason}.',
    hint: 'Export it again, or fix it there: labels that are read in part would be wrong without a word.',
    exit: 2,
  },
  INIT_LABELS_AMBIGUOUS: {
    message: 'The labels of the photos in {from} can be taken from several places: {ways}.',
    hint: 'Point --from at the file whose labels count (and --photos at the photos), or move the others away.',
    exit: 2,
  },
  INIT_LABELS_NO_PHOTO: {
    message: '{from} names {count}{example}, and none of them is in {folder}.',
    hint: 'Give --photos <folder> the folder that holds the photos.',
    exit: 2,
  },
  INIT_LABELS_UNCLEAR: {
    message: '{from} names {reference}, which may be any of {paths}.',
    hint: 'Rename the photos, or name them with their folders, so that each name means one photo.',
    exit: 2,
  },
  INIT_LABELS_NONE: {
    message: '{from} ({format}) names {count}, and gives none of them a label.',
    hint: 'Label the photos there and export again. Answers that were skipped or cancelled do not count.',
    exit: 2,
  },
  INIT_LABELS_SEVERAL: {
    message: '{count} several labels in {from}:{summary}',
    hint: 'A photo has one class. Keep the label that counts and export again, or cut the photo into one for each thing.',
    exit: 2,
  },
  INIT_LABEL_INVALID: {
    message: '{from} has the label "{label}", which cannot name a folder: it {reason}.',
    hint: 'Rename the label where it was exported, or in the file.',
    exit: 2,
  },
  INIT_NO_ROWS: {
    message: '{from} names its columns, but has no rows.',
    hint: 'Add the rows from which the model is to learn.',
    exit: 2,
  },
  INIT_NOT_CSV: {
    message: '{from} is not a CSV file: {reason}.',
    hint: 'Save the table as comma-separated CSV with a header line.',
    exit: 2,
  },
  INIT_SEPARATOR: {
    message: 'The cells of {from} seem to be separated by {separator}, not by commas.',
    hint: 'Open it in a spreadsheet and save it as comma-separated CSV, with decimal points in numbers.',
    exit: 2,
  },
  INIT_LABEL_NEEDED: {
    message: 'Which column of {from} should be predicted?',
    hint: 'Give --label <column>, one of: {names}.',
    exit: 2,
  },
  INIT_LABEL_UNKNOWN: {
    message: '{from} has no column "{label}".',
    hint: 'Its columns are: {names}.',
    exit: 2,
  },
  INIT_NO_FEATURES: {
    message: '{from} has no column to predict "{label}" from: {reasons}.',
    hint: 'A feature is a number, or a category with up to 50 values that repeat. Add such columns.',
    exit: 2,
  },
  INIT_TASK_MISMATCH: {
    message: 'Task {task} does not fit {from}: {reason}.',
    hint: 'Leave out --task to have it chosen from the data.',
    exit: 2,
  },
  // Validation
  VALIDATION_FAILED: {
    message: 'The data at {path} has errors:{summary}',
    hint: 'Fix the data and lock it again, or change what project.ts says about it; "npx mainstem validate <project>" lists places and remedies.',
    exit: 1,
  },
  // Backends and training
  BACKEND_UNAVAILABLE: {
    message: 'Tensor backend "{name}" cannot be used here: {reason}.',
    hint: 'Choose another with --backend; "npx mainstem backend list" says what each needs, and "auto" picks the first that works.',
    exit: 3,
  },
  BACKEND_UNSUPPORTED: {
    message: 'The native part of backend "{name}" cannot be installed on this machine: {reason}.',
    hint: 'Use another backend: "npx mainstem backend list" says which work here; "wasm" works everywhere.',
    exit: 3,
  },
  BACKEND_TOOL_MISSING: {
    message: 'The native part of backend "{name}" cannot be made without {what}.',
    hint: 'Install it ({from}), then run the same command again.',
    exit: 3,
  },
  BACKEND_INSTALL_FAILED: {
    message: 'The native part of backend "{name}" was not installed. {reason}.',
    hint: 'Nothing was kept. Run the same command again when that is fixed; other backends are not affected.',
    exit: 3,
  },
  BACKEND_DAMAGED: {
    message: 'The native part of backend "{name}" is damaged: {reason}.',
    hint: 'Run "npx mainstem backend install {name} --force": it makes all of it again.',
    exit: 1,
  },
  MODEL_UNSUPPORTED: {
    message: 'The network cannot be used: {reason}.',
    hint: "Change the project's model.ts; a network has one input, one output and one final layer.",
    exit: 2,
  },
  // Evaluation and package
  ONNX_LAYER_UNSUPPORTED: {
    message: 'Layer "{layer}" ({class}) cannot be packaged: {reason}.',
    hint: "Use another layer in the project's model.ts; pipeline/package/onnx/layers.ts lists the supported ones.",
    exit: 2,
  },
  PACKAGE_NOT_FINITE: {
    message: 'The trained network has no finite answer for {broken} of {rows} test examples.',
    hint: 'Look for extreme numbers in the data, or train with a lower learningRate: its weights have grown too large.',
    exit: 1,
  },
  PACKAGE_PARITY: {
    message: 'The packaged model does not agree with the trained one: {reason}.',
    hint: 'This is a bug in the exporter or the runtime: do not promote the model. Report which layers it has.',
    exit: 1,
  },
  // Models (promotion)
  MODEL_RECORD_MISSING: {
    message: 'Model {model} has no record {run}: {path} does not exist.',
    hint: 'Restore the file from git; "npx mainstem history {model}" lists the runs that served.',
    exit: 1,
  },
  MODEL_RECORD_CHANGED: {
    message: '{path} has changed since it was promoted: expected {expected}, found {found}.',
    hint: 'Records are immutable: restore the file ("git checkout HEAD -- {path}"), or if HEAD has the change, from the commit that added it ("git log --diff-filter=A --format=%h -- {path}" names that).',
    exit: 1,
  },
  MODEL_POINTER_FOREIGN: {
    message: '{path} is of the model "{found}", but lies in the folder of "{model}".',
    hint: 'Only "promote" and "rollback" write pointers: restore the file from git ("git checkout HEAD -- {path}").',
    exit: 1,
  },
  MODEL_POINTER_UNCOMMITTED: {
    message: '{path} is not what HEAD has: {reason}.',
    hint: 'HEAD says what serves. "{restore}" goes back to that; a change that is meant has to be committed first.',
    exit: 1,
  },
  MODEL_NOT_PROMOTED: {
    message: 'Model {model} has never been promoted.',
    hint: 'Run "npx mainstem experiment {model}", then "npx mainstem promote {model}".',
    exit: 1,
  },
  INPUTS_UNFIT: {
    message: '{path} cannot be compared: {reason}.',
    hint: 'Give --from what the project has: a folder of photos or a photo, or a table (CSV or Parquet) with the columns that the model takes.',
    exit: 2,
  },
  FEEDBACK_MISSING: {
    message: 'There is no feedback: nothing is at {folder}.',
    hint: 'A server makes that folder when people correct its answers; name the one that it writes to: --feedback <folder>.',
    exit: 3,
  },
  RANK_NO_TABLE: {
    message: 'Project {name} has no columns to rank.',
    hint: 'Only tables with at least two columns and some validation rows are ranked.',
    exit: 1,
  },
  PROMOTE_NO_CANDIDATE: {
    message: 'There is no candidate for {model}.',
    hint: 'Run "npx mainstem experiment {model}" first.',
    exit: 1,
  },
  PROMOTE_STALE: {
    message: 'Candidate {run} of {model} is stale: the working tree now corresponds to run {tree}.',
    hint: 'Run "npx mainstem experiment {model}" again; whatever did not change is reused.',
    exit: 1,
  },
  PROMOTE_CHANGED: {
    message: 'While run {run} of {model} was promoted, {files} changed. Nothing was committed.',
    hint: 'Run "npx mainstem promote {model}" again; it says whether the candidate still is what the working tree describes.',
    exit: 1,
  },
  PROMOTE_OVERTAKEN: {
    message: 'While run {run} of {model} was judged, the pointer changed: it names {found} now.',
    hint: 'Run "npx mainstem promote {model}" again; the candidate is then judged against what the pointer names.',
    exit: 1,
  },
  PROMOTE_ARTEFACT_MISSING: {
    message: 'Run {run} of {model} cannot serve: the store has no undamaged {missing}.',
    hint: 'Run "npx mainstem pull", or rebuild it with "npx mainstem reproduce {run}".',
    exit: 1,
  },
  PROMOTE_CHAMPION_MISSING: {
    message:
      'What serves now, run {run} of {model}, cannot be compared with the candidate: the store has no undamaged {missing} of it.',
    hint: 'Run "npx mainstem pull", or rebuild it with "npx mainstem reproduce {run}"; then promote again.',
    exit: 1,
  },
  PROMOTE_DIRTY: {
    message: 'Run {run} of {model} was made with uncommitted code: {files}.',
    hint: 'Commit these files, then promote; otherwise nobody can rebuild the model from its commit.',
    exit: 1,
  },
  GATE_FAILED: {
    message: 'Run {run} of {model} does not pass its gates: {failed}.',
    hint: 'Improve the model, or change the gate in project.ts in a separate commit that says why. If only the latency failed, on a busy machine, measure it again when that is idle: npx mainstem run {model} --from package.',
    exit: 1,
  },
  PROMOTE_CLOCK: {
    message: 'Run {run} of {model} is not of this day: its {reason}.',
    hint: "Look at this machine's clock: if it is behind, set it. If it was ahead while the run was made, set it and state the time again: npx mainstem run {model} --from package.",
    exit: 3,
  },
  HELD_BACK_REFUSED: {
    message: 'Run {run} of {model} is refused by what is held back for promotions: {failed}.',
    hint: 'Nothing serves otherwise than before. {path} says that the model was measured there; commit it, so that the look counts. Choose another model by validation and test, not by trying again: each look makes the held-back examples say less.',
    exit: 1,
  },
  HELD_BACK_EMPTY: {
    message:
      'Nothing of the data of {model} is held back, but split.heldBack asks for it. {remedy}',
    hint: 'Raise split.heldBack in project.ts, add data and lock it again, or remove split.heldBack.',
    exit: 1,
  },
  JUDGE_MANY_POINTERS: {
    message: 'The change names a version in {paths}, and one version is judged at a time.',
    hint: 'Make a pull request for each; ending a canary or shadow may stand beside a promotion.',
    exit: 1,
  },
  TRIAL_NOTHING_SERVES: {
    message: '{model} has nothing in production that a {channel} could be tried beside.',
    hint: 'Promote a first version: "npx mainstem promote {model}".',
    exit: 1,
  },
  TRIAL_SERVES: {
    message: '{run} of {model} is in production already, so it cannot be its {channel}.',
    hint: 'Make another candidate: "npx mainstem experiment {model}".',
    exit: 1,
  },
  TRIAL_SHARE_MISSING: {
    message:
      '--key and --header say which requests a canary or a shadow gets, and neither was asked for.',
    hint: 'Add --canary <share> or --shadow <share>; a share of 0 leaves only those with the header.',
    exit: 2,
  },
  TRIAL_NONE: {
    message: '{model} has no {channel}: {path} does not exist.',
    hint: '"npx mainstem history {model}" says what serves.',
    exit: 1,
  },
  ROLLBACK_NOTHING: {
    message: 'Model {model} has no earlier run to roll back to{where}.',
    hint: 'Only committed promotions can be rolled back to; see "npx mainstem history {model}". A shallow clone lacks older ones until "git fetch --unshallow".',
    exit: 1,
  },
  ROLLBACK_UNKNOWN_RUN: {
    message: 'No run of {model} that starts with "{run}" has served before.',
    hint: 'Runs that have: {known}. A shallow clone lacks older ones until "git fetch --unshallow".',
    exit: 2,
  },
  MODEL_RUN_UNKNOWN: {
    message: 'There is not exactly one record in models that starts with "{run}".',
    hint: 'Give at least four digits of a run, or the path of its record. Records: {known}.',
    exit: 2,
  },
  REPRODUCE_UNCOMMITTED: {
    message:
      'Run {run} of {model} has no promotion commit yet, so there is nothing to rebuild it from.',
    hint: 'Commit it first: "npx mainstem promote {model}".',
    exit: 2,
  },
  REPRODUCE_SQUASHED: {
    message:
      'No commit here describes run {run} of {model}: the one that added its record, {commit}, describes {found}.',
    hint: 'Its promotion was squashed together with a later one. Where the branch is still kept, check it out and run the same command there.',
    exit: 2,
  },
  REPRODUCE_SHALLOW: {
    message: 'The commit that promoted run {run} of {model} is not in this shallow clone.',
    hint: 'Run "git fetch --unshallow", then the same command again.',
    exit: 3,
  },
  REPRODUCE_FAILED: {
    message: 'Model {model} could not be rebuilt from its commit: {reason}',
    hint: 'If data is missing, run "npx mainstem pull"; if packages are missing, go online once.',
    exit: 1,
  },
  REPRODUCE_DIFFERS: {
    message: 'Run {run} of {model} was rebuilt, but differs: {differences}.',
    hint: 'The record says which backend made it; only deterministic backends guarantee identical bits.',
    exit: 1,
  },
  // Serving
  SERVING_NO_MODEL: {
    message: 'There is no model to serve: {path} does not exist.',
    hint: 'Run "npx mainstem experiment {model}" and "npx mainstem promote {model}", or "npm start".',
    exit: 3,
  },
  FOLLOW_GIT_UNUSABLE: {
    message: 'A branch cannot be followed by git: {reason}.',
    hint: 'Install git 2.31 or newer where the server runs (in its image, too), or follow without git: MAINSTEM_FOLLOW=remote, or files.',
    exit: 3,
  },
  FOLLOW_UNREACHABLE: {
    message: 'The branch {branch} of {address} cannot be followed: {reason}.',
    hint: 'Ask from the machine of the server: git ls-remote {address} refs/heads/{branch}.',
    exit: 3,
  },
  FOLLOW_DENIED: {
    message: '{address} does not let its branch {branch} be read: {reason}.',
    hint: "Give the server a credential that may read: a credential helper of git, an SSH key, or a header in git's settings (docs/serving-traffic.md).",
    exit: 3,
  },
  FOLLOW_BRANCH_MISSING: {
    message: '{address} has no branch {branch}.',
    hint: 'Correct MAINSTEM_FOLLOW_BRANCH, or push the branch again.',
    exit: 3,
  },
  FOLLOW_REFUSED: {
    message: 'Commit {commit} cannot be followed: {reason}.',
    hint: 'Pointers and records are plain files below models/, as a promotion writes them: revert the commit that put something else there. Servers that run go on with what served before.',
    exit: 3,
  },
  FOLLOW_UNPUBLISHED: {
    message: 'Remote {address} holds nothing that was published of the branch {branch}.',
    hint: 'Run "npx mainstem publish --branch {branch}" where the key for it is, or correct MAINSTEM_FOLLOW_BRANCH.',
    exit: 3,
  },
  FOLLOW_UNSIGNED: {
    message: '{key} in the remote is not followed: {reason}.',
    hint: 'Either MAINSTEM_FOLLOW_KEY is not the public half of the key that publishes, or somebody else wrote it: find out who can write to the remote.',
    exit: 3,
  },
  FOLLOW_KEY_INVALID: {
    message: 'The key {reason}, but must be one of Ed25519.',
    hint: 'Make a pair: "openssl genpkey -algorithm ed25519 -out key.pem", and its public half for servers: "openssl pkey -in key.pem -pubout" (MAINSTEM_FOLLOW_KEY).',
    exit: 2,
  },
  PUBLISH_KEY_MISSING: {
    message: 'There is no key to sign with what the branch serves.',
    hint: 'Store the private half as a secret of the environment of the job: "gh secret set MAINSTEM_PUBLISH_KEY --env production-publish < key.pem" (docs/github.md). Without the variable MAINSTEM_FOLLOW_KEY nothing is published.',
    exit: 2,
  },
  PUBLISH_KEY_OTHER: {
    message:
      'The key that signs is not the other half of MAINSTEM_FOLLOW_KEY: servers would not follow what it signs.',
    hint: 'Set the variable to the public half of the secret, "openssl pkey -in key.pem -pubout -outform DER | base64", and on the servers, too; or store the secret that belongs to it.',
    exit: 2,
  },
  SERVING_OPTION_INVALID: {
    message: 'The server cannot be started like this: {reason}.',
    hint: 'Its options, each with a value: {known}. All other settings are in the environment: serving/README.md.',
    exit: 2,
  },
  SERVING_CONFIG_INVALID: {
    message: 'The server setting {key} is {value}, but must be {allowed}.',
    hint: 'Set {key} in the environment or on the command line.',
    exit: 2,
  },
  BRIDGE_CONFIG_INVALID: {
    message: "The bridge's setting {key} is {value}, but must be {allowed}.",
    hint: 'Set {key} in the environment; monitoring/bridge/config.ts says what each setting means.',
    exit: 2,
  },
  BRIDGE_MEMORY_DAMAGED: {
    message: 'What the bridge remembers cannot be read: {path}: {reason}.',
    hint: 'Move the file away and start the bridge again. Alerts that still fire may then be answered once more, whatever the cool-down, and what GitHub had not taken yet is asked again only if its alert still fires.',
    exit: 3,
  },
  SERVING_FAILED: {
    message: 'The server stopped before it answered: {reason}.',
    hint: 'Run "LOG_LEVEL=debug npx mainstem serve" to see what it did until then.',
    exit: 3,
  },
  SERVING_WORKER_FAILED: {
    message: 'The model stopped while computing an answer: {reason}.',
    hint: 'Send the request again; the model has been restarted.',
    exit: 3,
  },
  SERVING_REHEARSAL_FAILED: {
    message: 'Version {version} of {model} cannot serve: {reason}.',
    hint: 'Promote another version, or revert the promotion of this one. A version that served before goes on.',
    exit: 3,
  },
  SERVING_MODEL_UNLOADABLE: {
    message: 'The model {model} cannot be loaded: {reason}.',
    hint: 'The server tries again after {seconds} s. Its log has the whole error.',
    exit: 3,
  },
  SERVING_MODEL_TOO_LARGE: {
    message:
      'The model {model} takes {bytes} bytes of memory; the server has {limit} for all models, of which {taken} cannot be freed.',
    hint: 'Set MAINSTEM_MODELS_MEMORY higher, MAINSTEM_WORKERS lower, or name fewer models in MAINSTEM_PINNED and MAINSTEM_PRELOAD.',
    exit: 3,
  },
  SERVING_LOAD_SLOW: {
    message: 'The model {model} was not loaded within {seconds} s.',
    hint: 'Send the request again in a moment. MAINSTEM_LOAD_SECONDS says for how long it waits.',
    exit: 3,
  },
  SERVING_OUTPUT_INVALID: {
    message: 'The model has no finite answer for input {input}.',
    hint: 'Send values in the range that the model was trained on.',
    exit: 1,
  },
  SERVING_BUSY: {
    message: 'The server is busy: {reason}.',
    hint: 'Send the request again in a moment.',
    exit: 3,
  },
  PORT_TAKEN: {
    message: 'Port {port} on {host} is in use by {by}.',
    hint: 'Choose another: --port {suggestion}. Or end what listens there: Ctrl-C where it was started, or by its process id.',
    exit: 3,
  },
  LISTEN_FAILED: {
    message: 'Cannot listen at {host}, port {port}: {reason}.',
    hint: 'Give an address of this machine with --host (127.0.0.1, or 0.0.0.0 for all), and a free port from 1024 on with --port (or HOST and PORT).',
    exit: 3,
  },
  MODEL_UNKNOWN: {
    message: 'There is no model "{name}" here.',
    hint: 'Models served here: {known}.',
    exit: 2,
  },
  MODEL_VERSION_UNKNOWN: {
    message: 'The model "{name}" has no version "{version}" here.',
    hint: 'The version that serves is {known}.',
    exit: 2,
  },
  ROUTE_UNKNOWN: {
    message: 'There is nothing at {method} {path}.',
    hint: 'See /docs for everything that is available.',
    exit: 2,
  },
  REQUEST_METHOD: {
    message: 'There is no {method} {path}, only {allowed}.',
    hint: 'See /docs for everything that is available.',
    exit: 2,
  },
  REQUEST_ENCODING: {
    message: 'The server cannot read a body with the content encoding {encoding}.',
    hint: 'Send it uncompressed, without a Content-Encoding header.',
    exit: 2,
  },
  REQUEST_HOST: {
    message: 'The server does not answer for the host "{host}".',
    hint: 'Use localhost, or name the hosts in MAINSTEM_HOSTS.',
    exit: 2,
  },
  REQUEST_ABORTED: {
    message: 'The client closed the connection before it was answered.',
    hint: 'Send the request again and wait for the answer.',
    exit: 2,
  },
  REQUEST_SLOW: {
    message: 'The request did not arrive within the time limit.',
    hint: 'Send it again without pauses, over a faster connection, or with a smaller body.',
    exit: 2,
  },
  REQUEST_HEADERS: {
    message: 'The headers of the request are too large.',
    hint: 'Send fewer or shorter headers.',
    exit: 2,
  },
  REQUEST_INVALID: {
    message: 'The request is not as expected: {reason}.',
    hint: 'See /docs for the expected format.',
    exit: 2,
  },
  REQUEST_TOO_LARGE: {
    message: 'The request is larger than {limit} bytes.',
    hint: 'Send less at once.',
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
    message: 'Requests from other web sites are not accepted.',
    hint: "Open this server's own page and send it from there.",
    exit: 2,
  },
  ACCESS_KEYS_REQUIRED: {
    message:
      'A server on {host} would answer everybody who can reach it: there are no access keys in {path}.',
    hint: 'Either make a key, npx mainstem keys add --name <name> --scopes predict, or, where everybody who can reach the address may use the server, set MAINSTEM_ACCESS=open.',
    exit: 2,
  },
  ACCESS_KEY_MISSING: {
    message: 'This server answers those who have a key.',
    hint: 'Send the header "Authorization: Bearer <key>". Whoever runs the server makes keys: npx mainstem keys add.',
    exit: 2,
  },
  ACCESS_KEY_UNKNOWN: {
    message: 'The key is not accepted: {reason}.',
    hint: 'Send "Authorization: Bearer <key>" with the whole key, mainstem_ and 49 letters and digits, or ask whoever runs the server for another.',
    exit: 2,
  },
  ACCESS_KEY_EXPIRED: {
    message: 'The key "{name}" expired at {at}.',
    hint: 'Ask whoever runs the server for a new one: npx mainstem keys add.',
    exit: 2,
  },
  ACCESS_TOKEN_INVALID: {
    message: 'The token is not accepted: {reason}.',
    hint: 'Get a new token from its issuer, for the audience of this server.',
    exit: 2,
  },
  ACCESS_ISSUER_UNREACHABLE: {
    message: 'Tokens cannot be checked: the keys of their issuer cannot be fetched.',
    hint: 'Try again later; an access key works meanwhile. Whoever runs the server finds the address in MAINSTEM_JWT_JWKS.',
    exit: 3,
  },
  ACCESS_SCOPE_MISSING: {
    message: '"{name}" has no scope "{scope}", which this asks for.',
    hint: 'Use a key with the scope "{scope}".',
    exit: 2,
  },
  ACCESS_RATE_LIMIT: {
    message: 'The key may ask {rate} times a minute, and has.',
    hint: 'Wait {seconds} seconds.',
    exit: 2,
  },
  ACCESS_LOGIN_LIMIT: {
    message: 'Too many logins from this address have failed.',
    hint: 'Wait {seconds} seconds.',
    exit: 2,
  },
  KEYS_FILE_WRITABLE: {
    message: 'Everybody on this machine may write {path}, and so let themselves in.',
    hint: 'Run "chmod o-w {path}".',
    exit: 3,
  },
  KEY_NAME_TAKEN: {
    message: 'There is a key called "{name}" already.',
    hint: 'Choose another name, or revoke that key first: npx mainstem keys revoke {name}.',
    exit: 2,
  },
  KEY_UNKNOWN: {
    message: 'There is no key called "{name}".',
    hint: 'Known: {known}.',
    exit: 2,
  },
  ROW_INVALID: {
    message: 'Row {row}: column "{column}" {reason}.',
    hint: 'The model knows these columns: {known}.',
    exit: 2,
  },
  FEEDBACK_LABEL_UNKNOWN: {
    message: 'There is no class "{label}".',
    hint: 'Known classes: {known}.',
    exit: 2,
  },
  EXPLAIN_OFF: {
    message: 'This server explains no answers.',
    hint: 'Set MAINSTEM_EXPLANATIONS to how many it may compute at once.',
    exit: 2,
  },
  EXPLAIN_TOO_SLOW: {
    message: 'The explanation takes longer than {seconds} s, and was given up.',
    hint: 'Ask again when fewer others do. Where the model is slow, raise MAINSTEM_EXPLAIN_SECONDS.',
    exit: 3,
  },
  PREDICTIONS_MISSING: {
    message: 'There is no prediction log in {folder}.',
    hint: 'The server writes one with MAINSTEM_PREDICTION_LOG=full or sample (serving/README.md); name its folder with --predictions.',
    exit: 3,
  },
  FEEDBACK_ID_UNKNOWN: {
    message: 'Model "{model}" has kept no answer "{id}" for input {index}.',
    hint: 'Send the photo or row with its label instead. Answers are kept with MAINSTEM_PREDICTION_LOG, for a time.',
    exit: 2,
  },
  FEEDBACK_OF_NUMBERS: {
    message: 'Model "{model}" predicts numbers, and only classes can be corrected.',
    hint: 'Put the right number into the table from which the model learns.',
    exit: 2,
  },
  FEEDBACK_OFF: {
    message: 'This server takes no corrections.',
    hint: 'Set MAINSTEM_FEEDBACK_BYTES to the disk space that corrections may take.',
    exit: 2,
  },
  FEEDBACK_FULL: {
    message: 'The space for feedback is full ({limit} bytes).',
    hint: 'Move the feedback into the dataset, which the server notices within seconds, or raise MAINSTEM_FEEDBACK_BYTES.',
    exit: 3,
  },
  FEEDBACK_DISK_FULL: {
    message: 'The disk that holds feedback is nearly full.',
    hint: 'Move the feedback into the dataset, or set MAINSTEM_FEEDBACK_FOLDER to a folder on another disk.',
    exit: 3,
  },
  FEEDBACK_UNWRITABLE: {
    message: 'Corrections cannot be stored: {reason}.',
    hint: 'Try again later. Whoever runs the server finds the cause in its log.',
    exit: 3,
  },
  FEEDBACK_DAILY_LIMIT: {
    message: 'Model "{model}" takes no more than {daily} corrections a day.',
    hint: 'Send it tomorrow (UTC), or raise MAINSTEM_FEEDBACK_DAILY.',
    exit: 3,
  },
  // Actions
  INPUT_INVALID: {
    message: 'The input "{input}" of the action is {value}, but must be {allowed}.',
    hint: 'Change it in the workflow; docs/actions.md lists the inputs of every action.',
    exit: 2,
  },
  PAYLOAD_INVALID: {
    message:
      'In the client_payload of this repository_dispatch {key} is {value}, but must be {allowed}.',
    hint: 'Correct whoever sends it, and send it again; docs/monitoring.md says what the bridge sends.',
    exit: 2,
  },
  FORGE_REFUSED: {
    message: 'GitHub refused: {reason}.',
    hint: 'Check the permissions of the job (docs/github.md); running the job again is safe.',
    exit: 3,
  },
  FORGE_LIMITED: {
    message: 'GitHub takes no more requests for now: {reason}.',
    hint: 'Run the job again later, which is safe. Where it comes often, give the job a token of its own: of an app (docs/github.md).',
    exit: 3,
  },
  FORGE_FAILED: {
    message: 'GitHub did not do what it was asked for: {reason}.',
    hint: 'See https://www.githubstatus.com; running the job again is safe.',
    exit: 3,
  },
  BUNDLE_INVALID: {
    message: 'The experiment at {path} cannot be used: {reason}.',
    hint: 'Run the experiment workflow again; if the error persists, the pull request changed what the experiment writes.',
    exit: 1,
  },
  DEPLOY_FAILED: {
    message: 'The deployment command "{command}" ended with {exit}.',
    hint: 'Its output is above. The previous model may still be serving; it is safe to deploy again.',
    exit: 1,
  },
  DEPLOY_KEY_REFUSED: {
    message: 'The server at {url} refuses the access key of the deployment (HTTP {status}).',
    hint: 'Make one on the serving host, npx mainstem keys add --name deploy --scopes predict,metrics, and store it as the secret SERVING_KEY of the environment production-deploy.',
    exit: 3,
  },
  DEPLOY_TIMEOUT: {
    message: 'After {seconds} s, {url} still does not serve what production names: {found}.',
    hint: "Look at the server's logs; revert the promotion commit to go back to the previous model.",
    exit: 1,
  },
  DEPLOY_SMOKE_FAILED: {
    message: 'The deployed model {model} does not answer as its record says: {reason}.',
    hint: "Look at the server's logs; what served before is rolled out again where it is known.",
    exit: 1,
  },
  DEPLOY_FOLDER_UNUSABLE: {
    message: 'The folder of the releases, {folder}, cannot be used: {reason}.',
    hint: 'Create it for the user that runs the runner, or set the variable DEPLOY_FOLDER to one that this user may write.',
    exit: 3,
  },
  COLLECT_UNREACHABLE: {
    message:
      'The new data of "{name}" would be known by its lock alone: there is no remote, and collecting again gives other data.',
    hint: 'Set MAINSTEM_REMOTE, or make "collect" give the same data each time.',
    exit: 1,
  },
  RETRAIN_BRANCH_TAKEN: {
    message: 'The branch {branch} has a commit of {author}, which is not replaced.',
    hint: 'Merge or close its pull request and delete the branch; then retrain again.',
    exit: 1,
  },
  RETRAIN_OUTDATED: {
    message: 'The lock of {dataset} was changed while its data was collected.',
    hint: 'Retrain again: the data is then collected on top of what is locked now.',
    exit: 1,
  },
  PULL_REQUEST_FORBIDDEN: {
    message: 'The branch {branch} is pushed, but this token may not open its pull request.',
    hint: 'Open it yourself at {url}; or allow it: Settings → Actions → General → "Allow GitHub Actions to create and approve pull requests".',
    exit: 1,
  },
  REVERT_CONFLICT: {
    message:
      'What {failed} merged cannot be undone by itself: {path} has been changed again since.',
    hint: 'What served before serves again. Fix the default branch, or revert by hand what broke it.',
    exit: 1,
  },
  DEPLOY_NETWORK_MISSING: {
    message: 'The remote {address} lacks the network of {model}, {digest}.',
    hint: 'It was promoted and not pushed: run "npx mainstem push" where it was trained, then run the deployment again; nothing was switched. Check the variable MAINSTEM_REMOTE where another remote is meant.',
    exit: 3,
  },
  DEPLOY_INSTALL_FAILED: {
    message: "The server's packages could not be installed: {reason}",
    hint: 'Check the network and the npm registry, then run the deployment again; nothing was switched.',
    exit: 3,
  },
} as const satisfies Record<string, ErrorText>;

export type ErrorCode = keyof typeof errorCodes;
