/** What a system error means, for a person. */
export interface SystemErrorText {
  /** Ends the sentence "Cannot read data/a.jpg: …". */
  readonly reason: string;
  /** How to fix it. */
  readonly advice: string;
}

const permission =
  'Give yourself the permission (chmod, chown), also for the folders above it, or run the command as its owner.';
const space = 'Free some space, then run the same command again.';
const wait = 'Run the command again; if it fails again, close the program that uses the file.';
const device = 'Check the disk or the network drive, and copy what is on it to a safe place.';
const network = 'Check the network and the address, then run the command again.';

/** Every system error that reading, writing, listening and connecting commonly end with, by its name in errno.h. */
export const systemErrors = {
  // Where and what a file is
  ENOENT: { reason: 'there is nothing there', advice: 'Check the path.' },
  EISDIR: {
    reason: 'it is a folder, not a file',
    advice: 'Give the path of a file; a folder in the place of one of the repository must go away.',
  },
  ENOTDIR: {
    reason: 'it, or a part of its path, is not a folder',
    advice: 'Check the path; a file in the place of a folder of the repository must go away.',
  },
  ENOTFILE: {
    reason: 'it is not a file (but a pipe, a socket or a device)',
    advice: 'Give the path of a file, or put one in its place.',
  },
  ENXIO: {
    reason: 'it is not a file (but a socket or a device)',
    advice: 'Give the path of a file, or put one in its place.',
  },
  ELOOP: {
    reason: 'its links lead back to themselves',
    advice: 'Replace the link with what it should lead to.',
  },
  ENAMETOOLONG: {
    reason: 'its name or path is too long',
    advice: 'Shorten the name, or move the repository to a shorter path.',
  },
  EINVAL: { reason: 'the system does not accept its name', advice: 'Choose another name.' },
  EILSEQ: { reason: 'the system does not accept its name', advice: 'Choose another name.' },
  EEXIST: {
    reason: 'something is there already',
    advice: 'Move it away, then run the command again.',
  },
  ENOTEMPTY: {
    reason: 'the folder is not empty',
    advice: 'Another program writes into it: run the command again when it has finished.',
  },
  ERR_FS_FILE_TOO_LARGE: {
    reason: 'it has more than 2 GiB, which cannot be read as a whole',
    advice: 'Leave the file out, or split it into smaller ones.',
  },
  // Permission
  EACCES: { reason: 'permission is denied', advice: permission },
  EPERM: { reason: 'the system does not permit it', advice: permission },
  EROFS: {
    reason: 'the file system is read-only',
    advice: 'Mount it for writing, or work in a copy of the repository elsewhere.',
  },
  // Limits
  ENOSPC: { reason: 'no space is left on the disk', advice: space },
  EDQUOT: { reason: 'your disk quota is used up', advice: space },
  EFBIG: {
    reason: 'the file would be larger than is allowed here',
    advice: 'Raise the limit ("ulimit -f unlimited"), or use a file system for large files.',
  },
  EMFILE: {
    reason: 'too many files are open',
    advice: 'Raise the limit, for example with "ulimit -n 4096", then run the command again.',
  },
  ENFILE: {
    reason: 'too many files are open on this machine',
    advice: 'Close other programs, then run the command again.',
  },
  EAGAIN: {
    reason: 'the system has no room for another process or operation',
    advice:
      'Close other programs, or raise the limit of processes ("ulimit -u"), then run it again.',
  },
  ENOMEM: {
    reason: 'the system has no more memory to give',
    advice:
      'Close other programs, or use a machine with more memory; lower batchSize when training.',
  },
  // Devices and other programs
  EBUSY: { reason: 'another program is using it', advice: wait },
  ETXTBSY: { reason: 'another program is using it', advice: wait },
  EXDEV: {
    reason: 'its source and its target are on different file systems',
    advice: 'Keep the repository and .mainstem on one file system.',
  },
  EIO: { reason: 'the device reports an error', advice: device },
  ENODEV: { reason: 'the device is not there', advice: device },
  ESTALE: { reason: 'the network drive has lost it', advice: device },
  ENOTCONN: { reason: 'the network drive is not connected', advice: device },
  // Network
  ENOTFOUND: { reason: 'there is no host of this name', advice: network },
  EAI_AGAIN: { reason: 'the name of the host cannot be looked up now', advice: network },
  ECONNREFUSED: { reason: 'nothing answers there', advice: network },
  ECONNRESET: { reason: 'the other side closed the connection', advice: network },
  EHOSTUNREACH: { reason: 'the host cannot be reached', advice: network },
  ENETUNREACH: { reason: 'the network cannot be reached', advice: network },
  ETIMEDOUT: { reason: 'there was no answer in time', advice: network },
  EPIPE: { reason: 'the other side closed the connection', advice: network },
  EADDRINUSE: {
    reason: 'another program listens there',
    advice: 'Choose another port with --port, or end the other program.',
  },
  EADDRNOTAVAIL: {
    reason: 'this machine does not have that address',
    advice: 'Give an address of this machine with --host: 127.0.0.1, or 0.0.0.0 for all.',
  },
} as const satisfies Record<string, SystemErrorText>;

/**
 * The words for a system error; null if `code` does not name one.
 *
 * @example systemErrorText('EACCES')?.reason // 'permission is denied'
 */
export function systemErrorText(code: unknown): SystemErrorText | null {
  const known: Readonly<Record<string, SystemErrorText>> = systemErrors;
  return typeof code === 'string' && Object.hasOwn(known, code) ? (known[code] ?? null) : null;
}
