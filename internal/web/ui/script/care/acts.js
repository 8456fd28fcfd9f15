// What the worker does: forms become events of the queue, kept on this phone
// before the page says so, then uploaded.
import * as store from './store.js';
import * as queue from './queue.js';
import * as view from './view.js';
import * as place from './place.js';
import {shrink, pack} from './photo.js';
import {pad} from './sign.js';
import * as assess from './assess.js';

let app;
const value = (f, n) => (new FormData(f).get(n) || '').toString().trim();

// dress prepares the forms of a page: early fix, photo kept at once, the
// signature pad, ticks that survive a killed tab.
export async function dress(root) {
  for (const f of root.querySelectorAll('form[data-act]')) {
    const act = f.dataset.act;
    if (['checkin', 'checkout', 'unplanned', 'trouble'].includes(act)) {
      place.ahead();
      const why = f.querySelector('[name=why]')?.closest('details');
      if (why) why.remove(); // asked below, and only when it is needed
    }
    if (act === 'photo' || act === 'snap') f.querySelector('button')?.remove();
    const sign = f.querySelector('[data-sign]');
    if (sign) {
      pad(sign);
      const part = n => f.querySelector(`[name="${n}"]`).closest('.ask');
      const turn = () => {
        const how = value(f, 'method');
        sign.hidden = part('photo').hidden = how !== 'sign';
        part('code').hidden = !how || how === 'sign';
      };
      f.addEventListener('change', turn);
      turn();
    }
    if (act === 'items' || act === 'checkout') {
      const key = 'draft-' + act + f.dataset.visit, kept = await store.get('kv', key);
      if (kept) for (const e of f.querySelectorAll('input:not([type=hidden]),textarea')) {
        if (e.type === 'checkbox') e.checked = kept.ticked.includes(e.value);
        else if (e.name in kept.text) e.value = kept.text[e.name];
      }
      f.addEventListener('input', () => store.put('kv', {ticked: [...f.querySelectorAll(':checked')].map(e => e.value),
        text: Object.fromEntries([...f.querySelectorAll('input[inputmode],textarea')].map(e => [e.name, e.value]))}, key));
    }
  }
}

// wrong says what is missing, at the top of the form and to a screen reader.
function wrong(f, say, field) {
  f.querySelector('.v-wrong')?.remove();
  f.insertAdjacentHTML('afterbegin', view.h`<p class="notice v-wrong" role="alert">${view.icon('warn')}${say}</p>`.s);
  (field && f.querySelector(`[name="${field}"]`) || f.querySelector('.v-wrong')).scrollIntoView({block: 'center'});
  if (field) f.querySelector(`[name="${field}"]`)?.focus();
  return null;
}

// spot is the place of an act. No place, or one far from the home, asks for a
// reason once; then the act goes on in any case.
async function spot(f, v, body) {
  const asked = f.querySelector('[data-why]');
  if (asked) {
    const fix = JSON.parse(asked.dataset.fix);
    fix.why = value(f, 'why') || fix.why;
    body.at = +asked.dataset.at; // the moment of the first tap
    return fix;
  }
  const fix = await place.here(), bag = await store.get('kv', 'bag');
  const far = !fix.off && v && (v.lat || v.lng) && bag?.radius >= 0 ? place.metres(v, fix) : 0;
  if (!fix.off && far <= (bag?.radius ?? 0) + fix.accuracy) return fix;
  const list = (fix.off ? bag?.whys : bag?.far) || [{Value: 'no_signal', Label: '手机收不到定位'}, {Value: 'denied', Label: '手机没有开定位权限'}];
  if (!fix.off) fix.why = list[0].Value;
  const box = view.h`<fieldset class="ask" data-why data-at="${body.at}" data-fix="${JSON.stringify(fix)}"><legend>${fix.off ? '没有定位。选一个原因，再点一次就行' : `这里离登记住址 ${far} 米。选一个原因，再点一次就行`}</legend>${list.map(o => view.h`<label class="pick"><input type="radio" name="why" value="${o.Value}"><span><b>${o.Label}</b></span></label>`)}</fieldset>`;
  f.querySelector('.v-end').insertAdjacentHTML('beforebegin', box.s);
  const set = f.querySelector('[data-why]');
  (set.querySelector(`[value="${fix.why}"]`) || set.querySelector('input')).checked = true;
  set.scrollIntoView({block: 'center'});
  set.querySelector(':checked').focus({preventScroll: true});
  return null;
}

const ticked = f => [...f.querySelectorAll('[name=item]:checked')].map(e => ({item: e.value,
  minutes: Math.min(600, Math.max(0, parseInt(value(f, 'minutes-' + e.value) || value(f, 'plan-' + e.value), 10) || 0))}));

// event makes the event of a form, null when something is still asked.
async function event(f, then) {
  const act = f.dataset.act, v = f.dataset.visit && await store.get('visit', f.dataset.visit);
  const note = value(f, 'note'), body = {visit: f.dataset.visit, kind: act, at: Date.now()};
  if (v && v.local) body.plan = v.plan;
  if (note) body.note = note;
  let files = [], next = '';
  switch (act) {
  case 'checkin':
    if (!(body.place = await spot(f, v, body))) return null;
    break;
  case 'unplanned': {
    const plan = value(f, 'plan');
    if (!plan) return wrong(f, '请选去谁家。', 'plan');
    if (!note) return wrong(f, '请写为什么临时上门。', 'note');
    const known = (await store.all('visit')).find(x => x.plan === plan);
    if (!(body.place = await spot(f, known, body))) return null;
    Object.assign(body, {kind: 'checkin', visit: crypto.randomUUID(), plan});
    const label = f.querySelector('[name=plan]:checked').closest('label');
    await store.put('visit', Object.assign({sex: '', age: '', phone: '', lat: 0, lng: 0, items: [], name: label.querySelector('b').textContent, where: label.querySelector('small')?.textContent || ''}, known,
      {id: body.visit, plan, on: new Date().toLocaleDateString('sv-SE', {timeZone: 'Asia/Shanghai'}), at: 0, minutes: 0, begin: 0, end: 0, status: 'planned', proofs: 0, signed: '', trouble: '', local: true,
        items: (known?.items || []).map(i => ({...i, done: -1}))}));
    break;
  }
  case 'items':
    body.items = ticked(f);
    if (then === 'out') next = '/out';
    break;
  case 'checkout':
    body.items = ticked(f);
    if (!body.items.length && !note) return wrong(f, '一项也没有做的话，请写明原因。', 'note');
    if (!(body.place = await spot(f, v, body))) return null;
    next = '/confirm';
    break;
  case 'trouble':
    body.trouble = value(f, 'trouble');
    if (!body.trouble) return wrong(f, '请选发生了什么情况。', 'trouble');
    if (body.trouble === 'other' && !note) return wrong(f, '请写明是什么情况。', 'note');
    body.place = await place.here();
    break;
  case 'photo': {
    const picked = f.querySelector('[type=file]').files[0];
    if (!picked) return wrong(f, '请先拍一张照片。', 'photo');
    body.kind = 'evidence';
    files = [await pack(await shrink(picked), 'photo')];
    break;
  }
  case 'score': {
    const score = value(f, 'score');
    if (!score) return wrong(f, '请选一个选项。', 'score');
    Object.assign(body, {item: f.dataset.item, score: +score, title: document.querySelector('main h1').textContent.trim()});
    next = then === 'list' ? '/v/assess/' + body.visit : 'item';
    break;
  }
  case 'snap': {
    const picked = f.querySelector('[type=file]').files[0];
    if (!picked) return wrong(f, '请先拍一张照片。', 'file');
    files = [await pack(await shrink(picked), 'photo')];
    next = location.pathname;
    break;
  }
  case 'confirm': {
    body.method = value(f, 'method');
    if (!body.method) return wrong(f, '请选怎么确认。', 'method');
    if (body.method === 'sign') {
      const paper = f.querySelector('[type=file]').files[0], drawn = await f.querySelector('[data-sign]').picture();
      if (!paper && !drawn) return wrong(f, '请家属在框里签名，或签在纸上拍下来。', 'method');
      files = [paper ? await pack(await shrink(paper), 'signature') : await pack(drawn, 'signature')];
    } else {
      body.code = value(f, 'code').replace(/[^0-9]/g, '');
      if (!body.code) return wrong(f, '请填家属念的确认码或口令。', 'code');
    }
  }
  }
  return {body, files, next, name: v?.name || (await store.get('task', body.visit))?.name || f.dataset.name || (await store.get('visit', body.visit))?.name || document.querySelector('h1')?.firstChild?.textContent.trim() || ''};
}

let busy;
async function act(f, then) {
  if (busy) return;
  busy = true;
  try {
    // A case that this phone does not carry goes to the server as a plain form.
    if (['score', 'snap'].includes(f.dataset.act) && !await assess.known(f.dataset.visit)) return f.submit();
    const e = await event(f, then);
    if (!e) return;
    const kept = await queue.add(e.body, e.files, e.name);
    for (const d of ['items', 'checkout']) if (d === f.dataset.act) await store.del('kv', 'draft-' + d + e.body.visit);
    document.documentElement.dataset.kept = kept.client_id;
    const to = e.next === 'item' ? await assess.next(e.body.visit, +f.dataset.n) : e.next.startsWith('/v/') ? e.next : '/v/visit/' + e.body.visit + e.next;
    // An answer within four seconds shows the server's page, else ours; the upload goes on.
    const ok = navigator.onLine && await Promise.race([app.upload(), new Promise(done => setTimeout(done, 4000, false))]);
    if (ok && !app.leaving()) return location.assign(to);
    history.pushState(null, '', to);
    await app.redraw();
    scrollTo(0, 0);
    document.getElementById('main').focus({preventScroll: true});
  } catch (err) {
    wrong(f, '手机没有存下来：' + (err.name === 'QuotaExceededError' ? '手机空间满了，请删些照片再试。' : '请再点一次。'));
  } finally {
    busy = false;
  }
}

// wire listens to the whole page once.
export function wire(a) {
  app = a;
  document.addEventListener('submit', e => {
    const f = e.target;
    if (f.dataset.act) {
      e.preventDefault();
      act(f, e.submitter?.value);
    } else if (f.getAttribute('action') === '/logout') {
      e.preventDefault();
      Promise.race([a.upload(), new Promise(done => setTimeout(done, 3000))]).then(() => queue.tidy(true)).finally(() => f.submit());
    }
  });
  document.addEventListener('change', e => {
    if (e.target.type === 'file' && ['photo', 'snap'].includes(e.target.form?.dataset.act)) act(e.target.form);
  });
  document.addEventListener('click', async e => {
    const b = e.target.closest('[data-upload],[data-again],[data-drop]');
    if (!b) return;
    b.disabled = true;
    if (b.dataset.drop) await queue.drop(b.dataset.drop);
    if (b.dataset.again) await queue.again(b.dataset.again);
    if (!b.dataset.drop) await a.upload();
    b.disabled = false;
  });
}
