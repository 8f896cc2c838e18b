/*
 * Keeps every file of the page on the device, and answers from there. The export puts the list of files before this text, as
 * `files`: path → { digest, type }. Files lie in one cache by digest, so that a newer version fetches what has changed,
 * the old one goes on working until it is replaced as a whole, and nothing else than what was exported is ever kept.
 */
const scope = self.registration.scope;
const cacheName = `mainstem ${scope}`;

self.addEventListener('install', (event) => event.waitUntil(install()));
self.addEventListener('activate', (event) => event.waitUntil(activate()));
self.addEventListener('fetch', (event) => {
  const file = event.request.method === 'GET' ? fileAt(event.request.url) : undefined;
  if (file) event.respondWith(answer(file, event.request));
});
self.addEventListener('message', ({ data }) => {
  if (data === 'take over') self.skipWaiting();
});

/** One after another: a phone has little memory. If one fails, the version before stays. */
async function install() {
  const cache = await caches.open(cacheName);
  for (const [path, file] of Object.entries(files)) {
    if (await cache.match(placeOf(file))) continue;
    await cache.put(placeOf(file), await download(path, file));
  }
}

/** The browser itself compares the bytes with the digest. */
async function download(path, { digest, type }) {
  const response = await fetch(new URL(path, scope), { cache: 'no-cache', integrity: digest });
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  // Without what the host says of it: a redirection, or a type that keeps scripts from running.
  return new Response(await response.blob(), { headers: { 'content-type': type } });
}

async function activate() {
  const cache = await caches.open(cacheName);
  const wanted = new Set(Object.values(files).map(placeOf));
  for (const { url } of await cache.keys()) if (!wanted.has(url)) await cache.delete(url);
  await self.clients.claim();
}

/** The file that an address names; the page itself is the folder, with any query. */
function fileAt(url) {
  const { origin, pathname } = new URL(url);
  const address = origin + pathname;
  if (!address.startsWith(scope)) return undefined;
  const path = address.slice(scope.length) || 'index.html';
  return Object.hasOwn(files, path) ? files[path] : undefined;
}

/** What a browser has thrown away comes from the network, where there is one. */
async function answer(file, request) {
  const cache = await caches.open(cacheName);
  return (await cache.match(placeOf(file))) ?? fetch(request);
}

function placeOf({ digest }) {
  return new URL(`by-digest/${encodeURIComponent(digest)}`, scope).href;
}
