// What a person does to marks: make, place, lengthen, remove, and the picker for them.

import { h } from "./dom.js"
import { uuid } from "./outbox.js"

const LONG_UNIT = 150 // words
const LONGEST_NAME = 80 // code points of a code group named with the words themselves
const SETTLE = 600 // ms without a further [ or ] before a new end is sent

const placementsFor = (groups) => groups.map((code_group) => ({ id: uuid(), code_group }))

const tagsFor = (codes = []) => codes.map((code) => ({ id: uuid(), code }))

// Words as a code group's name: whole words, at most so many code points.
function nameFrom(words) {
  const all = words.replace(/\s+/g, " ").replace(/^[\p{P}\s]+(?=.)|[\s,;:.–—-]+$/gu, "").trim() || words.trim()
  const points = [...all]
  if (points.length <= LONGEST_NAME) return all
  const cut = points.slice(0, LONGEST_NAME + 1).join("")
  const at = cut.lastIndexOf(" ")
  return at > 0 ? cut.slice(0, at).replace(/[\s,;:.–—-]+$/u, "") : points.slice(0, LONGEST_NAME).join("")
}

const cornerOf = (box) => {
  const b = box.getBoundingClientRect()
  return new DOMRect(b.left + 120, b.top + 40, 0, 0)
}

export const edit = {
  mark(span, result) {
    const { b, start, end } = span
    const same = [...this.at[b.t].values()].find((m) => m.start === start && m.end === end && m.member === this.data.member)
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
    this.operate("mark", {
      unit, start, end, quote, placements: placementsFor(result.fresh), new_code_groups: result.created, codes: tagsFor(result.codes), in_vivo: result.inVivo,
    })
    this.renderPanel()
    const n = this.body.words(start, end)
    this.say(this.t("marked", { n }), n > LONG_UNIT ? this.t("long_unit") : "")
  },

  place(unit, { fresh, created, codes = [] }) {
    const mark = this.view.get(unit)
    const groups = fresh.filter((id) => !mark.placements.some((p) => p.group === id))
    const tags = codes.filter((id) => !mark.codes?.some((c) => c.code === id))
    if (groups.length || tags.length)
      this.operate("place", { unit, placements: placementsFor(groups), new_code_groups: created, codes: tagsFor(tags) })
    this.say(this.describe(this.view.get(unit)))
  },

  picked(result) {
    const { target } = this
    this.target = null
    this.pending(null)
    if (target.span && result.inVivo) this.inVivo(target.span)
    else if (target.span) this.mark(target.span, result)
    else {
      const mark = this.view.get(target.unit)
      if (mark) {
        if (result.fresh.length || result.codes.length) this.place(target.unit, result)
        for (const group of result.dropped) {
          const placement = mark.placements.find((p) => p.group === group)
          if (placement) this.operate("unplace", { unit: target.unit, placement: placement.id })
        }
        for (const code of result.droppedCodes) {
          const tag = mark.codes?.find((c) => c.code === code)
          if (tag) this.operate("untag", { unit: target.unit, tag: tag.id })
        }
        this.say(this.describe(this.view.get(target.unit) ?? mark))
      }
    }
    this.focusText()
  },

  pickerLeft() {
    this.pending(null)
    this.target = null
    this.focusText()
    this.showSelection()
  },

  createGroup(name) {
    this.operate("group", { new_code_groups: [{ id: uuid(), name }] })
    this.renderPanel()
  },

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
  },

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
      this.operate("remove", { unit: mark.unit, seen: this.held.rev })
      this.say(this.t("removed"))
    }
    this.hideCard()
  },

  // In vivo: the words name their own code group. One that is called so already takes them in.
  inVivo(span = this.span()) {
    if (!span || !this.data.mayMark) return
    const name = nameFrom(this.body.quote(span.start, span.end))
    const same = [...this.groups.values()].find((g) => g.name.toLocaleLowerCase() === name.toLocaleLowerCase())
    const id = same?.id ?? uuid()
    this.mark(span, { fresh: [id], created: same ? [] : [{ id, name }], inVivo: same ? undefined : true })
    this.picker.used(this.data.project, [id])
    this.say(this.t("in_vivo", { name: same?.name ?? name }))
  },

  // Moves an end of the mark in focus by a word or a letter (1 later, -1 earlier); sent when the keys rest.
  resize(direction, end, by) {
    const mark = this.view.get(this.unit)
    if (!mark || !this.data.mayMark) return
    this.hideCard()
    const a = this.body.fromPoint(mark.start), b = this.endOf(mark)
    let span = null
    let from = end === "start" ? a : b
    // Over white space, which is never the end of a mark, until something has changed.
    for (let i = 0; i < 20 && (!span || (span.start === mark.start && span.end === mark.end)); i++) {
      const to = this.body.step(from, direction, by)
      if (!this.body.before(from, to)) return
      from = to
      span = end === "start" ? this.ordered(to, b) : this.ordered(a, to)
      if (!span) return
    }
    if (span.start === mark.start && span.end === mark.end) return
    this.draft(mark.unit, span)
    this.reveal(end === "start" ? span.a : span.b)
    this.say(this.t("resized", { n: this.body.words(span.start, span.end) }))
  },

  draft(unit, { start, end }) {
    clearTimeout(this.drafts.get(unit)?.timer)
    this.drafts.set(unit, { start, end, timer: setTimeout(() => this.settle(unit), SETTLE) })
    this.refresh()
  },

  // Divides the mark at the caret: the one in focus, else the shortest one the caret is in.
  split() {
    if (!this.data.mayMark) return
    for (const unit of [...this.drafts.keys()]) this.settle(unit)
    const { t, o } = this.sel.focus
    const at = this.body.toPoint({ t, o: this.body.snap({ t, o }, false) })
    const inside = (m) => m && m.start < at && at < m.end
    const meant = this.view.get(this.unit)
    const mark = (meant ? [meant] : this.visible(t).sort((a, b) => a.end - a.start - (b.end - b.start))).find(inside)
    const here = this.body.fromPoint(at)
    const first = mark && this.ordered(this.body.fromPoint(mark.start), here)
    const second = mark && this.ordered(here, this.endOf(mark))
    if (!first || !second) return this.say(this.t("split_where"))
    const fresh = uuid()
    this.operate("split", { unit: mark.unit, at, new_unit: fresh, rev: this.server.get(mark.unit)?.rev ?? null })
    this.focusMark(this.view.has(fresh) ? fresh : mark.unit)
    this.say(this.t("split", { n: this.body.words(first.start, first.end), m: this.body.words(second.start, second.end) }))
  },

  settle(unit) {
    const draft = this.drafts.get(unit)
    if (!draft) return
    clearTimeout(draft.timer)
    this.drafts.delete(unit)
    const standing = this.server.get(unit)
    const waits = this.outbox.waiting.some((o) => o.unit === unit)
    if (!waits && standing?.start === draft.start && standing.end === draft.end) return this.refresh() // back where it was
    const before = this.outbox.waiting.find((o) => o.verb === "resize" && o.unit === unit && !o.sent)
    const quote = this.body.quote(draft.start, draft.end)
    if (before) {
      Object.assign(before, { start: draft.start, end: draft.end, quote })
      this.refresh()
    } else this.operate("resize", { unit, start: draft.start, end: draft.end, quote, rev: this.server.get(unit)?.rev ?? null })
  },

  undo(verb) {
    for (const unit of [...this.drafts.keys()]) this.settle(unit)
    this.operate(verb)
    this.say(this.t(verb))
  },

  // The server said no: the mark is gone from the screen already; say why, where it was.
  refused({ operation, sentence }) {
    if (operation.id === this.correcting) this.correcting = null
    this.announce(sentence)
    const mark = this.server.get(operation.unit)
    const start = operation.source === this.data.source ? operation.start ?? mark?.start : undefined
    // A comment that could not be kept is said back: its words are nowhere else.
    const words = operation.verb === "comment" ? operation.text : ""
    if (start === undefined && !words) { this.say(sentence); return }
    const t = start === undefined ? Math.max(0, this.firstInView()) : this.body.turnAt(start)
    const note = h("div", { class: "wr-note" }, h("span", {}, sentence),
      ...(words ? [h("div", { class: "wr-words" }, words)] : []),
      h("button", { type: "button", class: "wr-link", tabindex: "-1", onclick: () => {
        this.notes.set(t, (this.notes.get(t) ?? []).filter((n) => n !== note))
        note.remove()
        this.focusText()
      } }, this.t("dismiss")))
    note.wrStart = start ?? this.body.turns[t].start
    this.notes.set(t, [...(this.notes.get(t) ?? []), note])
    this.paint(new Set([t]))
  },

  openPicker(span, typed = "") {
    this.target = { span }
    this.hideCard()
    this.hideTip()
    const rect = this.targetRect() ?? (this.bring(span.a.t, span.a), this.targetRect())
    this.pending(span)
    this.picker.open({
      rect: rect ?? cornerOf(this.scroll), project: this.data.project,
      groups: [...this.groups.values()], codes: [...this.codes.values()], typed, words: nameFrom(this.body.quote(span.start, span.end)),
    })
  },

  openPickerFor(unit, rect) {
    const mark = this.view.get(unit)
    if (!mark) return
    this.target = { unit }
    this.hideCard()
    const a = this.body.fromPoint(mark.start)
    const beside = rect ?? this.targetRect() ?? (this.bring(a.t, a), this.targetRect())
    this.picker.open({
      rect: beside ?? cornerOf(this.scroll), project: this.data.project,
      groups: [...this.groups.values()], codes: [...this.codes.values()], placing: true,
      chosen: [...mark.placements.map((p) => p.group), ...(mark.codes ?? []).map((c) => c.code)],
    })
  },

  // The last line in view of what the picker is for; undefined when none of it can be seen.
  targetRect() {
    const { span, unit } = this.target
    const mark = this.view.get(unit)
    if (!span && !mark) return undefined
    const [a, b] = span ? [span.a, span.b] : [this.body.fromPoint(mark.start), this.endOf(mark)]
    const box = this.scroll.getBoundingClientRect()
    return [...this.rangeOf(a, b).getClientRects()].findLast((r) => r.bottom > box.top && r.top < box.bottom)
  },

  // While the picker has the focus the browser hides the selection: paint it ourselves.
  pending(span) {
    if (!CSS.highlights) return
    if (span) CSS.highlights.set("wr-pending", new Highlight(this.rangeOf(span.a, span.b)))
    else CSS.highlights.delete("wr-pending")
  },
}
