// Where to: code groups and their subgroups by typing, or a new one made in place.

import { h, hide, placeBeside, show, tagChip } from "../workbench.reader/dom.js"

const fold = (s) => s.normalize("NFKD").replace(/\p{M}/gu, "").toLocaleLowerCase()
const MOST = 60 // options drawn

export class Picker {
  // done({group, subgroup}, fresh): `fresh` holds what must be made first, {new_code_groups, new_subgroups}
  constructor({ t, uuid, closed }) {
    Object.assign(this, { t, uuid, closed })
    const id = `wm-list-${Math.random().toString(36).slice(2)}`
    this.input = h("input", { class: "wr-input", type: "text", role: "combobox", "aria-expanded": "true", "aria-autocomplete": "list",
      "aria-controls": id, autocomplete: "off", spellcheck: "false", maxlength: "120" })
    this.list = h("div", { class: "wm-options", role: "listbox", id })
    this.hint = h("div", { class: "wm-picker-hint" })
    this.el = h("div", { class: "wm-picker", popover: "auto", role: "dialog" }, this.input, this.list, this.hint)
    this.input.addEventListener("input", () => this.#render())
    this.el.addEventListener("keydown", (e) => this.#key(e))
    this.el.addEventListener("toggle", (e) => { if (e.newState === "closed") this.closed() })
    this.list.addEventListener("mousedown", (e) => e.preventDefault()) // the input keeps the focus
    this.list.addEventListener("click", (e) => {
      const option = e.target.closest("[data-index]")
      if (option) this.#take(Number(option.dataset.index))
    })
  }

  get isOpen() { return this.el.matches(":popover-open") }

  open({ rect, label, groups, subgroups, here, done }) {
    Object.assign(this, { groups, subgroups, here, done })
    this.input.value = ""
    this.input.placeholder = label
    this.input.setAttribute("aria-label", label)
    this.el.setAttribute("aria-label", label)
    this.hint.textContent = this.t("picker.hint")
    show(this.el)
    this.#render()
    placeBeside(this.el, rect)
    this.input.focus({ preventScroll: true })
  }

  close() { hide(this.el) }

  #options() {
    const typed = this.input.value.trim()
    const [left, right] = typed.includes("/") ? typed.split(/\/(.*)/s).map((x) => x.trim()) : [typed, null]
    const wanted = fold(left)
    const score = (g) => {
      if (!wanted) return 1
      const name = fold(g.name)
      if (fold(g.tag) === wanted || name === wanted) return 9
      if (name.startsWith(wanted)) return 7
      if (name.split(/[^\p{L}\p{N}]+/u).some((w) => w.startsWith(wanted))) return 5
      return name.includes(wanted) ? 3 : 0
    }
    const ranked = this.groups.map((group, i) => ({ group, i, score: score(group) })).filter((o) => o.score).sort((a, b) => b.score - a.score || a.i - b.i)
    if (right !== null) { // IN / mess…: inside that group
      const inside = fold(right)
      const options = ranked.slice(0, 3).flatMap(({ group }) => this.subgroups.filter((s) => s.group === group.id && fold(s.name).includes(inside)).map((sub) => ({ group, sub })))
      if (ranked[0] && right && !options.some((o) => fold(o.sub.name) === inside)) options.push({ group: ranked[0].group, newSub: right })
      return options
    }
    const options = ranked.map(({ group, i }) => ({ group, key: i < 9 ? String(i + 1) : "" }))
    const subs = this.subgroups.filter((s) => (wanted ? fold(s.name).includes(wanted) : s.group === this.here))
    const of = new Map(this.groups.map((g) => [g.id, g]))
    for (const sub of subs) if (of.has(sub.group)) options.push({ group: of.get(sub.group), sub })
    if (!wanted && this.here && subs.length) options.push({ group: of.get(this.here), none: true })
    if (wanted && !this.groups.some((g) => fold(g.name) === wanted)) {
      options.push({ fresh: left })
      if (of.has(this.here)) options.push({ group: of.get(this.here), newSub: left })
    }
    return options
  }

  #render() {
    this.options = this.#options().slice(0, MOST)
    this.active = 0
    this.list.replaceChildren(...this.options.map((o, i) => h("div", { class: "wm-option", role: "option", id: `${this.list.id}-${i}`, "data-index": i },
      o.fresh || o.newSub ? h("span", { class: "wm-plus", "aria-hidden": "true" }, "+") : tagChip(o.group),
      h("span", { class: "wm-option-name" }, this.#name(o)),
      o.key ? h("kbd", { class: "wm-key" }, o.key) : null)))
    this.#point()
  }

  #name({ group, sub, newSub, fresh, none }) {
    if (fresh) return this.t("picker.new", { name: fresh })
    if (newSub) return this.t("picker.new_sub", { name: newSub, group: group.name })
    if (none) return this.t("picker.none")
    return sub ? sub.name : group.name
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
    if (step) {
      this.active = (this.active + step + this.options.length) % Math.max(1, this.options.length)
      this.#point()
    } else if (e.key === "Enter") this.#take(this.active)
    else if (e.key === "Escape") this.close()
    else if (/^[1-9]$/.test(e.key) && !this.input.value && this.groups[e.key - 1]) this.#take(this.options.findIndex((o) => o.key === e.key))
    else return
    e.preventDefault()
  }

  #take(i) {
    const option = this.options[i]
    if (!option) return
    const fresh = {}
    const to = { group: option.group?.id }
    if (option.fresh) {
      to.group = this.uuid()
      fresh.new_code_groups = [{ id: to.group, name: option.fresh }]
    }
    if (option.newSub) {
      to.subgroup = this.uuid()
      fresh.new_subgroups = [{ id: to.subgroup, code_group: to.group, name: option.newSub }]
    } else if (option.sub) to.subgroup = option.sub.id
    else if (option.none) to.subgroup = null
    const done = this.done
    this.close()
    done(to, fresh)
  }
}
