// What is shown of the marks and turns: the choice, what it folds away, and the tools for it above the text.

import { disc, h, hide, placeBeside, show, tagChip } from "./dom.js"

const NONE = "" // among the code groups: marks without one
const chosen = new Map() // project -> what is shown, for as long as the page is loaded

export function filterOf(project) {
  if (!chosen.has(project))
    chosen.set(project, {
      hidden: new Set(), // analysts whose marks are not shown
      groups: new Set(), // code groups; empty: all
      speakers: new Set(), // of the source on screen
      stakeholders: new Set(),
      unmarked: false, // only turns without a mark that is shown
      marked: false, // only turns with one
    })
  return chosen.get(project)
}

export const filter = {
  shows(mark) {
    const { hidden, groups } = this.filter
    if (hidden.has(mark.member)) return false
    if (!groups.size) return true
    return mark.placements.length ? mark.placements.some((p) => groups.has(p.group)) : groups.has(NONE)
  },

  visible(t) { return [...this.at[t].values()].filter((m) => this.shows(m)) },

  hasVisible(t) {
    for (const mark of this.at[t].values()) if (this.shows(mark)) return true
    return false
  },

  turnShown(t) {
    const { speakers, stakeholders, unmarked, marked } = this.filter
    const { speaker, group } = this.body.turns[t]
    if (speakers.size && !speakers.has(speaker)) return false
    if (stakeholders.size && !stakeholders.has(group)) return false
    if (unmarked) return !this.hasVisible(t)
    return !marked || this.hasVisible(t)
  },

  // Paints and folds anew; the first turn on screen that is still shown stays where it is.
  applyFilter() {
    const t = Math.max(0, this.firstInView())
    const offset = this.shells[t]?.el.getBoundingClientRect().top - this.scroll.getBoundingClientRect().top
    if (this.unit && !this.shows(this.view.get(this.unit))) this.focusMark(null)
    this.paint(new Set([...this.shells.keys()].filter((i) => this.at[i].size || this.shells[i].entries.length)))
    this.fold()
    this.renderTools()
    let shown = this.shells.findIndex((s, i) => i >= t && !s.el.hidden)
    if (shown < 0) shown = this.shells.findLastIndex((s) => !s.el.hidden)
    if (shown < 0) return
    if (this.sel && this.shells[this.sel.focus.t].el.hidden) this.moveTo({ t: shown, o: 0 }, false)
    this.scrollToTurn(shown, shown === t ? offset : Math.max(0, offset), 2)
  },

  fold() {
    this.shells.forEach((s, t) => { s.el.hidden = !this.turnShown(t) })
    this.folded()
  },

  // A turn one is sent to, or that a selection runs through, is never left folded away.
  unfold(from, to = from) {
    if (from > to) [from, to] = [to, from]
    let any = false
    for (let t = from; t <= to; t++)
      if (this.shells[t]?.el.hidden) {
        this.shells[t].el.hidden = false
        any = true
      }
    if (any) this.folded()
  },

  // What is folded away is told: in the text where it was, and in the line above it.
  folded() {
    let gap = 0
    for (const { el } of this.shells) {
      if (el.hidden) gap++
      else {
        if (gap) el.dataset.folded = this.t("filter.folded", { n: gap })
        else delete el.dataset.folded
        gap = 0
      }
    }
    for (const { el, from, to } of this.chunks) {
      let lines = 0, turns = 0
      for (let t = from; t < to; t++)
        if (!this.shells[t].el.hidden) {
          lines += Math.ceil(this.body.turns[t].text.length / 64 || 1)
          turns++
        }
      el.hidden = turns === 0
      // Roughly how tall, until the browser has seen it: lines of 64 characters and the space between turns.
      const height = `${Math.round(lines * 30.5 + turns * 12)}px`
      el.style.containIntrinsicHeight = turns === to - from ? `auto ${height}` : height
    }
    this.renderFilter()
  },

  showAll() {
    const { hidden, groups, speakers, stakeholders } = this.filter
    for (const one of [hidden, groups, speakers, stakeholders]) one.clear()
    this.filter.unmarked = this.filter.marked = false
    this.applyFilter()
    this.fillFilter()
  },

  // Everything that is chosen: [name, take it away].
  active() {
    const f = this.filter
    const member = (id) => this.members.find(([one]) => one === id)?.[1] ?? id
    const out = []
    const flip = (set, value) => () => { set.delete(value); this.applyFilter() }
    for (const id of f.groups) out.push([id === NONE ? this.t("no_group") : this.groups.get(id)?.name ?? "–", flip(f.groups, id)])
    for (const id of f.hidden) out.push([this.t("filter.without", { who: member(id) }), flip(f.hidden, id)])
    for (const name of f.speakers) out.push([name, flip(f.speakers, name)])
    for (const name of f.stakeholders) out.push([name, flip(f.stakeholders, name)])
    for (const one of ["unmarked", "marked"])
      if (f[one]) out.push([this.t(`tools.${one}`), () => { f[one] = false; this.applyFilter() }])
    return out
  },

  // The line under the strip: how much is shown, and each choice as a chip that takes it away.
  renderFilter() {
    const active = this.active()
    this.chosen.hidden = !active.length
    if (!active.length) return this.chosen.replaceChildren()
    const f = this.filter
    const told = []
    const shownTurns = this.shells.reduce((n, s) => n + !s.el.hidden, 0)
    if (shownTurns < this.shells.length || !(f.groups.size || f.hidden.size))
      told.push(this.t("filter.turns", { shown: shownTurns, total: this.shells.length }))
    if (f.groups.size || f.hidden.size) {
      let shown = 0
      for (const mark of this.view.values()) shown += this.shows(mark)
      told.push(this.t("filter.marks", { shown, total: this.view.size }))
    }
    this.chosen.replaceChildren(
      h("span", { class: "wr-told" }, told.join(" · ")),
      ...active.map(([name, drop]) => h("button", {
        type: "button", class: "wr-chip", "aria-label": this.t("filter.drop", { name }),
        onclick: () => { drop(); this.focusText() },
      }, h("span", {}, name), h("span", { class: "wr-x", "aria-hidden": "true" }, "×"))),
      h("button", { type: "button", class: "wr-link", onclick: () => { this.showAll(); this.focusText() } }, this.t("filter.all")))
  },

  renderTools() {
    const others = new Set()
    for (const m of this.view.values()) if (m.member !== this.data.member) others.add(m.member)
    const known = this.members.filter(([id]) => others.has(id))
    const { hidden, unmarked } = this.filter
    const n = this.active().length
    const look = JSON.stringify([known, [...hidden], unmarked, n])
    if (look === this.toolLook) return
    this.toolLook = look
    const chip = (label, on, press, title) =>
      h("button", { type: "button", class: "wr-pill wr-wide", "aria-pressed": String(on), title, onclick: press }, label)
    const toggle = (id) => () => {
      if (!hidden.delete(id)) hidden.add(id)
      this.applyFilter()
    }
    this.filterButton ??= h("button", { type: "button", class: "wr-pill", "aria-haspopup": "dialog", onclick: () => this.toggleFilter() })
    this.filterButton.textContent = n ? this.t("tools.filter_n", { n }) : this.t("tools.filter")
    this.filterButton.classList.toggle("is-on", n > 0)
    this.tools.replaceChildren(
      ...(known.length ? [chip(this.t("tools.mine"), !hidden.has(this.data.member), toggle(this.data.member))] : []),
      ...known.slice(0, 4).map(([id, name, initials]) => chip(initials, !hidden.has(id), toggle(id), name)),
      chip(this.t("tools.unmarked"), unmarked, () => this.choose("unmarked", !unmarked), this.t("tools.unmarked_hint")),
      this.filterButton,
      h("button", { type: "button", class: "wr-pill wr-codes", onclick: () => this.toggleSheet() }, this.t("tools.codes")),
      h("button", { type: "button", class: "wr-pill wr-plain", onclick: () => this.openKeys() }, this.t("tools.keys")))
  },

  choose(which, on) {
    this.filter[which] = on
    if (on) this.filter[which === "unmarked" ? "marked" : "unmarked"] = false
    this.applyFilter()
  },

  toggleFilter() {
    if (this.filterBox.matches(":popover-open")) return this.closeFilter()
    this.fillFilter()
    show(this.filterBox)
    const r = this.filterButton.getBoundingClientRect()
    placeBeside(this.filterBox, r, 6)
    this.filterBox.querySelector("input")?.focus({ preventScroll: true })
  },

  closeFilter() {
    hide(this.filterBox)
    this.focusText()
  },

  // The choices, each with how much of it there is in this source; counted when it is opened.
  fillFilter() {
    const f = this.filter
    const byGroup = new Map(), byMember = new Map(), bySpeaker = new Map(), byStakeholder = new Map()
    const add = (map, key) => map.set(key, (map.get(key) ?? 0) + 1)
    for (const mark of this.view.values()) {
      add(byMember, mark.member)
      if (!mark.placements.length) add(byGroup, NONE)
      for (const group of new Set(mark.placements.map((p) => p.group))) add(byGroup, group)
    }
    const monograms = new Map()
    for (const turn of this.body.turns) {
      add(bySpeaker, turn.speaker)
      if (!turn.group) continue
      add(byStakeholder, turn.group)
      monograms.set(turn.group, [turn.monogram, turn.colour, turn.group])
    }
    const row = (label, n, on, press, sign = null) => h("label", { class: "wr-choice" },
      box(on, press), sign, h("span", { class: "wr-option-name" }, label), n === null ? null : h("span", { class: "wr-count" }, String(n)))
    const box = (on, press) => {
      const input = h("input", { type: "checkbox", onchange: (e) => { press(e.target.checked); this.applyFilter() } })
      input.checked = on
      return input
    }
    const within = (set, key) => (on) => set[on ? "add" : "delete"](key)
    const part = (title, rows) => (rows.length ? [h("fieldset", { class: "wr-part" }, h("legend", {}, title), ...rows)] : [])
    const groups = [...this.groups.values()].map((g) => row(g.name, byGroup.get(g.id) ?? 0, f.groups.has(g.id), within(f.groups, g.id), tagChip(g)))
    if (byGroup.has(NONE)) groups.push(row(this.t("no_group"), byGroup.get(NONE), f.groups.has(NONE), within(f.groups, NONE)))
    const members = this.members.filter(([id]) => byMember.has(id) || f.hidden.has(id))
    const sorted = (map) => [...map].sort((a, b) => b[1] - a[1])
    const held = [...this.filterBox.querySelectorAll("input, button")].indexOf(document.activeElement)
    this.filterBox.setAttribute("aria-label", this.t("tools.filter"))
    this.filterBox.replaceChildren(
      h("div", { class: "wr-filter-parts" },
        ...part(this.t("filter.groups"), groups),
        ...part(this.t("filter.analysts"), members.map(([id, name]) =>
          row(name, byMember.get(id) ?? 0, !f.hidden.has(id), (on) => f.hidden[on ? "delete" : "add"](id)))),
        ...part(this.t("filter.speakers"), bySpeaker.size > 1 ? sorted(bySpeaker).map(([name, n]) => row(name, n, f.speakers.has(name), within(f.speakers, name))) : []),
        ...part(this.t("filter.stakeholders"), byStakeholder.size > 1
          ? sorted(byStakeholder).map(([name, n]) => row(name, n, f.stakeholders.has(name), within(f.stakeholders, name), disc(monograms.get(name)))) : []),
        ...part(this.t("filter.turns_part"), ["unmarked", "marked"].map((which) =>
          row(this.t(`tools.${which}`), null, f[which], (on) => { this.choose(which, on); this.fillFilter() })))),
      h("div", { class: "wr-card-acts" },
        h("button", { type: "button", class: "wr-button", onclick: () => this.showAll() }, this.t("filter.all")),
        h("button", { type: "button", class: "wr-button", onclick: () => this.closeFilter() }, this.t("panel.close"))))
    if (held >= 0) this.filterBox.querySelectorAll("input, button")[held]?.focus({ preventScroll: true })
  },

  filterKey(e) {
    e.stopPropagation()
    if (e.key === "Escape") return this.closeFilter()
    if (e.key !== "ArrowDown" && e.key !== "ArrowUp") return
    e.preventDefault()
    const all = [...this.filterBox.querySelectorAll("input, button")]
    all[all.indexOf(document.activeElement) + (e.key === "ArrowDown" ? 1 : -1)]?.focus()
  },
}
