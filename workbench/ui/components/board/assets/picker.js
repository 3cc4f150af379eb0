// Where to: the subgroups by their digit or by typing, or a new one made in place.

import { h, hide, placeBeside, show } from "../workbench.reader/dom.js"

const fold = (s) => s.normalize("NFKD").replace(/\p{M}/gu, "").toLocaleLowerCase()

export class Picker {
  constructor({ t, closed }) {
    this.t = t
    const id = `wb-list-${Math.random().toString(36).slice(2)}`
    this.input = h("input", { class: "wb-field", type: "text", role: "combobox", "aria-expanded": "true", "aria-autocomplete": "list",
      "aria-label": t("picker"), "aria-controls": id, autocomplete: "off", spellcheck: "false", maxlength: "120" })
    this.list = h("div", { class: "wb-options", role: "listbox", id })
    this.el = h("div", { class: "wb-picker", popover: "auto", role: "dialog" }, this.input, this.list)
    this.input.addEventListener("input", () => this.#render())
    this.el.addEventListener("keydown", (e) => this.#key(e))
    this.el.addEventListener("toggle", (e) => { if (e.newState === "closed") closed() })
    this.list.addEventListener("mousedown", (e) => e.preventDefault()) // the field keeps the focus
    this.list.addEventListener("click", (e) => {
      const option = e.target.closest("[data-index]")
      if (option) this.#take(this.options[Number(option.dataset.index)])
    })
  }

  get isOpen() { return this.el.matches(":popover-open") }

  // done(id of the place, null) or done(null, name of a new subgroup)
  open({ rect, label, places, done }) {
    Object.assign(this, { places, done })
    this.input.value = ""
    for (const el of [this.input, this.el]) el.setAttribute("aria-label", label)
    this.input.placeholder = this.t("picker")
    show(this.el)
    this.#render()
    placeBeside(this.el, rect)
    this.input.focus({ preventScroll: true })
  }

  #render() {
    const typed = this.input.value.trim()
    const wanted = fold(typed)
    this.options = this.places.filter((one) => fold(one.title).includes(wanted))
    if (typed && !this.places.some((one) => fold(one.title) === wanted)) this.options.push({ fresh: typed })
    this.active = 0
    this.list.replaceChildren(...this.options.map((one, i) => h("div", { class: "wb-option", role: "option", id: `${this.list.id}-${i}`, "data-index": i },
      one.fresh ? h("span", { class: "wb-plus", "aria-hidden": "true" }, "+") : one.key ? h("kbd", { class: "wb-key" }, one.key) : h("span"),
      h("span", { class: "wb-option-name" }, one.fresh ? this.t("picker.new", { name: one.fresh }) : one.title))))
    this.#point()
  }

  #point() {
    for (const [i, el] of [...this.list.children].entries()) el.setAttribute("aria-selected", String(i === this.active))
    this.list.children[this.active]?.scrollIntoView({ block: "nearest" })
    if (this.options.length) this.input.setAttribute("aria-activedescendant", `${this.list.id}-${this.active}`)
    else this.input.removeAttribute("aria-activedescendant")
  }

  #key(e) {
    e.stopPropagation()
    if (e.isComposing) return
    const step = { ArrowDown: 1, ArrowUp: -1 }[e.key]
    const digit = !this.input.value && this.places.find((one) => one.key === e.key)
    if (step) {
      this.active = (this.active + step + this.options.length) % Math.max(1, this.options.length)
      this.#point()
    } else if (digit) this.#take(digit)
    else if (e.key === "Enter") this.#take(this.options[this.active])
    else if (e.key === "Escape") hide(this.el)
    else return
    e.preventDefault()
  }

  #take(option) {
    if (!option) return
    hide(this.el)
    if (option.fresh) this.done(null, option.fresh)
    else this.done(option.id, null)
  }
}
