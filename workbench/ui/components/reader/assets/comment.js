// The comment on a mark: what oneself wrote, to change; what others wrote, to read.

import { h, hide, placeBeside, show } from "./dom.js"
import { uuid } from "./outbox.js"

export const comment = {
  openComment(rect) {
    const mark = this.view.get(this.unit)
    if (!mark) return this.say(this.t("comment.none"))
    const all = mark.comments ?? []
    const own = all.find((c) => c.member === this.data.member)
    const others = all.filter((c) => c !== own)
    if (!this.data.mayMark && !all.length) return
    const a = this.body.fromPoint(mark.start)
    this.target = { unit: mark.unit }
    const beside = rect ?? this.targetRect() ?? (this.bring(a.t, a), this.targetRect())
    this.target = null
    this.hideCard()
    const label = this.t("comment.label", { mark: this.describe(mark) })
    const area = h("textarea", { class: "wr-input wr-area", rows: "3", maxlength: "4000", placeholder: this.t("comment.placeholder"), "aria-label": label })
    area.value = own?.text ?? ""
    this.commented = { unit: mark.unit, start: mark.start, memo: own?.id ?? null, before: area.value, area }
    this.commentBox.setAttribute("aria-label", label)
    this.commentBox.replaceChildren(
      ...others.map((c) => this.commentRow(c)),
      ...(this.data.mayMark ? [area, h("div", { class: "wr-hints" },
        h("span", {}, h("kbd", {}, "Ctrl"), h("kbd", {}, "Enter"), ` ${this.t("comment.keep")}`),
        h("span", {}, this.t("comment.leave")))] : []))
    show(this.commentBox)
    if (beside) placeBeside(this.commentBox, beside)
    ;(this.data.mayMark ? area : this.commentBox).focus({ preventScroll: true })
    area.setSelectionRange(area.value.length, area.value.length)
  },

  commentRow({ member, text }) {
    const initials = this.members.find(([id]) => id === member)?.[2] ?? "?"
    return h("div", { class: "wr-said-by" }, h("span", { class: "wr-e-who" }, initials), h("span", { class: "wr-words" }, text))
  },

  // Leaving keeps, in every way of leaving.
  keepComment() {
    const held = this.commented
    this.commented = null
    hide(this.commentBox)
    if (!held) return
    const text = held.area.value.trim()
    if (text === held.before.trim() || !this.data.mayMark) return
    // Also where the mark has been removed meanwhile: the answer says so, with the words.
    const { unit, start, before } = held
    this.operate("comment", { unit, start, memo: held.memo ?? uuid(), text, before })
    this.say(this.t(text ? "comment.kept" : "comment.gone"))
  },

  commentKey(e) {
    e.stopPropagation()
    if (e.isComposing) return
    if (e.key === "Escape" || (e.key === "Enter" && (e.ctrlKey || e.metaKey))) {
      e.preventDefault()
      this.keepComment()
      this.focusText()
    }
  },
}
