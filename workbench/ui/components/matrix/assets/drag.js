// Dragging what is selected onto a section. The keys do the same: dragging is never the only way.

import { h } from "../workbench.reader/dom.js"

export class Drag {
  constructor(view) {
    this.view = view
    this.over = null
    this.items = null
    this.badge = h("div", { class: "wm-badge", "aria-hidden": "true" })
    view.root.append(this.badge)
    view.root.addEventListener("dragstart", (e) => this.#start(e))
    view.root.addEventListener("dragover", (e) => this.#over(e))
    view.root.addEventListener("dragleave", (e) => { if (!view.root.contains(e.relatedTarget)) this.#mark(null) })
    view.root.addEventListener("drop", (e) => this.#drop(e))
    view.root.addEventListener("dragend", () => this.#end())
  }

  #start(e) {
    const card = e.target.closest?.(".wm-card")
    if (!card) return
    const { view } = this
    const key = view.keyOf(card.section, card.unit)
    if (!view.chosen.has(key)) view.choose([key])
    this.items = view.acting()
    e.dataTransfer.effectAllowed = "copyMove"
    e.dataTransfer.setData("text/plain", this.items.map((i) => i.unit.short).join(" "))
    this.badge.textContent = view.t("count", { n: this.items.length })
    e.dataTransfer.setDragImage(this.badge, -8, -8)
    view.root.classList.add("is-dragging")
  }

  #section(e) {
    const el = e.target.closest?.(".wm-sec")
    if (!el) return null
    return el === this.view.tray.el ? this.view.tray : this.view.sections.get(el.dataset.key)
  }

  #over(e) {
    if (!this.items) return
    const section = this.#section(e)
    const may = section && section.to !== undefined
    const copy = may && section.to && (e.ctrlKey || e.altKey)
    if (may) {
      e.preventDefault()
      e.dataTransfer.dropEffect = copy ? "copy" : "move"
    }
    this.#mark(may ? section : null, copy)
  }

  #mark(section, copy = false) {
    if (this.over && this.over !== section) {
      this.over.el.classList.remove("is-over")
      this.over.drop.textContent = ""
    }
    this.over = section
    if (!section) return
    const { view } = this
    const n = this.items.length
    section.el.classList.add("is-over")
    section.drop.textContent = view.t(section.to ? (copy ? "drop.copy" : "drop.move") : "drop.out", { n })
  }

  #drop(e) {
    const section = this.#section(e)
    if (!this.items || !section || section.to === undefined) return
    e.preventDefault()
    const items = this.items
    const copy = e.ctrlKey || e.altKey
    this.#end()
    if (!section.to) this.view.takeOut(items)
    else this.view.move(section.to, {}, { copy, items })
  }

  #end() {
    this.#mark(null)
    this.items = null
    this.view.root.classList.remove("is-dragging")
  }
}
