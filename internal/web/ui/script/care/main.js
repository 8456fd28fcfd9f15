// The phone face with script: acts go into the queue first, pages work without
// network. Without script, or where the browser lacks a store, the pages are
// plain forms and this file does nothing.
import * as store from './store.js';
import * as queue from './queue.js';
import * as view from './view.js';
import * as acts from './acts.js';
import * as assess from './assess.js';
import './door.js';

const shell = document.getElementById('shell'), main = document.getElementById('main'), net = document.getElementById('net');
const able = isSecureContext && self.indexedDB && self.crypto?.subtle && navigator.locks && AbortSignal.timeout;

let drawn;
function show([title, html]) {
  drawn = true;
  document.title = title + ' - 银龄护理';
  main.innerHTML = html.s;
  acts.dress(main);
}

// route draws the page here when the server cannot: in the shell, or when this
// visit has something that the server does not have yet.
async function route(here = !!shell) {
  const [, , page, id, sub] = location.pathname.split('/');
  if (page === 'visit' && (here || (await queue.waiting(id)).length) && (here || !sub || ['out', 'confirm', 'trouble'].includes(sub))) return show(await view.visit(id, sub));
  if (page === '' && await store.get('kv', 'duty') !== 'assess' && (here || (await queue.waiting()).length && await store.get('kv', 'bag'))) return show(await view.today());
  if (page === 'assess' || page === '' && here && await store.get('kv', 'duty') === 'assess') {
    const n = +location.pathname.split('/')[5];
    if (here || (await queue.waiting(id)).length) {
      if (!id) return show(await assess.tasks());
      if (!sub || sub === 'item') return show(await (n ? assess.item(id, n) : assess.task(id)));
    }
  }
  if (page === 'queue') return drawQueue(here);
  if (here && page === 'unplanned') return show(await view.unplanned());
  if (here) return show(['没有网络', view.h`<h1>这一页要有网才能看</h1><p>今天的安排和没上传的记录在手机里，没有网络也能看、也能记。</p><p class="v-act"><a class="btn" href="/v/">今天</a><a class="btn btn--line" href="/v/queue">待上传</a></p>`]);
  acts.dress(main);
}

async function drawQueue(here) {
  const q = await view.waiting();
  const at = document.getElementById('queue');
  if (at) at.innerHTML = q.s;
  else if (here) show(['待上传', view.h`<h1>待上传</h1><div id="queue">${q}</div>`]);
}

// band always tells: online or not, how many wait, when the last upload was.
async function band() {
  const all = await queue.list(), n = (await queue.waiting()).length, bad = all.filter(e => e.state === 'refused' || e.state === 'sent' && e.say).length;
  const st = await store.get('kv', 'net'), last = await store.get('kv', 'last');
  const off = !navigator.onLine || shell && !(st && st.ok) || st && !st.ok && !st.login;
  const say = [off ? '没有网络' : st?.login && n ? '要重新登录' : '有网', n ? `${n} 条存在手机里` : '都传好了', bad && `${bad} 条要您看一下`, last && `最近上传 ${view.clock(last)}`];
  const to = view.h`${view.icon('cloud')}<a href="/v/queue">${say.filter(Boolean).join(' · ')}</a>${n > 0 && view.h`<button class="btn btn--line" data-upload>上传</button>`}`.s;
  if (to !== band.was) { // who stands on it with the keyboard keeps the place
    const on = net.contains(document.activeElement);
    net.innerHTML = band.was = to;
    if (on) net.querySelector('a').focus();
  }
  net.dataset.tone = bad ? 'bad' : off || n ? 'wait' : 'ok';
  net.hidden = false;
  const tab = document.querySelector('.v-nav a[href="/v/queue"]');
  if (tab) tab.innerHTML = view.h`待上传${n + bad > 0 && view.h`<span class="n">${n + bad}</span>`}`.s;
}

// leaving: the worker has just tapped the way to another page. What this page
// then opens by itself would take that tap back. (A call by tel: counts too, so
// it ends with the time that the service worker waits for a page.)
let left = -Infinity;
addEventListener('beforeunload', () => { left = performance.now(); });
const leaving = () => performance.now() - left < 8000;

async function upload() {
  const before = (await queue.waiting()).length;
  const ok = await queue.upload();
  if (ok && before) await queue.take().catch(() => {});
  if (drawn && ok && before && !leaving() && !document.querySelector('form[data-act]')) location.reload();
  return ok;
}

async function start() {
  navigator.serviceWorker?.register('/v/sw.js', {scope: '/v/'}).catch(() => {});
  if (shell && 'bye' in shell.dataset) return queue.tidy(true);
  const who = document.body.dataset.who, was = await store.get('kv', 'who');
  if (who && who !== was) {
    await queue.tidy(true);
    await store.put('kv', who, 'who');
  }
  if (who) await store.put('kv', document.body.dataset.duty, 'duty');
  if (who) await store.put('kv', {name: document.body.dataset.name, xl: 'xl' in document.documentElement.dataset}, 'me');
  if (!who && !(shell && was)) return shell && show(['没有网络', view.h`<h1>没有网络</h1><p>这部手机还没有登录过护理端。有网以后请登录一次，之后没有网络也能用。</p>`]);
  if (shell) {
    await store.put('kv', {ok: false, say: '现在连不上服务器。'}, 'net');
    const me = await store.get('kv', 'me');
    if (me?.xl) document.documentElement.dataset.xl = '';
    document.querySelector('.v-top').insertAdjacentHTML('afterend', '<nav class="v-nav" aria-label="主导航">' + (await store.get('kv', 'duty') === 'assess' ? '<a href="/v/assess">评估任务</a>' : '<a href="/v/">今天</a>') + '<a href="/v/queue">待上传</a></nav>');
    document.querySelector(`.v-nav a[href="${location.pathname}"]`)?.setAttribute('aria-current', 'page');
  }
  await queue.tidy();
  queue.onChange(() => { band(); if (location.pathname === '/v/queue') drawQueue(false); });
  await route();
  await band();
  document.documentElement.dataset.ready = '1';
  navigator.storage?.persist?.();
  const bag = await store.get('kv', 'bag');
  await upload();
  if (who && (!bag || ['/v/', '/v/assess'].includes(location.pathname) || Date.now() - bag.at > 3600e3)) await queue.take().catch(() => {});
  document.documentElement.dataset.taken = '1';
}

if (able) {
  acts.wire({upload, leaving, redraw: () => route(true), say: band});
  addEventListener('online', upload);
  addEventListener('offline', band);
  addEventListener('popstate', () => location.reload());
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && upload());
  setInterval(async () => {
    for (const e of document.querySelectorAll('[data-since]')) e.textContent = Math.max(0, Math.floor((Date.now() - e.dataset.since) / 60000));
    if (document.visibilityState === 'visible' && navigator.onLine && (await queue.waiting()).length) upload();
  }, 30000);
  start();
}
