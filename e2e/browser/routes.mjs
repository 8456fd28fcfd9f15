// What of all routes the pages of an audit have shown.
import fs from 'node:fs'

// allRoutes reads the table of routes and who may use them; plan.unseen names
// routes that answer with no page of their own, with the reason.
export function allRoutes(plan) {
  const list = fs.readFileSync(plan.routes, 'utf8').split('\n').map(l => l.split(/\s+/)).filter(f => f[0] === 'GET' && !f[1].startsWith('/api/'))
    .map(f => ({ path: f[1], like: new RegExp('^' + f[1].replace(/\{\$\}/, '').replace(/\{\w+\}/g, '[^/]+') + '$'), free: f[1].split('{').length }))
    .sort((a, b) => a.free - b.free) // the one with fewest gaps is the one that answers
  const done = new Set(Object.keys(plan.unseen || {})), asked = new Set(done)
  const of = url => list.find(r => r.like.test(url.split(/[?#]/)[0]))?.path
  for (const p of plan.pages) asked.add(of(p.url))
  return {
    seen(url) { done.add(of(url)); asked.add(of(url)) },
    // fresh are links to routes that nobody has asked for; each route once.
    fresh: links => links.filter(url => { const r = url.startsWith('/') && of(url); return r && !asked.has(r) && asked.add(r) }),
    left: () => list.map(r => r.path).filter(p => !done.has(p)),
  }
}
