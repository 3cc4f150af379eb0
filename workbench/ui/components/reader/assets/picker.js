// The picker: which code groups do these words belong to? Type two letters, press Enter.

import { h, hide, placeBeside, show, tagChip } from "./dom.js"

const fold = (s) => s.normalize("NFKD").replace(/\p{M}/gu, "").toLocaleLowerCase()
// Whether a name, or what follows a word's beginning in it, begins with this; both folded.
const begins = (name, part) => {
  for (let at = name.indexOf(part); at >= 0; at = name.indexOf(part, at + 1))
    if (at === 0 || !/[\p{L}\p{N}]/u.test(name[at - 1])) return true
  return false
}
const recents = new Map() // project -> code group ids, latest first
const learnt = new Map() // project -> what was typed -> the code group it led to last

export class Picker {
  // done({groups, added, created}): the chosen ids, and the new groups among them [{id, name}]
  constructor({ t, uuid, done, left }) {
    this.t = t
    this.uuid = uuid
    this.done = done
    this.left = left
    const id = `wr-list-${Math.random().toString(36).slice(2)}`
    this.input = h("input", {
      class: "wr-input", type: "text", role: "combobox", "aria-expanded": "true", "aria-autocomplete": "list",
      "aria-controls": id, autocomplete: "off", spellcheck: "false", maxlength: "120",
    })
    this.chips = h("div", { class: "wr-chips" })
    this.list = h("div", { class: "wr-list", role: "listbox", id, "aria-multiselectable": "true" })
    this.hints = h("div", { class: "wr-hints" })
    this.el = h("div", { class: "wr-picker", popover: "manual", role: "dialog" },
      this.input, this.chips, this.list, this.hints)
    this.input.addEventListener("input", () => { this.moved = false; this.#render() })
    this.el.addEventListener("keydown", (e) => this.#key(e))
    this.el.addEventListener("pointerdown", (e) => e.stopPropagation())
    this.list.addEventListener("mousedown", (e) => e.preventDefault()) // the input keeps the focus
    this.list.addEventListener("click", (e) => {
      const option = e.target.closest("[data-index]")
      if (!option) return
      this.active = Number(option.dataset.index)
      if (e.ctrlKey || e.metaKey) this.#toggle()
      else this.#commit(true)
    })
  }

  get isOpen() { return this.el.matches(":popover-open") }

  open({ rect, project, groups, chosen = [], typed = "", placing = false }) {
    Object.assign(this, { project, groups, placing, created: [], chosen: [...chosen], before: new Set(chosen), moved: false, rect })
    this.input.value = typed
    this.input.placeholder = this.t(groups.length ? "picker.placeholder" : "picker.placeholder_empty")
    this.input.setAttribute("aria-label", this.t("picker.label"))
    this.el.setAttribute("aria-label", this.t("picker.label"))
    this.hints.replaceChildren(
      hint("Enter", this.t(placing ? "picker.enter_place" : "picker.enter")), hint("Space", this.t("picker.space")),
      hint("Esc", this.t(placing ? "picker.esc_place" : "picker.esc")), ...(placing ? [] : [hint("Ctrl Enter", this.t("picker.ctrl_enter"))]))
    show(this.el)
    this.#render()
    placeBeside(this.el, rect)
    this.input.focus({ preventScroll: true })
  }

  close() { hide(this.el) }

  // The words it belongs to have been scrolled; undefined when they have left the screen.
  follow(rect) { if (rect) placeBeside(this.el, rect) }

  #all() { return [...this.groups, ...this.created] }

  #options() {
    const typed = this.input.value.trim()
    const wanted = fold(typed)
    const recent = recents.get(this.project) ?? []
    const all = this.#all()
    const rank = (g) => {
      const at = recent.indexOf(g.id)
      return at < 0 ? 1000 : at
    }
    if (!wanted) {
      const order = all.map((g, i) => [g, rank(g), i]).sort((a, b) => a[1] - b[1] || a[2] - b[2])
      return order.map(([g]) => ({ group: g }))
    }
    const usual = learnt.get(this.project)?.get(wanted)
    const scored = []
    for (const [i, g] of all.entries()) {
      const tag = fold(g.tag), name = fold(g.name)
      let score = 0
      if (tag === wanted) score = 90
      else if (name === wanted) score = 95
      else if (name.startsWith(wanted)) score = 70
      else if (tag.startsWith(wanted)) score = 75
      else if (name.split(/[^\p{L}\p{N}]+/u).some((w) => w.startsWith(wanted))) score = 50
      else if (name.includes(wanted)) score = 30
      else if (wanted.length > 2 && fold(g.definition ?? "").includes(wanted)) score = 10
      if (score && g.id === usual && score < 90) score = 85
      if (score) scored.push([g, score, rank(g), i])
    }
    scored.sort((a, b) => b[1] - a[1] || a[2] - b[2] || a[3] - b[3])
    const options = scored.map(([g]) => ({ group: g }))
    if (!all.some((g) => fold(g.name) === wanted)) options.push({ fresh: typed })
    return options
  }

  #render() {
    this.options = this.#options()
    this.active = 0
    const nothing = this.input.value.trim() && this.options.length === 1 && this.options[0].fresh
    this.list.replaceChildren(
      ...(nothing ? [h("div", { class: "wr-none-found" }, this.t("picker.none", { typed: this.input.value.trim() }))] : []),
      ...this.options.map((o, i) => this.#option(o, i)))
    this.#renderChosen()
    this.#point()
  }

  #option({ group, fresh }, i) {
    const on = group && this.chosen.includes(group.id)
    return h("div", { class: "wr-option", role: "option", id: `${this.list.id}-${i}`, "data-index": i, "aria-selected": String(!!on) },
      group ? tagChip(group) : h("span", { class: "wr-plus", "aria-hidden": "true" }, "+"),
      h("span", { class: "wr-option-name" }, group ? group.name : this.t("picker.new", { typed: fresh })),
      on ? h("span", { class: "wr-check", "aria-hidden": "true" }, "✓") : null,
      group && !group.isNew ? h("span", { class: "wr-count" }, String(group.count)) : null)
  }

  #renderChosen() {
    const all = this.#all()
    this.chips.replaceChildren(...this.chosen.map((id) => {
      const group = all.find((g) => g.id === id)
      return group ? h("span", { class: "wr-chip" }, tagChip(group), h("span", {}, group.name)) : ""
    }))
    this.chips.hidden = this.chosen.length === 0
    for (const [i, o] of this.options.entries()) {
      const on = !!o.group && this.chosen.includes(o.group.id)
      this.list.querySelector(`[data-index="${i}"]`)?.setAttribute("aria-selected", String(on))
    }
  }

  #point() {
    for (const el of this.list.querySelectorAll(".wr-option")) {
      const on = Number(el.dataset.index) === this.active
      el.classList.toggle("is-active", on)
      if (on) {
        this.input.setAttribute("aria-activedescendant", el.id)
        el.scrollIntoView({ block: "nearest" })
      }
    }
  }

  #move(by) {
    const n = this.options.length
    if (!n) return
    this.active = (this.active + by + n) % n
    this.moved = true
    this.#point()
  }

  #key(e) {
    e.stopPropagation()
    if (e.isComposing) return
    const empty = this.input.value === ""
    const act = {
      ArrowDown: () => this.#move(1),
      ArrowUp: () => this.#move(-1),
      Escape: () => this.leave(),
      Tab: () => this.leave(),
      Enter: () => (e.ctrlKey || e.metaKey ? this.#finish(this.placing ? this.chosen : []) : this.#commit(false)),
      " ": () => this.#toggle(),
      Backspace: () => (empty && this.chosen.length ? this.#drop() : null),
    }[e.key]
    if (!act) return
    if (e.key === " " && !empty && !e.ctrlKey && !this.#spaceAdds()) return
    if (e.key === "Backspace" && !(empty && this.chosen.length)) return
    e.preventDefault()
    act()
  }

  // After two letters a space means "this group, and another": not while the words may go on as a group's name.
  #spaceAdds() {
    if (this.moved) return true
    const typed = fold(this.input.value), wanted = typed.trim()
    const group = this.options[this.active]?.group
    if (!group || wanted.length < 2 || typed !== wanted || this.input.selectionEnd < this.input.value.length) return false
    const names = this.#all().map((g) => fold(g.name))
    if (fold(group.tag) === wanted) return !names.some((name) => name.startsWith(`${wanted} `))
    return begins(fold(group.name), wanted) && !names.some((name) => begins(name, `${wanted} `))
  }

  leave() {
    this.close()
    this.left()
  }

  #drop() {
    this.chosen.pop()
    this.#render()
  }

  // The option in focus as a code group; makes it when it is "New code group".
  #pick() {
    const option = this.options[this.active]
    if (!option) return null
    if (option.group) return option.group
    const group = { id: this.uuid(), name: option.fresh, tag: "+", colour: 0, count: 0, isNew: true }
    this.created.push(group)
    return group
  }

  #toggle() {
    const group = this.#pick()
    if (!group) return
    this.#learn(group)
    this.chosen = this.chosen.includes(group.id) ? this.chosen.filter((id) => id !== group.id) : [...this.chosen, group.id]
    const at = this.active
    const typed = this.input.value
    this.input.value = ""
    this.moved = false
    this.#render()
    if (!typed) { this.active = Math.min(at, this.options.length - 1); this.#point() }
  }

  #commit(pressed) {
    const add = pressed || this.input.value.trim() || this.moved || (!this.placing && !this.chosen.length)
    const group = add ? this.#pick() : null
    if (!add && !this.placing && !this.chosen.length) return
    if (group) this.#learn(group)
    let chosen = this.chosen
    if (group) chosen = chosen.includes(group.id) ? (pressed && this.placing ? chosen.filter((id) => id !== group.id) : chosen) : [...chosen, group.id]
    if (!group && !chosen.length && !this.placing) return
    this.#finish(chosen)
  }

  #learn(group) {
    const typed = fold(this.input.value.trim())
    if (!typed) return
    if (!learnt.has(this.project)) learnt.set(this.project, new Map())
    learnt.get(this.project).set(typed, group.id)
  }

  #finish(chosen) {
    const fresh = chosen.filter((id) => !this.before.has(id))
    recents.set(this.project, [...fresh, ...(recents.get(this.project) ?? []).filter((id) => !fresh.includes(id))].slice(0, 50))
    const created = this.created.filter((g) => chosen.includes(g.id)).map(({ id, name }) => ({ id, name }))
    this.close()
    this.done({ chosen, fresh, dropped: [...this.before].filter((id) => !chosen.includes(id)), created })
  }
}

const hint = (keys, words) => h("span", {}, ...keys.split(" ").map((k) => h("kbd", {}, k)), ` ${words}`)
