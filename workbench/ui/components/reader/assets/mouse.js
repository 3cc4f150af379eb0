// What the mouse does in the text: select, press a mark or a margin entry, and say under it what and who.

import { hide, placeBeside, show } from "./dom.js"

export const mouse = {
  pressed(e) {
    this.hideTip()
    if (e.button !== 0 || e.target === this.scroll) return // a menu, or the scroll bar
    this.forgetStopped()
    this.pointer = true
    this.drawHandles()
  },

  // The mouse went somewhere it cannot be followed.
  lost() {
    if (!this.pointer) return
    this.pointer = false
    this.paint(new Set(this.later))
    this.later.clear()
  },

  pressedElsewhere(e) {
    if (this.picker.isOpen && !this.picker.el.contains(e.target)) {
      this.picker.close()
      this.pending(null)
      this.target = null
    }
    if (!this.card.contains(e.target)) this.hideCard()
    if (!this.keys.contains(e.target)) hide(this.keys)
    if (!this.correctBox.contains(e.target)) this.leaveCorrect(false)
    if (!this.filterBox.contains(e.target) && !this.filterButton?.contains(e.target)) hide(this.filterBox)
  },

  released(e) {
    if (!this.pointer) return
    this.pointer = false
    const { target } = e
    setTimeout(() => { this.paint(new Set(this.later)); this.later.clear() }, 1)
    const inMargin = this.scroll.contains(target) && target.closest?.(".wr-e, .wr-more, .wr-note")
    if (inMargin) return this.marginPressed(inMargin)
    const number = this.scroll.contains(target) && target.closest?.(".wr-n")
    // The browser settles the selection after this event.
    setTimeout(() => {
      const selected = number ? this.turnSelection(number.closest(".wr-turn").wrIndex) : this.clicked()
      if (!selected) return
      this.byKeys = false
      this.sel = selected
      this.setHere(selected.focus.t)
      if (number || this.clicks > 2) this.showSelection()
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
  },

  // What was pressed: two clicks a word, as everywhere; three the sentence, four the turn.
  clicked() {
    const selected = this.readSelection()
    if (!selected || !(this.clicks > 2)) return selected
    const { t, o } = selected.anchor
    if (this.clicks > 3) return this.turnSelection(t)
    const [from, to] = this.body.sentenceAt({ t, o })
    return { anchor: { t, o: from }, focus: { t, o: to } }
  },

  // Overlapping marks: the shortest first, a further press takes the next.
  clickedMark(units, piece) {
    const marks = units.map((u) => this.view.get(u)).filter(Boolean).sort((a, b) => a.end - a.start - (b.end - b.start))
    if (!marks.length) return this.focusMark(null)
    const at = marks.findIndex((m) => m.unit === this.unit)
    const mark = marks[(at + 1) % marks.length]
    const rect = piece.getClientRects()[0] ?? piece.getBoundingClientRect()
    this.focusMark(mark.unit)
    this.openCard(rect)
  },

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
  },

  hovered(e) {
    if (!e.buttons) this.lost()
    const el = e.target.closest?.(".wr-m, .wr-e")
    if (el === this.over) return
    this.hideTip()
    this.over = el
    for (const one of this.overs ?? []) one.classList.remove("is-over")
    if (!el || e.buttons) return
    const units = (el.dataset.units ?? el.dataset.unit).split(" ")
    const turn = el.closest(".wr-turn")
    this.overs = units.flatMap((unit) => [...turn.querySelectorAll(`.wr-e[data-unit="${CSS.escape(unit)}"]`)])
    for (const other of this.overs) other.classList.add("is-over")
    const rect = [...el.getClientRects()].find((r) => e.clientY >= r.top && e.clientY <= r.bottom) ?? el.getBoundingClientRect()
    this.tipTimer = setTimeout(() => {
      if (this.picker.isOpen || this.card.matches(":popover-open")) return
      this.tip.replaceChildren(...units.flatMap((u) => this.rows(this.view.get(u))))
      show(this.tip)
      placeBeside(this.tip, rect, 6)
    }, 350)
  },

  hideTip() {
    clearTimeout(this.tipTimer)
    this.over = null
    hide(this.tip)
  },
}
