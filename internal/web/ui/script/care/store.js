// The phone's own store: kv (who, when), visit and task (what is carried along),
// queue (what was recorded here). Every write is on disk before it is called done.
let opening;
function open() {
  return opening ||= new Promise((ok, no) => {
    const r = indexedDB.open('yinling-care', 2);
    r.onupgradeneeded = e => {
      if (e.oldVersion < 1) {
        r.result.createObjectStore('kv');
        r.result.createObjectStore('visit', {keyPath: 'id'});
        r.result.createObjectStore('queue', {keyPath: 'client_id'});
      }
      r.result.createObjectStore('task', {keyPath: 'id'});
    };
    r.onsuccess = () => ok(r.result);
    r.onerror = () => no(r.error);
  });
}

async function run(store, mode, f) {
  const d = await open();
  return new Promise((ok, no) => {
    const t = d.transaction(store, mode, {durability: 'strict'});
    const r = f(t.objectStore(store));
    t.oncomplete = () => ok(r && r.result);
    t.onabort = t.onerror = () => no(t.error);
  });
}

export const get = (s, k) => run(s, 'readonly', o => o.get(k));
export const all = s => run(s, 'readonly', o => o.getAll());
export const put = (s, v, k) => run(s, 'readwrite', o => k === undefined ? o.put(v) : o.put(v, k));
export const clear = s => run(s, 'readwrite', o => o.clear());
export const del = (s, k) => run(s, 'readwrite', o => o.delete(k));

// set changes some fields of a record that is still there.
export const set = (s, k, fields) => run(s, 'readwrite', o => {
  o.get(k).onsuccess = e => e.target.result && o.put(Object.assign(e.target.result, fields));
});
