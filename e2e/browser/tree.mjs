// What a screen reader is told of every example of the gallery, kept as text:
// one file for each component, one block for each example, its faces above it.
import fs from 'node:fs'
import path from 'node:path'

// Of all that the browser says, what is heard: the rest is layout, the text of a
// control said a second time, or the browser's own parts of a date field.
const states = ['checked', 'pressed', 'expanded', 'selected', 'disabled', 'required', 'invalid', 'current', 'valuetext']

function lines(node, depth = 0) {
  const children = /^(Date|textbox)$/.test(node.role) ? [] : (node.children || []).filter(c => !/^(InlineTextBox|LineBreak)$/.test(c.role))
  const silent = /^(generic|none|paragraph|LabelText|Legend|LayoutTable\w*)$/.test(node.role) && !node.name
  const own = { heading: ['level'], textbox: ['value'], combobox: ['value'], spinbutton: ['value'] }[node.role] || []
  const said = [...own, ...states].filter(s => node[s] !== undefined && node[s] !== '' && node[s] !== false && node[s] !== 'false').map(s => ` ${s}=${node[s]}`).join('')
  const text = node.role === 'StaticText' ? `“${node.name}”` : node.role + (node.name ? ` “${node.name}”` : '') + said + (node.description ? ` (${node.description})` : '')
  const only = children.every(c => c.role === 'StaticText') && [node.name, node.value].includes(children.map(c => c.name).join(''))
  return [...(silent ? [] : ['  '.repeat(depth) + text]), ...(only ? [] : children.flatMap(c => lines(c, silent ? depth : depth + 1)))]
}

// treesOf is the text of each example on a page: [["component/name", text]…].
export async function treesOf(page) {
  const out = []
  for (const e of await page.$$('[data-example]')) {
    const tree = await page.accessibility.snapshot({ root: e, interestingOnly: false })
    out.push([await e.evaluate(e => e.dataset.example), lines(tree).slice(1).join('\n')]) // the first line names the example
  }
  return out
}

const order = ['portal', 'portal elder', 'portal xl', 'office', 'care']
const byFace = (a, b) => order.indexOf(a) - order.indexOf(b)

// compare holds what was gathered (Map of example → Map of text → faces) against
// the folder, or writes it anew, and answers what differs.
export function compare(folder, gathered, update) {
  const files = new Map()
  for (const [example, found] of [...gathered].sort(([a], [b]) => a < b ? -1 : 1)) {
    const texts = [...found].map(([text, faces]) => [text, faces.sort(byFace)]).sort(([, a], [, b]) => byFace(a[0], b[0]))
    const name = example.split('/')[0] + '.txt'
    const part = texts.map(([text, faces]) => `## ${example.split('/').slice(1).join('/')} – ${faces.join(', ')}\n${text}\n`).join('\n')
    files.set(name, (files.has(name) ? files.get(name) + '\n' : '') + part)
  }
  if (update) {
    fs.rmSync(folder, { recursive: true, force: true })
    fs.mkdirSync(folder, { recursive: true })
    for (const [name, text] of files) fs.writeFileSync(path.join(folder, name), text)
  }
  const kept = fs.existsSync(folder) ? fs.readdirSync(folder) : []
  const problems = kept.filter(name => !files.has(name)).map(name => `${name}: no such component any more`)
  for (const [name, text] of files) {
    const want = kept.includes(name) ? fs.readFileSync(path.join(folder, name), 'utf8') : ''
    if (text === want) continue
    const a = want.split('\n'), b = text.split('\n'), i = b.findIndex((l, i) => l !== a[i])
    problems.push(`${name} has changed, line ${i + 1}: ${a[i] ?? 'nothing'} → ${b[i] ?? 'nothing'}`)
  }
  return problems
}
