// The queue: an event is kept first, then uploaded, any number of times. The
// server counts each client_id once, so a lost answer does no harm.
import * as store from './store.js';

export const HOURS72 = 72 * 3600e3;
const listeners = [];
export const onChange = f => listeners.push(f);
const changed = () => listeners.forEach(f => f());

// add keeps an event with its files and resolves when it is on disk.
export async function add(body, files = [], name = '') {
  const e = {client_id: crypto.randomUUID(), who: await store.get('kv', 'who'), name, state: 'waiting', say: '', sent: 0, files,
    body: Object.assign({at: Date.now()}, body)};
  await store.put('queue', e);
  changed();
  return e;
}

export async function list(visit) {
  const q = await store.all('queue');
  return q.filter(e => !visit || e.body.visit === visit).sort((a, b) => a.body.at - b.body.at);
}

export const unsent = async visit => (await list(visit)).filter(e => e.state !== 'sent');

// waiting is what the account of this phone still has to upload.
export async function waiting(visit) {
  const me = await store.get('kv', 'who');
  return (await list(visit)).filter(e => e.state === 'waiting' && e.who === me);
}

export class Offline extends Error {}
export class Login extends Error {}
class Refused extends Error {}

// ask sends a request and gives the answer's JSON; what it throws tells who has to do what.
export async function ask(path, init = {}) {
  let r, body;
  try {
    r = await fetch(path, Object.assign({signal: AbortSignal.timeout(30000), redirect: 'error'}, init,
      {headers: Object.assign({Accept: 'application/json'}, init.headers)}));
    body = await r.json();
  } catch {
    throw new Offline('现在连不上服务器。');
  }
  if (r.ok) return body;
  const say = body.error?.say || '服务器没有回答清楚。';
  if (r.status === 403) throw new Login(say);
  if (r.status >= 500) throw new Offline(say);
  throw new Refused(say);
}

let token = '';
async function hello() {
  const h = await ask('/v/hello');
  if (h.who !== await store.get('kv', 'who')) throw new Login('登录的是另一个人。');
  token = h.token;
}

async function post(path, body, json) {
  token ||= document.querySelector('input[name=token]')?.value || '';
  for (let again = false; ; again = true) {
    if (!token) await hello();
    try {
      const headers = {'X-Form-Token': token};
      if (json) headers['Content-Type'] = 'application/json';
      return await ask(path, {method: 'POST', body: json ? JSON.stringify(body) : body, headers});
    } catch (e) {
      if (!(e instanceof Login) || again) throw e;
      token = '';
    }
  }
}

// sendFiles uploads the files of an event that the server does not have yet.
async function sendFiles(e) {
  for (const [i, f] of e.files.entries()) {
    if (f.id) continue;
    const form = new FormData();
    form.set('kind', f.kind);
    form.set('sha256', f.sha256);
    form.set('once', e.client_id + '-' + i);
    form.set('file', f.blob, f.name);
    f.id = (await post(e.body.kind === 'snap' ? `/v/assess/${e.body.visit}/snap` : '/v/visit/' + encodeURIComponent(e.body.visit) + '/file', form)).id;
    await store.set('queue', e.client_id, {files: e.files});
  }
}

const wire = ({body: {title, ...body}, ...e}) => Object.assign({client_id: e.client_id, sent: Date.now()}, body,
  e.files.length ? {documents: e.files.map(f => f.id)} : {});

async function settle(e, state, say = '') {
  const body = Object.assign({}, e.body);
  if (state === 'sent') delete body.code;
  await store.set('queue', e.client_id, {state, say, body, sent: Date.now(),
    files: state === 'sent' ? e.files.map(f => ({kind: f.kind, sha256: f.sha256, size: f.size, id: f.id})) : e.files});
}

// send uploads events; when the server refuses a bundle as a whole, one by one.
async function send(events, to = '/v/sync') {
  for (let i = 0; i < events.length; i += 100) {
    const part = events.slice(i, i + 100);
    try {
      const {results} = await post(to, {events: part.map(wire)}, true);
      for (const [k, r] of results.entries()) {
        await settle(part[k], r.status === 'stored' || r.status === 'known' ? 'sent' : 'refused', r.say || '');
      }
    } catch (err) {
      if (!(err instanceof Refused)) throw err;
      if (part.length > 1) for (const e of part) await send([e], to);
      else await settle(part[0], 'refused', err.message);
    }
  }
}

async function work() {
  const all = await waiting();
  const first = all.filter(e => e.body.kind === 'checkin' && !e.files.length);
  const scores = all.filter(e => e.body.kind === 'score');
  const rest = all.filter(e => !first.includes(e) && !scores.includes(e));
  await send(first); // an unplanned visit begins to exist with its check-in
  await send(scores, '/v/assess/sync');
  const ready = [];
  for (const e of rest) {
    try {
      await sendFiles(e);
      if (e.body.kind === 'snap') await settle(e, 'sent');
      else ready.push(e);
    } catch (err) {
      if (!(err instanceof Refused)) throw err;
      await settle(e, 'refused', err.message);
    }
  }
  await send(ready);
  return all.length;
}

let running, asked = false;
// upload sends all that waits; one tab at a time. true: nothing waits any more.
// An act that comes while an upload is ending is sent by one more round, else
// it would lie until the next tick of the clock.
export function upload() {
  asked = true;
  return running ||= navigator.locks.request('yl-upload', async () => {
    asked = false;
    try {
      const had = (await waiting()).length && await work();
      if (had) await store.put('kv', Date.now(), 'last');
      if (!had && document.getElementById('shell')) await hello(); // the shell shows because nobody answered: ask again
      await store.put('kv', {ok: true, say: ''}, 'net');
      return !(await waiting()).length;
    } catch (err) {
      await store.put('kv', {ok: false, login: err instanceof Login, say: err.message}, 'net');
      return false;
    }
  }).finally(() => { running = null; changed(); }).then(ok => asked ? upload() : ok);
}

// again puts a refused event back into the queue; drop forgets it, as its owner asked.
export async function again(id) {
  await store.set('queue', id, {state: 'waiting', say: ''});
  changed();
}

export async function drop(id) {
  await store.del('queue', id);
  changed();
}

// take fetches what is to be carried along and forgets what is no longer needed.
export async function take() {
  const me = await store.get('kv', 'who'), assess = await store.get('kv', 'duty') === 'assess';
  const d = await ask(assess ? '/v/assess/day' : '/v/day');
  if (d.who !== me) return;
  const keep = new Set((await unsent()).map(e => e.body.visit));
  if (assess) {
    for (const t of await store.all('task')) if (!keep.has(t.id)) await store.del('task', t.id);
    for (const t of d.tasks || []) await store.put('task', t);
    await store.put('kv', d.items, 'items');
    return store.put('kv', {at: Date.now()}, 'bag');
  }
  for (const v of await store.all('visit')) if (!keep.has(v.id)) await store.del('visit', v.id);
  for (const v of d.bag.visits) await store.put('visit', v);
  await store.put('kv', {at: Date.now(), today: d.bag.today, radius: d.bag.radius, staff: d.bag.staff, whys: d.whys, far: d.far}, 'bag');
}

// tidy drops what is older than 72 hours: the visits carried along, and the
// notes of what was uploaded; everything: also what is younger, for a logout or
// another worker. What waits is never dropped.
export async function tidy(everything) {
  const now = Date.now(), bag = await store.get('kv', 'bag');
  const keep = new Set((await unsent()).map(e => e.body.visit));
  if (everything || bag && now - bag.at > HOURS72) {
    for (const kind of ['visit', 'task']) for (const v of await store.all(kind)) if (everything || !keep.has(v.id)) await store.del(kind, v.id);
    if (everything) await store.clear('kv');
  }
  for (const e of await store.all('queue')) {
    if (e.state === 'sent' && (everything || now - e.sent > HOURS72)) await store.del('queue', e.client_id);
  }
}
