import { wordsOf as nameOf } from './form.js';

/** The feedback label for "none of the classes". */
const other = 'other';

/**
 * Draws a card for one question, waiting for its answer.
 *
 * @param {{photo?: Blob, name: string}} question
 */
export function drawAnswer({ photo, name }) {
  const card = document.getElementById('answer').content.cloneNode(true).firstElementChild;
  const image = card.querySelector('.photo');
  if (photo) {
    image.src = URL.createObjectURL(photo);
    image.alt = name;
    image.addEventListener('error', () => showTile(card, name));
  } else {
    image.remove();
    card.querySelector('.asked').textContent = name;
  }
  return card;
}

/**
 * Fills in the model's answer.
 *
 * @returns {string} the answer as a sentence, for screen readers
 */
export function showResult(card, result, model) {
  const state = result.accepted ? 'accepted' : 'refused';
  const [verdict, meaning] = result.accepted ? wordsOf(result.label) : ['I cannot say', ''];
  const detail = result.accepted ? sureness(result.probability) : refusalOf(result);
  say(card, state, verdict, detail);
  card.querySelector('.meaning').textContent = meaning;
  if (result.accepted) card.querySelector('.bars').append(...drawBars(result, model.classes));
  return [verdict, meaning, detail].filter(Boolean).join('. ');
}

/** Shows what went wrong. @returns {string} the message, for screen readers */
export function showFailure(card, message) {
  say(card, 'failed', 'That did not work', message);
  return message;
}

/**
 * Offers to correct the answer.
 *
 * @param {(label: string) => Promise<unknown>} correct
 */
export function offerFeedback(card, { classes }, result, correct) {
  const area = card.querySelector('.feedback');
  const wrong = area.querySelector('.wrong');
  const choices = area.querySelector('.choices');
  const said = result.accepted ? result.class : undefined;
  const labels = [...classes, { class: other, label: 'Something else' }];
  const buttons = labels
    .filter((choice) => choice.class !== said)
    .map((choice) => drawChoice(choice, (label) => settle(area, () => correct(label))));
  choices.append(...buttons);
  wrong.addEventListener('click', () => {
    choices.hidden = !choices.hidden;
    wrong.setAttribute('aria-expanded', String(!choices.hidden));
    if (!choices.hidden) buttons[0]?.focus();
  });
  area.hidden = false;
}

async function settle(area, send) {
  const thanks = area.querySelector('.thanks');
  const buttons = area.querySelectorAll('button');
  for (const button of buttons) button.disabled = true;
  try {
    const sent = await send();
    for (const part of area.querySelectorAll('.wrong, .choices')) part.remove();
    thanks.classList.remove('sorry');
    thanks.textContent = sent?.thanks ?? 'Thank you. The next model will learn from it.';
  } catch (error) {
    for (const button of buttons) button.disabled = false;
    thanks.classList.add('sorry');
    thanks.textContent = error.message;
  }
}

/** Replaces a file that the browser cannot show as a picture. */
function showTile(card, name) {
  card.querySelector('.photo').replaceWith(document.getElementById('tile').content.cloneNode(true));
  card.querySelector('.asked').textContent = name;
}

function say(card, state, verdict, detail) {
  card.dataset.state = state;
  card.querySelector('.verdict').textContent = verdict;
  card.querySelector('.detail').textContent = detail;
}

/** Splits the words for a class, `bad: for the compost`, into a verdict and its meaning. */
function wordsOf(label) {
  const [verdict, ...meaning] = label.split(': ');
  return [verdict, meaning.join(': ')];
}

/** A list of more is no help. */
const mostNamed = 5;

/** Why there is no answer. Whoever left fields blank need not look for a fault in those that are filled in. */
function refusalOf({ refusal: { message, blank } }) {
  if (blank.length === 0) return message;
  const names = blank.slice(0, mostNamed).map((name) => nameOf(name));
  const more = blank.length - names.length;
  const all = more > 0 ? [...names, `${more} more`] : names;
  const list = new Intl.ListFormat('en', { type: 'conjunction' }).format(all);
  return `${message} It may be only because of what is blank: ${list}. Fill that in, if you can.`;
}

/** How sure the model is, in words first. */
function sureness(probability) {
  if (probability === null) return '';
  const share = percent(probability);
  if (probability >= 0.9) return `Sure, ${share}`;
  return probability >= 0.7
    ? `Fairly sure, ${share}`
    : `Not sure, only ${share}. Please check for yourself.`;
}

/** Never "100 %": no model is certain. */
const percent = (share) =>
  share > 0.99 ? 'over 99 %' : share < 0.01 && share > 0 ? '< 1 %' : `${Math.round(share * 100)} %`;

function drawBars(result, classes) {
  return classes.map(({ class: name, label }) => {
    const bar = document.getElementById('bar').content.cloneNode(true).firstElementChild;
    const share = result.probabilities[name] ?? 0;
    bar.classList.toggle('best', name === result.class);
    bar.querySelector('.name').textContent = wordsOf(label)[0];
    bar.querySelector('.fill').style.setProperty('--share', share.toFixed(4));
    bar.querySelector('.share').textContent = percent(share).replace('over ', '> ');
    return bar;
  });
}

function drawChoice({ class: name, label }, onChoice) {
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = wordsOf(label)[0];
  button.addEventListener('click', () => onChoice(name));
  return button;
}
