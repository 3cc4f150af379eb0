// Dragging what is selected onto a column, or onto a place in the bar. The keys do the same: dragging is never the
// only way.

import { h } from "../workbench.reader/dom.js"

export class Drag {
  constructor(view) {
    this.view = view
    this.ids = null
    this.over = null
    this.badge = h("div", { class: "wb-badge", "aria-hidden": "true" })
    const { root } = view
    root.append(this.badge)
    root.addEventListener("dragstart", (e) => this.#start(e))
    root.addEventListener("dragover", (e) => this.#over(e))
    root.addEventListener("dragleave", (e) => { if (!root.contains(e.relatedTarget)) this.#mark(null) })
    root.addEventListener("drop", (e) => this.#drop(e))
    root.addEventListener("dragend", () => this.end())
  }

  #start(e) {
    const card = e.target.closest?.(".wb-card")
    if (!card) return
    const { view } = this
    if (!view.chosen.has(card.unit)) view.choose([card.unit])
    this.ids = view.acting()
    e.dataTransfer.effectAllowed = "move"
    e.dataTransfer.setData("text/plain", this.ids.map((id) => view.model.units.get(id).text).join("\n\n"))
    this.badge.textContent = view.t("count", { n: this.ids.length })
    e.dataTransfer.setDragImage(this.badge, -8, -8)
    view.root.classList.add("is-dragging")
  }

  #over(e) {
    const target = this.ids && e.target.closest?.("[data-to]")
    if (target) {
      e.preventDefault()
      e.dataTransfer.dropEffect = "move"
    }
    this.#mark(target || null)
  }

  #mark(target) {
    if (this.over !== target) this.over?.classList.remove("is-over")
    this.over = target
    target?.classList.add("is-over")
  }

  #drop(e) {
    const target = this.ids && e.target.closest?.("[data-to]")
    if (!target) return
    e.preventDefault()
    const ids = this.ids
    this.end()
    this.view.move(target.dataset.to, ids)
  }

  end() {
    this.#mark(null)
    this.ids = null
    this.view.root.classList.remove("is-dragging")
  }
}
