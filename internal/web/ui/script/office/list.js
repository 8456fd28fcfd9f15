// Keys of a worklist: they act only while the focus is inside it, so that
// nothing happens to who types elsewhere or speaks to the computer (WCAG 2.1.4).
const work = document.querySelector("[data-work]")
if (work && work.hasAttribute("data-keys")) {
  const rows = () => [...work.querySelectorAll(".work-list tbody tr")]
  const link = row => row && row.querySelector("td.who a")
  const here = () => {
    const row = document.activeElement.closest("tr")
    return rows().indexOf(row && work.contains(row) ? row : work.querySelector("tr[data-cur]"))
  }
  const go = step => {
    const all = rows(), i = here()
    const to = link(all[i < 0 ? 0 : Math.min(all.length - 1, Math.max(0, i + step))])
    if (to) to.focus()
  }
  const press = el => {
    if (!el) return
    if (el.tagName === "SUMMARY") {
      el.parentElement.open = true
      const field = el.parentElement.querySelector("textarea,input:not([type=hidden]),select")
      if (field) field.focus()
    } else el.click()
  }
  const keys = {
    j: () => go(1),
    k: () => go(-1),
    x: () => {
      const box = (rows()[here()] || work).querySelector(".tk input")
      if (box) box.click()
    },
    u: () => press(document.querySelector("[data-did] button")),
    "?": () => {
      const help = document.getElementById("keys")
      help.open = true
      help.querySelector("summary").focus()
    },
  }
  for (const letter of ["a", "r", "d"]) keys[letter] = () => press(work.querySelector(`[data-key="${letter.toUpperCase()}"]`))
  work.addEventListener("keydown", e => {
    if (e.ctrlKey || e.metaKey || e.altKey || e.isComposing || e.target.matches("input:not([type=checkbox]),textarea,select")) return
    const act = keys[e.key.toLowerCase()]
    if (!act) return
    e.preventDefault()
    if (!e.repeat || e.key === "j" || e.key === "k") act()
  })
  for (const hint of work.querySelectorAll("kbd[hidden]")) hint.hidden = false
  // Who comes from a row goes on there: the address ends in the row's link. Where
  // the preview stands below the list, it goes there; after the last row, to the first, or to the way back.
  const small = matchMedia("(max-width: 1100px)").matches, open = document.getElementById("pk")
  if (open && small) {
    open.focus()
    open.scrollIntoView()
  } else if (!open && new URLSearchParams(location.search).has("did")) {
    const to = link(rows()[0]) || work.querySelector("[data-did] button") // the list may be empty now
    if (to) to.focus()
  }
}
