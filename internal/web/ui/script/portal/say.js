// 说: fills the search field with what was heard. The button stays hidden where
// nothing can hear: neither the browser nor, with data-hear, our server.
const Recognition = window.SpeechRecognition || window.webkitSpeechRecognition;

for (const button of document.querySelectorAll('[data-say]')) {
  const form = button.form, field = form.elements.q, told = form.querySelector('[data-told]');
  const { hear, token } = button.dataset;
  const records = hear && window.MediaRecorder && navigator.mediaDevices;
  if (!Recognition && !records) continue;
  button.hidden = false;
  const words = button.lastElementChild, name = words.textContent;
  let end;

  const say = text => { told.textContent = text; };
  const idle = () => { end = null; words.textContent = name; };
  const heard = text => {
    idle();
    if (!text) return say('没有听清。请再说一次，或者写几个字。');
    field.value = text;
    say(`听到的是“${text}”。不对可以改，对了就按“${form.querySelector('button:not([data-say])').textContent.trim()}”。`);
    field.focus();
  };
  const failed = why => {
    idle();
    say(/not-allowed|NotAllowed/.test(why) ? '浏览器没有让我们用话筒。您可以写几个字来找。' : '这会儿听不了。请写几个字来找，或打 12393。');
  };

  const byBrowser = () => {
    const r = new Recognition();
    r.lang = 'zh-CN';
    let got = '', bad = '';
    r.onresult = e => { got = [...e.results].map(x => x[0].transcript).join('').replace(/[。，！？\s]+$/, ''); };
    r.onerror = e => { bad = e.error; };
    r.onend = () => bad && bad !== 'no-speech' && !got ? failed(bad) : heard(got);
    r.start();
    return () => r.stop();
  };
  const byServer = () => {
    let recorder, over;
    const finish = () => { over = true; if (recorder?.state === 'recording') recorder.stop(); };
    navigator.mediaDevices.getUserMedia({ audio: true }).then(stream => {
      const parts = [];
      recorder = new MediaRecorder(stream);
      recorder.ondataavailable = e => parts.push(e.data);
      recorder.onstop = () => {
        stream.getTracks().forEach(t => t.stop());
        say('正在听写…');
        const clip = new Blob(parts, { type: recorder.mimeType });
        fetch(hear, { method: 'POST', headers: { 'Content-Type': clip.type, 'X-Form-Token': token, Accept: 'application/json' }, body: clip })
          .then(r => r.ok ? r.json() : Promise.reject(String(r.status))).then(r => heard(r.text)).catch(e => failed(String(e)));
      };
      recorder.start();
      if (over) recorder.stop();
      setTimeout(finish, 8000);
    }).catch(e => failed(e.name));
    return finish;
  };

  button.addEventListener('click', () => {
    if (end) return end();
    say('请说，我在听。说完再按一下。');
    words.textContent = '说完了';
    end = (records ? byServer : byBrowser)();
  });
}
