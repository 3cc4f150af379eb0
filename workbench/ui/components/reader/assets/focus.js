// The mark in focus: its card, what is said of it, and the way to the next one.

import { groupStyle, h, hide, placeBeside, show, tagChip } from "./dom.js"
import { byPlace } from "./marks.js"

export const focus = {
  endOf(mark) {
    const t = this.body.turnAt(Math.max(mark.start, mark.end - 1))
    return { t, o: this.body.offsetIn(t, mark.end) }
  },

  focusMark(unit, placement = null) {
    const turns = new Set()
    for (const id of [this.unit, unit]) {
      const mark = this.view.get(id)
      if (mark) for (const t of this.turnsOf(mark)) turns.add(t)
    }
    this.unit = unit
    this.placement = placement
    this.paint(turns)
    this.drawHandles()
    this.renderPanel()
    if (!unit) this.hideCard()
  },

  describe(mark) {
    const who = this.members.find(([id]) => id === mark.member)?.[1] ?? mark.initials
    const names = [
      ...mark.placements.map((p) => this.groups.get(p.group)?.name ?? ""), ...(mark.codes ?? []).map((c) => this.codes.get(c.code)?.label ?? ""),
    ]
    return `${names.join(" + ") || this.t("no_group")}, ${who}`
  },

  rows(mark) {
    if (!mark) return []
    const who = this.members.find(([id]) => id === mark.member)?.[1] ?? mark.initials
    const list = mark.placements.length || mark.codes?.length ? mark.placements : [null]
    const rows = list.map((p) => {
      const group = this.groups.get(p?.group)
      return h("div", { class: "wr-row" },
        group ? tagChip(group) : h("span", { class: "wr-tag is-none", style: groupStyle(null) }, "–"),
        h("span", { class: "wr-row-name" }, group?.name ?? this.t("no_group"), p?.sub ? h("span", { class: "wr-sub" }, ` · ${p.sub}`) : null),
        h("span", { class: "wr-row-who" }, who))
    })
    for (const { code } of mark.codes ?? [])
      rows.push(h("div", { class: "wr-row" }, h("span", { class: "wr-tag is-none", style: groupStyle(null) }, ""),
        h("span", { class: "wr-row-name" }, this.codes.get(code)?.path ?? ""), h("span", { class: "wr-row-who" }, who)))
    return [...rows, ...(mark.comments ?? []).map((c) => this.commentRow(c))]
  },

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
        button(this.t(mark.comments?.length ? "card.comments" : "card.comment"), () => this.openComment(rect)),
        this.splittable(mark) ? button(this.t("card.split"), () => { this.split(); this.focusText() }) : "",
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
  },

  // Whether the caret is in the words of a mark, not at one of its ends.
  splittable(mark) {
    const at = this.sel && this.body.toPoint(this.sel.focus)
    return at > mark.start && at < mark.end
  },

  hideCard() { hide(this.card) },

  cardKey(e) {
    e.stopPropagation()
    if (e.key === "Escape") {
      this.hideCard()
      this.focusText()
    }
  },

  nextMark(direction, wanted = () => true) {
    const marks = [...this.view.values()].filter((m) => this.shows(m) && wanted(m) && !this.turnsOf(m).every((t) => this.shells[t].el.hidden)).sort(byPlace)
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
  },

  goToUnit(mark) {
    const a = this.body.fromPoint(mark.start)
    this.focusText()
    this.moveTo(a, false)
    this.focusMark(mark.unit)
    this.bring(a.t, a)
    this.say([this.describe(mark), ...(mark.comments ?? []).map((c) => c.text)].join(" · "))
  },

  nextUnmarked() {
    const n = this.shells.length
    for (let i = 1; i <= n; i++) {
      const t = ((this.here ?? -1) + i) % n
      const { kind, text } = this.body.turns[t]
      if (kind === "interviewer" || kind === "facilitator" || !text.trim() || this.shells[t].el.hidden || this.hasVisible(t)) continue
      this.goToTurn(t)
      return
    }
    this.say(this.t("all_marked"))
  },
}
