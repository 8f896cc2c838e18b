/*
 * What the page has beside that of the server: it keeps itself on the device, says when a newer version is there, and sends
 * corrections when the server can be reached.
 */
import { writeKey } from './database.js';
import { discardRefused, retryRefused, sendCorrections, watchOutbox } from './outbox.js';
import { server } from './settings.js';

const find = (id) => document.getElementById(id);
/** Milliseconds between two attempts while the page is open: `online` events do not come with every network. */
const again = 60_000;

keepPage();
if (server !== null) keepSending();

/** Has the browser keep all files, and says whether it does. */
async function keepPage() {
  if (!navigator.serviceWorker) {
    say('kept', 'This page is not kept on the device: that needs an address with https.');
    return;
  }
  try {
    const registration = await navigator.serviceWorker.register('service-worker.js', {
      updateViaCache: 'none',
    });
    watchUpdates(registration);
    await navigator.serviceWorker.ready;
    say('kept', 'This page is kept on the device and answers without a network.');
    await navigator.storage?.persist?.();
  } catch {
    say('kept', 'This page could not be kept on the device. Load it again to try once more.');
  }
}

/** A newer version waits until nobody uses the old one any more, or until somebody says so. */
function watchUpdates(registration) {
  const offer = (waiting) => {
    find('newer').hidden = false;
    find('renew').onclick = () => waiting.postMessage('take over');
  };
  const wait = (worker) => {
    worker?.addEventListener('statechange', () => {
      if (worker.state === 'installed' && navigator.serviceWorker.controller) offer(worker);
    });
  };
  if (registration.waiting && navigator.serviceWorker.controller) offer(registration.waiting);
  wait(registration.installing);
  registration.addEventListener('updatefound', () => wait(registration.installing));
  let isFirst = navigator.serviceWorker.controller === null;
  navigator.serviceWorker.addEventListener('controllerchange', () => {
    if (!isFirst) location.reload();
    isFirst = false;
  });
  addEventListener('online', () => registration.update().catch(() => undefined));
}

function keepSending() {
  watchOutbox(showOutbox);
  find('send').addEventListener('click', sendCorrections);
  find('retry').addEventListener('click', retryRefused);
  find('discard').addEventListener('click', discardRefused);
  find('enter').addEventListener('click', askForKey);
  addEventListener('online', sendCorrections);
  setInterval(sendCorrections, again);
  sendCorrections();
}

function showOutbox({ waiting, refused, trouble }) {
  const things = waiting === 1 ? 'correction waits' : 'corrections wait';
  find('waiting').hidden = waiting === 0;
  say('count', `${waiting} ${things} to be sent.${trouble ? ` ${trouble.words}` : ''}`);
  find('enter').hidden = !trouble?.needsKey;
  find('refusals').hidden = refused.length === 0;
  const reasons = [...new Set(refused.map((correction) => correction.refused))].join(' ');
  const taken = refused.length === 1 ? 'correction was' : 'corrections were';
  say('why', `${refused.length} ${taken} refused by the server: ${reasons}`);
}

/** The key stays on this device, because corrections are sent when nobody is there to type it. */
function askForKey() {
  const form = find('login');
  form.hidden = false;
  form.querySelector('button').textContent = 'Use this key';
  find('key').focus();
  form.onsubmit = async (event) => {
    event.preventDefault();
    form.hidden = true;
    await writeKey(find('key').value.trim());
    find('key').value = '';
    await sendCorrections();
  };
}

function say(id, text) {
  find(id).textContent = text;
}
