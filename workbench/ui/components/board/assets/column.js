// One column of the board and its cards. Every card has its place at once; what is far from sight is filled in when it
// comes near, or when the browser has nothing else to do, so that finding on the page and screen readers meet all of it.

import { disc, h } from "../workbench.reader/dom.js"

const FIRST = 14 // cards filled in at once

const template = h("li", { class: "wb-card", role: "option", tabindex: "-1", "aria-selected": "false" })
const content = h("div", { class: "wb-in" }, h("p", { class: "wb-text" }), h("div", { class: "wb-foot" }))

export class Column {
  constructor(view, id) {
    this.view = view
    this.id = id
    this.key = h("kbd", { class: "wb-key" })
    this.title = h("button", { type: "button", class: "wb-title", onclick: () => view.look(id) })
    this.count = h("span", { class: "wb-n" })
    this.note = h("p", { class: "wb-note" })
    this.head = h("header", { class: "wb-head" }, this.title, this.key, this.count, this.note)
    this.list = h("ul", { class: "wb-cards", role: "listbox", "aria-multiselectable": "true" })
    this.empty = h("p", { class: "wb-empty" })
    this.el = h("section", { class: "wb-column" }, this.head, this.list, this.empty)
    this.ids = []
    this.at = new Map()
    this.near = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) if (isIntersecting) this.fill(target)
    }, { root: this.list, rootMargin: "900px 0px" })
  }

  update({ title, note, doubt, units, key, isAlone, empty, to }) {
    const { t } = this.view
    this.head.hidden = isAlone
    this.title.textContent = title
    this.title.title = t("look", { name: title })
    this.key.textContent = key
    this.key.title = key ? t("key_moves", { key }) : ""
    this.key.hidden = !key
    this.count.textContent = String(units.length)
    this.note.replaceChildren(...(doubt ? [h("span", { class: "wb-doubt", "aria-hidden": "true" }, "▲ ")] : []), note)
    this.note.hidden = !note
    this.list.setAttribute("aria-label", `${title}, ${t("count", { n: units.length })}`)
    if (to === undefined) delete this.el.dataset.to
    else this.el.dataset.to = to
    this.empty.textContent = empty
    this.empty.hidden = units.length > 0 || !empty
    this.list.hidden = !units.length
    this.ids = units
    this.at = new Map(units.map((id, i) => [id, i]))
    this.#lay()
  }

  // Only what changed is touched: what stays keeps its focus, and costs nothing.
  #lay() {
    const { list, view } = this
    for (const card of [...list.children]) {
      if (this.at.has(card.unit)) continue
      this.near.unobserve(card)
      card.remove()
    }
    let next = list.firstChild
    for (const [i, id] of this.ids.entries()) {
      const card = view.cards.get(id) ?? this.#shell(id)
      if (card === next) next = next.nextSibling
      else list.insertBefore(card, next)
      card.column = this
      if (!card.filled) {
        if (i < FIRST) this.fill(card)
        else this.near.observe(card)
      }
    }
  }

  #shell(id) {
    const card = template.cloneNode(false)
    card.unit = id
    card.draggable = true
    this.view.cards.set(id, card)
    this.view.mark(card)
    return card
  }

  fill(card) {
    if (card.filled) return
    card.filled = true
    this.near.unobserve(card)
    this.view.unfilled.delete(card)
    const { view } = this
    const { model, t, data } = view
    const unit = model.units.get(card.unit)
    const body = content.cloneNode(true)
    const [text, foot] = body.children
    text.textContent = unit.text
    if (unit.lang) text.lang = unit.lang
    const group = data.discs[unit.disc]
    foot.append(...(group ? [disc(group)] : []), h("span", { class: "wb-by" }, unit.by, group ? h("span", { class: "wb-hidden" }, `, ${group[2]}`) : ""),
      h("a", { class: "wb-where", href: view.href(unit), tabindex: "-1" }, unit.where))
    if (unit.also.length) foot.append(h("span", { class: "wb-also" }, t("also_in", { tags: unit.also.join(", ") })))
    if (unit.reason) foot.append(h("span", { class: "wb-also" }, t("aside_because", { reason: unit.reason })))
    card.in = h("span", { class: "wb-held", title: t("held") }, h("span", { "aria-hidden": "true" }, "✓"), h("span", { class: "wb-hidden" }, t("held")))
    foot.append(card.in)
    if (view.ticks) {
      card.tick = h("input", { type: "checkbox", tabindex: "-1" })
      card.golden = unit.quotable ? h("button", { type: "button", class: "wb-golden", tabindex: "-1" }, t("golden")) : null
      foot.append(h("span", { class: "wb-acts" }, ...(card.golden ? [card.golden] : []), h("label", { class: "wb-tick", title: t("tick") }, card.tick, h("span", {}, t("tick")))))
    }
    card.replaceChildren(body)
    view.mark(card)
  }
}
