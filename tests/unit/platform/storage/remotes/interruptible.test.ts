import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createFolderRemote } from '../../../../../platform/storage/remotes/folder-remote.ts';
import { hidePassword } from '../../../../../platform/storage/remotes/hide-password.ts';
import { interruptible } from '../../../../../platform/storage/remotes/interruptible.ts';

test('an operation that never ends is given up soon after the signal', async () => {
  const abort = new AbortController();
  const silent = { ...createFolderRemote('/nowhere'), list: () => new Promise<never>(() => {}) };
  const listed = interruptible(silent, abort.signal).list('');
  abort.abort(new Error('enough'));
  await expect(listed).rejects.toThrow('enough');
});

test('what was given up before the remote was opened is given up there, too', async () => {
  const silent = { ...createFolderRemote('/nowhere'), list: () => new Promise<never>(() => {}) };
  const listed = interruptible(silent, AbortSignal.abort(new Error('enough'))).list('');
  await expect(listed).rejects.toThrow('enough');
});

test('no name and no password is left of an address, written out or encoded', () => {
  const word = fc.stringMatching(/^[a-zA-Z0-9$!.*+-]{1,12}$/);
  const property = fc.property(word, word, word, (name, password, host) => {
    const address = `https://${name}:${password}@${host}/path`;
    const clean = `https://***@${host}/path`;
    expect(hidePassword(address)).toBe(clean);
    expect(hidePassword(`s3://bucket/a?endpoint=${address}`)).toBe(
      `s3://bucket/a?endpoint=${clean}`,
    );
    const encoded = hidePassword(`s3://bucket?endpoint=${encodeURIComponent(address)}`);
    expect(encoded).toMatch(/\/\/|%2F%2F/);
    expect(encoded).not.toContain(`:${password}@`);
    expect(encoded).toContain('***@');
    expect(hidePassword(`oci://${host}/${name}/${password}`)).toBe(
      `oci://${host}/${name}/${password}`,
    );
  });
  fc.assert(property);
});
