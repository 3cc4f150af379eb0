// The picker: which code groups do these words belong to? Type two letters, press Enter.

import { h, hide, placeBeside, show, tagChip } from "./dom.js"

const fold = (s) => s.normalize("NFKD").replace(/\p{M}/gu, "").toLocaleLowerCase()
// Whether a name, or what follows a word's beginning in it, begins with this; both folded.
const begins = (name, part) => {
  for (let at = name.indexOf(part); at >= 0; at = name.indexOf(part, at + 1))
    if (at === 0 || !/[\p{L}\p{N}]/u.test(name[at - 1])) return true
  return false
}
const FEW = 40 // codes of codebooks that are listed before anything is typed
const recents = new Map() // project -> ids of code groups and codes, latest first; ids alone also on this device
const learnt = new Map() // project -> what was typed -> the code group it led to last

export class Picker {
  // done({fresh, dropped, codes, droppedCodes, created: [{id, name}], inVivo}): what is chosen now that was not, and
  // what no longer is; inVivo: the words themselves are to be the name of a new group.
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

  open({ rect, project, groups, codes = [], chosen = [], typed = "", placing = false, words = "" }) {
    const asOption = (c) => ({ id: c.id, name: c.label, path: c.path, tag: "", definition: c.codebook, isCode: true })
    Object.assign(this, { project, groups, codes: codes.map(asOption), words, placing, created: [], chosen: [...chosen], before: new Set(chosen), moved: false, rect })
    this.input.value = typed
    this.input.placeholder = this.t(groups.length ? "picker.placeholder" : "picker.placeholder_empty")
    this.input.setAttribute("aria-label", this.t("picker.label"))
    this.el.setAttribute("aria-label", this.t("picker.label"))
    this.hints.replaceChildren(
      hint("Enter", this.t(placing ? "picker.enter_place" : "picker.enter")), hint("Space", this.t("picker.space")),
      hint("Esc", this.t(placing ? "picker.esc_place" : "picker.esc")), ...(placing ? [] : [hint("Ctrl Enter", this.t("picker.ctrl_enter")), hint("Ctrl I", this.t("picker.ctrl_i"))]))
    show(this.el)
    this.#render()
    placeBeside(this.el, rect)
    this.input.focus({ preventScroll: true })
  }

  close() { hide(this.el) }

  // The words it belongs to have been scrolled; undefined when they have left the screen.
  follow(rect) { if (rect) placeBeside(this.el, rect) }

  #all() { return [...this.groups, ...this.created, ...this.codes] }

  #options() {
    const typed = this.input.value.trim()
    const wanted = fold(typed)
    const recent = recentOf(this.project)
    const all = this.#all()
    const rank = (g) => {
      const at = recent.indexOf(g.id)
      return at < 0 ? 1000 : at
    }
    if (!wanted) {
      const order = all.map((g, i) => [g, rank(g), i]).sort((a, b) => a[1] - b[1] || a[2] - b[2])
      const options = order.map(([g]) => ({ group: g }))
      return [...options.filter((o) => !o.group.isCode), ...options.filter((o) => o.group.isCode).slice(0, FEW)]
    }
    const usual = learnt.get(this.project)?.get(wanted)
    const scored = []
    for (const [i, g] of all.entries()) {
      const tag = fold(g.tag), name = fold(g.name)
      let score = 0
      if (tag && tag === wanted) score = 90
      else if (name === wanted) score = 95
      else if (name.startsWith(wanted)) score = 70
      else if (tag && tag.startsWith(wanted)) score = 75
      else if (name.split(/[^\p{L}\p{N}]+/u).some((w) => w.startsWith(wanted))) score = 50
      else if (name.includes(wanted) || (g.path && fold(g.path).includes(wanted))) score = 30
      else if (wanted.length > 2 && fold(g.definition ?? "").includes(wanted)) score = 10
      if (score && g.id === usual && score < 90) score = 85
      if (score) scored.push([g, score, rank(g), i])
    }
    scored.sort((a, b) => b[1] - a[1] || a[2] - b[2] || a[3] - b[3])
    const options = scored.filter(([g]) => !g.isCode).map(([g]) => ({ group: g }))
    const codes = scored.filter(([g]) => g.isCode).map(([g]) => ({ group: g }))
    if (!all.some((g) => fold(g.name) === wanted && !g.isCode)) options.push({ fresh: typed })
    // A new group is the last that is meant: not in the way of codes that were found.
    return options.length === 1 && options[0].fresh && codes.length ? [...codes, ...options] : [...options, ...codes]
  }

  #render() {
    this.options = this.#options()
    this.active = 0
    const nothing = this.input.value.trim() && this.options.length === 1 && this.options[0].fresh
    this.list.replaceChildren(
      ...(nothing ? [h("div", { class: "wr-none-found" }, this.t("picker.none", { typed: this.input.value.trim() }))] : []),
      ...this.options.flatMap((o, i) => {
        const first = o.group?.isCode && !this.options[i - 1]?.group?.isCode
        return [...(first ? [h("div", { class: "wr-list-part", role: "presentation" }, this.t("picker.codes"))] : []), this.#option(o, i)]
      }))
    this.#renderChosen()
    this.#point()
  }

  #option({ group, fresh }, i) {
    const on = group && this.chosen.includes(group.id)
    return h("div", { class: "wr-option", role: "option", id: `${this.list.id}-${i}`, "data-index": i, "aria-selected": String(!!on) },
      !group ? h("span", { class: "wr-plus", "aria-hidden": "true" }, "+") : group.isCode ? h("span", { class: "wr-code-sign", "aria-hidden": "true" }) : tagChip(group),
      h("span", { class: "wr-option-name" }, group ? group.path ?? group.name : this.t("picker.new", { typed: fresh })),
      on ? h("span", { class: "wr-check", "aria-hidden": "true" }, "✓") : null,
      group && !group.isNew && !group.isCode ? h("span", { class: "wr-count" }, String(group.count)) : null)
  }

  #renderChosen() {
    const all = this.#all()
    this.chips.replaceChildren(...this.chosen.map((id) => {
      const group = all.find((g) => g.id === id)
      return group ? h("span", { class: "wr-chip" }, group.isCode ? null : tagChip(group), h("span", {}, group.name)) : ""
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
    if ((e.ctrlKey || e.metaKey) && e.key.toLowerCase() === "i" && this.words && !this.placing) {
      e.preventDefault()
      this.close()
      return this.done({ inVivo: true })
    }
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
    const added = chosen.filter((id) => !this.before.has(id))
    const gone = [...this.before].filter((id) => !chosen.includes(id))
    const isCode = (id) => this.codes.some((c) => c.id === id)
    this.used(this.project, added)
    const created = this.created.filter((g) => chosen.includes(g.id)).map(({ id, name }) => ({ id, name }))
    this.close()
    this.done({
      fresh: added.filter((id) => !isCode(id)), codes: added.filter(isCode), created,
      dropped: gone.filter((id) => !isCode(id)), droppedCodes: gone.filter(isCode),
    })
  }

  used(project, ids) {
    const all = [...ids, ...recentOf(project).filter((id) => !ids.includes(id))].slice(0, 50)
    recents.set(project, all)
    try {
      localStorage.setItem(`workbench:recent:${project}`, JSON.stringify(all))
    } catch { /* a private window: for this visit only */ }
  }
}

function recentOf(project) {
  if (!recents.has(project)) {
    try {
      recents.set(project, JSON.parse(localStorage.getItem(`workbench:recent:${project}`) ?? "[]"))
    } catch {
      recents.set(project, [])
    }
  }
  return recents.get(project)
}

const hint = (keys, words) => h("span", {}, ...keys.split(" ").map((k) => h("kbd", {}, k)), ` ${words}`)
