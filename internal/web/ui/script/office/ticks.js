// The batch bar counts along while rows are ticked: what goes, and what will not
// and why. Without script the button below the list asks the server the same.
const bar = document.querySelector("[data-batch]")
if (bar) {
  const table = document.querySelector(".work-list .tbl")
  const boxes = [...document.querySelectorAll(".work-list .tk input")]
  const ids = bar.querySelector("[data-ids]"), go = bar.querySelector("[data-go]"), why = bar.querySelector("[data-why]")
  const count = () => {
    const on = boxes.filter(b => b.checked)
    const bad = on.filter(b => b.closest("tr").dataset.against), good = on.filter(b => !bad.includes(b))
    bar.hidden = !on.length
    bar.querySelector("[data-n]").textContent = `已选 ${on.length} 件`
    go.textContent = `${bar.dataset.does} ${good.length} 件`
    go.hidden = !good.length
    ids.replaceChildren(...good.map(b => Object.assign(document.createElement("input"), { type: "hidden", name: "id", value: b.value })))
    why.hidden = !bad.length
    why.querySelector("span").textContent = bad.map(b => b.value.split("|")[2] + b.closest("tr").dataset.against).join("；") + `。不会一起${bar.dataset.done}。`
    for (const b of boxes) b.closest("tr").toggleAttribute("data-sel", b.checked)
  }
  for (const b of boxes) b.addEventListener("change", count)
  bar.querySelector("[data-clear]").addEventListener("click", e => {
    e.preventDefault()
    for (const b of boxes) b.checked = false
    count()
    boxes[0]?.focus()
  })
  // One box ticks all of the page; it is there only with script.
  const head = table?.querySelector("th")
  if (head && boxes.length) {
    const all = Object.assign(document.createElement("input"), { type: "checkbox" })
    const label = document.createElement("label")
    label.innerHTML = '<span class="vh">选这一页的全部</span>'
    label.append(all)
    head.className = "tk"
    head.replaceChildren(label)
    all.addEventListener("change", () => {
      for (const b of boxes) b.checked = all.checked
      count()
    })
  }
  const check = document.querySelector("[data-check]")
  if (check) check.hidden = true
  count()
}
