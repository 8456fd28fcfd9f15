// What the audits run inside the page. Each function stands alone: it is sent
// to the browser as text.

// measure finds sideways scrolling, targets and letters below the bars, and
// words that a line must not break: days, weekdays, amounts.
export function measure([minTarget, minFont]) {
  const out = []
  const visible = e => { const r = e.getBoundingClientRect(), s = getComputedStyle(e); return r.width > 1 && r.height > 1 && s.visibility !== 'hidden' && !e.closest('.vh,.skip') }
  const over = document.documentElement.scrollWidth - document.documentElement.clientWidth
  if (over > 0) out.push(`scrolls sideways by ${over}px`)
  const wrapped = 'label.pick,label.v-item,label.shot,td.tk label,label.tick'
  for (const e of document.querySelectorAll('a[href],button,input:not([type=hidden]),select,textarea,summary,' + wrapped)) {
    if (!visible(e) || (e.matches('input') && e.closest(wrapped)) || e.closest('.o-search')) continue
    // A link inside a sentence is as tall as its line (WCAG 2.5.8 excepts it).
    const inSentence = e.matches('a') && getComputedStyle(e).display === 'inline' && e.parentElement.textContent.trim().length > e.textContent.trim().length + 4
    if (inSentence) continue
    const r = e.getBoundingClientRect(), small = Math.min(r.width, r.height)
    if (small < minTarget - 0.5) out.push(`target ${small.toFixed(1)} < ${minTarget}: ${e.tagName.toLowerCase()}.${e.className} ${e.textContent.trim().slice(0, 12) || e.id}`)
    if (minTarget === 60 && e.matches('.tile') && (r.width < 150 || r.height < 96)) out.push(`tile ${r.width.toFixed(0)}×${r.height.toFixed(0)} < 150×96: ${e.textContent.slice(0, 8)}`)
  }
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), range = document.createRange()
  const whole = /\d{1,2}月\d{1,2}日|周[一二三四五六日]|(上午|下午) ?\d{1,2} ?点|\d[\d,]*(\.\d+)? ?[元岁天分]|\d{1,2}:\d{2}/g
  while (walk.nextNode()) {
    const n = walk.currentNode, e = n.parentElement
    if (!n.data.trim() || !e || e.closest('.vh,script,style,svg,option,template') || !visible(e)) continue
    const size = parseFloat(getComputedStyle(e).fontSize)
    if (size < minFont - 0.1) out.push(`letters ${size} < ${minFont}: ${e.tagName.toLowerCase()}.${e.className} ${n.data.trim().slice(0, 12)}`)
    if (!e.closest('h1,h2,h3,.when,.btn')) continue
    for (const m of n.data.matchAll(whole)) {
      range.setStart(n, m.index)
      range.setEnd(n, m.index + m[0].length)
      const tops = new Set([...range.getClientRects()].filter(r => r.width > 0).map(r => Math.round(r.top / 8)))
      if (tops.size > 1) out.push(`a line breaks inside “${m[0]}”: ${n.data.trim().slice(0, 20)}`)
    }
  }
  return out.slice(0, 8)
}

// spacing is WCAG 1.4.12; it leaves the page as it was.
export function spacing() {
  const sheet = new CSSStyleSheet(), before = [...document.adoptedStyleSheets]
  sheet.replaceSync('*{line-height:1.5!important;letter-spacing:.12em!important;word-spacing:.16em!important}p{margin-bottom:2em!important}')
  document.adoptedStyleSheets = [...before, sheet]
  const over = document.documentElement.scrollWidth - document.documentElement.clientWidth
  document.adoptedStyleSheets = before
  return over > 0 ? `scrolls sideways by ${over}px` : ''
}

// links lists where a page leads and what its forms do.
export function links() {
  const clean = href => { const u = new URL(href, location.href); return u.origin !== location.origin ? u.href : u.pathname + (u.pathname === '/login' ? '' : u.search) }
  const own = u => u && !/^\/(elder|listen)\b/.test(u)
  return {
    links: [...new Set([...document.querySelectorAll('a[href]:not(.skip)')].map(a => clean(a.getAttribute('href'))).filter(own))],
    forms: [...new Set([...document.querySelectorAll('main form')].map(f => f.method + ' ' + clean(f.getAttribute('action') || location.href)))].sort(),
  }
}

// stop judges where the Tab key has come to; "end" when it has left the page.
export function stop() {
  const e = document.activeElement
  if (!e || e === document.body) return 'end'
  const name = e.tagName.toLowerCase() + (e.className ? '.' + e.className : '') + ' ' + (e.textContent.trim() || e.name || '').slice(0, 14)
  const last = window.__stops.at(-1)
  if (e === last) return '' // the parts of a date field or a player
  if (window.__stops.includes(e)) return window.__stops.length > 1 && e === window.__stops[0] ? 'end' : 'comes back to ' + name
  window.__stops.push(e)
  if (last && !(last.compareDocumentPosition(e) & Node.DOCUMENT_POSITION_FOLLOWING)) return 'goes back to ' + name
  let ring = false
  for (let x = e; x && x !== document.body && !ring; x = x.parentElement) {
    const s = getComputedStyle(x)
    ring = s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2
    if (!x.matches('.pick,.shot,label,span,form,input')) break
  }
  if (!ring) return 'no ring on ' + name
  const box = e.closest('.pick,.shot') || e, r = box.getBoundingClientRect()
  const x = Math.min(Math.max((r.left + r.right) / 2, 0), innerWidth - 1), y = (r.top + r.bottom) / 2
  if (y < 0 || y > innerHeight) return r.height > innerHeight ? '' : 'out of sight: ' + name
  const on = document.elementFromPoint(x, y)
  if (on && !box.contains(on) && !on.contains(box) && e.getClientRects().length < 2) return `covered by ${on.tagName.toLowerCase()}.${on.className}: ` + name
  return ''
}

// firstSound is how long after the tap on 听 the first of the sound arrives, in
// ms; Infinity when none comes.
export async function firstSound() {
  const began = performance.now()
  const res = await fetch(document.querySelector('nav.listen a').href)
  if (!res.ok || !/^audio\//.test(res.headers.get('content-type'))) return Infinity
  const reader = res.body.getReader()
  for (let n = 0; n < 1000;) { // the head of the file alone is no sound
    const { value, done } = await reader.read()
    if (done) return Infinity
    n += value.length
  }
  const ms = Math.round(performance.now() - began)
  reader.cancel()
  return ms
}
