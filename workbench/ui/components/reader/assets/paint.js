// One turn on screen: its words cut into marked and unmarked pieces, and the margin beside them.

import { disc, groupStyle, h } from "./dom.js"
import { byPlace, segments } from "./marks.js"

const LEVELS = 3 // stripes that fit between two lines; more are told as "+n"
const ENTRIES = 6 // margin entries before the rest is folded
const TALL = 8 // lines from which a turn's margin entries stand beside their marks, not stacked at its top
const GAP = 2 // px between two margin entries
const LINE = 64 // characters of a line, roughly: how much fits before anything is measured

export function turnShell(turn, lang, t) {
  const quiet = turn.kind === "interviewer" || turn.kind === "facilitator"
  const text = h("div", { class: "wr-text", lang, dir: "auto" }, turn.text)
  const margin = h("div", { class: "wr-margin", lang })
  const who = h("div", { class: "wr-who" },
    disc([turn.monogram, turn.colour, turn.group]), h("span", { class: "wr-name" }, turn.speaker))
  const label = t(turn.group ? "turn_label_group" : "turn_label", { number: turn.seq, speaker: turn.speaker, group: turn.group })
  const el = h("div", { class: `wr-turn${quiet ? " is-quiet" : ""}`, role: "group", "aria-label": label, "data-seq": turn.seq },
    h("span", { class: "wr-n", "aria-hidden": "true" }, String(turn.seq)), who, text, margin)
  return { el, text, margin, plain: true, aligned: null }
}

// ctx: {body, groups, focusUnit, focusPlacement, open (turns with an unfolded margin), describe, t}
export function paintTurn(shell, index, marks, ctx) {
  marks.sort(byPlace)
  if (marks.length || !shell.plain) {
    shell.text.replaceChildren(...pieces(index, marks, ctx))
    shell.plain = marks.length === 0
  }
  margin(shell, index, marks, ctx)
  placeMargin({ shell, look: null, items: [] })
}

function pieces(index, marks, { body, groups, focusUnit, describe }) {
  const text = body.turns[index].text
  const cut = segments(body, index, marks)
  const deepest = Math.max(0, ...cut.flatMap((s) => s.stripes.map((x) => x.level)))
  const step = deepest >= 2 ? 3 : 4
  for (const one of cut) fit(one)
  const inFocus = (one) => !!one?.stripes.some((s) => s.mark.unit === focusUnit)
  const depthOf = ({ painted }) => (Math.max(0, ...painted.map((s) => s.level)) + 1) * step - 1
  const focusDepth = Math.max(0, ...cut.filter(inFocus).map(depthOf)) // one even outline
  const out = []
  for (const [i, one] of cut.entries()) {
    const { from, to, stripes, painted } = one
    const words = text.slice(from, to)
    if (!stripes.length) { out.push(words); continue }
    const here = [...new Set(stripes.map((s) => s.mark))]
    const depth = inFocus(one) ? focusDepth : depthOf(one)
    const layers = painted.map(({ level, placement }) => {
      const fill = fillOf(groups.get(placement?.group), placement)
      return `${fill} 0 calc(100% - ${depth - level * step - (step - 1)}px)/100% ${step - 1}px no-repeat`
    })
    const pale = painted.length ? paleOf(groups.get(painted[0].placement?.group)) : "transparent"
    const el = h("mark", {
      class: "wr-m", "data-units": here.map((m) => m.unit).join(" "), "aria-description": here.map(describe).join("; "),
      style: `padding-bottom:${depth}px;background:${layers.join(",")}${layers.length ? "," : ""}${pale}`,
    }, words)
    const more = stripes.length - painted.length
    if (more && (cut[i + 1]?.stripes.length ?? 0) < stripes.length) el.dataset.more = `+${more}`
    if (inFocus(one)) {
      el.classList.add("is-focus")
      if (!inFocus(cut[i - 1])) el.classList.add("is-first")
      if (!inFocus(cut[i + 1])) el.classList.add("is-last")
    }
    out.push(el)
  }
  return out
}

// Which stripes of a piece are painted, and where: its own level, or a free one for those that lie too deep.
function fit(one) {
  const taken = new Set(one.stripes.map((s) => s.level))
  one.painted = []
  for (const stripe of one.stripes) {
    let { level } = stripe
    if (level >= LEVELS) {
      level = 0
      while (taken.has(level)) level++
      if (level >= LEVELS) continue
      taken.add(level)
    }
    one.painted.push({ ...stripe, level })
  }
  one.painted.sort((a, b) => a.level - b.level)
}

function fillOf(group, placement) {
  if (!placement) return "repeating-linear-gradient(90deg,var(--wr-none) 0 4px,transparent 4px 7px)"
  const stripe = group ? `var(--wr-s${group.colour % 12})` : "var(--wr-none)"
  return group?.hatched ? `repeating-linear-gradient(120deg,${stripe} 0 4px,var(--wr-paper) 4px 6px)` : `linear-gradient(${stripe},${stripe})`
}

const paleOf = (group) => (group ? `var(--wr-b${group.colour % 12})` : "var(--wr-none-pale)")

function margin(shell, index, marks, { body, groups, focusUnit, focusPlacement, open, t }) {
  const start = body.turns[index].start
  const entries = []
  for (const mark of marks) {
    const list = mark.placements.length ? mark.placements : [null]
    for (const placement of list) {
      const group = groups.get(placement?.group)
      const name = placement ? group?.name ?? "" : t("no_group")
      const continued = mark.start < start
      const chosen = mark.unit === focusUnit && (!focusPlacement || focusPlacement === placement?.id)
      entries.push(h("button", {
        class: `wr-e${chosen ? " is-focus" : ""}${continued ? " is-continued" : ""}${placement ? "" : " is-unplaced"}`,
        type: "button", tabindex: "-1", style: groupStyle(placement ? group : null),
        "data-unit": mark.unit, "data-placement": placement?.id ?? "",
        "aria-label": t("margin_label", { group: continued ? t("continued", { group: name }) : name, who: mark.initials }),
      },
      h("span", { class: "wr-e-tag" }, placement ? group?.tag ?? "" : "–"),
      h("span", { class: "wr-e-name" }, name),
      h("span", { class: "wr-e-who" }, mark.initials)))
    }
  }
  const lines = Math.ceil(body.turns[index].text.length / LINE)
  const room = lines > TALL ? Math.max(ENTRIES, Math.floor(lines * 0.9)) : ENTRIES
  shell.margin.classList.toggle("is-tight", lines > TALL && entries.length > lines * 0.7)
  if (entries.length > room && !open.has(index)) {
    const kept = entries.slice(0, room - 1)
    const hiddenFocus = entries.slice(room - 1).find((e) => e.classList.contains("is-focus"))
    if (hiddenFocus) kept[kept.length - 1] = hiddenFocus
    kept.push(h("button", { class: "wr-more", type: "button", tabindex: "-1", "data-more": index },
      t("more_marks", { n: entries.length - kept.length })))
    shell.margin.replaceChildren(...kept)
  } else shell.margin.replaceChildren(...entries)
}

// Where the margin entries of a tall turn belong: beside the first line of their mark, pushed down where two would
// lie on each other, and up again where they would make the turn longer than its text. Only measures (null when
// nothing has changed since); placeMargin writes, so that several turns cost one layout. topOf(el): the line on
// screen of an entry that is no mark's.
export function measureMargin(shell, topOf) {
  const text = shell.text.getBoundingClientRect()
  const own = shell.margin.getBoundingClientRect()
  const look = `${text.width} ${text.height} ${own.width} ${text.top - own.top}`
  if (shell.aligned === look) return null
  const line = parseFloat(getComputedStyle(shell.text).lineHeight) || 30
  const found = { shell, look, items: [], height: 0 }
  if (text.height < (TALL + 0.5) * line || !shell.margin.firstChild) return found
  const tops = new Map() // unit -> the top of its first line here
  for (const piece of shell.text.querySelectorAll(".wr-m")) {
    const fresh = piece.dataset.units.split(" ").filter((unit) => !tops.has(unit))
    const top = fresh.length ? piece.getClientRects()[0]?.top : 0
    for (const unit of fresh) tops.set(unit, top)
  }
  let last = text.top
  for (const el of shell.margin.children) {
    last = tops.get(el.dataset.unit) ?? topOf(el) ?? last // what is folded follows the entries before it
    // The words of a line begin a little under its top; an entry begins there as well.
    found.items.push({ el, y: Math.max(0, last - own.top - line * 0.09), height: el.getBoundingClientRect().height })
  }
  found.items.sort((a, b) => a.y - b.y)
  let free = 0
  for (const one of found.items) {
    one.y = Math.max(free, one.y)
    free = one.y + one.height + GAP
  }
  let end = Math.max(text.bottom - own.top, found.items.reduce((sum, one) => sum + one.height + GAP, -GAP))
  for (const one of found.items.toReversed()) {
    one.y = Math.min(one.y, end - one.height)
    end = one.y - GAP
    found.height = Math.max(found.height, one.y + one.height)
  }
  return found
}

export function placeMargin({ shell, look, items, height }) {
  shell.aligned = look
  shell.margin.classList.toggle("is-aligned", items.length > 0)
  shell.margin.style.height = items.length ? `${height}px` : ""
  for (const { el, y } of items) el.style.top = `${y}px`
}
