// The signature by finger. Whoever cannot draw says the code or types the
// password of the house instead.
export function pad(into) {
  into.innerHTML = '<p id="sign-say">请家属用手指在框里签名</p><canvas class="v-sign" role="img" aria-labelledby="sign-say"></canvas><button type="button" class="btn btn--line">擦掉重签</button>';
  const c = into.querySelector('canvas'), g = c.getContext('2d');
  let drawn = 0, last;
  const fit = () => {
    const box = c.getBoundingClientRect(), k = Math.min(2, devicePixelRatio || 1);
    c.width = Math.max(1, box.width * k);
    c.height = Math.max(1, box.height * k);
    g.scale(k, k);
    g.fillStyle = '#fff';
    g.fillRect(0, 0, box.width, box.height);
    Object.assign(g, {lineWidth: 3, lineCap: 'round', lineJoin: 'round', strokeStyle: '#1B2420'});
    drawn = 0;
  };
  const at = e => { const b = c.getBoundingClientRect(); return [e.clientX - b.left, e.clientY - b.top]; };
  c.onpointerdown = e => { if (!drawn && !last) fit(); last = at(e); c.setPointerCapture(e.pointerId); e.preventDefault(); };
  c.onpointermove = e => {
    if (!last) return;
    const p = at(e);
    g.beginPath();
    g.moveTo(...last);
    g.lineTo(...p);
    g.stroke();
    drawn += Math.hypot(p[0] - last[0], p[1] - last[1]);
    last = p;
  };
  c.onpointerup = c.onpointercancel = () => { last = null; };
  into.querySelector('button').onclick = fit;
  into.picture = () => drawn < 30 ? null : new Promise(done => c.toBlob(done, 'image/png'));
}
