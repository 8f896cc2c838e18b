import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ServingApp } from '../../serving/app.ts';
import { chromiumPath, launchBrowser } from '../helpers/browser.ts';
import {
  colours,
  createModelRepository,
  gourds,
  type ModelRepository,
  melons,
  prices,
  pumpkins,
  type RecordPart,
} from '../helpers/model-repository.ts';
import { photoOf, watermelon } from '../helpers/photos.ts';
import { serveModels } from '../helpers/serve-models.ts';

let repository: ModelRepository;
let serving: ServingApp;
let browser: Browser;
let page: Page;
let url: string;
/** Classes as datasets of plants name them. */
const leaves: RecordPart = {
  ...gourds,
  model: 'leaves',
  classes: [
    'Tomato___Spider_mites_Two-spotted_spider_mite',
    `Tomato___${'YellowLeafCurlVirus'.repeat(4)}`,
  ],
  page: { ...gourds.page, classes: {} },
};

/** What must stay empty: complaints of the browser, and requests to anybody else. */
let complaints: string[];

const photo = async (name: string, colour: Parameters<typeof photoOf>[0]) => ({
  name,
  mimeType: 'image/jpeg',
  buffer: await photoOf(colour),
});

describe.skipIf(!chromiumPath)('the page, in Chromium', () => {
  beforeAll(async () => {
    repository = await createModelRepository(gourds, prices, pumpkins, leaves, melons);
    serving = await serveModels(repository.root, { model: 'pumpkins' });
    url = await serving.app.listen({ host: '127.0.0.1', port: 0 });
    browser = await launchBrowser();
    page = await browser.newPage({ viewport: { width: 390, height: 844 } });
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => {
      if (!/^blob:/.test(request.url()) && !request.url().startsWith(url)) {
        complaints.push(`request to ${request.url()}`);
      }
    });
  });
  afterAll(async () => {
    await browser.close();
    await serving.app.close();
    await repository.remove();
  });
  beforeEach(async () => {
    complaints = [];
    await page.setViewportSize({ width: 390, height: 844 });
    await open();
  });
  afterEach(() => {
    expect(complaints).toEqual([]);
  });

  const open = async (path = '/') => {
    await page.goto(url + path);
    await page.locator('#made').waitFor();
  };
  const verdicts = async (count: number) => {
    await page
      .locator('.answer:not([data-state=waiting])')
      .nth(count - 1)
      .waitFor();
    return page.locator('.verdict').allTextContents();
  };
  /** Gives files to the page as the desktop (drop) or the clipboard (paste) does. */
  const give = async (kind: 'drop' | 'paste', files: Awaited<ReturnType<typeof photo>>[]) => {
    const plain = files.map(({ name, buffer }) => ({ name, base64: buffer.toString('base64') }));
    await page.evaluate(
      ({ kind, plain }) => {
        const data = new DataTransfer();
        for (const { name, base64 } of plain) {
          const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
          data.items.add(new File([bytes], name, { type: 'image/jpeg' }));
        }
        const event =
          kind === 'drop'
            ? new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true })
            : new ClipboardEvent('paste', { clipboardData: data, bubbles: true });
        document.body.dispatchEvent(event);
      },
      { kind, plain },
    );
  };

  test('says what it is for and which model answers', async () => {
    expect(await page.title()).toBe(pumpkins.page.title);
    expect(await page.locator('h1').textContent()).toBe(pumpkins.page.title);
    expect(await page.locator('#version').textContent()).toBe('0123456789ab');
  });

  test('a dropped photo gets a class, a confidence, a bar for each class, and its picture', async () => {
    await give('drop', [await photo('good.jpg', 'good')]);
    expect(await verdicts(1)).toEqual(['good']);
    expect(await page.locator('.meaning').textContent()).toBe('sell it');
    expect(await page.locator('.detail').textContent()).toMatch(/^Sure, (9\d|over 99) %$/);
    expect(await page.locator('.bar .name').allTextContents()).toEqual([
      'good',
      'good enough to eat',
      'bad',
    ]);
    const width = await page.locator('.photo').evaluate((image) => {
      return image instanceof HTMLImageElement ? image.naturalWidth : 0;
    });
    expect(width).toBe(48);
    expect(await page.locator('#status').textContent()).toMatch(
      /^good\.jpg: good\. sell it\. Sure/,
    );
  });

  test('a pasted photo is answered', async () => {
    await give('paste', [await photo('pasted.jpg', 'bad')]);
    expect(await verdicts(1)).toEqual(['bad']);
  });

  test('several chosen photos are answered in order', async () => {
    const colours = ['good', 'ok', 'bad', 'good'] as const;
    const files = await Promise.all(colours.map((colour) => photo(`${colour}.jpg`, colour)));
    await page.locator('#pick').setInputFiles(files);
    expect(await verdicts(4)).toEqual(['good', 'good enough to eat', 'bad', 'good']);
  });

  test('a watermelon is refused in words, without a class or bars', async () => {
    await page.locator('#pick').setInputFiles([await photo('melon.jpg', watermelon)]);
    expect(await verdicts(1)).toEqual(['I cannot say']);
    expect(await page.locator('.detail').textContent()).toBe(pumpkins.page.refusal);
    expect(await page.locator('.bar').count()).toBe(0);
  });

  test('a corrected photo is stored once, under its right class, and acknowledged', async () => {
    const file = await photo('wrong.jpg', [0.98, 0.56, 0.12]);
    await page.locator('#pick').setInputFiles([file]);
    await verdicts(1);
    await page.getByRole('button', { name: 'This is wrong' }).click();
    expect(await page.locator('.choices button').allTextContents()).toEqual([
      'good enough to eat',
      'bad',
      'Something else',
    ]);
    await page.getByRole('button', { name: 'bad', exact: true }).click();
    await page.getByText('Thank you').waitFor();
    const folder = join(repository.root, '.mainstem/feedback/pumpkins/bad');
    const names = await readdir(folder);
    expect(names.map((name) => name.split('.')[1])).toEqual(['jpg']);
  });

  test('works with the keyboard only: predict, then correct', async () => {
    while ((await focused()) !== 'Choose photos') await page.keyboard.press('Tab');
    const chooser = await chooserByKey();
    await chooser.setFiles([await photo('keys.jpg', [0.9, 0.84, 0.22])]);
    await verdicts(1);
    await page.keyboard.press('Tab');
    while ((await focused()) !== 'This is wrong') await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await focused()).toBe('good');
    await page.keyboard.press('Enter');
    await page.getByText('Thank you').waitFor();
  });
  /** Presses the key until the chooser opens: on a busy machine Chromium may take it before it intercepts choosers. */
  const chooserByKey = async () => {
    const opened = page.waitForEvent('filechooser');
    const later = () => new Promise<undefined>((resolve) => setTimeout(resolve, 3000));
    for (;;) {
      await page.keyboard.press('Space');
      const chooser = await Promise.race([opened, later()]);
      if (chooser) return chooser;
    }
  };
  const focused = () =>
    page.evaluate(() => {
      const { activeElement } = document;
      const named = activeElement?.closest('label') ?? activeElement;
      return named?.textContent?.trim();
    });

  test('every focused control shows where the focus is', async () => {
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    const outline = await page.evaluate(() => {
      return document.activeElement ? getComputedStyle(document.activeElement).outlineWidth : '';
    });
    expect(outline).toBe('3px');
  });

  test('a file that is not a photo is reported in words that help', async () => {
    const text = { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('hello') };
    await page.locator('#pick').setInputFiles([text]);
    await verdicts(1);
    expect(await page.locator('.detail').textContent()).toMatch(/^This is not a photo I can open/);
    await page.locator('.tile').waitFor();
    expect(await page.locator('img.photo').count()).toBe(0);
    expect(await page.locator('.asked').textContent()).toBe('notes.txt');
    complaints = complaints.filter((text) => !text.includes('422'));
  });

  test('a table model has a form', async () => {
    await open('/?model=gourds');
    await page.getByLabel('Weight').fill('9');
    await page.getByLabel('Colour').selectOption('orange');
    await page.getByRole('button', { name: 'Answer' }).click();
    expect(await verdicts(1)).toEqual(['a big one']);
  });

  test('the refusal of a row names what it left blank, and that of a full one nothing', async () => {
    await open('/?model=melons');
    await page.getByLabel('Weight').fill('9');
    await page.getByRole('button', { name: 'Answer' }).click();
    expect(await verdicts(1)).toEqual(['I cannot say']);
    const detail = page.locator('.detail').first();
    expect(await detail.textContent()).toBe(
      'No gourd has such numbers. It may be only because of what is blank: Colour. Fill that in, if you can.',
    );
    expect(await page.locator('#status').textContent()).toContain('what is blank: Colour');
    await page.getByLabel('Colour').selectOption('orange');
    await page.getByRole('button', { name: 'Answer' }).click();
    await verdicts(2);
    expect(await detail.textContent()).toBe('No gourd has such numbers.');
  });

  test('what is wrong with a field is said by the name that the page gives it', async () => {
    await open('/?model=gourds');
    await page.getByLabel('Weight').fill('1e308');
    await page.getByRole('button', { name: 'Answer' }).click();
    expect(await verdicts(1)).toEqual(['That did not work']);
    expect(await page.locator('.detail').textContent()).toBe('Weight is too large a number.');
    await page.getByLabel('Weight').fill('');
    await page.getByRole('button', { name: 'Answer' }).click();
    expect(await verdicts(2)).toEqual(['That did not work', 'That did not work']);
    expect(await page.locator('.asked').first().textContent()).toBe('Nothing filled in');
    expect(await page.locator('.detail').first().textContent()).toBe(
      'Weight and all others are missing.',
    );
    complaints = complaints.filter((text) => !text.includes('422'));
  });

  test('a picture that is a line is called one', async () => {
    const line = { create: { width: 1, height: 4000, channels: 3, background: '#d62' } } as const;
    const buffer = await sharp(line).png().toBuffer();
    const file = { name: 'line.png', mimeType: 'image/png', buffer };
    await page.locator('#pick').setInputFiles([file]);
    expect(await verdicts(1)).toEqual(['That did not work']);
    expect(await page.locator('.detail').textContent()).toMatch(/hardly more than a line/);
    complaints = complaints.filter((text) => !text.includes('422'));
  });

  test('an address that names a model which is not here says so, and where the others are', async () => {
    await page.goto(`${url}/?model=nope`);
    await page.getByText('There is nothing called “nope” here.').waitFor();
    expect(await page.locator('.models a').first().getAttribute('href')).toBe('?model=pumpkins');
  });

  test('a regression answers with a number and offers no correction', async () => {
    await open('/?model=prices');
    await page.getByLabel('Weight').fill('4');
    await page.getByRole('button', { name: 'Answer' }).click();
    expect(await verdicts(1)).toEqual(['50']);
    expect(await page.getByRole('button', { name: 'This is wrong' }).count()).toBe(0);
  });

  /** Good but for its top left quarter, which is only ok: what is good speaks for the answer. */
  const mixed = async () => {
    const { good, ok } = colours;
    const side = 84;
    const pixels = Uint8Array.from({ length: side * side * 3 }, (_, at) => {
      const [x, y] = [Math.floor(at / 3) % side, Math.floor(at / 3 / side)];
      const colour = Math.max(x, y) < side / 2 ? ok : good;
      return Math.round(255 * (colour[at % 3] ?? 0));
    });
    const raw = { width: side, height: side, channels: 3 } as const;
    const buffer = await sharp(pixels, { raw }).jpeg({ quality: 95 }).toBuffer();
    return { name: 'mixed.jpg', mimeType: 'image/jpeg', buffer };
  };
  const look = (name: string) => page.getByRole('button', { name });

  test('a photo is shown with what counts for the answer bright, and in words', async () => {
    await page.locator('#pick').setInputFiles([await mixed()]);
    await verdicts(1);
    await look('Which parts count?').click();
    const map = page.getByRole('img', { name: /^The photo, dark but for what counts/ });
    await map.waitFor();
    expect(await map.getAttribute('aria-label')).toContain('at the bottom right');
    const caption = await page.locator('figcaption').textContent();
    expect(caption).toMatch(/^What counts most is .*at the bottom right.*by up to \d points\./);
    expect(caption).toContain('not why it is so');
    expect(await page.locator('#status').textContent()).toContain('What counts most is');
    const brightness = await map.evaluate((canvas) => {
      if (!(canvas instanceof HTMLCanvasElement)) return [];
      const { width, height } = canvas;
      const { data } = canvas.getContext('2d')?.getImageData(0, 0, width, height) ?? { data: [] };
      return [0.07, 0.78].map((at) => {
        const place = Math.round(at * width);
        return data[4 * (place * width + place)] ?? 0;
      });
    });
    const [dark = 255, bright = 0] = brightness;
    expect(bright).toBeGreaterThan(2 * dark);
  });

  test('an explanation is opened and closed by the keyboard', async () => {
    await page.locator('#pick').setInputFiles([await mixed()]);
    await verdicts(1);
    const button = look('Which parts count?');
    await button.focus();
    await page.keyboard.press('Enter');
    await page.locator('figcaption').waitFor();
    expect(await button.getAttribute('aria-expanded')).toBe('true');
    await page.keyboard.press('Enter');
    expect(await page.locator('figcaption').isVisible()).toBe(false);
    expect(await button.getAttribute('aria-expanded')).toBe('false');
  });

  test('a photo of one colour has no part that stands out, and the page says so', async () => {
    await page.locator('#pick').setInputFiles([await photo('good.jpg', 'good')]);
    await verdicts(1);
    await look('Which parts count?').click();
    await page.getByText('No part of the photo stands out').first().waitFor();
    expect(await page.locator('canvas').count()).toBe(0);
  });

  test('several explanations that are asked for at once come one after another', async () => {
    await page.locator('#pick').setInputFiles([await mixed(), await photo('bad.jpg', 'bad')]);
    await verdicts(2);
    for (const button of await page.locator('.look').all()) await button.click();
    await page.locator('figcaption').nth(1).waitFor();
    expect(await page.locator('.why .sorry').allTextContents()).toEqual(['', '']);
  });

  test('what is refused is not explained', async () => {
    await page.locator('#pick').setInputFiles([await photo('melon.jpg', watermelon)]);
    await verdicts(1);
    expect(await look('Which parts count?').count()).toBe(0);
  });

  test('the values of a row are shown in the order in which they count', async () => {
    await open('/?model=gourds');
    await page.getByLabel('Weight').fill('6');
    await page.getByLabel('Colour').selectOption('green');
    await page.getByRole('button', { name: 'Answer' }).click();
    await verdicts(1);
    await look('Which values count?').click();
    const effects = page.locator('.effects .bar');
    await effects.first().waitFor();
    expect(await effects.allInnerTexts()).toEqual([
      expect.stringMatching(/^Weight\s+\d+ points less$/),
      expect.stringMatching(/^Colour\s+\d+ points? more$/),
    ]);
    const caption = await page.locator('figcaption').textContent();
    expect(caption).toMatch(
      /^What counts most is Weight: with a typical value I am \d+ points less sure\./,
    );
  });

  test('of a number the effects are in its own unit', async () => {
    await open('/?model=prices');
    await page.getByLabel('Weight').fill('6');
    await page.getByRole('button', { name: 'Answer' }).click();
    await verdicts(1);
    await look('Which values count?').click();
    await page.getByText('with a typical value the answer is 10 less.').first().waitFor();
  });

  test('nothing is wider than a narrow phone', async () => {
    await page.setViewportSize({ width: 320, height: 640 });
    await page.locator('#pick').setInputFiles([await mixed()]);
    await verdicts(1);
    await look('Which parts count?').click();
    await page.locator('canvas').waitFor();
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow).toBe(0);
  });

  test.each([320, 360])(
    'names of classes without a place to break leave bars and percentages in sight, %d pixels wide',
    async (width) => {
      await page.setViewportSize({ width, height: 700 });
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        await open('/?model=leaves');
        await page.getByLabel('Weight').fill('9');
        await page.getByRole('button', { name: 'Answer' }).click();
        await verdicts(1);
        expect(await outOfSight('.verdict, .bar > *, .feedback, h1')).toEqual([]);
        await page.getByRole('button', { name: 'This is wrong' }).click();
        expect(await outOfSight('.choices button')).toEqual([]);
      }
    },
  );
  /** What of the page a person does not see: outside its card or the window, without a width, or with words cut off. */
  const outOfSight = (selector: string) =>
    page.evaluate((selector) => {
      const { clientWidth, scrollWidth } = document.documentElement;
      const seen = [...document.querySelectorAll(selector)].filter((one) => {
        const { left, right, width } = one.getBoundingClientRect();
        const inner = one.closest('.said') ?? document.body;
        const edges = inner.getBoundingClientRect();
        const isInside = left >= edges.left && right <= Math.min(edges.right, clientWidth) + 0.5;
        return !isInside || width < 12 || one.scrollWidth > one.clientWidth + 1;
      });
      const wide = scrollWidth > clientWidth ? ['the page'] : [];
      return [...wide, ...seen.map((one) => `${one.className}: ${one.textContent}`)];
    }, selector);

  test('dropping and pasting are mentioned only where there is a mouse', async () => {
    const hint = page.getByText('or drop them anywhere here');
    expect(await hint.isVisible()).toBe(true);
    const phone = await browser.newPage({ hasTouch: true, isMobile: true });
    await phone.goto(url);
    await phone.locator('#made').waitFor();
    expect(await phone.getByText('or drop them anywhere here').isVisible()).toBe(false);
    await phone.close();
  });

  test('light and dark follow the device, and text stays readable on both', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      const ratio = await page.evaluate(() => {
        const luminance = (colour: string) => {
          const [r = 0, g = 0, b = 0] = (colour.match(/[\d.]+/g) ?? []).map(Number).map((value) => {
            const share = value / 255;
            return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
          });
          return 0.2126 * r + 0.7152 * g + 0.0722 * b;
        };
        const ink = luminance(getComputedStyle(document.body).color);
        const paper = luminance(getComputedStyle(document.documentElement).backgroundColor);
        return (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
      });
      expect(ratio).toBeGreaterThan(7);
    }
  });

  test('the browser blocks inline code and reports it', async () => {
    await page.evaluate(() => {
      const script = document.createElement('script');
      script.textContent = 'document.title = "taken over"';
      document.body.append(script);
    });
    expect(await page.title()).toBe(pumpkins.page.title);
    expect(complaints.join()).toContain('Content Security Policy');
    complaints = [];
  });

  test('the API documentation is shown without a browser error', async () => {
    await page.goto(`${url}/docs`);
    await page
      .getByText(/^\/models\/[a-z-]+\/predict$/)
      .first()
      .waitFor();
  });
});
