// A photo is made small before it is kept: at most 300 kB, long side 1600, as
// JPEG without the camera's notes (which hold place and device).
export const MOST = 300 * 1024;

const blobOf = (c, type, q) => new Promise(done => c.toBlob(done, type, q));

export async function shrink(file) {
  let small = file;
  try {
    const img = await createImageBitmap(file, {imageOrientation: 'from-image'});
    let scale = Math.min(1, 1600 / Math.max(img.width, img.height));
    for (let i = 0; i < 8; i++, scale *= 0.8) {
      const c = document.createElement('canvas');
      c.width = Math.max(1, Math.round(img.width * scale));
      c.height = Math.max(1, Math.round(img.height * scale));
      c.getContext('2d').drawImage(img, 0, 0, c.width, c.height);
      small = await blobOf(c, 'image/jpeg', i < 2 ? 0.82 - i * 0.12 : 0.6);
      if (small.size <= MOST) break;
    }
    img.close();
  } catch { /* not a picture that this browser can draw: the file goes as it is */ }
  return small;
}

// pack makes the record of a file: its bytes, their hash, what it shows.
export async function pack(blob, kind) {
  const sum = new Uint8Array(await crypto.subtle.digest('SHA-256', await blob.arrayBuffer()));
  return {blob, kind, size: blob.size, name: (kind === 'signature' ? '签字.png' : '照片.jpg'), id: '',
    sha256: [...sum].map(b => b.toString(16).padStart(2, '0')).join('')};
}
