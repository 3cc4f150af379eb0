// One section of the matrix: its head, and its units as cards. Cards are drawn in chunks: those in sight at once, the
// rest when the browser has nothing else to do, so that finding on the page and screen readers meet all of them.

import { disc, groupStyle, h, tagChip } from "../workbench.reader/dom.js"

const SIZE = 40 // cards in a chunk
export const DISCS = ["sand", "slate", "moss", "mauve", "sea", "clay", "iris", "stone"]

const template = h("div", { class: "wm-card", role: "option", draggable: "true", tabindex: "-1" },
  h("p", { class: "wm-text" }),
  h("div", { class: "wm-from" }, h("div", { class: "wm-who" }), h("a", { class: "wm-where", tabindex: "-1" })),
  h("div", { class: "wm-foot" }, h("div", { class: "wm-tags" }), h("span", { class: "wm-by" })))

export class Section {
  constructor(view, key) {
    this.view = view
    this.key = key
    this.nodes = new Map() // unit's id -> card
    this.chunks = []
    this.ids = []
    this.places = new Map()
    this.title = h("h3", { class: "wm-title" })
    this.tag = h("span", { class: "wm-head-tag" })
    this.count = h("span", { class: "wm-count" })
    this.drop = h("span", { class: "wm-drop", "aria-hidden": "true" })
    this.head = h("header", { class: "wm-head" }, this.tag, this.title, this.count, this.drop)
    this.empty = h("p", { class: "wm-empty" })
    this.list = h("div", { class: "wm-list", role: "listbox", "aria-multiselectable": "true" })
    this.el = h("section", { class: "wm-sec", "data-key": key }, this.head, this.empty, this.list)
  }

  // What it is about and which units are in it; `dirty` are drawn anew.
  update({ title, group, one, kind, to, units }, { dirty, all, digit }) {
    const { t } = this.view
    if (dirty === null || kind !== this.kind) this.nodes.clear()
    else for (const id of dirty) this.nodes.delete(id)
    this.kind = kind
    this.to = to
    this.title.textContent = title
    this.list.setAttribute("aria-label", group && title !== group.name ? `${group.name}: ${title}` : title)
    const head = []
    if (group) head.push(tagChip(group))
    else if (kind === "stakeholder" && one) head.push(disc([one[1], DISCS[one[2] % 8], one[3]]))
    if (digit) head.push(h("kbd", { class: "wm-key", title: t("key_moves", { key: digit }) }, digit))
    this.tag.replaceChildren(...head)
    this.el.style.cssText = group ? groupStyle(group) : ""
    this.el.classList.toggle("has-group", !!group)
    if (group?.definition) this.head.title = group.definition
    this.count.textContent = all === undefined || all === units.length ? String(units.length) : t("count_of", { n: units.length, all })
    this.empty.textContent = units.length ? "" : t(this.key === "loose" ? "loose.empty" : this.kind === "several" ? "several.empty" : to ? "section.empty" : "")
    this.empty.hidden = !this.empty.textContent
    this.units = new Map(units.map(([unit]) => [unit.id, unit]))
    this.places = new Map()
    for (const [unit, place] of units) this.places.set(unit.id, place)
    this.ids = units.map(([unit]) => unit.id)
    this.at = new Map(this.ids.map((id, i) => [id, i]))
    this.#layout()
  }

  #layout() {
    const slices = this.#kept() ?? []
    if (!slices.length) for (let i = 0; i < this.ids.length; i += SIZE) slices.push([this.ids.slice(i, i + SIZE), null])
    const chunks = slices.map(([ids, old]) => {
      const chunk = old ?? { el: h("div", { class: "wm-chunk" }), ids: [], built: false, section: this }
      chunk.el.chunk = chunk
      chunk.ids = ids
      if (chunk.built) this.fill(chunk)
      else chunk.el.style.setProperty("--n", ids.length)
      return chunk
    })
    const gone = new Set(this.chunks)
    for (const chunk of chunks) gone.delete(chunk)
    for (const chunk of gone) this.view.unwatch(chunk.el)
    const fresh = chunks.filter((chunk) => !chunk.el.isConnected)
    this.chunks = chunks
    const els = chunks.map((chunk) => chunk.el)
    if (els.length !== this.list.children.length || els.some((el, i) => el !== this.list.children[i])) this.list.replaceChildren(...els)
    for (const chunk of fresh) this.view.watch(chunk.el)
  }

  // The chunks there are with what is in them now; null where the order is another one.
  #kept() {
    const starts = []
    let last = -1
    for (const chunk of this.chunks) {
      const first = chunk.ids.find((id) => this.at.has(id))
      if (first === undefined) continue
      const i = this.at.get(first)
      if (i <= last) return null
      starts.push([i, chunk])
      last = i
    }
    if (!starts.length) return null
    starts[0][0] = 0
    const slices = []
    for (const [n, [from, chunk]] of starts.entries()) {
      const ids = this.ids.slice(from, starts[n + 1]?.[0] ?? this.ids.length)
      // Order inside a chunk may have changed as well: then all are laid anew.
      if (ids.length > 2 * SIZE) {
        slices.push([ids.slice(0, SIZE), chunk])
        for (let i = SIZE; i < ids.length; i += SIZE) slices.push([ids.slice(i, i + SIZE), null])
      } else slices.push([ids, chunk])
    }
    return slices
  }

  fill(chunk) {
    chunk.built = true
    chunk.el.style.removeProperty("--n")
    chunk.el.classList.add("is-built")
    // Only what changed is touched: what stays keeps its focus, and costs nothing.
    const { el } = chunk
    const cards = chunk.ids.map((id) => this.card(id))
    const stay = new Set(cards)
    for (const card of [...el.children]) if (!stay.has(card)) card.remove()
    let next = el.firstChild
    for (const card of cards) {
      if (card === next) next = next.nextSibling
      else el.insertBefore(card, next)
    }
  }

  // A unit's card, drawn if it was not.
  card(id) {
    let node = this.nodes.get(id)
    if (!node) this.nodes.set(id, (node = this.#draw(this.units.get(id), this.places.get(id))))
    return node
  }

  node(id) {
    const chunk = this.chunks.find((one) => one.ids.includes(id))
    if (chunk && !chunk.built) this.fill(chunk)
    return this.nodes.get(id)
  }

  #draw(unit, place) {
    const { view } = this
    const { model, t } = view
    const node = template.cloneNode(true)
    const [text, { children: [who, where] }, { children: [tags, by] }] = node.children
    const source = model.names.sources.get(unit.source)
    node.unit = unit.id
    node.section = this
    text.textContent = unit.text
    if (source?.[2]) text.lang = source[2]
    for (const [, mono, colour, name] of model.stakeholdersOf(unit)) who.append(disc([mono, DISCS[colour % 8], name]))
    who.append(h("span", { class: "wm-name" }, model.speakers(unit).join(", ")))
    where.append(h("span", {}, source?.[1] ?? ""), h("span", {}, t("turn", { turn: unit.turn })))
    where.title = t("where", { source: source?.[1] ?? "", turn: unit.turn })
    where.href = view.href(unit)
    const inGroups = this.kind === "group" || this.kind === "subgroup"
    if (!inGroups && unit.places.length) node.style.cssText = groupStyle(model.group.get(unit.places[0].group))
    const shown = inGroups && place ? unit.places.filter((p) => p.group !== place.group) : unit.places
    if (inGroups && place?.subgroup && this.kind === "group") tags.append(h("span", { class: "wm-sub" }, model.subgroup.get(place.subgroup)?.name ?? ""))
    if (place?.aside) tags.append(h("span", { class: "wm-sub" }, t("aside")))
    for (const p of this.kind === "several" ? [] : shown) {
      const group = model.group.get(p.group)
      if (!group) continue
      const chip = tagChip(group)
      const sub = p.subgroup ? model.subgroup.get(p.subgroup)?.name : ""
      chip.title = sub ? `${group.name}: ${sub}` : group.name
      tags.append(inGroups && tags.querySelector(".wr-tag") === null ? h("span", { class: "wm-also" }, t("also"), chip) : chip)
    }
    if (!unit.places.length && this.key !== "loose") tags.append(h("span", { class: "wm-sub" }, t("no_group")))
    if (unit.comments) by.append(h("span", { class: "wm-comments" }, t("comments", { n: unit.comments })))
    by.append(h("span", { class: "wm-initials", title: model.names.members.get(unit.member)?.[2] ?? "" }, model.names.members.get(unit.member)?.[1] ?? ""),
      h("span", { class: "wm-id" }, unit.short))
    if (this.kind === "several") node.append(this.#decide(unit))
    const note = view.notes.get(unit.id)
    if (note) {
      node.append(h("p", { class: "wm-note", role: "alert" }, h("span", {}, note),
        h("button", { type: "button", class: "wr-pill wr-plain", tabindex: "-1", "data-away": unit.id }, t("away"))))
    }
    const key = view.keyOf(this, unit.id)
    const on = view.chosen.has(key)
    node.setAttribute("aria-selected", String(on))
    node.classList.toggle("is-on", on)
    if (view.at === key) view.pointed = Object.assign(node, { tabIndex: 0 })
    return node
  }

  // In several groups: each named, and what can be done.
  #decide(unit) {
    const { model, t } = this.view
    const groups = unit.places.map((p) => model.group.get(p.group)).filter(Boolean)
    return h("div", { class: "wm-decide" },
      ...groups.map((g) => h("span", { class: "wm-stands" }, tagChip(g), g.name)),
      h("span", { class: "wm-choices" },
        h("button", { type: "button", class: "wr-pill", tabindex: "-1", "data-keep": "all" }, t(groups.length > 2 ? "keep_all" : "keep_both")),
        ...groups.map((g) => h("button", { type: "button", class: "wr-pill", tabindex: "-1", "data-keep": g.id, title: g.name }, t("only", { tag: g.tag })))))
  }
}
