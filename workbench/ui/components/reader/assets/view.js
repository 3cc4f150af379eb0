// The reader on screen: its elements, what comes from and goes to the server, painting, and the words around the text.

import { comment } from "./comment.js"
import { correct } from "./correct.js"
import { edit } from "./edit.js"
import { filter, filterOf } from "./filter.js"
import { focus } from "./focus.js"
import { h, translator } from "./dom.js"
import { apply, shown, tagFor, waitingMarks } from "./marks.js"
import { handles } from "./handles.js"
import { keys } from "./keys.js"
import { mouse } from "./mouse.js"
import { NEEDS_TEXT, outboxFor, uuid } from "./outbox.js"
import { turnShell } from "./paint.js"
import { painting } from "./painting.js"
import { Panel } from "./panel.js"
import { Picker } from "./picker.js"
import { places } from "./places.js"
import { selection } from "./selection.js"

const CHUNK = 20 // turns that the browser lays out together

export class View {
  constructor(parent, { docs, states, looked }) {
    this.docs = docs
    this.states = states
    this.looked = looked
    this.t = (id) => id
    const t = (...a) => this.t(...a)
    this.shells = []
    this.view = new Map()
    this.server = null
    this.onTop = new Map() // unit -> mark or null: what waits in the outbox on top of the server's
    this.at = []
    this.groups = new Map()
    this.open = new Set()
    this.notes = new Map() // turn -> sentences of refused operations
    this.drafts = new Map() // unit -> {start, end, timer}: an end being moved
    this.unpainted = new Set() // turns of a long text that wait to be painted
    this.later = new Set() // turns to paint when the mouse is let go
    this.inSight = new Set() // marked turns on screen or soon: only their margins are aligned with their marks
    this.sel = null // {anchor, focus}
    this.unit = null
    this.placement = null
    this.build(t)
    parent.append(this.root)
    this.saved = { pending: 0, offline: false, at: null }
  }

  // ---------- elements
  build(t) {
    this.title = h("span", { class: "wr-title" })
    this.meta = h("span", { class: "wr-meta" })
    this.where = h("span", { class: "wr-where" })
    this.counted = h("span", { class: "wr-units" })
    this.tools = h("div", { class: "wr-tools" })
    this.chosen = h("div", { class: "wr-chosen", hidden: true })
    this.strip = h("div", { class: "wr-strip" },
      h("div", { class: "wr-facts" }, this.title, this.meta, this.where, this.counted), this.tools)
    this.inner = h("div", { class: "wr-inner" })
    this.caret = h("div", { class: "wr-caret", hidden: true, "aria-hidden": "true" })
    this.scroll = h("div", { class: "wr-scroll", role: "document", tabindex: "0" }, this.inner)
    this.state = h("span", { class: "wr-state" })
    this.said = h("span", { class: "wr-said" })
    this.status = h("div", { class: "wr-status" }, this.state, this.said)
    this.box = h("div", { class: "wr-box" }, this.strip, this.chosen, this.scroll, this.status)
    this.panel = new Panel({
      t, pick: (id) => this.pickGroup(id), create: (name) => this.createGroup(name), close: () => this.toggleSheet(false),
    })
    this.picker = new Picker({ t, uuid, done: (result) => this.picked(result), left: () => this.pickerLeft() })
    this.card = h("div", { class: "wr-card", popover: "manual", role: "group" })
    this.tip = h("div", { class: "wr-tip", popover: "manual", "aria-hidden": "true" })
    this.keys = h("div", { class: "wr-keys", popover: "manual", role: "dialog", tabindex: "-1" })
    this.commentBox = h("div", { class: "wr-card wr-comment", popover: "manual", role: "dialog", tabindex: "-1" })
    this.correctBox = h("div", { class: "wr-card wr-correct", popover: "manual", role: "dialog" })
    this.filterBox = h("div", { class: "wr-card wr-filter", popover: "manual", role: "dialog" })
    this.live = h("div", { class: "wr-live", role: "status", "aria-live": "polite" })
    this.main = h("div", { class: "wr-main" }, this.box, this.panel.el)
    this.root = h("div", { class: "wr" }, this.main, this.picker.el, this.card, this.commentBox, this.correctBox, this.filterBox,
      this.tip, this.keys, this.live)

    this.scroll.addEventListener("keydown", (e) => this.key(e))
    this.scroll.addEventListener("focus", () => this.focused())
    this.scroll.addEventListener("blur", () => { this.caret.hidden = true })
    this.scroll.addEventListener("pointerdown", (e) => this.pressed(e))
    this.scroll.addEventListener("pointermove", (e) => this.hovered(e))
    this.scroll.addEventListener("pointerleave", () => this.hideTip())
    this.scroll.addEventListener("scroll", () => this.scrolled(), { passive: true })
    this.scroll.addEventListener("mousedown", (e) => { this.clicks = e.detail })
    this.scroll.addEventListener("focusin", (e) => this.unfoldMargin(e.target))
    this.root.addEventListener("copy", (e) => { if (this.scroll.contains(e.target) || e.target === this.scroll) this.copied(e) })
    this.commentBox.addEventListener("keydown", (e) => this.commentKey(e))
    this.commentBox.addEventListener("focusout", (e) => { if (!this.commentBox.contains(e.relatedTarget)) this.keepComment() })
    this.correctBox.addEventListener("keydown", (e) => this.correctKey(e))
    this.filterBox.addEventListener("keydown", (e) => this.filterKey(e))
    this.card.addEventListener("keydown", (e) => this.cardKey(e))
    this.keys.addEventListener("keydown", (e) => { e.stopPropagation(); this.closeKeys() })
    this.onUp = (e) => this.released(e)
    this.onDown = (e) => this.pressedElsewhere(e)
    this.onOnline = () => this.outbox?.flush()
    this.onHide = () => this.keepStop()
    this.onFonts = () => {
      for (const shell of this.shells) shell.aligned = null
      this.align()
    }
    this.sight = new IntersectionObserver((seen) => {
      for (const { target, isIntersecting } of seen) this.inSight[isIntersecting ? "add" : "delete"](target.wrIndex)
      this.align()
    }, { root: this.scroll, rootMargin: "600px 0px" })
    this.nearing = new IntersectionObserver((seen) => {
      for (const { target, isIntersecting } of seen) if (isIntersecting) this.paintNear(target.wrFrom + CHUNK / 2)
    }, { root: this.scroll, rootMargin: "1500px 0px" })
    this.rooms = new ResizeObserver((seen) => this.roomsKnown(seen))
    this.resized = new ResizeObserver(() => {
      this.rem = null
      this.align()
      this.drawHandles()
      this.drawCaret()
    })
    this.onLost = () => this.lost()
    document.addEventListener("pointerup", this.onUp)
    document.addEventListener("pointercancel", this.onLost)
    document.addEventListener("pointerdown", this.onDown, true)
    window.addEventListener("online", this.onOnline)
    window.addEventListener("pagehide", this.onHide)
    document.fonts.addEventListener("loadingdone", this.onFonts)
  }

  leave() {
    this.keepComment()
    clearInterval(this.watching)
    clearTimeout(this.scrollTimer)
    this.unpainted.clear()
    for (const unit of [...this.drafts.keys()]) this.settle(unit)
    this.outbox?.detach(this.onOutbox)
    document.removeEventListener("pointerup", this.onUp)
    document.removeEventListener("pointercancel", this.onLost)
    document.removeEventListener("pointerdown", this.onDown, true)
    window.removeEventListener("online", this.onOnline)
    window.removeEventListener("pagehide", this.onHide)
    document.fonts.removeEventListener("loadingdone", this.onFonts)
    this.sight.disconnect()
    this.nearing.disconnect()
    this.rooms.disconnect()
    this.resized.disconnect()
    cancelAnimationFrame(this.aligning)
    CSS.highlights?.delete("wr-pending")
    this.root.remove()
  }

  // ---------- what comes from the server
  update(data, send) {
    this.data = { groups: [], members: [], codes: [], ...this.data, focus: null, delta: null, ...data, doc: `${data.source}:${data.textRev}` }
    this.send = send
    const box = outboxFor(data.project, data.member)
    if (box !== this.outbox) {
      this.outbox?.detach(this.onOutbox)
      this.outbox = box
      this.onOutbox = (saved) => { this.saved = saved; this.renderStatus() }
      box.attach({ send: (ops) => this.send(ops), prepare: (op, all) => this.prepare(op, all), onchange: this.onOutbox })
    }
    this.arrived(data.source)
  }

  arrived(source) {
    const { data } = this
    if (source !== data?.source) return
    const document = this.docs.get(data.doc), state = this.states.get(source)
    clearTimeout(this.asking)
    if (!document || state?.doc !== data.doc || state.rev < data.since) return this.lacking()
    this.root.classList.remove("is-waiting")
    const fresh = this.document !== document
    if (fresh) this.openDocument(document)
    let touched = this.held === state && !fresh ? [] : null
    if (data.rev > state.rev) {
      const changed = apply(state, data.delta ?? {})
      touched?.push(...changed)
      Object.assign(state, { rev: data.rev, chain: data.chain })
    }
    this.held = state
    this.server = state.marks
    Object.assign(data, { groups: state.groups, members: state.members, codes: state.codes })
    this.looked(source)
    const refused = this.outbox.answer(data.acks)
    this.renderGroups()
    this.refresh(touched)
    for (const one of refused) this.refused(one)
    this.renderTools()
    this.renderStatus()
    const wanted = JSON.stringify(data.focus)
    const jump = data.focus && wanted !== this.wanted
    const { carried } = this
    if (fresh) this.whenStyled(() => {
      if (jump) this.jumpToFocus(data.focus)
      else this.restorePlace()
      // The page is for reading: its keys work at once, unless something is being typed.
      const active = this.root.ownerDocument.activeElement
      if (!carried && !active?.matches("input, textarea, select, [contenteditable]")) this.focusText()
    })
    else if (jump) this.jumpToFocus(data.focus)
    if (fresh) this.rest()
    this.wanted = wanted
  }

  // The text, or the marks that what came is based on, are not here: they are on their way, or have to be asked for.
  lacking() {
    if (this.docName !== this.data.doc) this.root.classList.add("is-waiting")
    const ask = () => {
      this.outbox.flush(true)
      this.asking = setTimeout(ask, 3000)
    }
    this.asking = setTimeout(ask, this.data.delta ? 0 : 3000)
  }

  openDocument(document) {
    if (this.carryTo(document)) return
    this.document = document
    this.source = this.data.source
    this.carried = this.correcting = null
    this.filter.speakers.clear() // others speak in this one
    this.unplacedHere = 0
    this.openRead()
    this.forgetStopped()
    this.t = translator(document.strings)
    this.root.style.setProperty("--wr-height", document.height)
    this.panel.look = this.toolLook = null // in another language perhaps
    this.body = document.body
    this.docName = this.data.doc
    this.server = null
    this.view = new Map()
    this.at = this.body.turns.map(() => new Map())
    this.open.clear()
    this.later.clear()
    this.unpainted.clear()
    this.sight.disconnect()
    this.inSight.clear()
    this.rooms.disconnect()
    this.notes.clear()
    this.drafts.clear()
    this.sel = this.unit = this.placement = null
    this.title.textContent = this.title.title = document.title
    this.meta.replaceChildren(...document.meta.map((m) => h("span", {}, m)))
    this.meta.title = document.meta.join("\n")
    this.scroll.setAttribute("aria-label", document.title)
    this.shells = this.body.turns.map((turn) => turnShell(turn, document.lang, this.t))
    this.chunks = []
    for (let i = 0; i < this.shells.length; i += CHUNK) {
      const some = this.shells.slice(i, i + CHUNK)
      // Roughly how tall, until the browser has seen it: lines of 64 characters and the space between turns.
      const lines = this.body.turns.slice(i, i + CHUNK).reduce((n, turn) => n + Math.ceil(turn.text.length / 64 || 1), 0)
      const el = h("section", { class: "wr-chunk", style: `contain-intrinsic-size:auto ${Math.round(lines * 30.5 + some.length * 12)}px` },
        ...some.map((s) => s.el))
      el.wrFrom = i
      this.chunks.push({ el, from: i, to: i + some.length })
    }
    const empty = this.shells.length ? "" : h("p", { class: "wr-empty" }, this.t("no_text"))
    this.inner.replaceChildren(...this.chunks.map(({ el }) => el), empty, this.caret, ...(this.ends ?? this.buildHandles()))
    this.nearing.disconnect()
    for (const { el } of this.chunks) this.nearing.observe(el)
    this.toFold = true
    for (const [i, s] of this.shells.entries()) s.el.wrIndex = i
    this.panel.el.lang = this.picker.el.lang = document.lang // names of code groups: where words may break
    this.resized.disconnect()
    this.resized.observe(this.inner)
  }

  renderGroups() {
    const { groups } = this.data
    const all = new Map(groups.map((g) => [g.id, g]))
    const tags = new Set(groups.map((g) => g.tag))
    for (const op of this.outbox.waiting) {
      for (const { id, name } of op.new_code_groups ?? []) {
        if (all.has(id)) continue
        const tag = tagFor(name, tags)
        tags.add(tag)
        all.set(id, { id, name, tag, colour: all.size % 12, hatched: all.size >= 12, count: 0, definition: "", heard: [] })
      }
    }
    const look = JSON.stringify([...all.values()].map((g) => [g.id, g.name, g.tag, g.colour, g.hatched]))
    this.groups = all
    if (this.look && this.look !== look) this.repaintAll = true
    this.look = look
  }

  // Server's marks with the outbox on top; looks at what may be different (`touched`; null: everything) and paints
  // only the turns that look different.
  refresh(touched = []) {
    if (!this.body || !this.server) return
    const { source, textRev } = this.data
    const initials = this.data.members.find(([id]) => id === this.data.member)?.[2] ?? ""
    const over = waitingMarks(this.server, this.outbox.waiting, source, textRev, initials, (a, b) => this.trimmed(a, b))
    const now = (unit) => (over.has(unit) ? over.get(unit) : this.server.get(unit)) ?? undefined
    for (const [unit, draft] of this.drafts) {
      const mark = now(unit)
      if (mark) over.set(unit, { ...mark, start: draft.start, end: draft.end })
    }
    const units = touched
      ? new Set([...touched, ...this.onTop.keys(), ...over.keys()])
      : new Set([...this.view.keys(), ...this.server.keys(), ...over.keys()])
    this.onTop = over
    const dirty = new Set()
    for (const unit of units) {
      const before = this.view.get(unit), after = now(unit)
      if (before === after) continue
      const looks = !before || !after || shown(before) !== shown(after)
      if (before && !before.placements.length) this.unplacedHere--
      if (after && !after.placements.length) this.unplacedHere++
      const turns = new Set([...(before ? this.turnsOf(before) : []), ...(after ? this.turnsOf(after) : [])])
      for (const t of turns) {
        this.at[t].delete(before?.unit)
        if (looks) dirty.add(t)
      }
      if (after) for (const t of this.turnsOf(after)) this.at[t].set(after.unit, after)
      if (after) this.view.set(unit, after)
      else this.view.delete(unit)
    }
    if (this.unit && !this.view.has(this.unit)) this.unit = this.placement = null
    if (this.repaintAll) {
      this.repaintAll = false
      this.at.forEach((marks, t) => { if (marks.size) dirty.add(t) })
    }
    this.paint(dirty)
    this.renderCounts()
  }

  // A span without white space at its ends, in code points.
  trimmed(start, end) {
    const words = this.body.quote(start, end)
    return { start: start + words.length - words.trimStart().length, end: end - words.length + words.trimEnd().length }
  }

  turnsOf(mark) {
    const first = this.body.turnAt(mark.start), last = this.body.turnAt(Math.max(mark.start, mark.end - 1))
    return Array.from({ length: last - first + 1 }, (_, i) => first + i)
  }

  get filter() {
    return filterOf(this.data.project)
  }

  // Who works in the project: [[id, name, initials]]
  get members() { return this.data.members }

  // Codes of codebooks: id -> {id, label, path, name}
  get codes() {
    const given = this.data.codes ?? []
    if (this.codesOf !== given) {
      this.codesOf = given
      this.codesMap = new Map(given.map(([id, label, parent, codebook]) =>
        [id, { id, label, path: [parent, label].filter(Boolean).join(" › "), codebook }]))
    }
    return this.codesMap
  }

  // ---------- what goes to the server
  // Called before an operation is sent: fills in the words and the revision. False: not yet.
  prepare(op, all) {
    const { verb } = op
    if (!NEEDS_TEXT.has(verb)) return true
    const here = op.source === this.data.source && op.text_rev === this.data.textRev && this.body
    if (op.quote === undefined && verb !== "split") {
      if (!here && op.source !== this.data.source) return false
      op.quote = here ? this.body.quote(op.start, op.end) : null // the place says it, in its version of the text
    }
    if (op.rev !== undefined) {
      // The mark's revision is known when everything before it has been answered.
      const earlier = all.slice(0, all.indexOf(op)).some((o) => o.unit === op.unit || o.new_unit === op.unit)
      if (earlier) return false
      if (!op.sent && here) op.rev = this.server?.get(op.unit)?.rev ?? op.rev
    }
    return true
  }

  operate(verb, fields = {}) {
    const op = this.outbox.add({ verb, source: this.data.source, text_rev: this.data.textRev, ...fields })
    this.renderGroups()
    this.refresh()
    return op
  }

  focusText() { this.scroll.focus({ preventScroll: true }) }

  // The style sheet may arrive after the first call: a scroll measured before it would be wrong.
  whenStyled(run, tries = 120) {
    if (getComputedStyle(this.root).getPropertyValue("--wr-ready") || !tries) {
      this.root.classList.add("is-ready")
      run()
    } else requestAnimationFrame(() => this.whenStyled(run, tries - 1))
  }

  // ---------- words around the text
  renderCounts() {
    if (!this.body) return
    const turns = this.body.turns
    const t = this.here ?? Math.max(0, this.shells.length ? this.firstInView() : 0)
    this.where.textContent = turns.length ? this.t("turn_of", { turn: turns[t]?.seq ?? 1, total: turns[turns.length - 1].seq }) : ""
    this.counted.textContent = this.t("units", { n: this.view.size })
    this.renderPanel()
  }

  renderPanel() {
    const unplaced = this.unplacedHere
    const notes = [this.data.footer || (unplaced ? this.t("unplaced", { n: unplaced }) : "")].filter(Boolean)
    const mark = this.view.get(this.unit)
    const placement = mark?.placements.find((p) => p.id === this.placement) ?? mark?.placements[0]
    this.panel.render({ groups: [...this.groups.values()], mayMark: this.data.mayMark, notes, current: placement?.group ?? null })
  }

  toggleSheet(on) {
    const open = this.root.classList.toggle("is-sheet", on)
    if (open) this.panel.fresh.focus()
  }

  renderStatus() {
    if (!this.document) return
    const { pending, offline, at } = this.saved
    const text = offline ? this.t("offline", { n: pending }) : pending ? this.t("pending", { n: pending }) : at ? this.t("saved") : ""
    if (this.state.textContent === text) return
    this.state.textContent = text
    this.state.className = `wr-state${offline ? " is-offline" : pending ? " is-pending" : at ? " is-saved" : ""}`
    clearTimeout(this.stateTimer)
    // Said aloud when it has stood a moment: each mark passes through "not saved yet" for 50 ms.
    this.stateTimer = setTimeout(() => { if (text && (this.spoken !== text || !pending)) { this.spoken = text; this.announce(text) } }, 900)
  }

  say(text, more = "") {
    this.said.textContent = [text, more].filter(Boolean).join(" · ")
    this.announce([text, more].filter(Boolean).join(". "))
    clearTimeout(this.saidTimer)
    this.saidTimer = setTimeout(() => this.rest(), more ? 9000 : 4000)
  }

  // What stands in the status line when nothing has just happened.
  rest() { this.said.textContent = this.data.mayMark && this.shells.length ? this.t("hint") : "" }

  announce(text) { this.live.textContent = text }
}

// One object, its parts by what they own.
Object.assign(View.prototype, painting, selection, mouse, handles, keys, edit, comment, correct, focus, filter, places)
