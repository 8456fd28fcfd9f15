// A helper's arrival takes the phone's place along; without one, or without
// this script, the form goes as it is.
import * as place from './place.js';

addEventListener('submit', async e => {
  const f = e.target;
  if (!f.matches('form[data-place]') || f.dataset.placed) return;
  e.preventDefault();
  f.dataset.placed = 1;
  const at = await place.here();
  if (!at.off) [f.elements.lat.value, f.elements.lng.value] = [at.lat, at.lng];
  f.submit();
});
