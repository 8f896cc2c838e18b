import { logIn, logOut, readSession } from './api.js';

const find = (id) => document.getElementById(id);

/**
 * Has the visitor log in if the server asks for a key, and shows who is logged in.
 *
 * @returns {Promise<{may: (scope: string) => boolean}>} what the visitor may do
 */
export async function openSession() {
  const found = await readSession();
  if (!found.required) return { may: () => true };
  const { name, scopes } = found.name === null ? await askForKey() : found;
  find('name').textContent = name;
  find('who').hidden = false;
  find('leave').addEventListener('click', leave);
  return { may: (scope) => scopes.includes(scope) || scopes.includes('admin') };
}

/** Shows the login until a key is accepted. The key is not kept: from then on a cookie counts that no script can read. */
function askForKey() {
  const form = find('login');
  document.title = 'Log in';
  find('title').textContent = 'Log in';
  find('intro').textContent =
    'This page is for those who have a key. Whoever runs it can give you one.';
  form.hidden = false;
  find('key').focus();
  return new Promise((resolve) => {
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      const session = await tryKey(form);
      if (!session) return;
      form.hidden = true;
      find('title').textContent = 'One moment …';
      find('intro').textContent = '';
      resolve(session);
    });
  });
}

async function tryKey(form) {
  const button = form.querySelector('button');
  button.disabled = true;
  find('refused').textContent = '';
  try {
    const session = await logIn(find('key').value);
    find('key').value = '';
    return session;
  } catch (error) {
    find('refused').textContent = error.message;
    find('key').select();
    return null;
  } finally {
    button.disabled = false;
  }
}

async function leave() {
  await logOut();
  location.reload();
}
