// Which turns are painted, and when: what is in view or asked for at once, the rest of a long text while nothing
// else happens, or when it comes near. And margin entries beside their marks.

import { measureMargin, paintMargin, paintTurn, placeMargin, roomFor } from "./paint.js"

const SHORT = 200 // characters of a turn that is never tall enough for its margin to be aligned
const AT_ONCE = 150 // turns that are painted in one go; of more, those in view first
const AROUND = 20 // turns before and behind the first in view
const SLICE = 8 // ms of painting at a time while nothing else happens

export const painting = {
  paint(turns) {
    // Not under the mouse: a text node replaced during a drag takes the selection with it.
    if (this.pointer) {
      for (const t of turns) this.later.add(t)
      return
    }
    if (this.stale) for (const t of this.stale) turns.add(t)
    this.stale = null
    if (this.toFold) {
      this.toFold = false
      this.fold()
    }
    if (!turns.size) return
    if (turns.size > AT_ONCE) {
      for (const t of turns) this.unpainted.add(t)
      this.paintNear()
      return this.paintIdle()
    }
    const inMargin = document.activeElement?.closest?.(".wr-margin") && this.scroll.contains(document.activeElement)
    this.paintNow(turns)
    if (inMargin && !this.scroll.contains(document.activeElement)) this.focusText() // "+n" is gone, the keys go on
    this.alignSoon()
    this.drawHandles()
    // Painting replaces text nodes: put the selection back where it was.
    if (this.sel && (turns.has(this.sel.anchor.t) || turns.has(this.sel.focus.t))) this.showSelection()
    this.drawCaret()
  },

  painter() {
    this.rem ??= parseFloat(getComputedStyle(document.documentElement).fontSize)
    return {
      body: this.body, groups: this.groups, codes: this.codes, focusUnit: this.unit, focusPlacement: this.placement, open: this.open,
      rem: this.rem, t: this.t, describe: (mark) => this.describe(mark),
    }
  },

  paintNow(turns) {
    const ctx = this.painter()
    for (const t of turns) {
      this.unpainted.delete(t)
      paintTurn(this.shells[t], t, this.visible(t), ctx)
      const notes = this.notes.get(t)
      if (notes) this.shells[t].margin.prepend(...notes)
      const marked = this.shells[t].margin.firstChild ? "observe" : "unobserve"
      this.rooms[marked](this.shells[t].margin)
      if (this.body.turns[t].text.length > SHORT) this.sight[marked](this.shells[t].el)
    }
  },

  // The browser has laid out margins that were not there before, or are in other turns' room now. It says so between
  // layout and drawing: nothing is measured for a mark, and nothing is seen to change.
  roomsKnown(seen) {
    const ctx = this.painter()
    let any = false
    for (const { target, contentRect: { width, height } } of seen) {
      const t = target.parentElement.wrIndex, shell = this.shells[t]
      if (shell?.margin !== target || !width || this.notes.get(t)?.length) continue // a note is no room for entries
      if (!roomFor(shell, height, ctx.rem)) continue
      paintMargin(shell, t, this.visible(t), ctx)
      any = true
    }
    if (any) this.align()
  },

  // "+n" in a margin got the focus; with the mouse it is pressed instead.
  unfoldMargin(el) {
    if (this.pointer || !el.matches(".wr-more")) return
    const t = Number(el.dataset.more), entry = el.previousElementSibling
    this.open.add(t)
    this.paint(new Set([t]))
    const { unit, placement } = entry.dataset
    this.shells[t].margin.querySelector(`.wr-e[data-unit="${CSS.escape(unit)}"][data-placement="${CSS.escape(placement)}"]`)?.focus({ preventScroll: true })
  },

  // What is about to be seen, when it has not been painted yet.
  paintNear(t = this.firstInView()) {
    if (!this.unpainted.size || this.pointer) return
    const near = []
    for (let i = Math.max(0, t - AROUND); i < t + 2 * AROUND; i++) if (this.unpainted.has(i)) near.push(i)
    if (near.length) this.paint(new Set(near))
  },

  paintIdle() {
    const idle = window.requestIdleCallback ?? ((run) => setTimeout(run, 16))
    ;(window.cancelIdleCallback ?? clearTimeout)(this.idle)
    if (!this.unpainted.size) return
    this.idle = idle(() => {
      const end = performance.now() + SLICE
      if (!this.pointer)
        for (const t of this.unpainted) {
          this.paintNow([t])
          if (performance.now() > end) break
        }
      this.paintIdle()
    })
  },

  // Before the browser draws, so that nothing is seen to move.
  alignSoon() {
    cancelAnimationFrame(this.aligning)
    this.aligning = requestAnimationFrame(() => this.align())
  },

  align() {
    const topOf = (el) => (el.wrStart === undefined ? undefined : this.caretRect(this.body.fromPoint(el.wrStart)).top)
    const found = [...this.inSight].filter((t) => !this.shells[t].el.hidden).map((t) => measureMargin(this.shells[t], topOf))
    for (const one of found) if (one) placeMargin(one)
  },
}
