// What a key does in the text, and the list of all keys.

import { h, hide, show } from "./dom.js"

export const keys = {
  key(e) {
    if (e.isComposing || this.picker.isOpen) return
    const handled = this.handle(e)
    if (handled || !(e.ctrlKey || e.metaKey || e.altKey)) e.stopPropagation()
    if (handled) e.preventDefault()
  },

  handle(e) {
    const { key } = e
    const graph = e.getModifierState?.("AltGraph") // how [ ] { } are typed on a Danish keyboard: neither Ctrl nor Alt
    const ctrl = (e.ctrlKey || e.metaKey) && !graph
    const alt = e.altKey && !graph
    const mark = this.data.mayMark
    if (!this.sel && this.shells.length) {
      const t = Math.max(0, this.firstInView())
      this.sel = { anchor: { t, o: 0 }, focus: { t, o: 0 } }
    }
    if (!this.sel) return false
    this.byKeys = true
    if (ctrl && key.toLowerCase() === "z" && mark) return this.undo(e.shiftKey ? "redo" : "undo"), true
    if (ctrl && key.toLowerCase() === "y" && mark) return this.undo("redo"), true
    if (ctrl && key.toLowerCase() === "a") return this.selectTurn(), true
    if (ctrl && key.toLowerCase() === "i" && mark && this.span()) return this.inVivo(), true
    if (ctrl && key.toLowerCase() === "e" && mark) return this.openCorrect(), true
    if (ctrl && key.toLowerCase() === "c") return this.readyToCopy(), false
    const span = this.span()
    if (this.unit && mark && !span && !ctrl && this.bracket(e, alt)) return true
    if (this.arrow(e, ctrl, alt)) return true
    if (ctrl || alt) {
      if (key === "Enter" && mark && span) return this.mark(span, { fresh: [], created: [] }), true
      return false
    }
    if (key === "Escape") return this.escape()
    if (key === "Enter") {
      if (span && mark) this.openPicker(span)
      else if (this.unit && mark) this.openPickerFor(this.unit)
      else return false
      return true
    }
    const low = key.length === 1 ? key.toLowerCase() : key
    const shift = e.shiftKey || (low !== key && !e.getModifierState?.("CapsLock"))
    const act = shift && this.capitals[low]
    if (act) return act.call(this), true
    // With words selected a letter is the beginning of a code group's name, or its tag.
    if (span && mark && /^\p{L}$/u.test(key)) return this.openPicker(span, key), true
    const plain = this.letters[low]
    if (!plain) return false
    plain.call(this)
    return true
  },

  letters: {
    "?"() { this.openKeys() },
    j() { this.nextTurn(1) }, k() { this.nextTurn(-1) },
    s() { this.selectSentence() }, t() { this.selectTurn() },
    n() { this.nextMark(1) }, p() { this.nextMark(-1) },
    u() { this.nextUnmarked() }, v() { this.nextUnread() },
    d() { this.openComment() }, e() { this.openCorrect() }, x() { this.split() },
    f() { this.toggleFilter() },
    Delete() { this.remove() }, Backspace() { this.remove() },
  },

  // With Shift, also while words are selected. Only what extends them: any other letter, large or small, begins a code
  // group's name ("Education" must not open the box that corrects the words).
  capitals: {
    s() { this.extendSentence() }, t() { this.extendTurn(1) },
    j() { this.extendTurn(1) }, k() { this.extendTurn(-1) },
  },

  // [ ] move the end of the mark in focus, with Shift ({ }) its beginning; by word, with Alt by letter. By the place
  // of the key too: where å and ¨ are on it, [ ] need three fingers.
  bracket(e, alt) {
    const side = { "[": -1, "]": 1, "{": -1, "}": 1 }[e.key] ?? { BracketLeft: -1, BracketRight: 1 }[e.code]
    if (!side) return false
    const start = e.shiftKey || e.key === "{" || e.key === "}"
    this.resize(side, start ? "start" : "end", alt ? "grapheme" : "word")
    return true
  },

  arrow(e, ctrl, alt) {
    const { key, shiftKey } = e
    const at = this.sel.focus
    const rtl = getComputedStyle(this.shells[at.t].text).direction === "rtl"
    let to
    if (key === "ArrowLeft" || key === "ArrowRight") {
      const direction = (key === "ArrowRight") === rtl ? -1 : 1
      to = this.body.step(at, direction, ctrl || alt ? "word" : "grapheme")
    } else if (key === "ArrowUp" || key === "ArrowDown") {
      if (ctrl || alt) return false
      to = this.line(at, key === "ArrowDown" ? 1 : -1)
    } else if (key === "Home" || key === "End") {
      if (ctrl) to = key === "Home" ? { t: 0, o: 0 } : { t: this.shells.length - 1, o: this.body.turns.at(-1).text.length }
      else to = { t: at.t, o: this.lineEdge(at, key === "End") }
    } else return false
    if (this.shells[to.t].el.hidden) to = this.beyond(at, to)
    if (key !== "ArrowUp" && key !== "ArrowDown") this.column = null
    const mark = this.view.get(this.unit), point = this.body.toPoint(to)
    // Nor does what Del would remove stay behind where it cannot be seen.
    if (this.unit && (shiftKey || !mark || point < mark.start || point > mark.end)) this.focusMark(null)
    this.moveTo(to, shiftKey)
    this.reveal(to)
    return true
  },

  // Past turns that are folded away; stays where it is when there is nothing beyond them.
  beyond(at, to) {
    const direction = to.t > at.t ? 1 : -1
    let { t } = to
    while (this.shells[t]?.el.hidden) t += direction
    if (!this.shells[t]) return at
    return { t, o: direction > 0 ? 0 : this.body.turns[t].text.length }
  },

  escape() {
    if (this.keys.matches(":popover-open")) hide(this.keys)
    else if (this.card.matches(":popover-open")) this.hideCard()
    else if (this.notes.get(this.here)?.length) { // "Put away"
      this.notes.delete(this.here)
      this.paint(new Set([this.here]))
    } else if (this.span()) {
      this.sel = { anchor: this.sel.focus, focus: this.sel.focus }
      this.showSelection()
    } else if (this.unit) this.focusMark(null)
    else this.scroll.blur()
    return true
  },

  openKeys() {
    const part = (title, rows) => h("div", { class: "wr-keys-part" }, h("div", { class: "wr-keys-head" }, this.t(`keys.${title}`)),
      ...rows.map(([keys, id]) => h("div", { class: "wr-keys-row" },
        h("span", {}, ...keys.split(" ").map((k) => h("kbd", {}, k))), h("span", {}, this.t(`keys.${id}`)))))
    this.keys.setAttribute("aria-label", this.t("keys.title"))
    this.keys.replaceChildren(
      h("div", { class: "wr-keys-title" }, this.t("keys.title")),
      h("div", { class: "wr-keys-parts" },
        part("part_move", [["J K", "turns"], ["N P", "marks"], ["U", "unmarked"], ["V", "unread"], ["← → ↑ ↓", "caret"], ["Ctrl ← →", "by_word"], ["Ctrl Home End", "ends"], ["Esc", "leave"]]),
        part("part_select", [["S", "sentence"], ["Shift S", "sentence_more"], ["T", "turn"], ["Shift J K", "turn_more"], ["Shift ← →", "extend"], ["Ctrl C", "copy"]]),
        part("part_mark", [["Enter", "pick"], ["A … Å", "letters"], ["Ctrl Enter", "plain"], ["Ctrl I", "in_vivo"], ["Ctrl E", "correct"]]),
        part("part_change", [["Enter", "place"], ["[ ]", "resize"], ["{ }", "resize_start"], ["Alt [ ]", "by_letter"], ["X", "split"], ["D", "comment"], ["Del", "remove"]]),
        part("part_all", [["E", "correct_word"], ["F", "filter"], ["Ctrl Z", "undo"], ["Ctrl Shift Z", "redo"], ["?", "help"]])))
    show(this.keys)
    const box = this.scroll.getBoundingClientRect(), own = this.keys.getBoundingClientRect()
    this.keys.style.left = `${Math.max(8, Math.min(box.right - own.width - 16, innerWidth - own.width - 8))}px`
    this.keys.style.top = `${Math.max(8, box.top + 8)}px`
    this.keys.focus({ preventScroll: true })
  },

  // A mark in focus is copied whole: the browser copies nothing unless something is selected.
  readyToCopy() {
    const mark = this.view.get(this.unit)
    if (this.span() || !mark) return
    getSelection().setBaseAndExtent(...this.domPoint(this.body.fromPoint(mark.start)), ...this.domPoint(this.endOf(mark)))
    setTimeout(() => this.showSelection(), 50)
  },

  // What is copied is pasted as a quote that says who, of which group, and where.
  copied(e) {
    const mark = this.view.get(this.unit)
    const span = this.span() ?? (mark && { a: this.body.fromPoint(mark.start), b: this.endOf(mark), start: mark.start, end: mark.end })
    if (!span || !e.clipboardData) return
    const turns = this.body.turns.slice(span.a.t, span.b.t + 1)
    const who = [...new Set(turns.map((one) => [one.speaker, one.group].filter(Boolean).join(", ")))].join("; ")
    const [first, last] = [turns[0].seq, turns[turns.length - 1].seq]
    const params = { quote: this.body.quote(span.start, span.end), who, title: this.document.title, turn: first, last }
    e.clipboardData.setData("text/plain", this.t(first === last ? "copied_as" : "copied_as_turns", params))
    e.preventDefault()
    this.say(this.t("copied"))
  },

  closeKeys() {
    hide(this.keys)
    this.focusText()
  },
}
