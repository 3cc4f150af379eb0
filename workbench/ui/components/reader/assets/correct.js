// Correcting the text while reading: the small box for it, and staying where one was when the new text comes.

import { h, hide, placeBeside, show, translator } from "./dom.js"
import { nameTurn, writeTurn } from "./paint.js"

const IN_WORD = /[\p{L}\p{N}\p{M}_]/u

export const correct = {
  openCorrect() {
    if (!this.data.mayMark) return
    const span = this.span() ?? this.wordSpan()
    if (!span) return
    if (span.a.t !== span.b.t) return this.say(this.t("correct.across"))
    const quote = this.body.quote(span.start, span.end)
    const others = this.placesOf(quote, span)
    const input = h("textarea", {
      class: "wr-input wr-area is-voice", rows: String(Math.min(6, Math.ceil(quote.length / 38))), "aria-label": this.t("correct.label"), lang: this.document.lang,
    })
    input.value = quote
    const everywhere = h("input", { type: "checkbox" })
    this.correction = { span, quote, input, everywhere }
    this.correctBox.setAttribute("aria-label", this.t("correct.label"))
    this.correctBox.replaceChildren(
      h("div", { class: "wr-box-title" }, this.t("correct.label")), input,
      others ? h("label", { class: "wr-choice" }, everywhere, h("span", {}, this.t("correct.others", { n: others }))) : "",
      h("div", { class: "wr-hints" },
        h("span", {}, h("kbd", {}, "Enter"), ` ${this.t("correct.enter")}`), h("span", {}, h("kbd", {}, "Esc"), ` ${this.t("correct.esc")}`)))
    this.hideCard()
    this.target = { span }
    const beside = this.targetRect() ?? (this.bring(span.a.t, span.a), this.targetRect())
    this.target = null
    this.pending(span)
    show(this.correctBox)
    if (beside) placeBeside(this.correctBox, beside)
    input.focus({ preventScroll: true })
    if (/\s/.test(quote)) input.setSelectionRange(quote.length, quote.length) // a passage is mended, a word typed anew
    else input.select()
  },

  wordSpan() {
    const { focus } = this.sel
    const word = this.body.wordAt(focus)
    return word && this.body.span({ t: focus.t, o: word[0] }, { t: focus.t, o: word[1] })
  },

  // In how many other places of the source exactly these words stand, as whole words.
  placesOf(quote, span) {
    let n = 0
    this.body.turns.forEach(({ text }, t) => {
      for (let at = text.indexOf(quote); at >= 0; ) {
        const end = at + quote.length
        const inside = (o) => IN_WORD.test(text.slice(0, o).slice(-1)) && IN_WORD.test(text.charAt(o))
        const own = t === span.a.t && at < span.b.o && end > span.a.o
        const whole = !inside(at) && !inside(end)
        if (whole && !own) n++
        at = text.indexOf(quote, whole ? end : at + 1)
      }
    })
    return n
  },

  correctKey(e) {
    e.stopPropagation()
    if (e.isComposing) return
    if (e.key === "Escape") this.leaveCorrect()
    else if (e.key === "Enter" && e.target.tagName !== "BUTTON") {
      e.preventDefault()
      this.sendCorrection()
    }
  },

  leaveCorrect(refocus = true) {
    if (!this.correction) return
    this.correction = null
    hide(this.correctBox)
    this.pending(null)
    if (!refocus) return
    this.focusText()
    this.showSelection()
  },

  sendCorrection() {
    const { span, quote, input, everywhere } = this.correction
    const text = input.value.replace(/\s+/g, " ").trim()
    this.leaveCorrect()
    if (text === quote) return
    this.moveTo(span.a, false)
    const op = this.operate("correct", { start: span.start, end: span.end, quote, text, everywhere: everywhere.checked })
    this.correcting = op.id
  },

  // The same source in a new version: only the turns that were corrected are written anew, so that scroll, caret and
  // focus stay. Says whether it could be done so.
  carryTo(document) {
    const { body } = document
    if (this.source !== this.data.source || !this.body || body.turns.length !== this.body.turns.length) return false
    for (const unit of [...this.drafts.keys()]) this.settle(unit)
    const before = this.body
    const moved = (p) => p && { t: p.t, o: carriedOffset(before.turns[p.t].text, body.turns[p.t].text, p.o) }
    this.document = document
    this.t = translator(document.strings)
    this.body = body
    this.docName = this.data.doc
    this.title.textContent = document.title
    this.meta.replaceChildren(...document.meta.map((one) => h("span", {}, one)))
    this.stale = new Set()
    this.at.forEach((marks, t) => { if (marks.size) this.stale.add(t) })
    this.view = new Map()
    this.at = body.turns.map(() => new Map())
    this.unplacedHere = 0
    body.turns.forEach((turn, t) => {
      const was = before.turns[t]
      if (turn.text !== was.text) writeTurn(this.shells[t], turn)
      if (["speaker", "kind", "group", "monogram", "colour"].some((name) => turn[name] !== was[name])) nameTurn(this.shells[t], turn, this.t)
    })
    if (this.sel) this.sel = { anchor: moved(this.sel.anchor), focus: moved(this.sel.focus) }
    if (this.target?.span) {
      this.picker.close()
      this.target = null
      this.pending(null)
    }
    this.leaveCorrect(false)
    this.carried = true
    return true
  },

  backAfterCorrection() {
    this.carried = false
    this.showSelection()
    this.drawCaret()
    if (this.correcting && !this.outbox.waiting.some((op) => op.id === this.correcting)) {
      this.correcting = null
      setTimeout(() => this.say(this.t("correct.done"))) // after the status line has been set to rest
    }
  },
}

// Where a place in a text is in its corrected version: what is the same before and behind stays with it.
function carriedOffset(before, after, o) {
  let head = 0, tail = 0
  const most = Math.min(before.length, after.length)
  while (head < most && before[head] === after[head]) head++
  while (tail < most - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++
  if (o <= head) return o
  if (o >= before.length - tail) return o + after.length - before.length
  return Math.min(o, after.length - tail)
}
