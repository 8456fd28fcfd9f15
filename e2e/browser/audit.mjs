// Page audit in a real browser. Each address is opened as the named login, in
// normal mode and, on the citizens' face, in elder mode (and with the largest
// letters), and looked at in three sizes. It must hold: no axe violation (AAA
// too), no sideways scrolling, big enough targets and letters, no request to
// another host, no text cut by wider spacing, every control reached once by Tab
// with a ring that nothing covers, and in elder mode everything that normal mode
// can do. Every page leaves a screenshot. --paint measures the entry pages
// instead: bytes, the first paint and the first sound on a slow line. --lighthouse asks Lighthouse
// for its accessibility score, which must be 100, and its first paint. --trees
// holds what a screen reader is told of the gallery's examples against a folder.
//
//   node audit.mjs PLAN.json --base http://127.0.0.1:8080 [--shots DIR] [--only WORD] [--sizes phone,desk] [--at-once 2] [--paint | --lighthouse | --trees DIR [--update]]
//
// PLAN.json: {"logins": {"clerk": {"staff": "clerk1"}, "daughter": {"citizen": "139…"}},
//   "entries": [{"as": "daughter", "url": "/", "mode": "elder"}],
//   "pages": [{"as": "clerk", "url": "/o/desk", "follow": ["a.nm"]}]}
// A login walks through the login pages of a demonstration, which fill themselves
// in (?as=…). follow: the first link that a selector finds on the page is looked
// at too; {"link": "…", "follow": […]} goes on from there,
// "optional": true forgives a list that is empty today. status is what else than
// 200 is right. "routes" is the table of all routes (e2e/access/matrix.txt): every
// link to a route that no page of the plan shows is looked at once, and a route
// that nothing leads to is a fault, unless "unseen" says why it is no page.
// "lighthouse" is like pages; "link" there goes to the first such link, or along several. "before"
// brings the town to where more pages can be seen: each opens an address and taps
// what selectors find, without script; with "look" the last page is looked at too.
// "behalf": true acts for the first elder. --sessions NAME=TOKEN,… are logins that
// exist already.
import fs from 'node:fs'
import path from 'node:path'
import { createRequire } from 'node:module'
import puppeteer from 'puppeteer-core'
import { measure, spacing, links as linksOf, stop, firstSound } from './inpage.mjs'
import { allRoutes } from './routes.mjs'
import { treesOf, compare } from './tree.mjs'

const require = createRequire(import.meta.url)
const axe = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8')
const args = process.argv.slice(2)
const option = name => { const i = args.indexOf(name); return i < 0 ? '' : args.splice(i, 2)[1] }
const flag = name => { const i = args.indexOf(name); return i >= 0 && !!args.splice(i, 1) }
const paintOnly = flag('--paint'), lighthouseOnly = flag('--lighthouse')
const update = flag('--update'), trees = option('--trees')
const shots = option('--shots') || 'shots'
const only = option('--only')
const base = option('--base')
const wanted = option('--sizes')
const sessions = option('--sessions')
const atOnce = Number(option('--at-once')) || 2
const plan = JSON.parse(fs.readFileSync(args[0], 'utf8'))
plan.base = base || plan.base
const origin = new URL(plan.base).origin
fs.mkdirSync(shots, { recursive: true })

const sizes = [[390, 844, 'phone'], [1366, 768, 'desk'], [320, 256, 'zoom']].filter(s => !wanted || wanted.split(',').includes(s[2]))
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'wcag2aaa', 'best-practice']
// Smallest target and letter in CSS pixels, by face and size of screen.
const bars = {
  xl: { phone: [60, 30], zoom: [60, 30] },
  elder: { phone: [60, 24], desk: [60, 24], zoom: [60, 24] },
  portal: { phone: [44, 16], desk: [44, 16], zoom: [44, 16] },
  care: { phone: [56, 16], desk: [56, 15], zoom: [56, 15] },
  office: { phone: [44, 13], desk: [28, 13], zoom: [44, 13] },
  doc: { desk: [24, 12] },
}
const modesOf = face => face === 'portal' ? ['normal', 'elder', 'xl'] : ['normal']

const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM || '/usr/bin/chromium', headless: true,
  args: ['--no-sandbox', '--disable-gpu', '--hide-scrollbars', '--force-color-profile=srgb', '--font-render-hinting=none', '--lang=zh-CN'],
})
let bad = 0, seen = 0
const fail = (what, problems) => { bad++; console.log(`FAIL ${what}\n   ${problems.join('\n   ')}`) }
const began = Date.now()
const list = paintOnly ? plan.entries : lighthouseOnly ? plan.lighthouse : plan.pages
for (const s of sessions ? sessions.split(',') : []) plan.logins[s.split('=')[0]] = { cookies: [{ name: 'yl_session', value: s.split('=')[1] }] }
const acting = paintOnly || lighthouseOnly || only ? [] : plan.before || []
for (const [name, l] of Object.entries(plan.logins || {})) {
  if (!l.cookies && [...list, ...acting].some(p => p.as === name)) l.cookies = await login(name, l)
}
if (paintOnly) await paint()
else if (lighthouseOnly) await askLighthouse()
else await audit()
await browser.close()
process.exit(bad || !seen ? 1 : 0)

// audit looks at all pages, some at once. What a page can do is gathered for
// each login, so that in the end the elder mode is compared with the normal one.
async function audit() {
  const queue = [...plan.pages], can = {}, heard = new Map()
  const routes = plan.routes && !only ? allRoutes(plan) : null
  for (const b of acting) queue.push(...await act(b))
  let busy = 0
  const worker = async () => {
    const open = {} // one page for each login and mode, used again
    for (;;) {
      const p = queue.shift()
      if (!p) {
        if (!busy) break
        await new Promise(r => setTimeout(r, 50))
        continue
      }
      busy++
      try { await look(p, open, queue, can, routes, heard) } finally { busy-- }
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  for (const [as, modes] of Object.entries(can)) {
    const lost = [...modes.normal].filter(u => !modes.elder.has(u) && !can.visitor?.elder.has(u)).sort()
    if (lost.length && routes) fail(`${as} elder mode cannot reach`, lost)
  }
  const unseen = routes ? routes.left() : []
  if (unseen.length) fail('no page leads to these routes', unseen)
  const changed = trees ? compare(trees, heard, update) : []
  if (changed.length) fail('what a screen reader is told (look, then --update)', changed)
  console.log(`${seen} pages looked at in ${Math.round((Date.now() - began) / 1000)} s, ${bad} with problems`)
}

async function look(p, open, queue, can, routes, heard) {
  const skip = only && !p.url.includes(only)
  const forms = {}
  let face = 'portal'
  for (const mode of ['normal', 'elder', 'xl']) {
    if (mode !== 'normal' && (skip || !modesOf(face).includes(mode))) break
    const key = (p.as || '') + ' ' + mode
    const tab = open[key] ||= await newTab(p.as, mode)
    tab.problems = []
    try {
      const res = await tab.page.goto(plan.base + p.url.split('#')[0], { waitUntil: 'load' }) // with a fragment a browser may stay where it is and answer nothing
      if (p.found && !/^text\/html/.test(res.headers()['content-type'])) return // a file
      if (mode === 'normal') {
        face = await tab.page.evaluate(() => document.documentElement.dataset.face)
        routes?.seen(p.url)
        routes?.seen(new URL(tab.page.url()).pathname)
      }
      if (res.status() !== (p.status || 200)) tab.problems.push('status ' + res.status())
      if (mode === 'normal' && p.follow) queue.unshift(...await follow(p, tab.page))
      if (skip) return
      const l = await tab.page.evaluate(linksOf)
      if (mode === 'normal' && routes) queue.push(...routes.fresh(l.links).map(url => ({ as: p.as, url, found: true })))
      if (face === 'portal' && mode !== 'xl') {
        const all = (can[p.as || 'visitor'] ||= { normal: new Set(), elder: new Set() })[mode]
        l.links.forEach(x => all.add(x))
        forms[mode] = l.forms
      }
      if (trees) await hear(heard, face + (mode === 'normal' ? '' : ' ' + mode), tab.page)
      for (const s of sizes) await checkSize(p, tab, face, mode, s)
    } catch (e) {
      if (p.found && /ERR_ABORTED/.test(e.message)) return // a download
      tab.problems.push('could not be looked at: ' + e.message)
    }
    const lost = mode === 'elder' ? forms.normal.filter(x => !forms.elder.includes(x)) : []
    if (lost.length) tab.problems.push('lost in elder mode: ' + lost.join(' '))
    if (tab.problems.length) fail(`${p.as || '-'} ${p.url} ${mode}`, [...new Set(tab.problems)])
  }
}

// hear gathers what a screen reader is told of the examples.
async function hear(heard, face, page) {
  for (const [example, text] of await treesOf(page)) {
    const texts = heard.get(example) || heard.set(example, new Map()).get(example)
    texts.set(text, [...(texts.get(text) || []), face])
  }
}

async function newTab(as, mode) {
  const context = await browser.createBrowserContext()
  const cookies = [...(plan.logins?.[as]?.cookies || [])]
  if (mode !== 'normal') cookies.push({ name: 'yl_mode', value: mode })
  if (cookies.length) await browserCookies(context, cookies)
  const tab = { page: await context.newPage(), problems: [] }
  tab.page.on('request', r => { const u = new URL(r.url()); if (u.protocol.startsWith('http') && u.origin !== origin) tab.problems.push('asks another host: ' + u.host) })
  tab.page.on('console', m => { if (m.type() === 'error' && !/status of 4\d\d/.test(m.text())) tab.problems.push('console: ' + m.text()) })
  tab.page.on('dialog', d => { tab.problems.push('opens a dialog'); d.dismiss() })
  return tab
}

async function checkSize(p, tab, face, mode, [width, height, size]) {
  const bar = bars[mode === 'normal' ? face : mode][size]
  if (!bar) return
  seen++
  const { page } = tab, problems = []
  await page.setViewport({ width, height })
  if (mode !== 'xl') {
    if (!await page.evaluate('!!window.axe')) await page.evaluate(axe) // over the debugging protocol, which the content policy does not stop
    problems.push(...await page.evaluate(async t => (await axe.run(document, { runOnly: { type: 'tag', values: t }, resultTypes: ['violations'] })).violations
      .map(v => `axe ${v.id} ×${v.nodes.length}: ${v.nodes.slice(0, 2).map(n => n.target.join(' ') + ' – ' + (n.any[0]?.message || n.all[0]?.message || n.none[0]?.message || '')).join(' | ')}`), tags))
  }
  problems.push(...await page.evaluate(measure, bar))
  await page.screenshot({ path: path.join(shots, `${shotName(p)}-${mode}-${size}.png`), fullPage: size !== 'zoom' })
  if (size === (face === 'office' ? 'desk' : 'phone') && mode !== 'xl' && face !== 'doc') problems.push(...await walk(page))
  const cut = await page.evaluate(spacing)
  if (cut) problems.push('wider text spacing: ' + cut)
  tab.problems.push(...problems.map(x => size + ': ' + x))
}

function shotName(p) {
  return (p.name || (p.as ? p.as + p.url : p.url.slice(1) || 'home')).replace(/[^\w一-鿿]+/g, '_')
}

// walk goes through the page with the Tab key.
async function walk(page) {
  const problems = []
  await page.evaluate(() => { window.scrollTo(0, 0); window.__stops = []; document.querySelector('a.skip')?.focus() })
  await page.evaluate(stop)
  for (let i = 0; i < 220; i++) {
    await page.keyboard.press('Tab')
    const said = await page.evaluate(stop)
    if (said === 'end') {
      const left = await page.evaluate(() => [...document.querySelectorAll('a[href],button,select,textarea,input:not([type=hidden],[type=radio])')]
        .filter(e => !window.__stops.includes(e) && !e.disabled && e.checkVisibility({ visibilityProperty: true }) && !e.closest('details:not([open])>:not(summary)')).map(e => e.outerHTML.slice(0, 60)))
      if (left.length) problems.push('Tab does not reach ' + left.slice(0, 3).join(' '))
      break
    }
    if (said) problems.push('Tab: ' + said)
  }
  await page.evaluate(() => { document.activeElement?.blur(); window.scrollTo(0, 0) })
  return problems.slice(0, 4)
}

// paint loads each entry page on a line of 400 kbit/s with 400 ms latency, five
// times with an empty browser (the median counts) and once more with its cookies.
async function paint() {
  console.log('first paint (median of 5 at 400 ms, 400 kbit/s), bytes as sent (gzip), first sound of 听 (ms, same line, never said before)\n    ms    HTML     all      JS  requests  second HTML  sound  page')
  for (const e of plan.entries) {
    const face = e.url.startsWith('/v/') ? 'care' : 'portal', ms = []
    let first, second
    for (let i = 0; i < 5; i++) {
      const context = await browser.createBrowserContext()
      const cookies = [...(plan.logins?.[e.as]?.cookies || [])]
      if (e.mode) cookies.push({ name: 'yl_mode', value: e.mode })
      if (cookies.length) await browserCookies(context, cookies)
      const page = await context.newPage()
      await page.setViewport({ width: 390, height: 844 })
      const got = await load(page, e.url, ms, i ? 'load' : 'networkidle0', i === 0 && face === 'portal')
      if (i === 0) [first, second] = [got, await load(page, e.url, [])]
      await context.close()
    }
    const median = Math.round(ms.sort((a, b) => a - b)[2])
    const name = `${e.as || '-'} ${e.url} ${e.mode || ''}`
    console.log([median, first.html, first.all, first.js, first.before, second.html, first.sound ?? '-'].map((n, i) => String(n).padStart([6, 8, 8, 8, 10, 13, 7][i])).join('') + '  ' + name)
    seen++
    const wrong = []
    if (median > 1000) wrong.push(`first paint ${median} ms > 1000`)
    if (first.html > 14336) wrong.push(`${first.html} bytes of HTML > 14336`)
    if (first.all > 60000) wrong.push(`${first.all} bytes in all > 60000`)
    if (first.js > (face === 'care' ? 25000 : 10000)) wrong.push(`${first.js} bytes of script`)
    if (first.before !== 1) wrong.push(`${first.before} requests before the first paint`)
    if (first.sound > 1500) wrong.push(`first sound after ${first.sound} ms > 1500`)
    if (second.html >= first.html) wrong.push('the second visit is not smaller')
    if (wrong.length) fail(name, wrong)
  }
}

async function load(page, url, ms, until = 'load', listen = false) {
  const cdp = await page.createCDPSession()
  await cdp.send('Network.enable')
  await cdp.send('Network.emulateNetworkConditions', { offline: false, latency: 400, downloadThroughput: 50000, uploadThroughput: 50000 })
  const kind = {}, out = { html: 0, js: 0, all: 0, before: 0 }
  cdp.on('Network.requestWillBeSent', r => { kind[r.requestId] = r.type })
  cdp.on('Network.loadingFinished', r => {
    out.all += r.encodedDataLength
    if (kind[r.requestId] === 'Script') out.js += r.encodedDataLength
  })
  await page.goto(plan.base + url, { waitUntil: until, timeout: 60000 })
  const t = await page.evaluate(() => ({ html: performance.getEntriesByType('navigation')[0].encodedBodySize, fcp: performance.getEntriesByName('first-contentful-paint')[0]?.startTime,
    done: performance.getEntriesByType('resource').filter(r => r.responseEnd <= (performance.getEntriesByName('first-contentful-paint')[0]?.startTime || 0) && r.renderBlockingStatus === 'blocking').length }))
  out.html = t.html
  if (listen) out.sound = await page.evaluate(firstSound)
  ms.push(t.fcp ?? 99999)
  out.before = 1 + t.done
  await cdp.detach()
  return out
}

// askLighthouse gives each page to Lighthouse: on a phone, in the office at a desk.
async function askLighthouse() {
  const { default: lighthouse, desktopConfig } = await import('lighthouse')
  console.log('Lighthouse  accessibility   first paint (slow 4G as it simulates it; at a desk: its line for desks)')
  for (const p of plan.lighthouse) {
    const office = /^\/[oj]\//.test(p.url), tab = await newTab(p.as, p.mode || 'normal')
    let url = plan.base + p.url
    for (const link of [p.link || []].flat()) {
      if (url) await tab.page.goto(url)
      url = await tab.page.evaluate(s => document.querySelector(s)?.href, link)
    }
    const name = `${p.as || '-'} ${p.url}${[p.link || []].flat().map(l => ' → ' + l).join('')} ${p.mode || ''}`
    const audits = { onlyCategories: ['accessibility', 'performance'], disableStorageReset: true, disableFullPageScreenshot: true, logLevel: 'error' }
    let lhr
    for (let again = 0; url && again < 2 && (!lhr || lhr.runtimeError); again++) lhr = (await lighthouse(url, audits, office ? desktopConfig : undefined, tab.page)).lhr // a trace may be lost on a busy machine
    await tab.page.browserContext().close()
    seen++
    if (!lhr || lhr.runtimeError) { fail(name, [lhr?.runtimeError?.message || 'no such link']); continue }
    const score = Math.round(lhr.categories.accessibility.score * 100), paint = Math.round(lhr.audits['first-contentful-paint'].numericValue)
    console.log(`${String(score).padStart(25)}${String(paint).padStart(11)} ms${!office && paint > 1000 ? ' (over 1000)' : ''}  ${name}`)
    const wrong = lhr.categories.accessibility.auditRefs.filter(r => r.weight && lhr.audits[r.id].score !== null && lhr.audits[r.id].score < 1)
      .map(r => `${r.id}: ${lhr.audits[r.id].details?.items?.slice(0, 3).map(i => i.node?.snippet).join(' ')}`)
    if (score < 100) fail(name, [`accessibility ${score} < 100`, ...wrong])
  }
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
    if (l.behalf) {
      await page.goto(plan.base + '/family')
      await submit(page, 'form[action="/family/act"] button')
    }
    if (page.url().includes('/login')) throw new Error('still at ' + page.url() + ': ' + await page.evaluate(() => document.querySelector('main').innerText.slice(0, 200)))
    return (await context.cookies()).filter(c => !/^yl_(mode|form|css_)/.test(c.name)).map(({ name, value }) => ({ name, value }))
  } catch (e) {
    fail('login ' + name, [e.message])
    return []
  } finally {
    await context.close()
  }
}

async function submit(page, button = 'main form:not([role=search]) button.btn--wide') {
  await Promise.all([page.waitForNavigation(), page.click(button)])
}

// act does what "before" says.
async function act(b) {
  const { page } = await newTab(b.as, 'normal')
  try {
    await page.setJavaScriptEnabled(false)
    await page.goto(plan.base + b.url)
    for (const selector of b.tap) {
      const e = await page.$(selector)
      if (!e) throw new Error(`nothing is ${selector} at ${page.url()}`)
      const leads = await e.evaluate(e => !!e.closest('a,button'))
      await Promise.all([leads && page.waitForNavigation(), e.evaluate(e => e.click())])
    }
    const url = page.url().slice(origin.length)
    if (b.until && !page.url().includes(b.until)) throw new Error('came to ' + page.url() + ': ' + await page.evaluate(() => document.querySelector('main').innerText.slice(0, 200)))
    return b.look ? [{ as: b.as, url }] : []
  } catch (e) {
    fail(`before: ${b.as} ${b.url}`, [e.message])
    return []
  } finally {
    await page.browserContext().close()
  }
}

// follow finds the pages that a page says to follow.
async function follow(p, page) {
  const out = []
  for (const f of p.follow) {
    const selector = typeof f === 'string' ? f : f.link
    const url = await page.evaluate(s => document.querySelector(s)?.getAttribute('href'), selector)
    if (url) out.push({ as: p.as, url: new URL(url, plan.base + p.url).href.slice(origin.length), follow: f.follow })
    else if (!f.optional) fail(`${p.as || '-'} ${p.url}`, ['no link ' + selector])
  }
  return out
}

async function browserCookies(context, cookies) {
  const { hostname } = new URL(plan.base)
  await context.setCookie(...cookies.map(c => ({ domain: hostname, path: '/', ...c })))
}
