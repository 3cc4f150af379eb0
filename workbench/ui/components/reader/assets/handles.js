// The two ends of the mark in focus, to be dragged: by word, with Alt by letter. Only the knobs above and below the
// line are held, so that words can still be selected from where the mark begins.

import { h } from "./dom.js"

export const handles = {
  buildHandles() {
    this.ends = ["start", "end"].map((end) => {
      const el = h("div", { class: `wr-handle is-${end}`, "aria-hidden": "true", hidden: true })
      el.addEventListener("pointerdown", (e) => this.grip(e, el, end))
      return el
    })
    return this.ends
  },

  drawHandles() {
    const mark = this.data?.mayMark && !this.pointer && this.view.get(this.unit)
    const [first, last] = this.ends
    first.hidden = last.hidden = !mark || !this.shows(mark)
    if (first.hidden) return
    const a = this.body.fromPoint(mark.start), b = this.endOf(mark)
    const origin = this.inner.getBoundingClientRect()
    const put = (el, r, x) => Object.assign(el.style, { left: `${x - origin.left}px`, top: `${r.top - origin.top}px`, height: `${r.height}px` })
    const start = this.caretRect(a)
    put(first, start, start.left)
    const before = this.body.step(b, -1, "grapheme")
    const r = [...this.rangeOf(before, b).getClientRects()].at(-1)
    last.hidden = !r
    const rtl = getComputedStyle(this.shells[b.t].text).direction === "rtl"
    if (r) put(last, r, rtl ? r.left : r.right)
  },

  grip(e, el, end) {
    if (e.button !== 0) return
    e.preventDefault()
    e.stopPropagation()
    this.hideCard()
    const { unit } = this
    const r = el.getBoundingClientRect()
    const lift = (r.top + r.bottom) / 2 - e.clientY // from the knob to the middle of its line
    el.setPointerCapture(e.pointerId)
    this.root.classList.add("is-gripping")
    const move = (m) => {
      const mark = this.view.get(unit)
      const y = m.clientY + lift
      const turn = this.turnAtPoint(y)
      const at = mark && turn >= 0 && this.fromScreen(m.clientX, y, turn)
      if (!at) return
      const to = m.altKey ? at : this.body.wordEdge(at)
      const span = end === "start" ? this.ordered(to, this.endOf(mark)) : this.ordered(this.body.fromPoint(mark.start), to)
      if (span && (span.start !== mark.start || span.end !== mark.end)) this.draft(unit, span)
    }
    const up = () => {
      el.removeEventListener("pointermove", move)
      this.root.classList.remove("is-gripping")
      this.settle(unit)
      this.focusText()
    }
    el.addEventListener("pointermove", move)
    el.addEventListener("lostpointercapture", up, { once: true })
  },

  ordered(a, b) { return this.body.before(a, b) < 0 ? this.body.span(a, b) : null },

  turnAtPoint(y) {
    const box = this.scroll.getBoundingClientRect()
    const turn = document.elementsFromPoint(box.left + box.width / 3, Math.max(box.top + 2, Math.min(y, box.bottom - 2)))
      .find((el) => el.classList.contains("wr-turn"))
    return turn && this.inner.contains(turn) ? turn.wrIndex : -1
  },
}
