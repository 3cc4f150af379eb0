// The board on screen: the bar, the columns, the sentences, and every key. Selecting is done here and costs no round
// trip; an act waits in the reader's outbox until the server has answered it, and is drawn as done meanwhile.

import { h, placeBeside, show } from "../workbench.reader/dom.js"
import { isComplete, isLeaving, outboxFor, uuid } from "../workbench.reader/outbox.js"
import { Column } from "./column.js"
import { Drag } from "./drag.js"
import { ASIDE, LEFT, Model } from "./model.js"
import { Picker } from "./picker.js"

const ALL = "all" // all subgroups side by side
const LACKING = 3000 // ms without the cards before asking for them again
const TOLD = 700 // ms after which the server hears that the cards are here, if nothing was sent before
const AGAIN = 2000 // ms
let looking = false // a column was opened from the board
const MANY = 40 // units whose drawing takes longer than a key
const kept = new Map() // project:member:code group:focus -> what was selected and where one was
const mac = navigator.platform.startsWith("Mac")

export class View {
  constructor(parent, bases) {
    this.bases = bases
    this.strings = {}
    this.model = new Model()
    this.columns = new Map()
    this.cards = new Map() // unit -> its card
    this.unfilled = new Set()
    this.chosen = new Set()
    this.said = [] // [sentence, whether something was not done], until somebody has put them away
    this.root = h("div", { class: "wr wb", role: "region" })
    parent.append(this.root)
    this.t = (id, params = {}) => {
      const plural = "n" in params ? this.strings[`board.${id}.${params.n === 1 ? "one" : "other"}`] : undefined
      const sentence = plural ?? this.strings[`board.${id}`] ?? id
      return sentence.replace(/\{(\w+)\}/g, (whole, name) => (name in params ? String(params[name]) : whole))
    }
  }

  // ---- what comes from the server -----------------------------------------------------------------------

  arrived() { if (this.data) this.update(this.data, this.trigger) }

  // What waits to be done, which cards are here already, and how new they are.
  tell(operations) {
    clearTimeout(this.telling)
    this.announced = this.base?.name
    this.trigger("operations", { operations, have: [...this.bases.keys()], rev: this.rev ?? null, group: this.model.data?.group ?? null })
  }

  update(data, trigger) {
    this.trigger = trigger
    this.data = data
    clearTimeout(this.lacking)
    const base = this.bases.get(data.base)
    if (!base) { // the cards are still on their way
      const again = () => { this.lacking = setTimeout(() => (isLeaving() ? again() : this.tell([])), LACKING) }
      return again()
    }
    const look = `${data.project}:${data.member}:${data.group}:${data.focus}`
    const fresh = this.name !== look
    const anew = this.base !== base
    if (fresh) this.#keep()
    if (anew) {
      this.base = base
      this.strings = base.strings
      this.model.base(base)
    }
    const inside = this.root.contains(document.activeElement) && document.activeElement.closest(".wb-card")
    const ticks = data.condensate !== undefined
    if (fresh || anew || ticks !== this.ticks) this.#clear()
    this.ticks = ticks
    this.#outbox(data)
    if (!this.bar) this.#frame()
    if (fresh) this.#open(look)
    const refused = this.box.answer(data.acks)
    const { dirty, news } = this.model.live(data, this.box.waiting, refused)
    this.rev = data.rev
    for (const { sentence } of refused) this.tellOf(sentence, true)
    this.#news(data.others, news)
    for (const id of dirty) this.#redraw(id)
    for (const id of this.cards.keys()) if (!this.model.units.has(id)) this.#drop(id)
    this.layout()
    if (inside && this.at && !this.root.contains(document.activeElement)) this.focus(this.at)
    if (fresh) this.#return()
    if (this.announced !== base.name) {
      clearTimeout(this.telling)
      const when = () => { this.telling = setTimeout(() => (isLeaving() ? when() : this.tell([])), TOLD) }
      when()
    }
  }

  #outbox({ project, member }) {
    const box = outboxFor(project, member)
    if (this.box === box) return
    this.box?.detach(this.onchange)
    this.box = box
    this.onchange = () => {}
    // Marks made in the reader and not sent yet: there is no text here to take words from.
    box.attach({ send: (operations) => this.tell(operations), prepare: isComplete, onchange: this.onchange })
  }

  #open(look) {
    this.name = look
    const before = kept.get(look)
    this.chosen = new Set(before?.chosen)
    this.at = before?.at ?? null
    this.anchor = before?.anchor ?? null
    this.scrolls = before?.scrolls
    this.form = null
    this.wanted = looking // one came here by a press on the board
    looking = false
  }

  // What others did under the open board: told, and nothing else.
  #news(others, { came, gone, moved, changed }) {
    const what = [["came", came], ["moved", moved], ["gone", gone], ["changed", changed]].filter(([, n]) => n).map(([id, n]) => this.t(`news.${id}`, { n }))
    if (others.length && what.length) this.tellOf(this.t("news", { who: others.join(" & "), what: what.join(", ") }), false)
  }

  tellOf(sentence, wrong) {
    if (!this.said.some(([one]) => one === sentence)) this.said.push([sentence, wrong])
    this.said = this.said.slice(-4)
    this.#sentences()
  }

  leave() {
    this.#keep()
    clearTimeout(this.telling)
    clearTimeout(this.lacking)
    clearTimeout(this.again)
    clearTimeout(this.idle)
    this.box?.detach(this.onchange)
    this.sized?.disconnect()
    for (const column of this.columns.values()) column.near.disconnect()
    this.root.remove()
  }

  #keep() {
    if (!this.name) return
    const scrolls = new Map([...this.columns].map(([id, one]) => [id, one.list.scrollTop]))
    kept.set(this.name, { chosen: [...this.chosen], at: this.at, anchor: this.anchor, scrolls })
  }

  #return() {
    for (const [id, top] of this.scrolls ?? []) { const one = this.columns.get(id); if (one) one.list.scrollTop = top }
    const idle = !document.activeElement || document.activeElement === document.body
    if ((this.wanted || this.scrolls) && idle && this.at) this.focus(this.at)
    else if (this.wanted && idle) this.focus(this.order()[0])
    this.scrolls = null
  }

  // ---- drawing ------------------------------------------------------------------------------------------

  #frame() {
    const { t } = this
    this.root.setAttribute("aria-label", t("label"))
    this.bar = h("div", { class: "wb-bar", role: "toolbar", "aria-label": t("acts") })
    this.told = h("span", { class: "wb-hidden", role: "status" })
    this.sentences = h("div", { class: "wb-said" })
    this.main = h("div", { class: "wb-main" })
    this.picker = new Picker({ t, closed: () => { if (this.at) this.focus(this.at) } })
    this.keysBox = h("div", { class: "wb-keys", popover: "auto", role: "dialog", "aria-label": t("keys") })
    this.root.append(h("div", { class: "wb-top" }, this.bar, this.sentences), this.told, this.main, this.picker.el, this.keysBox)
    this.root.addEventListener("keydown", (e) => this.#key(e))
    this.root.addEventListener("click", (e) => this.#click(e))
    this.root.addEventListener("change", (e) => { const card = e.target.closest(".wb-card"); if (card && e.target === card.tick) this.#tick([card.unit], card.tick.checked) })
    this.root.addEventListener("focusin", (e) => { const card = e.target.closest?.(".wb-card"); if (card) this.#point(card.unit) })
    this.drag = new Drag(this)
    this.root.classList.add("is-ready")
    this.sized = new ResizeObserver(() => this.#size())
    this.sized.observe(this.bar.parentElement)
    this.sized.observe(this.root)
  }

  #clear() {
    for (const column of this.columns.values()) { column.near.disconnect(); column.el.remove() }
    this.columns.clear()
    this.cards.clear()
    this.unfilled.clear()
  }

  #drop(id) {
    const card = this.cards.get(id)
    card.column?.near.unobserve(card)
    card.remove()
    this.cards.delete(id)
    this.unfilled.delete(card)
  }

  #redraw(id) {
    const card = this.cards.get(id)
    if (!card?.filled || !this.model.units.has(id)) return
    card.filled = false
    card.column.fill(card)
  }

  // Every column and card where it belongs.
  layout() {
    const { model, data, t } = this
    const inside = this.root.contains(document.activeElement) && document.activeElement.closest(".wb-card")
    const places = new Map(model.places().map((one) => [one.id, one.key]))
    const isAll = data.focus === ALL
    const shown = model.columns.filter((one) => (isAll ? one.id !== ASIDE : one.id === data.focus))
    if (!shown.length) shown.push({ id: data.focus, title: "", note: "", units: [] })
    const old = new Set(this.columns.keys())
    for (const one of shown) {
      old.delete(one.id)
      if (!this.columns.has(one.id)) this.columns.set(one.id, new Column(this, one.id))
      const title = one.title ?? t(one.id)
      this.columns.get(one.id).update({
        ...one, title, note: one.note ?? (isAll ? t(`${one.id}.what`) : ""), key: places.get(one.id) ?? "", isAlone: !isAll,
        to: isAll ? one.id : undefined, empty: t(one.id === LEFT || one.id === ASIDE ? `${one.id}.empty` : "subgroup.empty"),
      })
    }
    for (const id of old) { this.columns.get(id).near.disconnect(); this.columns.get(id).el.remove(); this.columns.delete(id) }
    this.columns = new Map(shown.map((one) => [one.id, this.columns.get(one.id)]))
    const els = [...this.columns.values()].map((one) => one.el)
    if (els.length !== this.main.children.length || els.some((el, i) => el !== this.main.children[i])) this.main.replaceChildren(...els)
    this.root.classList.toggle("is-all", isAll)
    this.root.classList.toggle("is-wide", !isAll && !this.ticks)
    for (const card of this.cards.values()) {
      if (!card.filled) this.unfilled.add(card)
      this.mark(card)
    }
    this.places = null
    const order = new Set(this.order())
    for (const id of this.chosen) if (!order.has(id)) this.chosen.delete(id)
    if (!order.has(this.at)) this.at = null
    this.#point(this.at ?? this.order()[0])
    if (inside && !this.root.contains(document.activeElement) && this.at) this.focus(this.at)
    this.refresh()
    this.#soon()
  }

  // What is left of the window belongs to the cards, so that the page never scrolls beside them.
  #size() {
    const scrolled = this.root.closest("[data-testid=stMain]")?.scrollTop ?? 0
    this.root.style.setProperty("--wb-top", `${Math.round(this.main.getBoundingClientRect().top + scrolled)}px`)
  }

  // What is out of sight is filled in when there is nothing else to do.
  #soon() {
    clearTimeout(this.idle)
    if (!this.unfilled.size) return
    const run = (deadline) => {
      for (const card of this.unfilled) {
        if (card.column && card.isConnected) card.column.fill(card)
        this.unfilled.delete(card)
        if (deadline.timeRemaining() < 8) break
      }
      if (this.unfilled.size) this.idle = setTimeout(() => requestIdleCallback(run), 30)
    }
    this.idle = setTimeout(() => (window.requestIdleCallback ? requestIdleCallback(run) : run({ timeRemaining: () => 0 })), 500)
  }

  // What may differ on a card that is there already.
  mark(card) {
    const { model } = this
    const on = this.chosen.has(card.unit)
    if (card.isOn !== on) {
      card.isOn = on
      card.classList.toggle("is-on", on)
      card.setAttribute("aria-selected", String(on))
    }
    const point = this.at === card.unit ? 0 : -1
    if (card.tabIndex !== point) card.tabIndex = point
    if (!card.filled) return
    const covered = model.covers.has(card.unit)
    if (card.tick) card.tick.checked = covered
    if (card.golden) {
      const golden = model.golden === card.unit
      card.golden.classList.toggle("is-golden", golden)
      card.golden.setAttribute("aria-pressed", String(golden))
    }
    card.in.hidden = this.ticks || !model.data.held.has(card.unit)
  }

  // Cards on screen, in reading order.
  order() { return (this.places ??= [...this.columns.values()].flatMap((one) => one.ids)) }

  href(unit) { return `${this.data.href}&source=${encodeURIComponent(unit.source)}&unit=${encodeURIComponent(unit.id)}` }

  // ---- the bar ------------------------------------------------------------------------------------------

  #button(label, run, { key = "", cls = "", ...more } = {}) {
    return h("button", { type: "button", class: `wr-pill ${cls}`, onclick: run, ...(key && { "aria-keyshortcuts": key }), ...more },
      label, ...(key ? [" ", h("kbd", { class: "wb-key", "aria-hidden": "true" }, key)] : []))
  }

  refresh() {
    const { t, model, data } = this
    const n = this.chosen.size
    const order = this.order()
    if (this.form) return this.#formOf()
    const parts = []
    const may = data.may
    if (!n) {
      if (!this.ticks || !order.length) parts.push(h("span", { class: "wb-hint" }, t(order.length ? "hint" : "hint.empty")))
      if (order.length && may) parts.push(this.#button(t("all"), () => this.choose(order)))
    } else {
      parts.push(this.#button(t("selected", { n }), () => { this.choose([]); if (this.at) this.focus(this.at) }, { cls: "wb-count", title: t("none") }, ))
      parts.at(-1).append(h("span", { "aria-hidden": "true" }, "  ✕"))
      const places = model.places().filter((one) => one.id !== data.focus)
      if (data.focus !== ALL && !this.ticks && places.length <= 5) {
        for (const to of places) parts.push(this.#button(to.title ?? t(to.id), () => this.move(to.id), { key: to.key, cls: "wb-place", "data-to": to.id }))
      } else parts.push(this.#button(t("move"), () => this.ask(), { key: "M" }))
      parts.push(this.#button(t("new"), () => this.#write("new"), { key: "N" }))
      if (data.focus !== ASIDE) parts.push(this.#button(t("aside"), () => this.#write("aside")))
      if (this.ticks) parts.push(this.#button(t("tick"), () => this.#tick(this.acting()), { key: "Space" }))
    }
    parts.push(h("span", { class: "wb-space" }))
    if (this.ticks && order.length && may) {
      const held = order.filter((id) => model.covers.has(id)).length
      parts.push(h("span", { class: "wb-of" }, t("covered", { n: held, of: order.length })))
      if (!n) parts.push(this.#button(t("tick.sight"), () => this.#tick(this.#inSight())), this.#button(t("tick.all"), () => this.#tick(order)))
    }
    parts.push(this.#button(t("keys"), () => this.#openKeys(), { cls: "wr-plain", "aria-haspopup": "dialog" }))
    // A button that is being pressed, or has the focus, is not taken away for the same one.
    const look = parts.map((el) => el.outerText ?? el.textContent).join("|") + n + order.length + data.focus
    if (this.barLook === look && this.bar.childElementCount) return
    const inside = this.bar.contains(document.activeElement)
    this.barLook = look
    this.bar.replaceChildren(...parts)
    if (inside && this.at) this.focus(this.at)
  }

  // A name or a reason, typed in the bar.
  #write(kind) {
    if (!this.chosen.size && this.at) this.choose([this.at])
    if (!this.chosen.size) return
    this.form = { kind, ids: this.acting() }
    this.barLook = null
    this.#formOf()
    this.bar.querySelector("input").focus()
  }

  #formOf() {
    if (this.bar.querySelector("input")) return // being typed in
    const { t, form } = this
    const field = h("input", { class: "wb-field", type: "text", placeholder: t(`${form.kind}.hint`), "aria-label": t(`${form.kind}.hint`), maxlength: form.kind === "new" ? 120 : 2000, autocomplete: "off" })
    const end = () => { this.form = null; this.bar.replaceChildren(); this.barLook = null; this.refresh(); if (this.at) this.focus(this.at) }
    const done = () => {
      const text = field.value.trim()
      if (!text) return
      const ids = form.ids.filter((id) => this.model.units.has(id))
      this.form = null
      this.bar.replaceChildren()
      this.barLook = null
      if (form.kind === "new") this.make(text, ids)
      else this.setAside(text, ids)
      if (this.at) this.focus(this.at)
    }
    field.addEventListener("keydown", (e) => {
      e.stopPropagation()
      if (e.isComposing || (e.key !== "Enter" && e.key !== "Escape")) return
      e.preventDefault()
      if (e.key === "Enter") done()
      else end()
    })
    this.bar.replaceChildren(field, this.#button(t(`${form.kind}.do`), done, { cls: "wb-do" }), this.#button(t("cancel"), end))
  }

  #sentences() {
    this.sentences.replaceChildren(...this.said.map(([sentence, wrong]) =>
      h("p", { class: "wb-sentence", role: "alert" }, h("span", { class: wrong ? "wb-doubt" : "wb-open", "aria-hidden": "true" }, wrong ? "▲ " : "● "), h("span", {}, sentence),
        h("button", { type: "button", class: "wr-pill wr-plain", "aria-label": this.t("away"), onclick: () => { this.said = this.said.filter(([one]) => one !== sentence); this.#sentences() } }, h("span", { "aria-hidden": "true" }, "✕")))))
  }

  say(sentence) { this.told.textContent = sentence }

  #openKeys() {
    const ctrl = mac ? "⌘" : "Ctrl "
    const rows = [["↑ ↓ ← →", "walk"], ["X, Enter", "select"], ["Shift ↑ ↓", "extend"], [`${ctrl}A`, "all"], ["1-9", "digit"], ["0", "left"], ["M", "move"], ["N", "new"],
      ...(this.ticks ? [[this.t("space"), "tick"], ["G", "golden"]] : []), [`${ctrl}Z`, "undo"], [`${ctrl}Shift Z`, "redo"], ["Esc", "none"], ["?", "help"]]
    this.keysBox.replaceChildren(h("dl", {}, ...rows.flatMap(([key, id]) => [h("dt", {}, h("kbd", { class: "wb-key" }, key)), h("dd", {}, this.t(`keys.${id}`))])))
    show(this.keysBox)
    const { width, height } = this.keysBox.getBoundingClientRect()
    Object.assign(this.keysBox.style, { left: `${(innerWidth - width) / 2}px`, top: `${Math.max(8, (innerHeight - height) / 2)}px` })
  }

  // ---- choosing and walking -----------------------------------------------------------------------------

  #point(id) {
    const was = this.at
    this.at = id ?? null
    for (const one of [was, this.at]) { const card = this.cards.get(one); if (card) this.mark(card) }
  }

  focus(id) {
    const card = this.cards.get(id)
    if (!card) return
    card.column.fill(card)
    this.#point(id)
    card.focus({ preventScroll: true })
    card.scrollIntoView({ block: "nearest", inline: "nearest" })
  }

  choose(ids) {
    const before = this.chosen
    this.chosen = new Set(ids)
    for (const id of new Set([...before, ...this.chosen])) { const card = this.cards.get(id); if (card) this.mark(card) }
    this.refresh()
  }

  #toggle(id) {
    const next = new Set(this.chosen)
    if (!next.delete(id)) next.add(id)
    this.anchor = id
    this.choose(next)
  }

  #range(to) {
    const column = this.cards.get(to)?.column
    if (!column?.at.has(this.anchor)) { this.anchor = to; return this.choose([...this.chosen, to]) }
    const [a, b] = [column.at.get(this.anchor), column.at.get(to)].sort((x, y) => x - y)
    this.choose([...this.chosen, ...column.ids.slice(a, b + 1)])
  }

  #step(by, { extend, edge } = {}) {
    const column = this.cards.get(this.at)?.column
    if (!column) return this.focus(this.order()[0])
    const i = column.at.get(this.at)
    const id = column.ids[edge ? (by < 0 ? 0 : column.ids.length - 1) : i + by]
    if (id === undefined) return
    if (extend) {
      if (!this.chosen.has(this.at)) this.anchor = this.at
      this.#range(id)
    }
    this.focus(id)
  }

  // To the column beside it, at about the same height; within one column to the card before or after.
  #across(by) {
    const all = [...this.columns.values()].filter((one) => one.ids.length)
    const here = this.cards.get(this.at)?.column
    if (all.length < 2 || !here) return this.#step(by)
    const next = all[all.indexOf(here) + by]
    if (!next) return
    const top = this.cards.get(this.at).getBoundingClientRect().top
    next.el.scrollIntoView({ block: "nearest", inline: "nearest" })
    const box = next.list.getBoundingClientRect()
    const card = document.elementFromPoint(box.left + box.width / 2, Math.min(Math.max(top + 12, box.top + 12), box.bottom - 12))?.closest?.(".wb-card")
    this.focus(card?.column === next ? card.unit : next.ids[0])
  }

  #inSight() {
    return this.order().filter((id) => {
      const card = this.cards.get(id)
      const box = card.getBoundingClientRect()
      const list = card.column.list.getBoundingClientRect()
      const middle = (box.top + box.bottom) / 2
      return middle > Math.max(0, list.top) && middle < Math.min(innerHeight, list.bottom)
    })
  }

  // What the next act is about: those selected in reading order, else the one with the focus.
  acting() { return this.chosen.size ? this.order().filter((id) => this.chosen.has(id)) : this.at ? [this.at] : [] }

  // ---- acts ---------------------------------------------------------------------------------------------

  // As the server finds them when all that waits before this has been done.
  #seen(id) {
    const { placement, column } = this.model.units.get(id)
    return [id, placement, column === LEFT || column === ASIDE ? null : column, null, column === ASIDE]
  }

  #do(operation, ids, said) {
    this.box.add({ source: "units", ...operation })
    if (ids.length < MANY) return this.#done(ids, said)
    // Streamlit sends in a moment's time, so drawing waits for one: the message goes before that work.
    this.box.now()
    setTimeout(() => this.#done(ids, said))
  }

  #done(ids, said) {
    const gone = new Set(ids)
    const column = this.cards.get(ids.at(-1))?.column
    const from = column?.at.get(ids.at(-1)) ?? 0
    // The next card that stays takes the focus, so that sorting goes on down the list.
    const next = column && (column.ids.slice(from + 1).find((id) => !gone.has(id)) ?? column.ids.slice(0, from).reverse().find((id) => !gone.has(id)))
    const inside = this.root.contains(document.activeElement)
    this.model.paint(this.box.waiting)
    if (ids.length) {
      this.chosen = new Set()
      this.anchor = null
      this.at = next ?? null
    }
    this.layout()
    if (inside && ids.length && this.at) this.focus(this.at)
    this.say(said())
  }

  move(to, ids = this.acting(), fresh = {}) {
    const { model, t } = this
    const name = fresh.new_subgroups?.[0].name ?? model.column.get(to)?.title ?? t(to)
    const moved = ids.filter((id) => model.units.get(id) && model.units.get(id).column !== to)
    if (!this.data.may || (!moved.length && !ids.length)) return
    if (!moved.length) return this.say(t("there_already", { name }))
    this.#do({ verb: "move", units: moved.map((id) => this.#seen(id)), code_group: this.data.group, subgroup: to === LEFT ? null : to, ...fresh }, moved, () => t("moved", { n: moved.length, name }))
  }

  make(name, ids) {
    const id = uuid()
    this.move(id, ids, { new_subgroups: [{ id, code_group: this.data.group, name }] })
  }

  setAside(text, ids) {
    if (!ids.length) return
    this.#do({ verb: "aside", units: ids.map((id) => this.#seen(id)), code_group: this.data.group, text }, ids, () => this.t("set_aside", { n: ids.length }))
  }

  // Into the condensate, or where all are in it already out of it. Only what changes is said: what somebody else
  // ticked meanwhile stays.
  #tick(ids, on = ids.some((id) => !this.model.covers.has(id))) {
    const { data, model, t } = this
    const which = ids.filter((id) => model.covers.has(id) !== on)
    if (!which.length || !data.may) return
    this.#do({ verb: "tick", subgroup: data.focus, condensate: data.condensate, ...(data.condensate === null && { known: data.known }), on: on ? which : [], off: on ? [] : which }, [],
      () => t("covered", { n: this.order().filter((id) => model.covers.has(id)).length, of: this.order().length }))
  }

  #golden(id) {
    const { data, model } = this
    if (!data.may || !model.units.get(id)?.quotable) return
    if (!data.condensate) return this.say(this.t("golden.first"))
    this.#do({ verb: "golden", condensate: data.condensate, unit: model.golden === id ? null : id, was: model.golden }, [], () => this.t(model.golden ? "golden.chosen" : "golden.none"))
  }

  ask() {
    const ids = this.acting()
    if (!ids.length) return
    const { left, top, bottom } = (this.cards.get(this.at) ?? this.root).getBoundingClientRect()
    this.picker.open({
      rect: { left, top, bottom: Math.min(bottom, top + 160) }, label: this.t("move_to", { n: ids.length }),
      places: this.model.places().filter((one) => one.id !== this.data.focus).map((one) => ({ ...one, title: one.title ?? this.t(one.id) })),
      done: (to, name) => (name ? this.make(name, ids) : this.move(to, ids)),
    })
  }

  // To one column. Streamlit may lose a press that comes while the page is still being put up: then once more.
  look(id, times = 3) {
    looking = true
    this.trigger("look", id)
    clearTimeout(this.again)
    if (times) this.again = setTimeout(() => { if (this.data.focus !== id && !isLeaving()) this.look(id, times - 1) }, AGAIN)
  }

  // ---- keys and mouse -----------------------------------------------------------------------------------

  #key(e) {
    if (e.isComposing || e.target.closest("[popover], select, input:not([type=checkbox])")) return
    const ctrl = e.ctrlKey || e.metaKey
    const key = e.key.length === 1 ? e.key.toLowerCase() : e.key
    const place = !ctrl && !e.altKey && this.model.places().find((one) => one.key === key)
    if (ctrl && (key === "z" || key === "y")) this.box.add({ source: "units", verb: key === "y" || e.shiftKey ? "redo" : "undo" })
    else if (key === "?") this.#openKeys()
    else if (!e.target.matches(".wb-card") && key !== "Escape") return // a control has its own keys
    else if (ctrl && key === "a") { const column = this.cards.get(this.at)?.column; if (column) this.choose(column.ids) }
    else if (ctrl || e.altKey) return
    else if (key === "ArrowDown") this.#step(1, { extend: e.shiftKey })
    else if (key === "ArrowUp") this.#step(-1, { extend: e.shiftKey })
    else if (key === "Home") this.#step(-1, { edge: true, extend: e.shiftKey })
    else if (key === "End") this.#step(1, { edge: true, extend: e.shiftKey })
    else if (key === "ArrowRight") this.#across(1)
    else if (key === "ArrowLeft") this.#across(-1)
    else if (key === "x" || key === "Enter") e.shiftKey ? this.#range(this.at) : this.#toggle(this.at)
    else if (key === " ") this.ticks ? this.#tick(this.acting()) : this.#toggle(this.at)
    else if (key === "g" && this.ticks) this.#golden(this.at)
    else if (key === "n") this.#write("new")
    else if (key === "m") this.ask()
    else if (key === "Escape" && this.chosen.size) this.choose([])
    else if (place && place.id !== this.data.focus) this.move(place.id)
    else return
    e.preventDefault()
    e.stopPropagation()
  }

  #click(e) {
    const card = e.target.closest(".wb-card")
    if (!card) return
    if (e.target === card.golden) return this.#golden(card.unit)
    if (e.target.closest("a, button, label, input") || !window.getSelection().isCollapsed) return
    if (e.shiftKey) this.#range(card.unit)
    else this.#toggle(card.unit)
    this.#point(card.unit)
    card.focus({ preventScroll: true })
  }
}
