// Where one was in a text, what of it has been on screen, and going to where one is sent. Kept on this device: turn
// numbers and a date, never words.

import { h } from "./dom.js"

const SEEN = 1000 // ms on screen before a turn counts as read
const left = new Map() // source -> {doc, turn, offset, sel}, for as long as the page is loaded

const today = () => new Date().toLocaleDateString("sv") // 2026-03-14, in this place's time

export const places = {
  scrolled() {
    this.hideTip()
    this.hideCard()
    if (this.target && this.picker.isOpen) this.picker.follow(this.targetRect())
    clearTimeout(this.scrollTimer)
    this.scrollTimer = setTimeout(() => this.notePlace(), 120)
  },

  notePlace() {
    if (!this.scroll.isConnected || !this.shells.length) return
    const t = this.firstInView()
    if (t < 0) return
    const offset = this.shells[t].el.getBoundingClientRect().top - this.scroll.getBoundingClientRect().top
    left.set(this.source, { doc: this.docName, turn: t, offset, sel: this.sel })
    if (this.here === undefined || this.here === null) this.renderCounts()
  },

  restorePlace() {
    if (this.carried) return this.backAfterCorrection()
    const place = left.get(this.source)
    this.here = null
    if (place && place.turn < this.shells.length) {
      // The caret only: words that were selected long ago are no longer meant.
      const focus = place.sel && (place.doc === this.docName ? place.sel.focus : { t: place.sel.focus.t, o: 0 })
      this.sel = focus && this.shells[focus.t] ? { anchor: focus, focus } : null
      if (this.sel) this.setHere(this.sel.focus.t)
      return this.scrollToTurn(place.turn, place.offset, 4)
    }
    const t = this.body.turns.findIndex((turn) => turn.seq === this.read.turn)
    if (t > 0 && !this.shells[t].el.hidden) {
      this.sel = { anchor: { t, o: 0 }, focus: { t, o: 0 } }
      this.setHere(t)
      this.scrollToTurn(t, this.scroll.clientHeight * 0.3, 4)
      this.tellStopped(t)
      return
    }
    this.scroll.scrollTop = 0
    this.renderCounts()
  },

  jumpToFocus({ turn, unit }) {
    const mark = unit && this.view.get(unit)
    const t = mark ? this.body.turnAt(mark.start) : this.body.turns.findIndex((one) => one.seq === turn)
    if (t < 0) return this.restorePlace()
    const position = mark ? this.body.fromPoint(mark.start) : { t, o: 0 }
    this.unfold(t)
    this.moveTo(position, false)
    if (mark) this.focusMark(unit)
    this.scrollToTurn(t, this.scroll.clientHeight * 0.3, 4, position)
    const { el } = this.shells[t]
    el.classList.add("is-target")
    setTimeout(() => el.classList.remove("is-target"), 2000)
  },

  // ---------- the last time

  readName() { return `workbench:read:${this.data.project}:${this.data.member}:${this.source}` },

  // {turn, date, seen: the turns' numbers that have been on screen}
  openRead() {
    this.read = { turn: null, date: null, seen: new Set() }
    this.watched = null
    try {
      const { turn, date, seen } = JSON.parse(localStorage.getItem(this.readName()) ?? "{}")
      this.read = { turn, date, seen: new Set((seen ?? []).flatMap(([a, b]) => Array.from({ length: b - a + 1 }, (_, i) => a + i))) }
    } catch { /* a private window: for this visit only */ }
    clearInterval(this.watching)
    this.watching = setInterval(() => this.watch(), SEEN)
  },

  // What is in view now and was in view a second ago has been read.
  watch() {
    if (document.hidden || !this.scroll.isConnected || !this.shells.length) return
    const now = this.inView()
    const before = this.watched
    this.watched = now
    if (!now || !before) return
    const size = this.read.seen.size
    for (let t = Math.max(now[0], before[0]); t <= Math.min(now[1], before[1]); t++)
      if (!this.shells[t].el.hidden) this.read.seen.add(this.body.turns[t].seq)
    this.keepStop(now, size)
  },

  // Where one is, to come back to: also when the page goes before a second is over.
  keepStop(now = this.scroll.isConnected && this.inView(), size = this.read?.seen.size) {
    if (!now) return
    const t = this.here >= now[0] && this.here <= now[1] ? this.here : now[0]
    const { seq } = this.body.turns[t] ?? this.body.turns[now[0]]
    if (size === this.read.seen.size && seq === this.read.turn && this.read.date === today()) return
    Object.assign(this.read, { turn: seq, date: today() })
    this.keepRead()
  },

  keepRead() {
    const ranges = []
    for (const n of [...this.read.seen].sort((a, b) => a - b)) {
      const last = ranges[ranges.length - 1]
      if (last && last[1] === n - 1) last[1] = n
      else ranges.push([n, n])
    }
    try {
      localStorage.setItem(this.readName(), JSON.stringify({ turn: this.read.turn, date: this.read.date, seen: ranges }))
    } catch { /* as above */ }
  },

  // The first and last turn whose end is on screen; null while none is.
  inView() {
    const box = this.scroll.getBoundingClientRect()
    let t = this.firstInView()
    if (t < 0 || !box.height) return null
    const first = t
    let last = -1
    for (; t < this.shells.length; t++) {
      if (this.shells[t].el.hidden) continue
      if (this.shells[t].el.getBoundingClientRect().bottom > box.bottom + 8) break
      last = t
    }
    return last < 0 ? null : [first, last]
  },

  nextUnread() {
    const seen = this.inView()
    const n = this.shells.length
    const from = Math.max(this.here ?? 0, seen?.[1] ?? 0)
    for (let i = 1; i <= n; i++) {
      const t = (from + i) % n
      const { seq, text } = this.body.turns[t]
      if (this.read.seen.has(seq) || this.shells[t].el.hidden || !text.trim() || (seen && t >= seen[0] && t <= seen[1])) continue
      return this.goToTurn(t)
    }
    this.say(this.t("all_read"))
  },

  // A quiet line over the turn, which moves nothing and goes with the first move.
  tellStopped(t) {
    this.forgetStopped()
    const { date } = this.read
    if (!date) return
    const lang = document.documentElement.lang || undefined
    const days = Math.round((new Date(`${today()}T12:00`) - new Date(`${date}T12:00`)) / 864e5)
    const text = days <= 0 ? this.t("stopped_today")
      : days < 7 ? this.t("stopped", { when: new Intl.RelativeTimeFormat(lang, { numeric: "auto" }).format(-days, "day") })
      : this.t("stopped_on", { date: new Intl.DateTimeFormat(lang, { day: "numeric", month: "long", year: days > 300 ? "numeric" : undefined }).format(new Date(`${date}T12:00`)) })
    this.stopped = h("div", { class: "wr-stopped" }, h("span", {}, text))
    this.shells[t].el.append(this.stopped)
    this.announce(text)
  },

  forgetStopped() {
    this.stopped?.remove()
    this.stopped = null
  },
}
