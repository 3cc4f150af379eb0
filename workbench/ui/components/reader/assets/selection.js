// Where the caret is and what is selected: positions in the text and on screen, moving, and what is in view.

export const selection = {
  moveTo(position, extend) {
    this.forgetStopped()
    this.sel = { anchor: extend && this.sel ? this.sel.anchor : position, focus: position }
    this.setHere(position.t)
    this.showSelection()
  },

  setHere(t) {
    this.unfold(t)
    if (this.here === t && this.shells[t]?.el.classList.contains("is-here")) return
    this.shells[this.here]?.el.classList.remove("is-here")
    this.here = t
    this.shells[t]?.el.classList.add("is-here")
    this.renderCounts()
  },

  span() {
    if (!this.sel || !this.body.before(this.sel.anchor, this.sel.focus)) return null
    return this.body.span(this.sel.anchor, this.sel.focus)
  },

  domPoint({ t, o }) {
    const walker = document.createTreeWalker(this.shells[t].text, NodeFilter.SHOW_TEXT)
    let node = walker.nextNode(), left = o
    while (node && left > node.length) {
      left -= node.length
      node = walker.nextNode()
    }
    return node ? [node, left] : [this.shells[t].text, 0]
  },

  rangeOf(a, b) {
    const range = document.createRange()
    range.setStart(...this.domPoint(a))
    range.setEnd(...this.domPoint(b))
    return range
  },

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
  },

  readSelection() {
    const native = getSelection()
    if (!native.rangeCount || !this.inner.contains(native.anchorNode)) return null
    const range = native.getRangeAt(0)
    const start = this.position(range.startContainer, range.startOffset, false)
    const end = this.position(range.endContainer, range.endOffset, true)
    if (!start || !end) return null
    const backwards = !native.isCollapsed && native.anchorNode === range.endContainer && native.anchorOffset === range.endOffset
    return backwards ? { anchor: end, focus: start } : { anchor: start, focus: end }
  },

  showSelection() {
    if (!this.sel) return
    this.unfold(this.sel.anchor.t, this.sel.focus.t)
    const native = getSelection()
    native.setBaseAndExtent(...this.domPoint(this.sel.anchor), ...this.domPoint(this.sel.focus))
    this.drawCaret()
  },

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
  },

  drawCaret() {
    const collapsed = this.sel && !this.body.before(this.sel.anchor, this.sel.focus)
    this.caret.hidden = !(collapsed && this.byKeys && document.activeElement === this.scroll)
    if (this.caret.hidden) return
    const r = this.caretRect(this.sel.focus), origin = this.inner.getBoundingClientRect()
    Object.assign(this.caret.style, { left: `${r.left - origin.left - 1}px`, top: `${r.top - origin.top}px`, height: `${r.height}px` })
  },

  // Scrolls by the least that shows a position, with some air.
  reveal(position) {
    const r = this.caretRect(position), box = this.scroll.getBoundingClientRect()
    const over = box.top + 44 - r.top, under = r.bottom - (box.bottom - 64)
    if (over > 0) this.scroll.scrollTop -= over
    else if (under > 0) this.scroll.scrollTop += under
  },

  revealTurn(t) {
    const r = this.shells[t].el.getBoundingClientRect(), box = this.scroll.getBoundingClientRect()
    if (r.top < box.top + 8) this.scroll.scrollTop -= box.top + 8 - r.top
    else if (r.bottom > box.bottom - 24) this.scroll.scrollTop += Math.min(r.bottom - box.bottom + 24, r.top - box.top - 8)
    this.drawCaret()
  },

  firstInView() {
    const box = this.scroll.getBoundingClientRect()
    for (const y of [12, 30, 60]) {
      const turn = document.elementFromPoint(box.left + box.width / 3, box.top + y)?.closest(".wr-turn")
      if (turn && this.inner.contains(turn)) return turn.wrIndex
    }
    return this.shells.findIndex((s) => s.el.getBoundingClientRect().bottom > box.top + 12)
  },

  focused() {
    if (!this.shells.length) return
    this.byKeys = !this.pointer
    const inView = this.sel && (() => {
      const r = this.shells[this.sel.focus.t].el.getBoundingClientRect(), box = this.scroll.getBoundingClientRect()
      return r.bottom > box.top && r.top < box.bottom
    })()
    if (this.byKeys && !inView) this.moveTo({ t: Math.max(0, this.firstInView()), o: 0 }, false)
    this.drawCaret()
  },

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
  },

  lineEdge(at, end) {
    const r = this.caretRect(at), box = this.shells[at.t].text.getBoundingClientRect()
    const rtl = getComputedStyle(this.shells[at.t].text).direction === "rtl"
    const p = this.fromScreen(end !== rtl ? box.right - 1 : box.left + 1, (r.top + r.bottom) / 2, at.t)
    return p?.o ?? at.o
  },

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
  },

  nextTurn(direction) {
    let t = (this.sel?.focus.t ?? -1) + direction
    while (this.shells[t]?.el.hidden) t += direction
    if (this.shells[t]) this.goToTurn(t)
  },

  goToTurn(t) {
    this.focusMark(null)
    this.moveTo({ t, o: 0 }, false)
    this.bring(t)
    const turn = this.body.turns[t]
    this.announce(`${turn.seq} ${turn.speaker}`)
  },

  // Into view without a jump when it is there already; else a third down.
  bring(t, position) {
    const box = this.scroll.getBoundingClientRect()
    const tall = position && this.isTall(t)
    const r = tall ? this.caretRect(position) : this.shells[t].el.getBoundingClientRect()
    const near = r.bottom > box.top - box.height / 2 && r.top < box.bottom + box.height / 2
    if (near) {
      cancelAnimationFrame(this.scrolling)
      if (!tall) this.revealTurn(t)
      if (position) this.reveal(position)
    } else this.scrollToTurn(t, box.height * 0.3, 3, position)
    this.drawCaret()
  },

  // Chunks not laid out yet are as tall as we guessed: correct once the browser has seen them.
  // A turn that does not fit on the screen: to the position in it.
  scrollToTurn(t, offset, times = 3, position = null) {
    const el = this.shells[t]?.el
    if (!el) return
    const to = position && this.isTall(t) ? this.caretRect(position) : el.getBoundingClientRect()
    const by = to.top - this.scroll.getBoundingClientRect().top - offset
    if (Math.abs(by) > 1) this.scroll.scrollTop += by
    this.paintNear(t)
    this.drawCaret()
    cancelAnimationFrame(this.scrolling) // towards a place one has already moved on from
    this.scrolling = times ? requestAnimationFrame(() => this.scrollToTurn(t, offset, times - 1, position)) : 0
  },

  isTall(t) { return this.shells[t].el.offsetHeight > this.scroll.clientHeight * 0.7 },

  turnSelection(t) { return { anchor: { t, o: 0 }, focus: { t, o: this.body.turns[t].text.length } } },

  // Turn by turn: to the end of this one, then of the next; or to the beginning of those before.
  extendTurn(direction) {
    const { anchor, focus } = this.sel
    const edge = (t) => ({ t, o: direction > 0 ? this.body.turns[t].text.length : 0 })
    let to = edge(focus.t)
    if (!this.span()) return this.select({ t: anchor.t, o: direction > 0 ? 0 : this.body.turns[anchor.t].text.length }, to)
    for (let t = focus.t + direction; !this.body.before(to, focus) || (to.t !== focus.t && this.shells[to.t].el.hidden); t += direction) {
      if (!this.shells[t]) return
      to = edge(t)
    }
    this.select(anchor, to)
  },

  select(anchor, focus) {
    this.focusMark(null)
    this.sel = { anchor, focus }
    this.setHere(focus.t)
    this.showSelection()
    this.reveal(focus)
    const span = this.span()
    if (span) this.announce(this.t("selected", { n: this.body.words(span.start, span.end) }))
  },

  selectSentence() {
    const { focus } = this.sel
    const [from, to] = this.body.sentenceAt(focus)
    this.select({ t: focus.t, o: from }, { t: focus.t, o: to })
  },

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
  },

  selectTurn() {
    const { t } = this.sel.focus
    const { anchor, focus } = this.turnSelection(t)
    this.select(anchor, focus)
  },
}
