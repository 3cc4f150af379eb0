// The code groups beside the text: what each means, how much it holds, which groups were heard in it.

import { disc, h, tagChip } from "./dom.js"

export class Panel {
  // pick(group): a group was pressed; create(name): a new one was named
  constructor({ t, pick, create, close }) {
    this.t = t
    this.pick = pick
    this.create = create
    this.title = h("div", { class: "wr-panel-title" })
    this.fresh = h("button", { class: "wr-new", type: "button", onclick: () => this.#ask() })
    this.closer = h("button", { class: "wr-new wr-panel-close", type: "button", onclick: close })
    this.input = h("input", { class: "wr-input", type: "text", maxlength: "120", autocomplete: "off" })
    this.form = h("div", { class: "wr-new-form", hidden: true }, this.input)
    this.list = h("div", { class: "wr-groups" })
    this.foot = h("div", { class: "wr-foot" })
    this.el = h("aside", { class: "wr-panel" },
      h("div", { class: "wr-panel-head" }, this.title, this.fresh, this.closer), this.form, this.list, this.foot)
    this.el.addEventListener("keydown", (e) => this.#key(e, close))
    this.list.addEventListener("click", (e) => {
      const id = e.target.closest("[data-group]")?.dataset.group
      if (id) this.pick(id)
    })
  }

  render({ groups, mayMark, notes, current }) {
    const look = JSON.stringify([groups, mayMark, notes, current])
    if (look === this.look) return
    this.look = look
    this.title.textContent = this.t("panel.title")
    this.fresh.textContent = `+ ${this.t("panel.new")}`
    this.fresh.hidden = !mayMark
    this.closer.textContent = this.t("panel.close")
    this.el.setAttribute("aria-label", this.t("panel.title"))
    const held = this.list.contains(document.activeElement) ? document.activeElement.dataset.group : null
    const roving = held ?? groups[0]?.id
    this.list.replaceChildren(...groups.map((g) => {
      const label = this.t("panel.group_label", { group: g.name, tag: g.tag, units: this.t("units", { n: g.count }) })
      return h("button", {
        class: `wr-g${g.id === current ? " is-current" : ""}`, type: "button", "data-group": g.id,
        "aria-label": label, tabindex: g.id === roving ? "0" : "-1", title: this.t("panel.group_hint"),
      },
      tagChip(g),
      h("span", { class: "wr-g-body" },
        h("span", { class: "wr-g-name" }, g.name),
        g.definition ? h("span", { class: "wr-g-def" }, g.definition) : null,
        g.heard?.length ? h("span", { class: "wr-discs" }, ...g.heard.map(disc)) : null),
      h("span", { class: "wr-g-count" }, String(g.count)))
    }))
    if (!groups.length) this.list.append(h("p", { class: "wr-empty" }, this.t("panel.empty")))
    this.foot.replaceChildren(...notes.map((n) => h("p", {}, n)))
    if (held) this.list.querySelector(`[data-group="${CSS.escape(held)}"]`)?.focus({ preventScroll: true })
  }

  #ask() {
    this.form.hidden = !this.form.hidden
    this.input.value = ""
    this.input.placeholder = this.t("panel.new_placeholder")
    this.input.setAttribute("aria-label", this.t("panel.new_placeholder"))
    if (!this.form.hidden) this.input.focus()
  }

  #key(e, close) {
    e.stopPropagation()
    if (e.target === this.input) {
      if (e.key === "Enter" && this.input.value.trim()) {
        this.create(this.input.value.trim())
        this.form.hidden = true
        this.fresh.focus()
      } else if (e.key === "Escape") {
        this.form.hidden = true
        this.fresh.focus()
      }
      return
    }
    if (e.key === "Escape") return close()
    if (e.key !== "ArrowDown" && e.key !== "ArrowUp") return
    const all = [...this.list.querySelectorAll(".wr-g")]
    const at = all.indexOf(document.activeElement)
    if (at < 0) return
    e.preventDefault()
    const next = all[at + (e.key === "ArrowDown" ? 1 : -1)]
    if (!next) return
    all[at].tabIndex = -1
    next.tabIndex = 0
    next.focus()
  }
}
