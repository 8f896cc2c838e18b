/**
 * Watches for photos that are taken, chosen, dropped anywhere on the page, or pasted.
 *
 * @param {HTMLElement} section holds the two file inputs @param {(photos: File[]) => void} onPhotos
 */
export function watchPhotos(section, onPhotos) {
  const receive = (files) => {
    const photos = [...files];
    if (photos.length > 0) onPhotos(photos);
  };
  for (const input of section.querySelectorAll('input')) {
    input.addEventListener('change', () => {
      receive(input.files);
      input.value = '';
    });
  }
  watchDrops(receive);
  document.addEventListener('paste', (event) => receive(event.clipboardData?.files ?? []));
}

function watchDrops(receive) {
  const mark = (on) => document.body.classList.toggle('dropping', on);
  document.addEventListener('dragover', (event) => {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    mark(true);
  });
  document.addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) mark(false);
  });
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    mark(false);
    receive(event.dataTransfer?.files ?? []);
  });
}
