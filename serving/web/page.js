/*
 * The page: draws the model that the address names (`?model=`, otherwise the default one), sends it every photo or
 * row, and shows the answers, newest first.
 */
import { drawAnswer, offerFeedback, showFailure, showResult } from './answer.js';
import {
  correctPhoto,
  correctRow,
  explainPhoto,
  explainRow,
  predictPhoto,
  predictRow,
  readModels,
} from './api.js';
import { offerExplanation } from './explain.js';
import { drawForm, wordsOf } from './form.js';
import { watchPhotos } from './photos.js';
import { openSession } from './session.js';

/** Photos that are sent at the same time; the others wait, so that answers come one after another. */
const atOnce = 2;

const find = (id) => document.getElementById(id);

try {
  const { may } = await openSession();
  const models = (await readModels()).map((model) => ({
    ...model,
    feedback: model.feedback && may('feedback'),
  }));
  const wanted = new URLSearchParams(location.search).get('model');
  const model = wanted ? models.find(({ name }) => name === wanted) : models[0];
  drawNames(models, model);
  if (!model)
    throw new Error(
      wanted ? `There is nothing called “${wanted}” here.` : 'There is no model here yet.',
    );
  drawModel(model);
  if (model.columns.length > 0) askByForm(model);
  else askByPhotos(model);
} catch (error) {
  find('title').textContent = 'That did not work';
  find('intro').textContent = error.message;
}

function drawNames(models, shown) {
  const nav = document.querySelector('.models');
  // Where the address names nothing that is here, it shows the way to what is.
  nav.hidden = shown !== undefined && models.length < 2;
  const links = models.map(({ name }) => {
    const link = document.createElement('a');
    link.href = `?model=${encodeURIComponent(name)}`;
    link.textContent = wordsOf(name);
    if (name === shown?.name) link.setAttribute('aria-current', 'page');
    return link;
  });
  nav.append(...links);
}

function drawModel({ name, version, title, intro, createdAt }) {
  document.title = title;
  find('title').textContent = title;
  find('intro').textContent = intro;
  find('model').textContent = name;
  find('version').textContent = version;
  const created = find('created');
  created.dateTime = createdAt;
  created.textContent = new Date(createdAt).toLocaleDateString('en-GB', { dateStyle: 'long' });
  find('made').hidden = false;
}

function askByPhotos(model) {
  const section = find('photos');
  section.hidden = false;
  const waiting = [];
  let running = 0;
  const next = async () => {
    const question = waiting.shift();
    if (!question || running >= atOnce) return void (question && waiting.unshift(question));
    running += 1;
    await answerPhoto(model, question);
    running -= 1;
    next();
  };
  watchPhotos(section, (photos) => {
    const questions = photos.map((photo) => {
      const name = photo.name || 'Pasted photo';
      return { photo, name, card: drawAnswer({ photo, name }) };
    });
    find('answers').prepend(...questions.map(({ card }) => card));
    questions[0]?.card.scrollIntoView({ block: 'nearest' });
    waiting.push(...questions);
    for (let slot = 0; slot < atOnce; slot++) next();
  });
}

async function answerPhoto(model, { photo, name, card }) {
  await answer(card, model, {
    name,
    predict: () => predictPhoto(model.name, photo),
    explain: (version) => explainPhoto({ name: model.name, version }, photo),
    correct: (label, version) => correctPhoto({ name: model.name, version }, photo, label),
  });
}

function askByForm(model) {
  const form = find('form');
  form.hidden = false;
  drawForm(form, model.columns, (row) => {
    const said = Object.entries(row)
      .map(([column, value]) => `${wordsOf(column)} ${value}`)
      .join(', ');
    const name = said || 'Nothing filled in';
    const card = drawAnswer({ name });
    find('answers').prepend(card);
    answer(card, model, {
      name,
      predict: () => predictRow(model.name, row),
      explain: (version) => explainRow({ name: model.name, version }, row),
      correct: (label, version) => correctRow({ name: model.name, version }, row, label),
    });
  });
}

/** Shows the prediction, and offers to explain and to correct it. */
async function answer(card, model, { name, predict, explain, correct }) {
  try {
    const result = await predict();
    announce(`${name}: ${showResult(card, result, model)}`);
    const ask = () => explain(result.version);
    if (model.explain && result.accepted) offerExplanation(card, ask, announce);
    const send = (label) => correct(label, result.version);
    if (model.feedback) offerFeedback(card, model, result, send);
  } catch (error) {
    announce(`${name}: ${showFailure(card, error.message)}`);
  }
}

/** Has a screen reader read a sentence aloud. */
function announce(sentence) {
  find('status').textContent = sentence;
}
