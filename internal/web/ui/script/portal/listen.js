// 听: the links lead to a sound file; here it plays on the page itself. Text
// about a person is read by the browser's own voice where it has a Chinese one
// that stays on the device.
const box = document.querySelector('[data-listen]');
const synth = window.speechSynthesis;
const voice = () => synth?.getVoices().find(v => v.localService && /^(zh|cmn)/i.test(v.lang));
let stop; // ends what sounds now

function label(link, sounding) {
  link.lastElementChild.textContent = sounding ? '停下' : link.dataset.name;
}

function byFile(link) {
  const audio = document.createElement('audio');
  audio.controls = true;
  audio.setAttribute('aria-label', '这一页的声音');
  audio.src = link.href;
  audio.addEventListener('ended', () => stop?.());
  audio.addEventListener('error', () => { stop?.(); location.assign(link.href); });
  box.append(audio);
  audio.play().catch(() => {}); // the player's own button is there
  return () => { audio.pause(); audio.removeAttribute('src'); audio.remove(); };
}

function byBrowser(link, speaker) {
  let on = true;
  const slow = link !== box.querySelector('a');
  fetch(link.href + '&as=text').then(r => r.ok ? r.text() : Promise.reject(r.status)).then(text => {
    const lines = text.split('\n').filter(Boolean);
    const next = () => {
      if (!on) return;
      if (!lines.length) return stop();
      const u = new SpeechSynthesisUtterance(lines.shift());
      u.voice = speaker;
      u.lang = speaker.lang;
      u.rate = slow ? .72 : .9;
      u.onend = next;
      u.onerror = () => { if (on) { stop(); play(link, byFile); } };
      synth.speak(u);
    };
    next();
  }).catch(() => { if (on) location.assign(link.href); });
  return () => { on = false; synth.cancel(); };
}

function play(link, how, speaker) {
  const end = how(link, speaker);
  label(link, true);
  stop = () => { stop = null; end(); label(link, false); };
}

if (box) {
  synth?.getVoices(); // some browsers fetch their list on the first question
  for (const link of box.querySelectorAll('a')) {
    link.dataset.name = link.lastElementChild.textContent;
    link.addEventListener('click', e => {
      const speaker = 'own' in box.dataset || 'mute' in box.dataset ? voice() : null;
      if (!speaker && 'mute' in box.dataset) return; // the page that says so
      e.preventDefault();
      const mine = link.lastElementChild.textContent === '停下';
      stop?.();
      if (!mine) play(link, speaker ? byBrowser : byFile, speaker);
    });
  }
  addEventListener('pagehide', () => stop?.());
}
