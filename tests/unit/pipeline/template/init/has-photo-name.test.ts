import { expect, test } from 'vitest';
import { hasPhotoName } from '../../../../../pipeline/template/init/has-photo-name.ts';

test('a blank at the end of a name, which nobody sees, makes no other file of a photo', () => {
  for (const name of ['good/1.jpg', 'good/1.jpg ', 'good/1.JPG\u00a0', '1.heic  ', '1.png\u3000'])
    expect(hasPhotoName(name), JSON.stringify(name)).toBe(true);
  for (const name of ['good/1.txt ', 'jpg ', ' ', '1.jpg .txt'])
    expect(hasPhotoName(name), JSON.stringify(name)).toBe(false);
});
