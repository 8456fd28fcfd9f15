// Where the phone is: whole 1e-6 degrees, or why there is no place.
export async function permission() {
  try { return (await navigator.permissions.query({name: 'geolocation'})).state; } catch { return 'prompt'; }
}

let early;
// ahead asks for a fix while the page is read, when the phone may give one.
export async function ahead() {
  if (await permission() === 'granted') early ||= ask(15000);
}

function ask(timeout) {
  if (!navigator.geolocation) return Promise.resolve({off: true, why: 'no_script'});
  return new Promise(done => navigator.geolocation.getCurrentPosition(
    p => done({lat: Math.round(p.coords.latitude * 1e6), lng: Math.round(p.coords.longitude * 1e6), accuracy: Math.round(p.coords.accuracy)}),
    e => done({off: true, why: e.code === 1 ? 'denied' : 'no_signal'}),
    {enableHighAccuracy: true, maximumAge: 30000, timeout}));
}

// here waits two seconds for a fix, longer only while the phone asks its owner.
export async function here() {
  const wait = await permission() === 'prompt' ? 20000 : 2000;
  const late = new Promise(done => setTimeout(() => done({off: true, why: 'no_signal'}), wait));
  const got = await Promise.race([early || ask(wait), late]);
  early = null;
  return got;
}

export function metres(a, b) {
  const r = Math.PI / 180e6, s = Math.sin((b.lat - a.lat) * r / 2), t = Math.sin((b.lng - a.lng) * r / 2);
  return Math.round(2 * 6371008.8 * Math.asin(Math.min(1, Math.sqrt(s * s + Math.cos(a.lat * r) * Math.cos(b.lat * r) * t * t))));
}
