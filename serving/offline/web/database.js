/*
 * What this page keeps on the device, in IndexedDB: corrections that are not sent yet, by digest, and the key of the server.
 * Pages at other paths of the same site have databases of their own.
 */

/** All corrections, the oldest first. */
export async function readCorrections() {
  const found = await run('corrections', 'readonly', (store) => store.getAll());
  return found.sort((a, b) => (a.at < b.at ? -1 : 1));
}

/** Puts a correction in the place of an earlier one of the same digest. */
export async function writeCorrection(correction) {
  await run('corrections', 'readwrite', (store) => store.put(correction));
}

/** Removes a correction, unless it is another one by now. */
export async function removeCorrection({ digest, at }) {
  await changeIfSame({ digest, at }, (store) => store.delete(digest));
}

/** Notes why the server does not take a correction, unless that is another one by now. */
export async function markRefused(correction, refused) {
  await changeIfSame(correction, (store, found) => store.put({ ...found, refused }));
}

/** The key with which corrections are sent; undefined for none. */
export async function readKey() {
  return run('settings', 'readonly', (store) => store.get('key'));
}

/** Keeps the key on this device. */
export async function writeKey(key) {
  await run('settings', 'readwrite', (store) => store.put(key, 'key'));
}

async function changeIfSame({ digest, at }, change) {
  await run('corrections', 'readwrite', (store) => {
    const request = store.get(digest);
    request.onsuccess = () => {
      if (request.result?.at === at) change(store, request.result);
    };
    return request;
  });
}

async function run(name, mode, work) {
  const database = await open();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(name, mode);
      const request = work(transaction.objectStore(name));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(explain(transaction.error));
    });
  } finally {
    database.close();
  }
}

function open() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(`mainstem ${new URL('.', location.href).pathname}`, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore('corrections', { keyPath: 'digest' });
      request.result.createObjectStore('settings');
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(explain(request.error));
  });
}

function explain(error) {
  return new Error(
    error?.name === 'QuotaExceededError'
      ? 'This device has no room for the correction. Send those that are waiting first.'
      : 'This browser does not let the page keep anything, so the correction is lost.',
  );
}
