// One turn on screen: its words cut into marked and unmarked pieces, and the margin beside them.

import { disc, groupStyle, h } from "./dom.js"
import { byPlace } from "./marks.js"

const LEVELS = 3 // stripes that fit between two lines; more are told as "+n"
const TALL = 8 // lines from which a turn's margin entries stand beside their marks, not stacked at its top
const GAP = 2 // px between two margin entries
const ENTRY = 1.6, TWO = 2.45 // rem: a margin entry whose name has one line, and two (reader.css)
const LEADING = 2.035 // rem: a line of the text (reader.css)
const LINE = 64 // characters of a line, roughly: how much fits before the turn has been on screen

export function turnShell(turn, lang, t) {
  const text = h("div", { class: "wr-text", lang, dir: "auto" })
  const margin = h("div", { class: "wr-margin", lang })
  const who = h("div", { class: "wr-who" })
  const number = h("span", { class: "wr-n", title: t("turn_number_hint"), "aria-hidden": "true" }, String(turn.seq))
  const el = h("div", { class: "wr-turn", role: "group", "data-seq": turn.seq }, number, who, text, margin)
  // room: px its margin may be tall (null until the browser has laid it out); all: margin entries, with the folded ones
  const shell = { el, who, text, margin, pieces: [], entries: [], all: 0, room: null, fit: "", aligned: null }
  nameTurn(shell, turn, t)
  writeTurn(shell, turn)
  return shell
}

// Who says it.
export function nameTurn({ el, who }, turn, t) {
  el.classList.toggle("is-quiet", turn.kind === "interviewer" || turn.kind === "facilitator")
  who.replaceChildren(disc([turn.monogram, turn.colour, turn.group]) ?? "", h("span", { class: "wr-name" }, turn.speaker))
  el.setAttribute("aria-label", t(turn.group ? "turn_label_group" : "turn_label", { number: turn.seq, speaker: turn.speaker, group: turn.group }))
}

// The words of a turn, before anything is marked in them and when they have been corrected.
export function writeTurn(shell, turn) {
  const node = document.createTextNode(turn.text)
  shell.text.replaceChildren(node)
  shell.pieces = [{ key: `0-${turn.text.length}`, node }]
}

// ctx: {body, groups, codes, focusUnit, focusPlacement, open (turns whose margin is to be unfolded), rem (px), describe, t}
export function paintTurn(shell, index, marks, ctx) {
  marks.sort(byPlace)
  shell.pieces = patch(shell.text, shell.pieces, pieces(index, marks, ctx))
  paintMargin(shell, index, marks, ctx)
}

// The margin is never taller than its turn, so that nothing in the text moves with it (reader.css: its size counts for
// nothing): names in two lines where there is room for all, else in one, and what then has no room is folded into "+n".
// Only who presses that makes the turn longer: for as many entries as there are then, and for good.
export function paintMargin(shell, index, marks, ctx) {
  marks.sort(byPlace)
  const all = margin(index, marks, ctx)
  const { rem } = ctx
  shell.all = all.length
  if (ctx.open.delete(index)) {
    shell.margin.style.minHeight = `calc(${all.length * ENTRY}rem + ${(all.length - 1) * GAP}px)`
    shell.room = Math.max(shell.room ?? 0, heightOf(all.length, ENTRY, rem))
  }
  const room = shell.room ?? Math.max(1, Math.ceil(ctx.body.turns[index].text.length / LINE)) * LEADING * rem
  const { two, held } = fitting(all.length, room, rem)
  shell.fit = `${two} ${held}`
  shell.margin.classList.toggle("is-tight", !two)
  shell.entries = patch(shell.margin, shell.entries, fold(all, held, index, ctx))
  shell.aligned = null
}

// A turn's margin has so many px of room: whether it has to be painted anew for that.
export function roomFor(shell, room, rem) {
  shell.room = room
  const { two, held } = fitting(shell.all, room, rem)
  return shell.all > 0 && shell.fit !== `${two} ${held}`
}

const heightOf = (n, each, rem) => n * each * rem + (n - 1) * GAP

function fitting(n, room, rem) {
  // In a tall turn entries stand beside their marks, for which they need some air.
  const two = heightOf(n, TWO, rem) <= (room > TALL * LEADING * rem ? room * 0.7 : room)
  return { two, held: two ? n : Math.min(n, Math.max(1, Math.floor((room + GAP) / (ENTRY * rem + GAP)))) }
}

// Puts only what looks different anew: what is the same at the beginning and at the end stays in the page, so that
// a mark in a turn of an hour costs no more than one in a short turn. Lists of {key, node or make()}.
function patch(parent, old, wanted) {
  const short = Math.min(old.length, wanted.length)
  let head = 0, tail = 0
  while (head < short && old[head].key === wanted[head].key) head++
  while (tail < short - head && old[old.length - 1 - tail].key === wanted[wanted.length - 1 - tail].key) tail++
  for (let i = 0; i < head; i++) wanted[i].node = old[i].node
  for (let i = 1; i <= tail; i++) wanted[wanted.length - i].node = old[old.length - i].node
  const before = tail ? old[old.length - tail].node : null
  for (let i = head; i < old.length - tail; i++) old[i].node.remove()
  for (let i = head; i < wanted.length - tail; i++) {
    wanted[i].node = wanted[i].make()
    parent.insertBefore(wanted[i].node, before)
  }
  return wanted
}

// One turn's marks, cut where any begins or ends: [{from, to, stripes: [{mark, placement, level}]}] in UTF-16 of the
// turn. A stripe keeps its level from a mark's beginning to its end, the lowest that is free.
function segments(body, t, marks) {
  const lanes = []
  const beginning = new Map() // offset -> stripes
  const cuts = new Set([0, body.turns[t].text.length])
  for (const mark of marks) {
    const from = body.offsetIn(t, mark.start), to = body.offsetIn(t, mark.end)
    if (to <= from) continue
    cuts.add(from).add(to)
    if (!beginning.has(from)) beginning.set(from, [])
    for (const placement of mark.placements.length ? mark.placements : [null]) {
      let level = 0
      while (level < lanes.length && lanes[level] > from) level++
      lanes[level] = to
      beginning.get(from).push({ mark, placement, to, level })
    }
  }
  const edges = [...cuts].sort((a, b) => a - b)
  const out = []
  let under = []
  for (let i = 0; i + 1 < edges.length; i++) {
    under = under.filter((s) => s.to > edges[i]).concat(beginning.get(edges[i]) ?? []).sort((a, b) => a.level - b.level)
    out.push({ from: edges[i], to: edges[i + 1], stripes: under })
  }
  return out
}

function pieces(index, marks, { body, groups, focusUnit, describe }) {
  const { text } = body.turns[index]
  const cut = segments(body, index, marks)
  let deepest = 0
  for (const one of cut) {
    fit(one)
    for (const { level } of one.stripes) deepest = Math.max(deepest, level)
  }
  const step = deepest >= 2 ? 3 : 4
  const inFocus = (one) => !!one?.stripes.some((s) => s.mark.unit === focusUnit)
  const depthOf = ({ painted }) => (Math.max(0, ...painted.map((s) => s.level)) + 1) * step - 1
  const focusDepth = Math.max(0, ...cut.filter(inFocus).map(depthOf)) // one even outline
  // "+n" once, behind the words where most lie on each other, not wherever one of them ends.
  const beyond = cut.map((one) => one.stripes.length - one.painted.length)
  const told = new Map()
  for (let i = 0, most = 0; i < cut.length; i++) {
    most = Math.max(most, beyond[i])
    if (most && !(beyond[i + 1] > 0)) {
      told.set(i, `+${most}`)
      most = 0
    }
  }
  const said = new Map(marks.map((mark) => [mark, describe(mark)]))
  return cut.map((one, i) => {
    const { from, to, stripes, painted } = one
    const place = `${from}-${to}`
    if (!stripes.length) return { key: place, make: () => document.createTextNode(text.slice(from, to)) }
    const here = [...new Set(stripes.map((s) => s.mark))]
    const focused = inFocus(one)
    const depth = focused ? focusDepth : depthOf(one)
    const layers = painted.map(({ level, placement }) => {
      const fill = fillOf(groups.get(placement?.group), placement)
      return `${fill} 0 calc(100% - ${depth - level * step - (step - 1)}px)/100% ${step - 1}px no-repeat`
    })
    const pale = painted.length ? paleOf(groups.get(painted[0].placement?.group)) : "transparent"
    const props = {
      class: `wr-m${focused ? ` is-focus${inFocus(cut[i - 1]) ? "" : " is-first"}${inFocus(cut[i + 1]) ? "" : " is-last"}` : ""}`,
      "data-units": here.map((m) => m.unit).join(" "), "aria-description": here.map((m) => said.get(m)).join("; "),
      "data-more": told.get(i),
      style: `padding-bottom:${depth}px;background:${layers.join(",")}${layers.length ? "," : ""}${pale}`,
    }
    return { key: `${place} ${Object.values(props).join(" ")}`, make: () => h("mark", props, text.slice(from, to)) }
  })
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

function margin(index, marks, { body, groups, codes, focusUnit, focusPlacement, t }) {
  const { start } = body.turns[index]
  const entries = []
  for (const mark of marks) {
    const continued = mark.start < start
    const held = mark.codes ?? []
    const lines = [
      ...mark.placements.map((p) => ({ id: p.id, group: groups.get(p.group), placed: true })),
      ...held.map((c) => ({ id: c.id, name: codes.get(c.code)?.label ?? "", title: codes.get(c.code)?.path, code: true, placed: true })),
      ...(mark.placements.length || held.length ? [] : [{ id: "", name: t("no_group") }]),
    ]
    for (const [i, { id, group, title, code, placed, name = group?.name ?? "" }] of lines.entries()) {
      const chosen = mark.unit === focusUnit && (!focusPlacement || focusPlacement === id)
      const commented = i === 0 && !!mark.comments?.length
      const label = t(commented ? "margin_label_comment" : "margin_label", { group: continued ? t("continued", { group: name }) : name, who: mark.initials })
      const props = {
        class: `wr-e${chosen ? " is-focus" : ""}${continued ? " is-continued" : ""}${placed ? "" : " is-unplaced"}${code ? " is-code" : ""}`,
        type: "button", tabindex: "-1", style: groupStyle(group ?? null), title,
        "data-unit": mark.unit, "data-placement": code ? "" : id, "aria-label": label,
      }
      const tag = placed ? group?.tag ?? "" : "–"
      entries.push({
        key: `${Object.values(props).join(" ")} ${tag} ${commented}`, unit: mark.unit, chosen, commented, label,
        make: () => h("button", props, h("span", { class: "wr-e-tag" }, tag), h("span", { class: "wr-e-name" }, name),
          h("span", { class: "wr-e-who" }, commented ? h("span", { class: "wr-e-note", "aria-hidden": "true" }) : null, mark.initials)),
      })
    }
  }
  return entries
}

// What has no room stands as "+n" at the end of the last line; the mark in focus is never among it.
function fold(entries, held, index, { t }) {
  if (held >= entries.length) return entries
  const kept = entries.slice(0, held)
  const last = entries.slice(held).find((e) => e.chosen && !kept.some((k) => k.unit === e.unit && k.chosen)) ?? kept[held - 1]
  kept.pop()
  const folded = entries.filter((e) => e !== last && !kept.includes(e))
  const n = folded.length
  const commented = folded.some((e) => e.commented)
  const label = `${t("more_marks", { n })}: ${folded.map((e) => e.label).join("; ")}`
  return [...kept, {
    key: `${last.key} ${label}`,
    make: () => h("div", { class: "wr-last", "data-unit": last.unit }, last.make(),
      h("button", {
        class: "wr-more", type: "button", tabindex: "-1", "data-more": index, "aria-label": label, title: folded.map((e) => e.label).join("\n"),
      }, commented ? h("span", { class: "wr-e-note", "aria-hidden": "true" }) : null, `+${n}`)),
  }]
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
  const noted = items.some(({ el }) => el.wrStart !== undefined) // a refused operation: all that makes a turn longer unasked
  shell.margin.classList.toggle("is-aligned", items.length > 0)
  const set = (el, name, value) => { if (el.style[name] !== value) el.style[name] = value }
  set(shell.margin, "height", noted ? `${Math.round(height)}px` : "")
  for (const { el, y } of items) set(el, "top", `${Math.round(y)}px`)
}
