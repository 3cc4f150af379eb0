// The matrix on screen: the bar, the sections, the tray of units without a group, the status line, and every key.

import { h, hide, placeBeside, show } from "../workbench.reader/dom.js"
import { isComplete, outboxFor, uuid } from "../workbench.reader/outbox.js"
import { Drag } from "./drag.js"
import { Model, NONE, standing, unitsOf } from "./model.js"
import { Picker } from "./picker.js"
import { Section } from "./section.js"

const VERBS = new Set(["move", "copy", "take_out", "settle"])
const BY = ["group", "subgroup", "source", "participant", "stakeholder", "analyst", "wave"]
const SORT = ["text", "newest", "length", "source"]
const FILTERS = ["group", "subgroup", "source", "participant", "stakeholder", "analyst", "wave", "code"]
const LANES = 6 // side by side unless asked for otherwise
const LACKING = 3000 // ms without them before saying so
const NARROW = 640 // CSS px: below it one column
const kept = new Map() // project:member -> what one was looking at; words that were searched for stay in the page only
const mac = navigator.platform.startsWith("Mac")

const remembered = (name) => {
  try { return JSON.parse(localStorage.getItem(`workbench:units:${name}`) ?? "{}") } catch { return {} }
}

export class View {
  constructor(parent) {
    this.strings = {}
    this.model = new Model()
    this.sections = new Map()
    this.notes = new Map() // unit -> a sentence at its card
    this.t = (id, params = {}) => {
      const plural = "n" in params ? this.strings[`units.${id}.${params.n === 1 ? "one" : "other"}`] : undefined
      const sentence = plural ?? this.strings[`units.${id}`] ?? id
      return sentence.replace(/\{(\w+)\}/g, (whole, name) => (name in params ? String(params[name]) : whole))
    }
    this.look = { by: "group", sort: "text", lanes: null, filter: {}, tray: null }
    this.chosen = new Set() // keys of cards
    this.at = null // the card with the focus
    this.anchor = null
    this.root = h("div", { class: "wr wm", role: "region" })
    parent.append(this.root)
    this.seen = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) if (isIntersecting) this.#build(target.chunk)
    }, { rootMargin: "600px", scrollMargin: "1200px" })
    this.waitingChunks = new Set()
    this.sized = new ResizeObserver(() => {
      if (this.main && this.look.lanes === null && this.isLanes !== (this.#hasRoom(this.sections.size) && this.sections.size > 1)) this.layout(new Set())
      else this.#narrow()
    })
    this.sized.observe(this.root)
  }

  // ---- what comes from the server -----------------------------------------------------------------------

  arrived(base) {
    if (this.base?.name === base.name) return
    this.base = base
    if (this.data) this.update(this.data, this.trigger)
  }

  // What waits to be done, and which units are here already.
  tell(operations) { this.trigger("operations", { operations, have: this.base?.name ?? "" }) }

  update(data, trigger) {
    this.trigger = trigger
    this.data = data
    clearTimeout(this.lacking)
    if (this.base?.name !== data.base) { // all units are still on their way
      this.lacking = setTimeout(() => this.tell([]), LACKING)
      return
    }
    if (this.announced !== this.base.name) { // so that they need not come again
      this.announced = this.base.name
      setTimeout(() => this.tell([]))
    }
    const fresh = this.shownBase !== this.base.name
    const anew = fresh ? this.#open() : []
    const foretold = new Map(this.box.waiting.filter((op) => VERBS.has(op.verb)).flatMap(unitsOf)
      .map((id) => [id, this.model.units.get(id)]).filter(([, u]) => u).map(([id, u]) => [id, standing(u)]))
    const names = JSON.stringify([data.sources, data.participants, data.stakeholders, data.members, data.groups, data.subgroups, data.waves, data.codes])
    const refused = this.box.answer(data.acks)
    const dirty = this.model.live(data, this.waiting())
    for (const id of anew) dirty.add(id)
    for (const { operation, sentence } of refused) this.#refused(operation, sentence, foretold, dirty)
    if (fresh) this.#bar()
    this.#ask(data.ask)
    const renamed = names !== this.named
    this.named = names
    if (renamed) this.#fillBar()
    if (renamed || dirty.size) this.layout(renamed ? null : dirty)
    if (fresh) this.#return()
    this.status()
  }

  #open() {
    const first = this.shownBase === undefined
    this.shownBase = this.base.name
    this.strings = this.base.strings
    const anew = this.model.base(this.base)
    this.name = `${this.data.project}:${this.data.member}`
    this.root.setAttribute("aria-label", this.t("label"))
    if (first) {
      const before = kept.get(this.name)
      if (before) Object.assign(this, before)
      else Object.assign(this.look, remembered(this.name))
    }
    const box = outboxFor(this.data.project, this.data.member)
    if (this.box !== box) {
      this.box?.detach(this.onchange)
      this.box = box
      this.onchange = () => this.status()
      box.attach({
        send: (operations) => this.tell(operations),
        prepare: isComplete, // marks made in the reader and not sent yet: there is no text here to take words from
        onchange: this.onchange,
      })
    }
    return anew
  }

  // A sentence instead of a plain yes: at the cards that stand otherwise than they were put, else in the status line.
  #refused(operation, sentence, foretold, dirty) {
    const wrong = VERBS.has(operation.verb)
      ? [...new Set(unitsOf(operation))].filter((id) => { const u = this.model.units.get(id); return u && foretold.has(id) && standing(u) !== foretold.get(id) })
      : []
    for (const id of wrong) {
      this.notes.set(id, sentence)
      dirty.add(id)
    }
    this.say(sentence, true)
  }

  // An address may ask for a grouping, a filter or a unit; each asking is followed once.
  #ask(ask) {
    const asked = JSON.stringify(ask)
    if (this.asked === asked || asked === "{}") { this.asked = asked; return }
    this.asked = asked
    const { by, unit, of: source, group: stakeholder, code_group: group, several, ...more } = ask
    const filter = { ...(group && { group }), ...(source && { source }), ...(stakeholder && { stakeholder }), ...(several && { several: true }) }
    for (const name of ["subgroup", "participant", "analyst", "wave", "code"]) if (more[name]) filter[name] = more[name]
    if (Object.keys(filter).length || by) this.look.filter = filter
    if (BY.includes(by)) this.look.by = by
    if (group === NONE) this.look.tray = true
    this.wanted = unit
    this.named = null
  }

  waiting() { return this.box.waiting.filter((op) => VERBS.has(op.verb)) }

  leave() {
    this.keep()
    this.box?.detach(this.onchange)
    this.seen.disconnect()
    this.sized.disconnect()
    this.root.remove()
  }

  keep() {
    if (!this.name) return
    const scrolls = new Map([...this.sections].map(([key, s]) => [key, s.list.scrollTop]))
    const { look, chosen, at, anchor, asked, notes } = this
    kept.set(this.name, { look, chosen, at, anchor, asked, notes, scrolls, mainScroll: this.main?.scrollTop })
    const { by, sort, lanes, tray } = look
    try { localStorage.setItem(`workbench:units:${this.name}`, JSON.stringify({ by, sort, lanes, tray })) } catch { /* full or private */ }
  }

  // Back to where one was.
  #return() {
    for (const [key, top] of this.scrolls ?? []) { const s = this.sections.get(key); if (s) s.list.scrollTop = top }
    if (this.mainScroll) this.main.scrollTop = this.mainScroll
    this.scrolls = this.mainScroll = null // once: units that come anew move nothing
    this.root.classList.add("is-ready")
    const key = this.wanted && [...this.items().keys()].find((one) => one.endsWith(` ${this.wanted}`))
    if (key) { this.choose([key]); this.focus(key) }
    // As in the reader: its keys work at once, unless something is being typed.
    else if (!document.activeElement?.matches("input, textarea, select, [contenteditable]")) this.focus(this.at && this.items().has(this.at) ? this.at : null)
  }

  // ---- drawing ------------------------------------------------------------------------------------------

  #bar() {
    if (this.main) return this.#fillBar()
    const { t } = this
    const select = (name, label, run) => {
      const el = h("select", { class: "wm-select", "aria-label": label })
      el.addEventListener("change", () => run(el.value))
      return el
    }
    this.by = select("by", t("by"), (v) => this.#look({ by: v }))
    this.sort = select("sort", t("sort"), (v) => this.#look({ sort: v }))
    this.search = h("input", { class: "wm-search", type: "search", placeholder: t("search"), "aria-label": t("search"), spellcheck: "false", autocomplete: "off" })
    let typing
    this.search.addEventListener("input", () => { clearTimeout(typing); typing = setTimeout(() => this.#text(this.search.value), 90) })
    this.search.addEventListener("keydown", (e) => {
      e.stopPropagation()
      if (e.key === "Escape" && this.search.value) { this.search.value = ""; this.#text("") }
      else if (e.key === "Escape" || e.key === "ArrowDown" || e.key === "Enter") this.focus(this.at && this.items().has(this.at) ? this.at : null)
      else return
      e.preventDefault()
    })
    const pill = (label, run, more = {}) => h("button", { type: "button", class: "wr-pill", onclick: run, ...more }, label)
    this.filterButton = pill(t("filter"), () => this.#openFilter(), { "aria-haspopup": "dialog" })
    this.severalButton = pill("", () => this.#look({ filter: this.look.filter.several ? { ...this.look.filter, several: undefined } : { several: true } }))
    this.lanesButton = pill(t("lanes"), () => this.#look({ lanes: !this.isLanes }), { title: t("lanes.what") })
    this.active = h("div", { class: "wm-active" })
    this.filterBox = h("div", { class: "wm-filter", popover: "auto", role: "dialog", "aria-label": t("filter") })
    this.keysBox = h("div", { class: "wm-keys", popover: "auto", role: "dialog", "aria-label": t("keys") }, this.#keys())
    this.main = h("div", { class: "wm-main" })
    this.trayToggle = h("button", { type: "button", class: "wm-tray-toggle", onclick: () => { this.look.tray = !this.isTray; this.layout(new Set()); this.keep() } })
    this.tray = new Section(this, "loose")
    this.tray.el.classList.add("wm-tray")
    this.tray.head.replaceChildren(this.trayToggle, this.tray.drop)
    this.hint = h("div", { class: "wm-hint" })
    this.acts = h("div", { class: "wm-acts", role: "toolbar", "aria-label": t("acts") })
    this.told = h("span", { class: "wm-said", role: "status" })
    this.picker = new Picker({ t, uuid, closed: () => this.focus(this.at) })
    const field = (label, el) => h("label", { class: "wm-field" }, h("span", {}, label), el)
    this.root.append(
      h("div", { class: "wm-bar" }, field(t("by"), this.by), field(t("sort"), this.sort), this.search, this.filterButton, this.severalButton, this.active,
        h("span", { class: "wm-space" }), this.lanesButton,
        pill(t("keys"), () => this.#openKeys(), { class: "wr-pill wr-plain", "aria-haspopup": "dialog" })),
      this.main, this.tray.el,
      h("div", { class: "wm-status" }, this.acts, this.hint, this.told),
      this.filterBox, this.keysBox, this.picker.el)
    this.root.addEventListener("keydown", (e) => this.#key(e))
    this.root.addEventListener("click", (e) => this.#click(e))
    this.root.addEventListener("dblclick", (e) => { const card = e.target.closest(".wm-card"); if (card && !e.target.closest("button, a")) this.openUnit(card.unit) })
    this.root.addEventListener("focusin", (e) => { const card = e.target.closest?.(".wm-card"); if (card === e.target) this.#point(this.keyOf(card.section, card.unit)) })
    this.root.addEventListener("copy", (e) => this.#copy(e))
    this.drag = new Drag(this)
    this.main.addEventListener("scroll", () => this.#soon(), { passive: true })
  }

  #fillBar() {
    const { t, model, look } = this
    const has = { subgroup: model.subgroups.length, wave: model.names.waves.size, analyst: model.names.members.size > 1, participant: model.names.people.size, stakeholder: model.names.stakeholders.size }
    const options = BY.filter((by) => has[by] !== 0 && has[by] !== false || by === look.by)
    this.by.replaceChildren(...options.map((by) => new Option(t(`by.${by}`), by, false, by === look.by)))
    this.sort.replaceChildren(...SORT.map((one) => new Option(t(`sort.${one}`), one, false, one === look.sort)))
    this.by.value = look.by
    this.sort.value = look.sort
    if (document.activeElement !== this.search) this.search.value = look.text ?? ""
  }

  #look(changes) {
    Object.assign(this.look, changes)
    this.choose([])
    this.layout(new Set())
    this.keep()
    this.say(this.t("shown", { n: this.shown.fitting }))
  }

  #text(value) {
    this.look.text = value
    const words = this.model.words(value)
    this.#look({ filter: { ...this.look.filter, text: words.length ? words : undefined } })
  }

  // Everything where it belongs; `dirty` cards are drawn anew, null all of them.
  layout(dirty) {
    const inside = this.root.contains(document.activeElement) && document.activeElement.closest(".wm-card")
    const { look, model, t } = this
    const unfiltered = Object.values(look.filter).every((v) => !v)
    const whole = unfiltered ? null : model.sections({ ...look, filter: {} }, t)
    const all = whole && new Map(whole.sections.map((s) => [s.key, s.units.length]))
    this.shown = model.sections(look, t)
    const { sections, loose, allLoose } = this.shown
    this.isLanes = !look.filter.several && sections.length > 1 && (look.lanes ?? this.#hasRoom(sections.length))
    this.root.classList.toggle("is-lanes", this.isLanes)
    this.isTray = look.tray ?? (loose.length > 0 && this.root.clientWidth >= NARROW)
    const old = this.sections
    this.sections = new Map()
    const digits = new Map(model.groups.slice(0, 9).map((g, i) => [g.id, String(i + 1)]))
    for (const one of sections) {
      // A section that shows its units in another way is another section.
      const section = old.get(one.key) ?? new Section(this, one.key)
      old.delete(one.key)
      this.sections.set(one.key, section)
      section.update(one, { dirty, all: all?.get(one.key), digit: look.by === "group" && one.kind === "group" ? digits.get(one.key) : "" })
    }
    for (const section of old.values()) {
      for (const chunk of section.chunks) this.unwatch(chunk.el)
      section.el.remove()
    }
    const els = [...this.sections.values()].map((s) => s.el)
    if (els.length !== this.main.children.length || els.some((el, i) => el !== this.main.children[i])) this.main.replaceChildren(...els)
    this.tray.update({ title: t("loose"), kind: "loose", to: null, units: this.isTray ? loose.map((u) => [u, null]) : [] }, { dirty })
    if (!this.isTray) this.tray.empty.hidden = true
    this.trayToggle.replaceChildren(h("span", { class: "wm-chevron", "aria-hidden": "true" }), t("loose"),
      h("span", { class: "wm-count" }, unfiltered || loose.length === allLoose ? String(allLoose) : t("count_of", { n: loose.length, all: allLoose })))
    this.trayToggle.setAttribute("aria-expanded", String(this.isTray))
    this.root.classList.toggle("has-tray", this.isTray && loose.length > 0)
    const several = [...model.units.values()].reduce((n, u) => n + model.isSeveral(u), 0)
    this.severalButton.textContent = t("several", { n: several })
    this.severalButton.setAttribute("aria-pressed", String(!!look.filter.several))
    this.severalButton.hidden = !several && !look.filter.several
    this.lanesButton.setAttribute("aria-pressed", String(this.isLanes))
    this.by.disabled = !!look.filter.several
    this.#active()
    this.#narrow()
    this.cards = null
    const items = this.items()
    for (const key of this.chosen) {
      if (items.has(key)) continue
      this.chosen.delete(key)
      this.#paint(key, false)
    }
    if (!items.has(this.at)) this.at = null
    if (this.at === null) this.#point(this.first())
    else this.#point(this.at)
    if (inside && !this.root.contains(document.activeElement)) this.focus(this.at)
    this.#soon()
    this.status()
  }

  // Every card on screen, in reading order: key -> {unit, place, section}.
  items() {
    if (this.cards) return this.cards
    this.cards = new Map()
    for (const section of [...this.sections.values(), this.tray])
      for (const id of section.ids) this.cards.set(this.keyOf(section, id), { unit: section.units.get(id), place: section.places.get(id), section })
    return this.cards
  }

  keyOf(section, unit) { return `${section.key} ${unit}` }

  first() { return this.items().keys().next().value ?? null }

  href(unit) { return `${this.data.href}&source=${encodeURIComponent(unit.source)}&unit=${encodeURIComponent(unit.id)}` }

  watch(el) { this.seen.observe(el); this.waitingChunks.add(el.chunk); this.#soon() }

  unwatch(el) { this.seen.unobserve(el); this.waitingChunks.delete(el.chunk) }

  #build(chunk) {
    this.seen.unobserve(chunk.el)
    this.waitingChunks.delete(chunk)
    if (!chunk.built && chunk.el.isConnected) chunk.section.fill(chunk)
  }

  // What is out of sight is drawn when there is nothing else to do.
  #soon() {
    clearTimeout(this.idle)
    if (!this.waitingChunks.size) return
    const run = (deadline) => {
      for (const chunk of this.waitingChunks) {
        this.#build(chunk)
        if (deadline.timeRemaining() < 8) break
      }
      if (this.waitingChunks.size) this.idle = setTimeout(() => requestIdleCallback(run), 30)
    }
    this.idle = setTimeout(() => (window.requestIdleCallback ? requestIdleCallback(run) : run({ timeRemaining: () => 0 })), 400)
  }

  #hasRoom(sections) { return sections <= LANES && this.root.clientWidth / sections >= 11.6 * parseFloat(getComputedStyle(document.documentElement).fontSize) }

  #narrow() {
    const narrow = this.root.clientWidth < NARROW
    this.root.classList.toggle("is-narrow", narrow)
    if (this.lanesButton) this.lanesButton.hidden = narrow || !!this.look.filter.several || this.sections.size < 2
  }

  #active() {
    const { look, model, t } = this
    const f = look.filter
    const name = {
      group: (id) => (id === NONE ? t("no_group") : model.group.get(id)?.name), subgroup: (id) => model.subgroup.get(id)?.name,
      source: (id) => model.names.sources.get(id)?.[1], participant: (id) => model.names.people.get(id)?.[1],
      stakeholder: (id) => model.names.stakeholders.get(id)?.[3], analyst: (id) => model.names.members.get(id)?.[2], wave: (id) => model.names.waves.get(id)?.[1], code: (id) => model.names.codes.get(id)?.[1],
    }
    const set = FILTERS.filter((one) => f[one])
    this.active.replaceChildren(...set.map((one) => {
      const label = name[one](f[one]) ?? t("gone")
      return h("button", { type: "button", class: "wr-pill wm-set", title: t(`by.${one}`), "aria-label": t("filter.drop", { what: label }),
        onclick: () => this.#look({ filter: { ...f, [one]: undefined } }) }, h("span", {}, label), h("span", { "aria-hidden": "true" }, " ✕"))
    }))
    if (!this.shown.fitting && this.model.units.size) {
      this.active.append(h("span", { class: "wm-nothing" }, t("nothing")),
        h("button", { type: "button", class: "wr-pill", onclick: () => { this.search.value = ""; this.look.text = ""; this.#look({ filter: {} }) } }, t("filter.clear")))
    }
  }

  #openFilter() {
    const { model, t, look } = this
    const lists = {
      group: [...model.groups.map((g) => [g.id, `${g.tag}  ${g.name}`]), [NONE, t("no_group")]],
      subgroup: model.subgroups.map((s) => [s.id, `${model.group.get(s.group)?.tag ?? ""}  ${s.name}`]),
      source: [...model.names.sources.values()].map(([id, title]) => [id, title]),
      participant: [...model.names.people.values()].map(([id, name]) => [id, name]),
      stakeholder: [...model.names.stakeholders.values()].map(([id, , , name]) => [id, name]),
      analyst: [...model.names.members.values()].map(([id, , name]) => [id, name]),
      wave: [...model.names.waves.values()],
      code: [...model.names.codes.values()],
    }
    const rows = FILTERS.filter((one) => lists[one].length > 1 || (one === "group")).map((one) => {
      const el = h("select", { class: "wm-select" })
      el.append(new Option(t("filter.all"), ""), ...lists[one].map(([id, label]) => new Option(label, id)))
      el.value = look.filter[one] ?? ""
      el.addEventListener("change", () => this.#look({ filter: { ...this.look.filter, [one]: el.value || undefined } }))
      return h("label", { class: "wm-filter-row" }, h("span", {}, t(`by.${one}`)), el)
    })
    this.filterBox.replaceChildren(...rows, h("button", { type: "button", class: "wr-pill", onclick: () => { this.search.value = ""; this.look.text = ""; this.#look({ filter: {} }); hide(this.filterBox) } }, t("filter.clear")))
    show(this.filterBox)
    placeBeside(this.filterBox, this.filterButton.getBoundingClientRect(), 4)
    this.filterBox.querySelector("select")?.focus()
  }

  #openKeys() {
    show(this.keysBox)
    const { width, height } = this.keysBox.getBoundingClientRect()
    Object.assign(this.keysBox.style, { left: `${(innerWidth - width) / 2}px`, top: `${Math.max(8, (innerHeight - height) / 2)}px` })
  }

  #keys() {
    const ctrl = mac ? "⌘" : "Ctrl "
    const rows = [["↑ ↓ ← →", "walk"], ["J K", "down_up"], ["X", "select"], ["Shift ↑ ↓", "extend"], [`${ctrl}A`, "all"], ["M", "move"], ["C", "copy"], ["1-9", "digit"],
      ["Del", "take_out"], ["K", "keep"], ["Enter", "open"], ["/", "search"], [`${ctrl}Z`, "undo"], [`${ctrl}Shift Z`, "redo"], ["Esc", "none"], ["?", "help"]]
    return h("dl", {}, ...rows.flatMap(([key, id]) => [h("dt", {}, h("kbd", { class: "wm-key" }, key)), h("dd", {}, this.t(`keys.${id}`))]))
  }

  // ---- choosing and walking -----------------------------------------------------------------------------

  #node(key) {
    const item = this.items().get(key)
    return item?.section.node(item.unit.id)
  }

  #point(key) {
    if (this.at !== key && this.pointed) this.pointed.tabIndex = -1
    this.at = key
    const item = this.items().get(key)
    this.pointed = item?.section.nodes.get(item.unit.id)
    if (this.pointed) this.pointed.tabIndex = 0
  }

  focus(key) {
    const node = this.#node(key ?? this.first())
    if (!node) return
    this.#point(key ?? this.first())
    node.focus({ preventScroll: true })
    node.scrollIntoView({ block: "nearest", inline: "nearest" })
  }

  choose(keys) {
    const next = new Set(keys)
    for (const key of this.chosen) if (!next.has(key)) this.#paint(key, false)
    for (const key of next) if (!this.chosen.has(key)) this.#paint(key, true)
    this.chosen = next
    this.status()
  }

  #paint(key, on) {
    const [section, unit] = key.split(" ")
    const node = (section === "loose" ? this.tray : this.sections.get(section))?.nodes.get(unit)
    if (!node) return
    node.classList.toggle("is-on", on)
    node.setAttribute("aria-selected", String(on))
  }

  toggle(key) {
    const next = new Set(this.chosen)
    if (!next.delete(key)) next.add(key)
    this.anchor = key
    this.choose(next)
  }

  #range(to, add) {
    const item = this.items().get(to)
    const from = this.items().get(this.anchor)
    if (!from || from.section !== item.section) { this.anchor = to; return this.choose([...(add ? this.chosen : []), to]) }
    const { ids, at } = item.section
    const [a, b] = [at.get(from.unit.id), at.get(item.unit.id)].sort((x, y) => x - y)
    this.choose([...(add ? this.chosen : []), ...ids.slice(a, b + 1).map((id) => this.keyOf(item.section, id))])
  }

  #step(by, { extend, edge } = {}) {
    const item = this.items().get(this.at)
    if (!item) return this.focus(null)
    const { section } = item
    const i = section.at.get(item.unit.id)
    const j = edge ? (by < 0 ? 0 : section.ids.length - 1) : i + by
    if (section.ids[j] === undefined) {
      if (extend || this.isLanes) return
      return this.#across(by, by < 0 ? "last" : "first")
    }
    const key = this.keyOf(section, section.ids[j])
    if (extend) { this.anchor ??= this.at; if (!this.chosen.size) this.anchor = this.at; this.#range(key) }
    this.focus(key)
  }

  // To the section beside it, at about the same height.
  #across(by, end) {
    const all = [...this.sections.values(), this.tray].filter((s) => s.ids.length)
    const item = this.items().get(this.at)
    const next = all[all.indexOf(item?.section) + by]
    if (!next) return
    let id = end === "last" ? next.ids.at(-1) : next.ids[0]
    if (this.isLanes && !end && next !== this.tray) {
      const top = this.#node(this.at).getBoundingClientRect().top
      next.el.scrollIntoView({ block: "nearest", inline: "nearest" })
      const box = next.list.getBoundingClientRect()
      const card = document.elementFromPoint(box.left + box.width / 2, Math.min(Math.max(top + 12, box.top + 12), box.bottom - 12))?.closest?.(".wm-card")
      if (card?.section === next) id = card.unit
    }
    this.focus(this.keyOf(next, id))
  }

  // What the next act is about: those selected in reading order, else the one with the focus.
  acting() {
    const keys = this.chosen.size ? [...this.items().keys()].filter((key) => this.chosen.has(key)) : this.at ? [this.at] : []
    return keys.map((key) => ({ key, ...this.items().get(key) }))
  }

  // ---- acts ---------------------------------------------------------------------------------------------

  #do(operation, items) {
    // The next card that stays takes the focus, so that sorting goes on down the list.
    const last = items.at(-1)
    const { section } = last
    const gone = new Set(items.map((i) => i.key))
    const order = section.ids.map((id) => this.keyOf(section, id))
    const from = section.at.get(last.unit.id)
    const next = order.slice(from + 1).find((key) => !gone.has(key)) ?? order.slice(0, from).reverse().find((key) => !gone.has(key))
    const inside = this.root.contains(document.activeElement)
    for (const { unit } of items) this.notes.delete(unit.id)
    this.box.add({ source: "units", ...operation })
    const dirty = this.model.paint(this.waiting())
    for (const { unit } of items) dirty.add(unit.id)
    const stays = operation.verb === "copy"
    if (!stays) { this.chosen = new Set(); this.at = next ?? this.at }
    this.layout(dirty)
    if (inside && !this.picker.isOpen) this.focus(this.at)
  }

  move(to, fresh = {}, { copy = false, items = this.acting() } = {}) {
    const units = []
    const moved = []
    const unsure = []
    for (const item of items) {
      const { unit, place } = item
      const here = (p) => p.group === to.group && (to.subgroup === undefined || (p.subgroup === to.subgroup && !p.aside))
      const from = copy ? null : place ?? (unit.places.length === 1 ? unit.places[0] : null)
      if (!copy && !from && unit.places.length > 1) { unsure.push(unit.id); continue }
      if (copy ? unit.places.some(here) : from && here(from)) continue
      units.push([unit.id, from?.id ?? null, from?.subgroup ?? null, uuid()])
      moved.push(item)
    }
    if (unsure.length) {
      for (const id of unsure) this.notes.set(id, this.t("unsure"))
      if (!units.length) this.layout(new Set(unsure))
    }
    const name = fresh.new_code_groups?.[0].name ?? fresh.new_subgroups?.[0].name ?? (to.subgroup ? this.model.subgroup.get(to.subgroup)?.name : this.model.group.get(to.group)?.name)
    if (!units.length && !unsure.length && !this.chosen.size && !copy) this.#step(1) // sorting goes on down the list
    if (!units.length) return this.say(unsure.length ? this.t("unsure") : this.t("there_already", { name }))
    this.#do({ verb: copy ? "copy" : "move", units, code_group: to.group, ...(to.subgroup !== undefined && { subgroup: to.subgroup }), ...fresh }, moved)
    this.say(this.t(copy ? "copied" : "moved", { n: units.length, name }))
  }

  takeOut(items = this.acting()) {
    const unsure = items.filter(({ unit, place }) => !place && unit.places.length > 1)
    const taken = items.filter(({ unit, place }) => place || unit.places.length === 1)
    for (const { unit } of unsure) this.notes.set(unit.id, this.t("unsure"))
    if (!taken.length) { if (unsure.length) this.layout(new Set(unsure.map((i) => i.unit.id))); return this.say(this.t(unsure.length ? "unsure" : "not_in")) }
    const units = taken.map(({ unit, place }) => { const p = place ?? unit.places[0]; return [unit.id, p.id, p.subgroup] })
    this.#do({ verb: "take_out", units }, taken)
    this.say(this.t("taken_out", { n: units.length }))
  }

  settle(only, items = this.acting()) {
    const held = items.filter(({ unit }) => unit.places.length > 1 && (!only || unit.places.some((p) => p.group === only)))
    if (!held.length) return this.say(this.t("not_several"))
    this.#do({ verb: "settle", only: only ?? null, seen: held.map(({ unit }) => [unit.id, unit.places.map((p) => p.group)]) }, held)
    this.say(this.t(only ? "settled_only" : "settled", { n: held.length, name: this.model.group.get(only)?.name ?? "" }))
  }

  ask(copy) {
    const items = this.acting()
    if (!items.length) return
    const groups = new Set(items.map((i) => i.place?.group ?? i.unit.places[0]?.group))
    const rect = (this.#node(this.at) ?? this.root).getBoundingClientRect()
    this.picker.open({
      rect: { left: rect.left, top: rect.top, bottom: Math.min(rect.bottom, rect.top + 160) }, label: this.t(copy ? "copy_to" : "move_to", { n: items.length }),
      groups: this.model.groups, subgroups: this.model.subgroups, here: groups.size === 1 ? [...groups][0] : undefined,
      done: (to, fresh) => this.move(to, fresh, { copy, items }),
    })
  }

  openUnit(id) {
    const unit = this.model.units.get(id)
    if (!unit) return
    this.keep()
    this.trigger("open", { source: unit.source, unit: unit.id })
  }

  step(verb) {
    this.box.add({ verb, source: "units" })
    this.say(this.t(verb))
  }

  #copy(e) {
    if (!window.getSelection().isCollapsed || !e.target.closest?.(".wm-card")) return
    const { model, t } = this
    const lines = this.acting().map(({ unit }) => t("pasted", {
      text: unit.text, who: [...model.speakers(unit), ...model.stakeholdersOf(unit).map((s) => s[3])].join(", "),
      where: t("where", { source: model.names.sources.get(unit.source)?.[1] ?? "", turn: unit.turn }),
    }))
    e.clipboardData.setData("text/plain", lines.join("\n\n"))
    e.preventDefault()
    this.say(t("on_clipboard", { n: lines.length }))
  }

  // ---- keys and mouse -----------------------------------------------------------------------------------

  #key(e) {
    if (e.isComposing || e.target.closest("[popover], select, input")) return
    const ctrl = e.ctrlKey || e.metaKey
    const key = e.key.length === 1 ? e.key.toLowerCase() : e.key
    if (ctrl && key === "z") this.step(e.shiftKey ? "redo" : "undo")
    else if (ctrl && key === "y") this.step("redo")
    else if (key === "?" ) this.#openKeys()
    else if (key === "/" && !ctrl) this.search.focus()
    else if (e.target.closest("button") && key !== "Escape") return
    else if (ctrl && key === "a") {
      const section = this.items().get(this.at)?.section
      if (section) this.choose(section.ids.map((id) => this.keyOf(section, id)))
    } else if (ctrl || e.altKey) return
    else if (key === "ArrowDown" || key === "j") this.#step(1, { extend: e.shiftKey && key !== "j" })
    else if (key === "ArrowUp" || key === "k" && !this.look.filter.several) this.#step(-1, { extend: e.shiftKey && key !== "k" })
    else if (key === "Home") this.#step(-1, { edge: true, extend: e.shiftKey })
    else if (key === "End") this.#step(1, { edge: true, extend: e.shiftKey })
    else if (key === "ArrowRight") this.#across(1)
    else if (key === "ArrowLeft") this.#across(-1)
    else if (key === "x" || key === " ") { if (e.shiftKey) this.#range(this.at, true); else if (this.at) this.toggle(this.at) }
    else if (key === "m") this.ask(false)
    else if (key === "c") this.ask(true)
    else if (key === "Delete" || key === "Backspace") this.takeOut()
    else if (key === "Enter") { const item = this.items().get(this.at); if (item) this.openUnit(item.unit.id) }
    else if (key === "k") this.settle(null)
    else if (key === "Escape" && this.chosen.size) this.choose([])
    else if (/^[1-9]$/.test(key) && this.model.groups[key - 1]) {
      const group = this.model.groups[key - 1].id
      if (this.look.filter.several) this.settle(group)
      else this.move({ group })
    } else return
    e.preventDefault()
    e.stopPropagation()
  }

  #click(e) {
    const card = e.target.closest(".wm-card")
    if (!card) return
    const key = this.keyOf(card.section, card.unit)
    const button = e.target.closest("button")
    const item = this.items().get(key)
    if (button?.dataset.keep) return this.settle(button.dataset.keep === "all" ? null : button.dataset.keep, [{ key, ...item }])
    if (button?.dataset.away) { this.notes.delete(card.unit); return this.layout(new Set([card.unit])) }
    if (e.target.closest("a")) {
      if (e.ctrlKey || e.metaKey || e.shiftKey) return
      e.preventDefault()
      return this.openUnit(card.unit)
    }
    if (!window.getSelection().isCollapsed) return
    if (e.shiftKey) this.#range(key, e.ctrlKey || e.metaKey)
    else if (e.ctrlKey || e.metaKey || e.pointerType === "touch") this.toggle(key)
    else if (this.chosen.size === 1 && this.chosen.has(key)) this.choose([])
    else { this.anchor = key; this.choose([key]) }
    this.#point(key)
    this.#node(key)?.focus({ preventScroll: true })
  }

  // ---- the status line ----------------------------------------------------------------------------------

  say(sentence, alert = false) {
    if (!this.told) return
    this.told.textContent = sentence
    this.told.classList.toggle("is-alert", alert)
  }

  status() {
    if (!this.acts) return
    const { t } = this
    const n = this.chosen.size
    this.root.classList.toggle("has-chosen", n > 0)
    this.hint.textContent = n ? "" : t(this.look.filter.several ? "hint.several" : "hint")
    if (!n) { if (this.acts.childElementCount) this.acts.replaceChildren(); this.actsFor = 0; return }
    if (this.actsFor === `${n}${!!this.look.filter.several}`) return
    this.actsFor = `${n}${!!this.look.filter.several}`
    const act = (label, key, run, more = {}) => h("button", { type: "button", class: "wr-pill", onclick: run, "aria-keyshortcuts": key, ...more }, label, " ", h("kbd", { class: "wm-key", "aria-hidden": "true" }, key))
    this.acts.replaceChildren(
      h("button", { type: "button", class: "wr-pill wm-chosen", title: t("keys.none"), onclick: () => { this.choose([]); this.focus(this.at) } }, t("selected", { n }), h("span", { "aria-hidden": "true" }, " ✕")),
      act(t("move"), "M", () => this.ask(false)), act(t("copy"), "C", () => this.ask(true)), act(t("take_out"), "Del", () => this.takeOut()),
      ...(this.look.filter.several ? [act(t("keep_both"), "K", () => this.settle(null))] : []))
  }
}
