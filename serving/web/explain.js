import { wordsOf } from './form.js';

/** Of places on the map with at least this share of the largest effect is said where they are. */
const notable = 0.5;
/** Pixels per side of the map. */
const side = 560;
/** How dark a place is that does not count. */
const veil = 0.74;

/** One explanation at a time: the server computes a hundred answers for it. */
let turn = Promise.resolve();

/**
 * Offers to show what an answer depends on.
 *
 * @param {HTMLElement} card with the answer
 * @param {() => Promise<object>} explain asks the server
 * @param {(sentence: string) => void} announce has a screen reader read it
 */
export function offerExplanation(card, explain, announce) {
  const area = card.querySelector('.why');
  const button = area.querySelector('.look');
  const shown = area.querySelector('.shown');
  button.textContent = card.querySelector('.photo') ? 'Which parts count?' : 'Which values count?';
  button.addEventListener('click', async () => {
    if (button.ariaBusy === 'true') return;
    if (!shown.hasChildNodes()) {
      const sentence = await fill(card, shown, button, explain);
      announce(sentence);
      if (!shown.hasChildNodes()) return;
    } else {
      shown.hidden = !shown.hidden;
    }
    button.setAttribute('aria-expanded', String(!shown.hidden));
  });
  area.hidden = false;
}

/** Draws the explanation once. @returns {Promise<string>} it, or what went wrong, as a sentence */
async function fill(card, shown, button, explain) {
  const failed = card.querySelector('.why .sorry');
  const words = button.textContent;
  // A button that is disabled would lose the focus.
  button.ariaBusy = 'true';
  button.textContent = 'Looking closer …';
  failed.textContent = '';
  try {
    const asked = turn.then(explain);
    turn = asked.catch(() => {});
    const { explanation } = await asked;
    const draw = explanation.method === 'occlusion' ? drawMap : drawColumns;
    const { parts, sentence } = draw(explanation, card.querySelector('img.photo'));
    shown.append(...parts);
    shown.hidden = false;
    return sentence;
  } catch (error) {
    failed.textContent = error.message;
    return error.message;
  } finally {
    button.ariaBusy = 'false';
    button.textContent = words;
  }
}

/** The photo, in which only what counts is bright. */
function drawMap({ effects, noise }, photo) {
  const most = Math.max(...effects.flat());
  const counts = most > noise && most >= 0.005;
  const sentence = counts
    ? `What counts most is ${placesOf(effects, most)}.`
    : 'No part of the photo stands out: covering one hardly changes the answer.';
  const explained = counts
    ? `The brighter a part, the less sure I am when it is covered: by up to ${points(most)}. ` +
      `Dark parts change it by no more than chance (${points(noise)}).`
    : 'I covered it part by part, and was as sure each time.';
  const caption = drawCaption(
    sentence,
    `${explained} This shows what my answer depends on, not why it is so: what is there twice may not show.`,
  );
  const parts =
    counts && photo?.naturalWidth ? [drawPhoto(effects, noise, photo), caption] : [caption];
  if (parts.length > 1) {
    parts[0].setAttribute('aria-label', `The photo, dark but for what counts. ${sentence}`);
  }
  return { parts, sentence: `${sentence} ${explained}` };
}

/** The square in the middle of a photo, which is all that the model sees, under a veil that has gaps. */
function drawPhoto(effects, noise, photo) {
  const canvas = document.createElement('canvas');
  canvas.width = side;
  canvas.height = side;
  canvas.setAttribute('role', 'img');
  const { naturalWidth: width, naturalHeight: height } = photo;
  const square = Math.min(width, height);
  const context = canvas.getContext('2d');
  const [left, top] = [(width - square) / 2, (height - square) / 2];
  context.drawImage(photo, left, top, square, square, 0, 0, side, side);
  const most = Math.max(...effects.flat());
  const edge = (place) => Math.round((place * side) / effects.length);
  effects.forEach((row, y) => {
    row.forEach((effect, x) => {
      const share = effect > noise ? effect / most : 0;
      context.fillStyle = `rgb(12 15 10 / ${(veil * (1 - share)).toFixed(3)})`;
      context.fillRect(edge(x), edge(y), edge(x + 1) - edge(x), edge(y + 1) - edge(y));
    });
  });
  return canvas;
}

/** Where on the photo what counts is, in words. */
function placesOf(effects, most) {
  const third = (place) => Math.floor((3 * (place + 0.5)) / effects.length);
  const found = new Map();
  effects.forEach((row, y) => {
    row.forEach((effect, x) => {
      const name = regions[third(y)][third(x)];
      found.set(name, Math.max(found.get(name) ?? 0, effect));
    });
  });
  const names = [...found].filter(([, effect]) => effect >= notable * most);
  const sorted = names.sort(([, a], [, b]) => b - a).map(([name]) => name);
  if (sorted.length > 4) return 'spread over the photo';
  return sorted.join(', ').replace(/, ([^,]+)$/, ' and $1');
}

const regions = [
  ['at the top left', 'at the top', 'at the top right'],
  ['on the left', 'in the middle', 'on the right'],
  ['at the bottom left', 'at the bottom', 'at the bottom right'],
];

/** A bar for each value, longest first. */
function drawColumns({ columns, class: named }) {
  const sorted = [...columns].sort((a, b) => Math.abs(b.effect) - Math.abs(a.effect));
  const most = Math.max(...sorted.map(({ effect }) => Math.abs(effect)), 0);
  const amount = (effect) => (named === null ? quantity(effect) : points(effect));
  const list = document.createElement('ul');
  list.className = 'bars effects';
  list.append(...sorted.map(({ column, effect }) => drawEffect(column, effect, most, amount)));
  const [first] = sorted;
  const sentence =
    first && most > 0
      ? `What counts most is ${wordsOf(first.column)}: with a typical value ${said(named, effectWords(first.effect, amount))}.`
      : 'No value stands out: with typical ones the answer stays the same.';
  const caption = drawCaption(
    sentence,
    'Each value was replaced by a typical one, or left out where there is none, the others as they are. This shows what my answer ' +
      'depends on, not why it is so; values that say the same may hide each other.',
  );
  return { parts: most > 0 ? [list, caption] : [caption], sentence };
}

function said(named, words) {
  return named === null ? `the answer is ${words}` : `I am ${words} sure`;
}

function effectWords(effect, amount) {
  return `${amount(effect)} ${effect > 0 ? 'less' : 'more'}`;
}

function drawEffect(column, effect, most, amount) {
  const bar = document.getElementById('bar').content.cloneNode(true).firstElementChild;
  bar.classList.toggle('best', effect > 0);
  bar.querySelector('.name').textContent = wordsOf(column);
  const share = most > 0 ? Math.abs(effect) / most : 0;
  bar.querySelector('.fill').style.setProperty('--share', share.toFixed(4));
  bar.querySelector('.share').textContent =
    effect === 0 ? 'no change' : effectWords(effect, amount);
  return bar;
}

function drawCaption(first, ...rest) {
  const caption = document.createElement('figcaption');
  const strong = document.createElement('b');
  strong.textContent = first;
  caption.append(strong, ` ${rest.join(' ')}`);
  return caption;
}

/** Of probabilities; never "0 points": whoever reads that takes it for nothing at all. */
function points(share) {
  const number = Math.round(100 * Math.abs(share));
  if (number < 1) return 'less than 1 point';
  return number === 1 ? '1 point' : `${number} points`;
}

const quantity = (value) => Math.abs(value).toLocaleString('en', { maximumSignificantDigits: 3 });
