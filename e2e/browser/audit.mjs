// Page audit in a real browser. Each address is opened as the named login at
// three sizes, in normal mode and, on the citizens' face, in elder mode, and
// must hold: no axe violation, no sideways scrolling, big enough targets and
// letters, no request to another host, no text cut by wider spacing. Every page
// leaves a screenshot.
//
//   node audit.mjs PLAN.json --base http://127.0.0.1:8080 [--shots DIR] [--only WORD] [--sizes phone,desk]
//
// PLAN.json: {"logins": {"clerk": {"staff": "clerk1"}, "daughter": {"citizen": "139…"}},
//   "pages": [{"as": "clerk", "url": "/o/desk", "follow": ["a.nm"]}]}
// A login walks through the login pages of a demonstration, which fill themselves
// in (?as=…). follow: the first link that a selector finds on the page is looked
// at too; {"link": "…", "follow": […]} goes on from there,
// "optional": true forgives a list that is empty today. face is portal, office,
// care or doc; without it, the address tells. status is what else than 200 is right.
import fs from 'node:fs'
import path from 'node:path'
import { createRequire } from 'node:module'
import puppeteer from 'puppeteer-core'

const require = createRequire(import.meta.url)
const axe = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8')
const args = process.argv.slice(2)
const option = name => { const i = args.indexOf(name); return i < 0 ? '' : args.splice(i, 2)[1] }
const shots = option('--shots') || 'shots'
const only = option('--only')
const base = option('--base')
const wanted = option('--sizes')
const plan = JSON.parse(fs.readFileSync(args[0], 'utf8'))
plan.base = base || plan.base
fs.mkdirSync(shots, { recursive: true })

const sizes = [[390, 844, 'phone'], [1366, 768, 'desk'], [320, 256, 'zoom']].filter(s => !wanted || wanted.split(',').includes(s[2]))
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
// Smallest target and letter in CSS pixels, by face and size of screen.
const bars = {
  elder: { phone: [60, 24], desk: [60, 24], zoom: [60, 24] },
  portal: { phone: [44, 16], desk: [44, 16], zoom: [44, 16] },
  care: { phone: [56, 16], desk: [56, 15], zoom: [56, 15] },
  office: { phone: [44, 13], desk: [28, 13], zoom: [44, 13] },
  doc: { desk: [24, 12] },
}
const faceOf = p => p.face || (p.url.startsWith('/o/') || p.url.startsWith('/j/') ? 'office' : p.url.startsWith('/v/') ? 'care' : 'portal')

const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM || '/usr/bin/chromium', headless: true,
  args: ['--no-sandbox', '--disable-gpu', '--hide-scrollbars', '--force-color-profile=srgb', '--font-render-hinting=none', '--lang=zh-CN'],
})
let bad = 0, seen = 0
for (const [name, l] of Object.entries(plan.logins || {})) {
  if (!l.cookies && plan.pages.some(p => p.as === name)) l.cookies = await login(name, l)
}
const queue = [...plan.pages]
while (queue.length) {
  const p = queue.shift()
  if (p.follow) queue.unshift(...await links(p))
  if (only && !p.url.includes(only)) continue
  const face = faceOf(p)
  for (const mode of face === 'portal' ? ['normal', 'elder'] : ['normal']) {
    for (const [width, height, size] of sizes) {
      const bar = bars[mode === 'elder' ? 'elder' : face][size]
      if (!bar) continue
      const problems = await check(p, face, mode, width, height, size, bar)
      seen++
      if (problems.length) { bad++; console.log(`FAIL ${p.as || '-'} ${p.url} ${mode} ${size}\n   ${problems.join('\n   ')}`) }
    }
  }
}
await browser.close()
console.log(`${seen} pages looked at, ${bad} with problems`)
process.exit(bad || !seen ? 1 : 0)

async function check(p, face, mode, width, height, size, bar) {
  const problems = []
  const context = await browser.createBrowserContext()
  const page = await context.newPage()
  try {
    await page.setViewport({ width, height })
    const cookies = [...(plan.logins?.[p.as]?.cookies || [])]
    if (mode === 'elder') cookies.push({ name: 'yl_mode', value: 'elder' })
    if (cookies.length) await browserCookies(context, cookies)
    page.on('request', r => { const u = new URL(r.url()); if (u.protocol.startsWith('http') && u.origin !== new URL(plan.base).origin) problems.push('asks another host: ' + u.host) })
    page.on('console', m => { if (m.type() === 'error' && !(p.status && m.text().includes(String(p.status)))) problems.push('console: ' + m.text()) })
    const res = await page.goto(plan.base + p.url, { waitUntil: 'load' })
    if (res.status() !== (p.status || 200)) problems.push('status ' + res.status())
    await page.evaluate(axe) // over the debugging protocol, which the content policy does not stop
    const found = await page.evaluate(async t => (await axe.run(document, { runOnly: { type: 'tag', values: t } })).violations
      .map(v => `axe ${v.id} ×${v.nodes.length}: ${v.nodes.slice(0, 2).map(n => n.target.join(' ') + ' – ' + (n.any[0]?.message || n.all[0]?.message || n.none[0]?.message || '')).join(' | ')}`),
      mode === 'elder' ? [...tags, 'wcag2aaa'] : tags)
    problems.push(...found)
    problems.push(...await page.evaluate(measure, bar))
    await page.screenshot({ path: path.join(shots, `${(p.name || (p.as ? p.as + p.url : p.url.slice(1) || 'home')).replace(/[^\w一-鿿]+/g, '_')}-${mode}-${size}.png`), fullPage: size !== 'zoom' })
    const cut = await page.evaluate(spacing)
    if (cut) problems.push('wider text spacing: ' + cut)
  } catch (e) {
    problems.push('could not be looked at: ' + e.message)
  }
  await context.close()
  return [...new Set(problems)]
}

// login goes through the login pages of a demonstration and keeps the cookies.
async function login(name, l) {
  const context = await browser.createBrowserContext()
  const page = await context.newPage()
  try {
    await page.goto(plan.base + (l.staff ? `/login/staff?as=${l.staff}` : `/login?as=${l.citizen}`))
    await submit(page)
    if (l.citizen) {
      const code = await page.evaluate(() => document.querySelector('main').textContent.match(/(?<!\d)\d{6}(?!\d)/)?.[0])
      if (!code) throw new Error('the page shows no code')
      await page.type('#code', code)
      await submit(page)
    }
    if (page.url().includes('/login')) throw new Error('still at ' + page.url() + ': ' + await page.evaluate(() => document.querySelector('main').innerText.slice(0, 200)))
    return (await context.cookies()).filter(c => !/^yl_(mode|form|css_)/.test(c.name)).map(({ name, value }) => ({ name, value }))
  } catch (e) {
    console.log(`FAIL login ${name}: ${e.message}`)
    bad++
    return []
  } finally {
    await context.close()
  }
}

async function submit(page) {
  await Promise.all([page.waitForNavigation(), page.click('main form:not([role=search]) button.btn--wide')])
}

// links finds the pages that a page says to follow.
async function links(p) {
  const context = await browser.createBrowserContext()
  const page = await context.newPage()
  const out = []
  const cookies = plan.logins?.[p.as]?.cookies
  if (cookies?.length) await browserCookies(context, cookies)
  await page.goto(plan.base + p.url)
  for (const f of p.follow) {
    const selector = typeof f === 'string' ? f : f.link
    const url = await page.evaluate(s => document.querySelector(s)?.getAttribute('href'), selector)
    if (url) out.push({ as: p.as, url: new URL(url, plan.base + p.url).href.slice(new URL(plan.base).origin.length), face: f.face, follow: f.follow })
    else if (!f.optional) { console.log(`FAIL ${p.as || '-'} ${p.url}: no link ${selector}`); bad++ }
  }
  await context.close()
  return out
}

async function browserCookies(context, cookies) {
  const { hostname } = new URL(plan.base)
  await context.setCookie(...cookies.map(c => ({ domain: hostname, path: '/', ...c })))
}

// measure runs in the page.
function measure([minTarget, minFont]) {
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
  }
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walk.nextNode()) {
    const e = walk.currentNode.parentElement
    if (!walk.currentNode.data.trim() || !e || e.closest('.vh,script,style,svg,option') || !visible(e)) continue
    const size = parseFloat(getComputedStyle(e).fontSize)
    if (size < minFont - 0.1) out.push(`letters ${size} < ${minFont}: ${e.tagName.toLowerCase()}.${e.className} ${walk.currentNode.data.trim().slice(0, 12)}`)
  }
  return out.slice(0, 8)
}

// spacing runs in the page: WCAG 1.4.12.
function spacing() {
  const sheet = new CSSStyleSheet()
  sheet.replaceSync('*{line-height:1.5!important;letter-spacing:.12em!important;word-spacing:.16em!important}p{margin-bottom:2em!important}')
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet]
  const over = document.documentElement.scrollWidth - document.documentElement.clientWidth
  return over > 0 ? `scrolls sideways by ${over}px` : ''
}
