// The reader on screen: where the caret is, what is selected, which mark is in focus, and what a key does.

import { groupStyle, h, hide, placeBeside, show, tagChip, translator } from "./dom.js"
import { byPlace, differing, readMark, serverMarks, tagFor, withWaiting } from "./marks.js"
import { outboxFor, uuid } from "./outbox.js"
import { measureMargin, paintTurn, placeMargin, turnShell } from "./paint.js"
import { Panel } from "./panel.js"
import { Picker } from "./picker.js"

const CHUNK = 40 // turns that the browser lays out together
const LONG_UNIT = 150 // words
const SHORT = 200 // characters of a turn that is never tall enough for its margin to be aligned
const SETTLE = 600 // ms without a further [ or ] before a new end is sent
const places = new Map() // document -> {turn, offset, sel}: where one was, for as long as the page is loaded
const filters = new Map() // project -> {hidden members, unmarked only}

export class View {
  constructor(parent, { docs, bases }) {
    this.docs = docs
    this.bases = bases
    this.t = (id) => id
    const t = (...a) => this.t(...a)
    this.shells = []
    this.view = new Map()
    this.server = null
    this.at = []
    this.groups = new Map()
    this.open = new Set()
    this.notes = new Map() // turn -> sentences of refused operations
    this.drafts = new Map() // unit -> {start, end, timer}: an end being moved
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
    this.strip = h("div", { class: "wr-strip" },
      h("div", { class: "wr-facts" }, this.title, this.meta, this.where, this.counted), this.tools)
    this.inner = h("div", { class: "wr-inner" })
    this.caret = h("div", { class: "wr-caret", hidden: true, "aria-hidden": "true" })
    this.scroll = h("div", { class: "wr-scroll", role: "document", tabindex: "0" }, this.inner)
    this.state = h("span", { class: "wr-state" })
    this.said = h("span", { class: "wr-said" })
    this.status = h("div", { class: "wr-status" }, this.state, this.said)
    this.box = h("div", { class: "wr-box" }, this.strip, this.scroll, this.status)
    this.panel = new Panel({
      t, pick: (id) => this.pickGroup(id), create: (name) => this.createGroup(name), close: () => this.toggleSheet(false),
    })
    this.picker = new Picker({ t, uuid, done: (result) => this.picked(result), left: () => this.pickerLeft() })
    this.card = h("div", { class: "wr-card", popover: "manual", role: "group" })
    this.tip = h("div", { class: "wr-tip", popover: "manual", "aria-hidden": "true" })
    this.keys = h("div", { class: "wr-keys", popover: "manual", role: "dialog", tabindex: "-1" })
    this.live = h("div", { class: "wr-live", role: "status", "aria-live": "polite" })
    this.main = h("div", { class: "wr-main" }, this.box, this.panel.el)
    this.root = h("div", { class: "wr" }, this.main, this.picker.el, this.card, this.tip, this.keys, this.live)

    this.scroll.addEventListener("keydown", (e) => this.key(e))
    this.scroll.addEventListener("focus", () => this.focused())
    this.scroll.addEventListener("blur", () => { this.caret.hidden = true })
    this.scroll.addEventListener("pointerdown", (e) => this.pressed(e))
    this.scroll.addEventListener("pointermove", (e) => this.hovered(e))
    this.scroll.addEventListener("pointerleave", () => this.hideTip())
    this.scroll.addEventListener("scroll", () => this.scrolled(), { passive: true })
    this.card.addEventListener("keydown", (e) => this.cardKey(e))
    this.keys.addEventListener("keydown", (e) => { e.stopPropagation(); this.closeKeys() })
    this.onUp = (e) => this.released(e)
    this.onDown = (e) => this.pressedElsewhere(e)
    this.onOnline = () => this.outbox?.flush()
    this.onFonts = () => {
      for (const shell of this.shells) shell.aligned = null
      this.align()
    }
    this.sight = new IntersectionObserver((seen) => {
      for (const { target, isIntersecting } of seen) this.inSight[isIntersecting ? "add" : "delete"](target.wrIndex)
      this.align()
    }, { root: this.scroll, rootMargin: "600px 0px" })
    this.resized = new ResizeObserver(() => {
      this.align()
      this.drawCaret()
    })
    this.onLost = () => this.lost()
    document.addEventListener("pointerup", this.onUp)
    document.addEventListener("pointercancel", this.onLost)
    document.addEventListener("pointerdown", this.onDown, true)
    window.addEventListener("online", this.onOnline)
    document.fonts.addEventListener("loadingdone", this.onFonts)
  }

  leave() {
    for (const unit of [...this.drafts.keys()]) this.settle(unit)
    this.outbox?.detach(this.onOutbox)
    document.removeEventListener("pointerup", this.onUp)
    document.removeEventListener("pointercancel", this.onLost)
    document.removeEventListener("pointerdown", this.onDown, true)
    window.removeEventListener("online", this.onOnline)
    document.fonts.removeEventListener("loadingdone", this.onFonts)
    this.sight.disconnect()
    this.resized.disconnect()
    cancelAnimationFrame(this.aligning)
    CSS.highlights?.delete("wr-pending")
    this.root.remove()
  }

  // ---------- what comes from the server

  update(data, send) {
    this.data = data
    this.send = send
    const box = outboxFor(data.project, data.member)
    if (box !== this.outbox) {
      this.outbox?.detach(this.onOutbox)
      this.outbox = box
      this.onOutbox = (saved) => { this.saved = saved; this.renderStatus() }
      box.attach({ send: (ops) => this.send(ops), prepare: (op, all) => this.prepare(op, all), onchange: this.onOutbox })
    }
    this.arrived(data.doc)
  }

  arrived(name) {
    const { data } = this
    if (!data || (name !== data.doc && name !== data.base)) return
    const document = this.docs.get(data.doc), base = this.bases.get(data.base)
    if (!document || !base) {
      this.root.classList.add("is-waiting")
      return
    }
    this.root.classList.remove("is-waiting")
    const fresh = this.document !== document
    if (fresh) this.openDocument(document)
    const server = serverMarks(fresh ? null : this.server, base, data.changed.map(readMark), data.removed)
    this.server = server
    const refused = this.outbox.answer(data.acks)
    this.renderGroups()
    this.refresh()
    for (const one of refused) this.refused(one)
    this.renderTools()
    this.renderStatus()
    const wanted = JSON.stringify(data.focus)
    const jump = data.focus && wanted !== this.wanted
    if (fresh) this.whenStyled(() => (jump ? this.jumpToFocus(data.focus) : this.restorePlace()))
    else if (jump) this.jumpToFocus(data.focus)
    if (fresh) this.rest()
    this.wanted = wanted
  }

  openDocument(document) {
    this.document = document
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
    this.sight.disconnect()
    this.inSight.clear()
    this.notes.clear()
    this.drafts.clear()
    this.sel = this.unit = this.placement = null
    this.title.textContent = document.title
    this.meta.replaceChildren(...document.meta.map((m) => h("span", {}, m)))
    this.scroll.setAttribute("aria-label", document.title)
    this.shells = this.body.turns.map((turn) => turnShell(turn, document.lang, this.t))
    const chunks = []
    for (let i = 0; i < this.shells.length; i += CHUNK) {
      const some = this.shells.slice(i, i + CHUNK)
      // Roughly how tall, until the browser has seen it: lines of 64 characters and the space between turns.
      const lines = this.body.turns.slice(i, i + CHUNK).reduce((n, turn) => n + Math.ceil(turn.text.length / 64 || 1), 0)
      const el = h("section", { class: "wr-chunk", style: `contain-intrinsic-size:auto ${Math.round(lines * 30.5 + some.length * 12)}px` },
        ...some.map((s) => s.el))
      chunks.push(el)
    }
    if (!this.shells.length) chunks.push(h("p", { class: "wr-empty" }, this.t("no_text")))
    this.inner.replaceChildren(...chunks, this.caret)
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

  // Server's marks with the outbox on top; paints only the turns that look different.
  refresh() {
    if (!this.body) return
    const { source, textRev } = this.data
    const initials = this.data.members.find(([id]) => id === this.data.member)?.[2] ?? ""
    const view = withWaiting(this.server, this.outbox.waiting, source, textRev, initials)
    for (const [unit, draft] of this.drafts) {
      const mark = view.get(unit)
      if (mark) view.set(unit, { ...mark, start: draft.start, end: draft.end })
    }
    const dirty = new Set()
    for (const [before, after, looks] of differing(this.view, view)) {
      const turns = new Set([...(before ? this.turnsOf(before) : []), ...(after ? this.turnsOf(after) : [])])
      for (const t of turns) {
        this.at[t].delete(before?.unit)
        if (looks) dirty.add(t)
      }
      if (after) for (const t of this.turnsOf(after)) this.at[t].set(after.unit, after)
    }
    this.view = view
    if (this.unit && !view.has(this.unit)) this.unit = this.placement = null
    if (this.repaintAll) {
      this.repaintAll = false
      this.at.forEach((marks, t) => { if (marks.size) dirty.add(t) })
    }
    this.paint(dirty)
    this.renderCounts()
  }

  turnsOf(mark) {
    const first = this.body.turnAt(mark.start), last = this.body.turnAt(Math.max(mark.start, mark.end - 1))
    return Array.from({ length: last - first + 1 }, (_, i) => first + i)
  }

  get filter() {
    const name = this.data.project
    if (!filters.has(name)) filters.set(name, { hidden: new Set(), unmarked: false })
    return filters.get(name)
  }

  visible(t) { return [...this.at[t].values()].filter((m) => !this.filter.hidden.has(m.member)) }

  paint(turns) {
    // Not under the mouse: a text node replaced during a drag takes the selection with it.
    if (this.pointer) {
      for (const t of turns) this.later.add(t)
      return
    }
    if (!turns.size) return
    const ctx = {
      body: this.body, groups: this.groups, focusUnit: this.unit, focusPlacement: this.placement, open: this.open,
      t: this.t, describe: (mark) => this.describe(mark),
    }
    for (const t of turns) {
      paintTurn(this.shells[t], t, this.visible(t), ctx)
      const notes = this.notes.get(t)
      if (notes) this.shells[t].margin.prepend(...notes)
      if (this.body.turns[t].text.length > SHORT) this.sight[this.shells[t].margin.firstChild ? "observe" : "unobserve"](this.shells[t].el)
    }
    this.alignSoon()
    // Painting replaces text nodes: put the selection back where it was.
    if (this.sel && (turns.has(this.sel.anchor.t) || turns.has(this.sel.focus.t))) this.showSelection()
    this.drawCaret()
  }

  // Before the browser draws, so that nothing is seen to move.
  alignSoon() {
    cancelAnimationFrame(this.aligning)
    this.aligning = requestAnimationFrame(() => this.align())
  }

  align() {
    const topOf = (el) => (el.wrStart === undefined ? undefined : this.caretRect(this.body.fromPoint(el.wrStart)).top)
    const found = [...this.inSight].filter((t) => !this.shells[t].el.hidden).map((t) => measureMargin(this.shells[t], topOf))
    for (const one of found) if (one) placeMargin(one)
  }

  describe(mark) {
    const who = this.data.members.find(([id]) => id === mark.member)?.[1] ?? mark.initials
    const names = mark.placements.map((p) => this.groups.get(p.group)?.name ?? "")
    return `${names.join(" + ") || this.t("no_group")}, ${who}`
  }

  // ---------- what goes to the server

  // Called before an operation is sent: fills in the words and the revision. False: not yet.
  prepare(op, all) {
    const { verb } = op
    if (verb !== "mark" && verb !== "resize") return true
    const here = op.source === this.data.source && op.text_rev === this.data.textRev && this.body
    if (op.quote === undefined) {
      if (!here) return op.source !== this.data.source ? false : ((op.quote = ""), true)
      op.quote = this.body.quote(op.start, op.end)
    }
    if (verb === "resize") {
      // The mark's revision is known when everything before it has been answered.
      const earlier = all.slice(0, all.indexOf(op)).some((o) => o.unit === op.unit)
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

  mark(span, result) {
    const { b, start, end } = span
    const same = [...this.view.values()].find((m) => m.start === start && m.end === end && m.member === this.data.member)
    if (same) {
      this.moveTo(b, false)
      this.focusMark(same.unit)
      this.place(same.unit, result)
      return
    }
    const unit = uuid()
    const quote = this.body.quote(start, end)
    this.unit = unit
    this.placement = null
    this.moveTo(b, false)
    this.operate("mark", { unit, start, end, quote, placements: placementsFor(result.fresh), new_code_groups: result.created })
    this.renderPanel()
    const n = this.body.words(start, end)
    this.say(this.t("marked", { n }), n > LONG_UNIT ? this.t("long_unit") : "")
  }

  place(unit, { fresh, created }) {
    const held = this.view.get(unit).placements.map((p) => p.group)
    const groups = fresh.filter((id) => !held.includes(id))
    if (groups.length) this.operate("place", { unit, placements: placementsFor(groups), new_code_groups: created })
    this.say(this.describe(this.view.get(unit)))
  }

  picked(result) {
    const { target } = this
    this.target = null
    this.pending(null)
    if (target.span) {
      this.mark(target.span, result)
    } else {
      const mark = this.view.get(target.unit)
      if (mark) {
        if (result.fresh.length) this.place(target.unit, result)
        for (const group of result.dropped) {
          const placement = mark.placements.find((p) => p.group === group)
          if (placement) this.operate("unplace", { unit: target.unit, placement: placement.id })
        }
        this.say(this.describe(this.view.get(target.unit) ?? mark))
      }
    }
    this.focusText()
  }

  pickerLeft() {
    this.pending(null)
    this.target = null
    this.focusText()
    this.showSelection()
  }

  focusText() { this.scroll.focus({ preventScroll: true }) }

  createGroup(name) {
    this.operate("group", { new_code_groups: [{ id: uuid(), name }] })
    this.renderPanel()
  }

  // A press on a code group in the panel: places what is selected or in focus, else goes to its next mark.
  pickGroup(id) {
    const span = this.span()
    if (this.data.mayMark && span) {
      this.mark(span, { fresh: [id], created: [] })
      this.focusText()
    } else if (this.data.mayMark && this.unit && this.view.has(this.unit)) {
      this.place(this.unit, { fresh: [id], created: [] })
      this.focusText()
    } else this.nextMark(1, (m) => m.placements.some((p) => p.group === id))
    this.toggleSheet(false)
  }

  remove() {
    const mark = this.view.get(this.unit)
    if (!mark || !this.data.mayMark) return
    const placement = mark.placements.find((p) => p.id === this.placement)
    if (placement && mark.placements.length > 1) {
      this.placement = null
      this.operate("unplace", { unit: mark.unit, placement: placement.id })
      this.say(this.t("taken_out", { group: this.groups.get(placement.group)?.name ?? "" }))
    } else {
      this.unit = this.placement = null
      this.operate("remove", { unit: mark.unit })
      this.say(this.t("removed"))
    }
    this.hideCard()
  }

  // Moves the end of the mark in focus by a word; sent when the keys rest.
  resize(direction) {
    const mark = this.view.get(this.unit)
    if (!mark || !this.data.mayMark) return
    this.hideCard()
    const a = this.body.fromPoint(mark.start)
    const b = this.body.step({ ...this.endOf(mark) }, direction, "word")
    const span = this.body.before(a, b) < 0 ? this.body.span(a, b) : null
    if (!span || span.end === mark.end) return
    const draft = this.drafts.get(mark.unit) ?? {}
    clearTimeout(draft.timer)
    const { unit } = mark
    this.drafts.set(unit, { start: span.start, end: span.end, timer: setTimeout(() => this.settle(unit), SETTLE) })
    this.refresh()
    this.reveal(span.b)
    this.say(this.t("resized", { n: this.body.words(span.start, span.end) }))
  }

  settle(unit) {
    const draft = this.drafts.get(unit)
    if (!draft) return
    clearTimeout(draft.timer)
    this.drafts.delete(unit)
    const before = this.outbox.waiting.find((o) => o.verb === "resize" && o.unit === unit && !o.sent)
    const quote = this.body.quote(draft.start, draft.end)
    if (before) {
      Object.assign(before, { start: draft.start, end: draft.end, quote })
      this.refresh()
    } else this.operate("resize", { unit, start: draft.start, end: draft.end, quote, rev: this.server.get(unit)?.rev ?? null })
  }

  endOf(mark) {
    const t = this.body.turnAt(Math.max(mark.start, mark.end - 1))
    return { t, o: this.body.offsetIn(t, mark.end) }
  }

  undo(verb) {
    for (const unit of [...this.drafts.keys()]) this.settle(unit)
    this.operate(verb)
    this.say(this.t(verb))
  }

  // The server said no: the mark is gone from the screen already; say why, where it was.
  refused({ operation, sentence }) {
    this.announce(sentence)
    const mark = this.server.get(operation.unit)
    const start = operation.source === this.data.source ? operation.start ?? mark?.start : undefined
    if (start === undefined) { this.say(sentence); return }
    const t = this.body.turnAt(start)
    const note = h("div", { class: "wr-note" }, h("span", {}, sentence),
      h("button", { type: "button", class: "wr-link", tabindex: "-1", onclick: () => {
        this.notes.set(t, (this.notes.get(t) ?? []).filter((n) => n !== note))
        note.remove()
        this.focusText()
      } }, this.t("dismiss")))
    note.wrStart = start
    this.notes.set(t, [...(this.notes.get(t) ?? []), note])
    this.paint(new Set([t]))
  }

  // ---------- caret and selection

  moveTo(position, extend) {
    this.sel = { anchor: extend && this.sel ? this.sel.anchor : position, focus: position }
    this.setHere(position.t)
    this.showSelection()
  }

  setHere(t) {
    if (this.here === t && this.shells[t]?.el.classList.contains("is-here")) return
    this.shells[this.here]?.el.classList.remove("is-here")
    this.here = t
    this.shells[t]?.el.classList.add("is-here")
    this.renderCounts()
  }

  span() {
    if (!this.sel || !this.body.before(this.sel.anchor, this.sel.focus)) return null
    return this.body.span(this.sel.anchor, this.sel.focus)
  }

  domPoint({ t, o }) {
    const walker = document.createTreeWalker(this.shells[t].text, NodeFilter.SHOW_TEXT)
    let node = walker.nextNode(), left = o
    while (node && left > node.length) {
      left -= node.length
      node = walker.nextNode()
    }
    return node ? [node, left] : [this.shells[t].text, 0]
  }

  rangeOf(a, b) {
    const range = document.createRange()
    range.setStart(...this.domPoint(a))
    range.setEnd(...this.domPoint(b))
    return range
  }

  // A point of the document as a position; outside the words, the nearest in the direction that is asked for.
  position(node, offset, isEnd) {
    const el = (node.nodeType === 1 ? node : node.parentElement)?.closest(".wr-text")
    const range = document.createRange()
    if (el && this.inner.contains(el)) {
      range.selectNodeContents(el)
      range.setEnd(node, offset)
      return { t: el.parentElement.wrIndex, o: range.toString().length }
    }
    if (!this.shells.length) return null
    range.setStart(node, offset)
    let low = 0, high = this.shells.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (range.comparePoint(this.shells[middle].text, 0) < 0) low = middle + 1
      else high = middle
    }
    const last = this.shells.length - 1
    if (isEnd) return low > 0 ? { t: low - 1, o: this.body.turns[low - 1].text.length } : { t: 0, o: 0 }
    return low <= last ? { t: low, o: 0 } : { t: last, o: this.body.turns[last].text.length }
  }

  readSelection() {
    const native = getSelection()
    if (!native.rangeCount || !this.inner.contains(native.anchorNode)) return null
    const range = native.getRangeAt(0)
    const start = this.position(range.startContainer, range.startOffset, false)
    const end = this.position(range.endContainer, range.endOffset, true)
    if (!start || !end) return null
    const backwards = !native.isCollapsed && native.anchorNode === range.endContainer && native.anchorOffset === range.endOffset
    return backwards ? { anchor: end, focus: start } : { anchor: start, focus: end }
  }

  showSelection() {
    if (!this.sel) return
    const native = getSelection()
    native.setBaseAndExtent(...this.domPoint(this.sel.anchor), ...this.domPoint(this.sel.focus))
    this.drawCaret()
  }

  caretRect({ t, o }) {
    const { text } = this.body.turns[t]
    const rtl = getComputedStyle(this.shells[t].text).direction === "rtl"
    const next = o < text.length ? this.body.step({ t, o }, 1, "grapheme") : null
    const from = next ? { t, o } : this.body.step({ t, o }, -1, "grapheme")
    if (!text.length) {
      const r = this.shells[t].text.getBoundingClientRect()
      return new DOMRect(r.left, r.top, 0, r.height)
    }
    const rects = this.rangeOf(from, next ?? { t, o }).getClientRects()
    const r = next ? rects[rects.length > 1 && rects[0].width < 1 ? 1 : 0] : rects[rects.length - 1]
    if (!r) return this.shells[t].text.getBoundingClientRect()
    return new DOMRect((next ? rtl : !rtl) ? r.right : r.left, r.top, 0, r.height)
  }

  drawCaret() {
    const collapsed = this.sel && !this.body.before(this.sel.anchor, this.sel.focus)
    this.caret.hidden = !(collapsed && this.byKeys && document.activeElement === this.scroll)
    if (this.caret.hidden) return
    const r = this.caretRect(this.sel.focus), origin = this.inner.getBoundingClientRect()
    Object.assign(this.caret.style, { left: `${r.left - origin.left - 1}px`, top: `${r.top - origin.top}px`, height: `${r.height}px` })
  }

  // Scrolls by the least that shows a position, with some air.
  reveal(position) {
    const r = this.caretRect(position), box = this.scroll.getBoundingClientRect()
    const over = box.top + 44 - r.top, under = r.bottom - (box.bottom - 64)
    if (over > 0) this.scroll.scrollTop -= over
    else if (under > 0) this.scroll.scrollTop += under
  }

  revealTurn(t) {
    const r = this.shells[t].el.getBoundingClientRect(), box = this.scroll.getBoundingClientRect()
    if (r.top < box.top + 8) this.scroll.scrollTop -= box.top + 8 - r.top
    else if (r.bottom > box.bottom - 24) this.scroll.scrollTop += Math.min(r.bottom - box.bottom + 24, r.top - box.top - 8)
    this.drawCaret()
  }

  firstInView() {
    const box = this.scroll.getBoundingClientRect()
    for (const y of [12, 30, 60]) {
      const turn = document.elementFromPoint(box.left + box.width / 3, box.top + y)?.closest(".wr-turn")
      if (turn && this.inner.contains(turn)) return turn.wrIndex
    }
    return this.shells.findIndex((s) => s.el.getBoundingClientRect().bottom > box.top + 12)
  }

  focused() {
    if (!this.shells.length) return
    this.byKeys = !this.pointer
    const inView = this.sel && (() => {
      const r = this.shells[this.sel.focus.t].el.getBoundingClientRect(), box = this.scroll.getBoundingClientRect()
      return r.bottom > box.top && r.top < box.bottom
    })()
    if (this.byKeys && !inView) this.moveTo({ t: Math.max(0, this.firstInView()), o: 0 }, false)
    this.drawCaret()
  }

  // ---------- mouse

  pressed(e) {
    this.hideTip()
    if (e.button !== 0 || e.target === this.scroll) return // a menu, or the scroll bar
    this.pointer = true
  }

  // The mouse went somewhere it cannot be followed.
  lost() {
    if (!this.pointer) return
    this.pointer = false
    this.paint(new Set(this.later))
    this.later.clear()
  }

  pressedElsewhere(e) {
    if (this.picker.isOpen && !this.picker.el.contains(e.target)) {
      this.picker.close()
      this.pending(null)
      this.target = null
    }
    if (!this.card.contains(e.target)) this.hideCard()
    if (!this.keys.contains(e.target)) hide(this.keys)
  }

  released(e) {
    if (!this.pointer) return
    this.pointer = false
    const { target } = e
    setTimeout(() => { this.paint(new Set(this.later)); this.later.clear() }, 1)
    const inMargin = this.scroll.contains(target) && target.closest?.(".wr-e, .wr-more, .wr-note")
    if (inMargin) return this.marginPressed(inMargin)
    // The browser settles the selection after this event.
    setTimeout(() => {
      const selected = this.readSelection()
      if (!selected) return
      this.byKeys = false
      this.sel = selected
      this.setHere(selected.focus.t)
      const span = this.span()
      if (span) {
        this.unit && this.focusMark(null)
        if (this.data.mayMark) this.openPicker(span)
      } else {
        this.sel = { anchor: selected.focus, focus: selected.focus }
        this.drawCaret()
        const piece = target.closest?.(".wr-m")
        this.clickedMark(piece ? piece.dataset.units.split(" ") : [], piece)
      }
    })
  }

  // Overlapping marks: the shortest first, a further press takes the next.
  clickedMark(units, piece) {
    const marks = units.map((u) => this.view.get(u)).filter(Boolean).sort((a, b) => a.end - a.start - (b.end - b.start))
    if (!marks.length) return this.focusMark(null)
    const at = marks.findIndex((m) => m.unit === this.unit)
    const mark = marks[(at + 1) % marks.length]
    const rect = piece.getClientRects()[0] ?? piece.getBoundingClientRect()
    this.focusMark(mark.unit)
    this.openCard(rect)
  }

  marginPressed(el) {
    if (el.dataset.more) {
      this.open.add(Number(el.dataset.more))
      this.paint(new Set([Number(el.dataset.more)]))
    } else if (el.dataset.unit) {
      const rect = el.getBoundingClientRect()
      this.focusText()
      const mark = this.view.get(el.dataset.unit)
      if (mark) this.setHere(el.closest(".wr-turn").wrIndex)
      this.focusMark(el.dataset.unit, el.dataset.placement || null)
      this.openCard(rect)
    }
  }

  hovered(e) {
    if (!e.buttons) this.lost()
    const el = e.target.closest?.(".wr-m, .wr-e")
    if (el === this.over) return
    this.hideTip()
    this.over = el
    for (const one of this.inner.querySelectorAll(".is-over")) one.classList.remove("is-over")
    if (!el || e.buttons) return
    const units = (el.dataset.units ?? el.dataset.unit).split(" ")
    const turn = el.closest(".wr-turn")
    for (const other of turn.querySelectorAll(".wr-e")) other.classList.toggle("is-over", units.includes(other.dataset.unit))
    const rect = [...el.getClientRects()].find((r) => e.clientY >= r.top && e.clientY <= r.bottom) ?? el.getBoundingClientRect()
    this.tipTimer = setTimeout(() => {
      if (this.picker.isOpen || this.card.matches(":popover-open")) return
      this.tip.replaceChildren(...units.flatMap((u) => this.rows(this.view.get(u))))
      show(this.tip)
      placeBeside(this.tip, rect, 6)
    }, 350)
  }

  hideTip() {
    clearTimeout(this.tipTimer)
    this.over = null
    hide(this.tip)
  }

  rows(mark) {
    if (!mark) return []
    const who = this.data.members.find(([id]) => id === mark.member)?.[1] ?? mark.initials
    const list = mark.placements.length ? mark.placements : [null]
    return list.map((p) => {
      const group = this.groups.get(p?.group)
      return h("div", { class: "wr-row" },
        group ? tagChip(group) : h("span", { class: "wr-tag is-none", style: groupStyle(null) }, "–"),
        h("span", { class: "wr-row-name" }, group?.name ?? this.t("no_group"), p?.sub ? h("span", { class: "wr-sub" }, ` · ${p.sub}`) : null),
        h("span", { class: "wr-row-who" }, who))
    })
  }

  // ---------- the mark in focus

  focusMark(unit, placement = null) {
    const turns = new Set()
    for (const id of [this.unit, unit]) {
      const mark = this.view.get(id)
      if (mark) for (const t of this.turnsOf(mark)) turns.add(t)
    }
    this.unit = unit
    this.placement = placement
    this.paint(turns)
    this.renderPanel()
    if (!unit) this.hideCard()
  }

  openCard(rect) {
    const mark = this.view.get(this.unit)
    if (!mark) return
    const chosen = mark.placements.find((p) => p.id === this.placement)
    const out = chosen ? [chosen] : mark.placements
    const button = (label, run, kind = "") => h("button", { type: "button", class: `wr-button ${kind}`, onclick: run }, label)
    this.card.setAttribute("aria-label", this.describe(mark))
    this.card.replaceChildren(...this.rows(mark))
    if (this.data.mayMark) {
      this.card.append(h("div", { class: "wr-card-acts" },
        button(this.t("card.add"), () => { this.hideCard(); this.openPickerFor(mark.unit, rect) }),
        ...out.map((p) => {
          const group = this.groups.get(p.group)
          return button(this.t("card.take_out", { tag: group?.tag ?? "" }), () => {
            this.hideCard()
            this.placement = null
            this.operate("unplace", { unit: mark.unit, placement: p.id })
            this.say(this.t("taken_out", { group: group?.name ?? "" }))
            this.focusText()
          })
        }),
        button(this.t("card.remove"), () => { this.placement = null; this.remove(); this.focusText() }, "is-quiet")))
    }
    this.hideTip()
    show(this.card)
    placeBeside(this.card, rect, 8)
  }

  hideCard() { hide(this.card) }

  cardKey(e) {
    e.stopPropagation()
    if (e.key === "Escape") {
      this.hideCard()
      this.focusText()
    }
  }

  openPicker(span, typed = "") {
    this.target = { span }
    this.hideCard()
    this.hideTip()
    const rect = this.targetRect() ?? (this.bring(span.a.t, span.a), this.targetRect())
    this.pending(span)
    this.picker.open({
      rect: rect ?? cornerOf(this.scroll), project: this.data.project,
      groups: [...this.groups.values()], typed,
    })
  }

  openPickerFor(unit, rect) {
    const mark = this.view.get(unit)
    if (!mark) return
    this.target = { unit }
    this.hideCard()
    const a = this.body.fromPoint(mark.start)
    const beside = rect ?? this.targetRect() ?? (this.bring(a.t, a), this.targetRect())
    this.picker.open({
      rect: beside ?? cornerOf(this.scroll), project: this.data.project,
      groups: [...this.groups.values()], chosen: mark.placements.map((p) => p.group), placing: true,
    })
  }

  // The last line in view of what the picker is for; undefined when none of it can be seen.
  targetRect() {
    const { span, unit } = this.target
    const mark = this.view.get(unit)
    if (!span && !mark) return undefined
    const [a, b] = span ? [span.a, span.b] : [this.body.fromPoint(mark.start), this.endOf(mark)]
    const box = this.scroll.getBoundingClientRect()
    return [...this.rangeOf(a, b).getClientRects()].findLast((r) => r.bottom > box.top && r.top < box.bottom)
  }

  // While the picker has the focus the browser hides the selection: paint it ourselves.
  pending(span) {
    if (!CSS.highlights) return
    if (span) CSS.highlights.set("wr-pending", new Highlight(this.rangeOf(span.a, span.b)))
    else CSS.highlights.delete("wr-pending")
  }

  nextMark(direction, wanted = () => true) {
    const marks = [...this.view.values()].filter((m) => !this.filter.hidden.has(m.member) && wanted(m)).sort(byPlace)
    if (!marks.length) return this.say(this.t("no_marks"))
    const at = marks.findIndex((m) => m.unit === this.unit)
    let next
    if (at >= 0) next = marks[at + direction]
    else {
      const here = this.sel ? this.body.toPoint(this.sel.focus) : 0
      next = direction > 0 ? marks.find((m) => m.start >= here) : marks.findLast((m) => m.start < here)
    }
    next ??= direction > 0 ? marks[0] : marks[marks.length - 1]
    this.goToUnit(next)
  }

  goToUnit(mark) {
    const a = this.body.fromPoint(mark.start)
    this.focusText()
    this.moveTo(a, false)
    this.focusMark(mark.unit)
    this.bring(a.t, a)
    this.announce(this.describe(mark))
  }

  nextUnmarked() {
    const n = this.shells.length
    for (let i = 1; i <= n; i++) {
      const t = ((this.here ?? -1) + i) % n
      const { kind, text } = this.body.turns[t]
      if (kind === "interviewer" || kind === "facilitator" || !text.trim() || this.visible(t).length) continue
      this.goToTurn(t)
      return
    }
    this.say(this.t("all_marked"))
  }

  goToTurn(t) {
    this.focusMark(null)
    this.moveTo({ t, o: 0 }, false)
    this.bring(t)
    const turn = this.body.turns[t]
    this.announce(`${turn.seq} ${turn.speaker}`)
  }

  // Into view without a jump when it is there already; else a third down.
  bring(t, position) {
    const box = this.scroll.getBoundingClientRect()
    const tall = position && this.isTall(t)
    const r = tall ? this.caretRect(position) : this.shells[t].el.getBoundingClientRect()
    const near = r.bottom > box.top - box.height / 2 && r.top < box.bottom + box.height / 2
    if (near) {
      if (!tall) this.revealTurn(t)
      if (position) this.reveal(position)
    } else this.scrollToTurn(t, box.height * 0.3, 3, position)
    this.drawCaret()
  }

  // Chunks not laid out yet are as tall as we guessed: correct once the browser has seen them.
  // A turn that does not fit on the screen: to the position in it.
  scrollToTurn(t, offset, times = 3, position = null) {
    const el = this.shells[t]?.el
    if (!el) return
    const to = position && this.isTall(t) ? this.caretRect(position) : el.getBoundingClientRect()
    const by = to.top - this.scroll.getBoundingClientRect().top - offset
    if (Math.abs(by) > 1) this.scroll.scrollTop += by
    this.drawCaret()
    if (times) requestAnimationFrame(() => this.scrollToTurn(t, offset, times - 1, position))
  }

  isTall(t) { return this.shells[t].el.offsetHeight > this.scroll.clientHeight * 0.7 }

  // ---------- keys

  key(e) {
    if (e.isComposing || this.picker.isOpen) return
    const handled = this.handle(e)
    if (handled || !(e.ctrlKey || e.metaKey || e.altKey)) e.stopPropagation()
    if (handled) e.preventDefault()
  }

  handle(e) {
    const { key } = e
    const ctrl = e.ctrlKey || e.metaKey
    const mark = this.data.mayMark
    if (!this.sel && this.shells.length) this.sel = { anchor: { t: Math.max(0, this.firstInView()), o: 0 }, focus: { t: Math.max(0, this.firstInView()), o: 0 } }
    if (!this.sel) return false
    this.byKeys = true
    if (ctrl && key.toLowerCase() === "z" && mark) return this.undo(e.shiftKey ? "redo" : "undo"), true
    if (ctrl && key.toLowerCase() === "y" && mark) return this.undo("redo"), true
    if (ctrl && key.toLowerCase() === "a") return this.selectTurn(), true
    if (this.arrow(e, ctrl)) return true
    if (ctrl || e.altKey) {
      if (key === "Enter" && mark && this.span()) return this.mark(this.span(), { fresh: [], created: [] }), true
      return false
    }
    const span = this.span()
    if (key === "Escape") return this.escape()
    if (key === "Enter") {
      if (span && mark) this.openPicker(span)
      else if (this.unit && mark) this.openPickerFor(this.unit)
      else return false
      return true
    }
    if (key === "S") return this.extendSentence(), true
    if (span && mark && /^\p{L}$/u.test(key)) return this.openPicker(span, key), true
    const act = {
      "?": () => this.openKeys(),
      j: () => this.nextTurn(1), k: () => this.nextTurn(-1),
      s: () => this.selectSentence(), t: () => this.selectTurn(),
      n: () => this.nextMark(1), p: () => this.nextMark(-1), u: () => this.nextUnmarked(),
      Delete: () => this.remove(), Backspace: () => this.remove(),
      "[": () => this.resize(-1), "]": () => this.resize(1),
    }[key.length === 1 ? key.toLowerCase() : key]
    if (!act) return false
    act()
    return true
  }

  arrow(e, ctrl) {
    const { key, shiftKey } = e
    const at = this.sel.focus
    const rtl = getComputedStyle(this.shells[at.t].text).direction === "rtl"
    let to
    if (key === "ArrowLeft" || key === "ArrowRight") {
      const direction = (key === "ArrowRight") === rtl ? -1 : 1
      to = this.body.step(at, direction, ctrl || e.altKey ? "word" : "grapheme")
    } else if (key === "ArrowUp" || key === "ArrowDown") {
      if (ctrl || e.altKey) return false
      to = this.line(at, key === "ArrowDown" ? 1 : -1)
    } else if (key === "Home" || key === "End") {
      if (ctrl) to = key === "Home" ? { t: 0, o: 0 } : { t: this.shells.length - 1, o: this.body.turns.at(-1).text.length }
      else to = { t: at.t, o: this.lineEdge(at, key === "End") }
    } else return false
    if (key !== "ArrowUp" && key !== "ArrowDown") this.column = null
    if (this.unit && shiftKey) this.focusMark(null)
    this.moveTo(to, shiftKey)
    this.reveal(to)
    return true
  }

  // One line up or down at the same column, across turns.
  line(at, direction) {
    const r = this.caretRect(at)
    this.column ??= r.left
    const el = this.shells[at.t].text
    const height = parseFloat(getComputedStyle(el).lineHeight) || 30
    const y = (r.top + r.bottom) / 2 + direction * height
    const text = el.getBoundingClientRect()
    if (y > text.top && y < text.bottom) return this.fromScreen(this.column, y, at.t) ?? at
    let t = at.t + direction
    while (this.shells[t]?.el.hidden) t += direction
    if (!this.shells[t]) return { t: at.t, o: direction > 0 ? this.body.turns[at.t].text.length : 0 }
    const edge = { t, o: direction > 0 ? 0 : this.body.turns[t].text.length }
    this.reveal(edge)
    const next = this.caretRect(edge)
    return this.fromScreen(this.column, (next.top + next.bottom) / 2, t) ?? edge
  }

  fromScreen(x, y, t) {
    const box = this.shells[t].text.getBoundingClientRect()
    const px = Math.max(box.left + 1, Math.min(x, box.right - 1))
    let node, offset
    if (document.caretPositionFromPoint) {
      const p = document.caretPositionFromPoint(px, y)
      if (p) [node, offset] = [p.offsetNode, p.offset]
    } else {
      const r = document.caretRangeFromPoint?.(px, y)
      if (r) [node, offset] = [r.startContainer, r.startOffset]
    }
    if (!node || !this.shells[t].text.contains(node)) return null
    const p = this.position(node, offset, false)
    return p && { t: p.t, o: this.body.snap(p, false) }
  }

  lineEdge(at, end) {
    const r = this.caretRect(at), box = this.shells[at.t].text.getBoundingClientRect()
    const rtl = getComputedStyle(this.shells[at.t].text).direction === "rtl"
    const p = this.fromScreen(end !== rtl ? box.right - 1 : box.left + 1, (r.top + r.bottom) / 2, at.t)
    return p?.o ?? at.o
  }

  nextTurn(direction) {
    let t = (this.sel?.focus.t ?? -1) + direction
    while (this.shells[t]?.el.hidden) t += direction
    if (this.shells[t]) this.goToTurn(t)
  }

  selectSentence() {
    const { focus } = this.sel
    const [from, to] = this.body.sentenceAt(focus)
    this.select({ t: focus.t, o: from }, { t: focus.t, o: to })
  }

  extendSentence() {
    if (!this.span()) return this.selectSentence()
    const { focus } = this.sel
    const [, end] = this.body.sentenceAt(focus)
    let to = { t: focus.t, o: end }
    if (!this.body.before(to, focus) || end <= focus.o) {
      const t = focus.t + 1
      if (!this.shells[t]) return
      to = { t, o: this.body.sentenceAt({ t, o: 0 })[1] }
    }
    this.select(this.sel.anchor, to)
  }

  selectTurn() {
    const { t } = this.sel.focus
    this.select({ t, o: 0 }, { t, o: this.body.turns[t].text.length })
  }

  select(anchor, focus) {
    this.focusMark(null)
    this.sel = { anchor, focus }
    this.setHere(focus.t)
    this.showSelection()
    this.reveal(focus)
    const span = this.span()
    if (span) this.announce(this.t("selected", { n: this.body.words(span.start, span.end) }))
  }

  escape() {
    if (this.keys.matches(":popover-open")) hide(this.keys)
    else if (this.card.matches(":popover-open")) this.hideCard()
    else if (this.span()) {
      this.sel = { anchor: this.sel.focus, focus: this.sel.focus }
      this.showSelection()
    } else if (this.unit) this.focusMark(null)
    else this.scroll.blur()
    return true
  }

  openKeys() {
    const rows = [
      ["J K", "turns"], ["← → ↑ ↓", "caret"], ["Shift ←→", "extend"], ["S", "sentence"], ["Shift S", "sentence_more"], ["T", "turn"],
      ["Enter", "pick"], ["Ctrl Enter", "plain"], ["N P", "marks"], ["U", "unmarked"], ["[ ]", "resize"], ["Del", "remove"],
      ["Ctrl Z", "undo"], ["Ctrl Shift Z", "redo"], ["Esc", "leave"],
    ]
    this.keys.setAttribute("aria-label", this.t("keys.title"))
    this.keys.replaceChildren(
      h("div", { class: "wr-keys-title" }, this.t("keys.title")),
      ...rows.map(([keys, id]) => h("div", { class: "wr-keys-row" },
        h("span", {}, ...keys.split(" ").map((k) => h("kbd", {}, k))), h("span", {}, this.t(`keys.${id}`)))))
    show(this.keys)
    const box = this.scroll.getBoundingClientRect(), own = this.keys.getBoundingClientRect()
    this.keys.style.left = `${Math.max(8, Math.min(box.right - own.width - 16, innerWidth - own.width - 8))}px`
    this.keys.style.top = `${Math.max(8, box.top + 8)}px`
    this.keys.focus({ preventScroll: true })
  }

  closeKeys() {
    hide(this.keys)
    this.focusText()
  }

  // ---------- where one was

  scrolled() {
    this.hideTip()
    this.hideCard()
    if (this.target && this.picker.isOpen) this.picker.follow(this.targetRect())
    clearTimeout(this.scrollTimer)
    this.scrollTimer = setTimeout(() => {
      if (!this.scroll.isConnected || !this.shells.length) return
      const t = this.firstInView()
      if (t < 0) return
      const offset = this.shells[t].el.getBoundingClientRect().top - this.scroll.getBoundingClientRect().top
      places.set(this.docName, { turn: t, offset, sel: this.sel })
      if (this.here === undefined || this.here === null) this.renderCounts()
    }, 120)
  }

  restorePlace() {
    const place = places.get(this.docName)
    this.here = null
    if (!place || place.turn >= this.shells.length) {
      this.scroll.scrollTop = 0
      this.renderCounts()
      return
    }
    // The caret only: words that were selected long ago are no longer meant.
    this.sel = place.sel && { anchor: place.sel.focus, focus: place.sel.focus }
    if (this.sel) this.setHere(this.sel.focus.t)
    this.scrollToTurn(place.turn, place.offset, 4)
  }

  jumpToFocus({ turn, unit }) {
    const mark = unit && this.view.get(unit)
    const t = mark ? this.body.turnAt(mark.start) : this.body.turns.findIndex((one) => one.seq === turn)
    if (t < 0) return this.restorePlace()
    const position = mark ? this.body.fromPoint(mark.start) : { t, o: 0 }
    this.moveTo(position, false)
    if (mark) this.focusMark(unit)
    this.scrollToTurn(t, this.scroll.clientHeight * 0.3, 4, position)
    const { el } = this.shells[t]
    el.classList.add("is-target")
    setTimeout(() => el.classList.remove("is-target"), 2000)
  }

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
    let unplaced = 0
    for (const m of this.view.values()) unplaced += m.placements.length ? 0 : 1
    const notes = [this.data.footer || (unplaced ? this.t("unplaced", { n: unplaced }) : "")].filter(Boolean)
    const mark = this.view.get(this.unit)
    const placement = mark?.placements.find((p) => p.id === this.placement) ?? mark?.placements[0]
    this.panel.render({ groups: [...this.groups.values()], mayMark: this.data.mayMark, notes, current: placement?.group ?? null })
  }

  renderTools() {
    const others = new Set()
    for (const m of this.server.values()) if (m.member !== this.data.member) others.add(m.member)
    const known = this.data.members.filter(([id]) => others.has(id))
    const look = JSON.stringify([known, [...this.filter.hidden], this.filter.unmarked])
    if (look === this.toolLook) return
    this.toolLook = look
    const chip = (label, on, press, title) =>
      h("button", { type: "button", class: "wr-pill", "aria-pressed": String(on), title, onclick: press }, label)
    const toggle = (id) => () => {
      const { hidden } = this.filter
      if (!hidden.delete(id)) hidden.add(id)
      this.applyFilter()
    }
    const { hidden, unmarked } = this.filter
    this.tools.replaceChildren(
      ...(known.length ? [chip(this.t("tools.mine"), !hidden.has(this.data.member), toggle(this.data.member))] : []),
      ...known.slice(0, 5).map(([id, name, initials]) => chip(initials, !hidden.has(id), toggle(id), name)),
      chip(this.t("tools.unmarked"), unmarked, () => { this.filter.unmarked = !unmarked; this.applyFilter() }, this.t("tools.unmarked_hint")),
      h("button", { type: "button", class: "wr-pill wr-codes", onclick: () => this.toggleSheet() }, this.t("tools.codes")),
      h("button", { type: "button", class: "wr-pill wr-plain", onclick: () => { this.openKeys() } }, this.t("tools.keys")))
  }

  applyFilter() {
    const t = Math.max(0, this.firstInView())
    const offset = this.shells[t]?.el.getBoundingClientRect().top - this.scroll.getBoundingClientRect().top
    this.paint(new Set(this.shells.keys()))
    this.shells.forEach((s, i) => { s.el.hidden = this.filter.unmarked && this.visible(i).length > 0 })
    this.inner.classList.toggle("is-filtered", this.filter.unmarked)
    this.renderTools()
    const shown = this.shells.findIndex((s, i) => i >= t && !s.el.hidden)
    if (shown >= 0) this.scrollToTurn(shown, Math.max(0, offset), 2)
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

const placementsFor = (groups) => groups.map((code_group) => ({ id: uuid(), code_group }))

const cornerOf = (box) => {
  const b = box.getBoundingClientRect()
  return new DOMRect(b.left + 120, b.top + 40, 0, 0)
}
