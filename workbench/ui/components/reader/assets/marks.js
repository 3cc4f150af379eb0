// Marks as they are on screen: what the server said, and on top of it what is still in the outbox. Pure functions.

export function readMark([unit, start, end, member, initials, rev, placements]) {
  return { unit, start, end, member, initials, rev, placements: placements.map(([id, group, sub]) => ({ id, group, sub })) }
}

const shown = (m) => `${m.start} ${m.end} ${m.member} ${m.initials} ${m.placements.map((p) => `${p.id},${p.group},${p.sub}`)}`

// Server's marks: the snapshot, then what changed and went since. Keeps the object of a mark that looks the same.
export function serverMarks(previous, base, changed, removed) {
  const marks = new Map()
  const gone = new Set(removed)
  const put = (mark) => {
    const old = previous?.get(mark.unit)
    if (old && shown(old) === shown(mark)) {
      old.rev = mark.rev
      mark = old
    }
    marks.set(mark.unit, mark)
  }
  for (const mark of base) if (!gone.has(mark.unit)) put(mark)
  for (const mark of changed) if (!gone.has(mark.unit)) put(mark)
  return marks
}

// The same with the waiting operations of this source applied, as if the server had said yes to them.
export function withWaiting(server, operations, source, textRev, initials) {
  const marks = new Map(server)
  const edit = (unit, change) => {
    const mark = marks.get(unit)
    if (mark) marks.set(unit, { ...mark, ...change(mark) })
  }
  for (const op of operations) {
    if (op.source !== source || op.text_rev !== textRev) continue
    const added = () => op.placements.map((p) => ({ id: p.id, group: p.code_group, sub: null }))
    if (op.verb === "mark" && !marks.has(op.unit))
      marks.set(op.unit, { unit: op.unit, start: op.start, end: op.end, member: op.member, initials, rev: null, placements: added() })
    else if (op.verb === "place")
      edit(op.unit, (m) => ({ placements: [...m.placements, ...added().filter((p) => !m.placements.some((q) => q.group === p.group))] }))
    else if (op.verb === "unplace")
      edit(op.unit, (m) => ({ placements: m.placements.filter((p) => p.id !== op.placement) }))
    else if (op.verb === "resize") edit(op.unit, () => ({ start: op.start, end: op.end }))
    else if (op.verb === "remove") marks.delete(op.unit)
  }
  return marks
}

// Units that differ between two maps: [before, after, whether it looks different].
export function differing(before, after) {
  const out = []
  for (const [unit, mark] of after) {
    const old = before.get(unit)
    if (old !== mark) out.push([old, mark, !old || shown(old) !== shown(mark)])
  }
  for (const [unit, mark] of before) if (!after.has(unit)) out.push([mark, undefined, true])
  return out
}

export const byPlace = (a, b) => a.start - b.start || b.end - a.end || (a.unit < b.unit ? -1 : 1)

// One turn's marks, cut where any begins or ends: [{from, to, lanes: [{mark, placement}]}] in UTF-16 of the turn.
// A lane is one stripe; it keeps its level from a mark's beginning to its end, the lowest that is free.
export function segments(body, t, marks) {
  const lanes = []
  const stripes = []
  const cuts = new Set([0, body.turns[t].text.length])
  for (const mark of marks) {
    const from = body.offsetIn(t, mark.start), to = body.offsetIn(t, mark.end)
    if (to <= from) continue
    cuts.add(from).add(to)
    for (const placement of mark.placements.length ? mark.placements : [null]) {
      let level = 0
      while (level < lanes.length && lanes[level] > from) level++
      lanes[level] = to
      stripes.push({ mark, placement, from, to, level })
    }
  }
  const edges = [...cuts].sort((a, b) => a - b)
  const out = []
  for (let i = 0; i + 1 < edges.length; i++) {
    const here = stripes.filter((s) => s.from <= edges[i] && s.to >= edges[i + 1])
    out.push({ from: edges[i], to: edges[i + 1], stripes: here.sort((a, b) => a.level - b.level) })
  }
  return out
}

// Two upper-case letters nobody has: the first of the first two words, else of the name.
export function tagFor(name, taken) {
  const letters = [...name.toLocaleUpperCase()].filter((c) => /[\p{L}\p{N}]/u.test(c))
  const first = letters[0] ?? "X"
  for (const second of [...letters.slice(1), ..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"]) if (!taken.has(first + second)) return first + second
  return first + first
}
