// The service worker of the phone face. It keeps the empty shell with its style
// and scripts; a page about a person is never kept here.
const NAME = 'yl-care-VERSION', SHELL = '/v/app', FILES = []/*FILES*/;

self.addEventListener('install', e => e.waitUntil(caches.open(NAME)
  .then(c => c.addAll(FILES.map(f => new Request(f, {credentials: 'omit', cache: 'reload'}))))
  .then(() => self.skipWaiting())));

self.addEventListener('activate', e => e.waitUntil(caches.keys()
  .then(all => Promise.all(all.filter(n => n.startsWith('yl-care-') && n !== NAME).map(n => caches.delete(n))))
  .then(() => self.clients.claim())));

self.addEventListener('fetch', e => {
  const at = new URL(e.request.url);
  if (e.request.method !== 'GET' || at.origin !== location.origin) return;
  if (e.request.mode === 'navigate') e.respondWith(page(e.request));
  else if (FILES.includes(at.pathname)) e.respondWith(caches.match(at.pathname).then(r => r || fetch(e.request)));
});

// page asks the server and shows the shell when there is no answer in time.
async function page(request) {
  const late = new Promise(done => setTimeout(done, 8000));
  try {
    const r = await Promise.race([fetch(request), late]);
    if (r && (r.status < 502 || r.status > 504)) return r;
  } catch { /* no network: the shell */ }
  return (await caches.match(SHELL)) || Response.error();
}
