// Marks as they are on screen: what the server said, and on top of it what is still in the outbox. Pure functions.

export function readMark([unit, start, end, member, initials, rev, placements, codes = [], comments = []]) {
  return {
    unit, start, end, member, initials, rev,
    placements: placements.map(([id, group, sub]) => ({ id, group, sub })),
    codes: codes.map(([id, code]) => ({ id, code })),
    comments: comments.map(([id, member, text]) => ({ id, member, text })),
  }
}

export const shown = (m) => [
  m.start, m.end, m.member, m.initials, m.placements.map((p) => `${p.id},${p.group},${p.sub}`),
  m.codes.map((c) => `${c.id},${c.code}`), JSON.stringify(m.comments),
].join(" ")

// What the server said about one source: marks, code groups, codes, who is who.
export function readBase(base) {
  const { doc, source, rev, chain, discs, members } = base
  const held = { doc, source, rev, chain, discs, members, marks: new Map(), all: new Map(), groups: [], codes: [] }
  apply(held, base)
  return held
}

// Brings it up to date in place; returns the units that are not as they were.
export function apply(held, { marks = [], removed = [], groups = [], groupsGone = [], tallies = [], codes = null }) {
  const touched = [...removed]
  for (const raw of marks) {
    const mark = readMark(raw)
    held.marks.set(mark.unit, mark)
    touched.push(mark.unit)
  }
  for (const unit of removed) held.marks.delete(unit)
  for (const [id, tag, name, colour, position, hatched, definition] of groups) {
    const { count = 0, heard = [] } = held.all.get(id) ?? {}
    held.all.set(id, { id, tag, name, colour, position, hatched: !!hatched, definition, count, heard })
  }
  for (const id of groupsGone) held.all.delete(id)
  for (const [id, count, discs, more] of tallies) {
    const group = held.all.get(id)
    if (!group) continue
    const all = more ? discs.concat(group.heard.map((d) => held.discs.indexOf(d))) : discs
    held.all.set(id, { ...group, count, heard: [...new Set(all)].sort((a, b) => a - b).map((n) => held.discs[n]) })
  }
  if (groups.length || groupsGone.length || tallies.length)
    held.groups = [...held.all.values()].sort((a, b) => a.position - b.position || (a.name < b.name ? -1 : 1))
  if (codes) held.codes = codes
  return touched
}

// What the waiting operations of this source change, as if the server had said yes to them: unit -> mark, or null
// where it is taken away. `trim` leaves out white space at the ends of a span.
export function waitingMarks(server, operations, source, textRev, initials, trim) {
  const over = new Map()
  const now = (unit) => (over.has(unit) ? over.get(unit) : server.get(unit))
  const edit = (unit, change) => {
    const mark = now(unit)
    if (mark) over.set(unit, { ...mark, ...change(mark) })
  }
  for (const op of operations) {
    if (op.source !== source || op.text_rev !== textRev) continue
    const added = () => (op.placements ?? []).map((p) => ({ id: p.id, group: p.code_group, sub: null }))
    const tags = op.codes ?? []
    if (op.verb === "mark" && !now(op.unit))
      over.set(op.unit, {
        unit: op.unit, start: op.start, end: op.end, member: op.member, initials, rev: null,
        placements: added(), codes: tags, comments: [],
      })
    else if (op.verb === "place")
      edit(op.unit, (m) => ({
        placements: [...m.placements, ...added().filter((p) => !m.placements.some((q) => q.group === p.group))],
        codes: [...m.codes, ...tags.filter((c) => !m.codes.some((d) => d.code === c.code))],
      }))
    else if (op.verb === "untag") edit(op.unit, (m) => ({ codes: m.codes.filter((c) => c.id !== op.tag) }))
    else if (op.verb === "comment")
      edit(op.unit, (m) => ({
        comments: [...m.comments.filter((c) => c.id !== op.memo), ...(op.text ? [{ id: op.memo, member: op.member, text: op.text }] : [])],
      }))
    else if (op.verb === "split") {
      const mark = now(op.unit)
      if (!mark || now(op.new_unit)) continue
      over.set(op.unit, { ...mark, ...trim(mark.start, op.at) })
      over.set(op.new_unit, {
        ...mark, ...trim(op.at, mark.end), unit: op.new_unit, rev: null, comments: [],
        placements: mark.placements.map((p) => ({ ...p, id: `${op.new_unit}:${p.id}` })),
      })
    } else if (op.verb === "unplace")
      edit(op.unit, (m) => ({ placements: m.placements.filter((p) => p.id !== op.placement) }))
    else if (op.verb === "resize") edit(op.unit, () => ({ start: op.start, end: op.end }))
    else if (op.verb === "remove" && now(op.unit)) over.set(op.unit, null)
  }
  return over
}

export const byPlace = (a, b) => a.start - b.start || b.end - a.end || (a.unit < b.unit ? -1 : 1)

// Two upper-case letters nobody has: the first of the first two words, else of the name.
export function tagFor(name, taken) {
  const letters = [...name.toLocaleUpperCase()].filter((c) => /[\p{L}\p{N}]/u.test(c))
  const first = letters[0] ?? "X"
  for (const second of [...letters.slice(1), ..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"]) if (!taken.has(first + second)) return first + second
  return first + first
}
