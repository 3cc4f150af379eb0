// What there is to show: units with where they stand (as the server said, and with what is on its way), grouped,
// sorted and filtered. No drawing here.

export const NONE = "none"
const fold = (s) => s.normalize("NFKD").replace(/\p{M}/gu, "").toLocaleLowerCase()

function readStanding(places, comments, settled, codes) {
  return { places: places.map(([id, group, subgroup, aside]) => ({ id, group, subgroup, aside: !!aside })), comments, settled, codes }
}

function readRow([id, rev, short, source, turn, start, made, member, who, text, ...standing]) {
  const seen = readStanding(...standing)
  return { id, rev, short, source, turn, start, made, member, who, text, server: seen, ...seen,
    words: text.split(/\s+/).length, low: null }
}

export class Model {
  constructor() {
    this.units = new Map()
    this.names = { sources: new Map(), people: new Map(), stakeholders: new Map(), members: new Map(), waves: new Map(), codes: new Map() }
    this.groups = []
    this.subgroups = []
    this.touched = new Set() // units drawn otherwise than the server said
  }

  // All units anew. Returns those that look different from what was there.
  base({ rows }) {
    const old = this.units
    const dirty = new Set(old.keys())
    this.units = new Map()
    for (const row of rows) {
      const unit = readRow(row)
      const was = old.get(unit.id)
      if (was && was.rev === unit.rev && was.text === unit.text && same(was, unit) && JSON.stringify(was.who) === JSON.stringify(unit.who)) {
        was.server = unit.server
        this.units.set(unit.id, was)
        dirty.delete(unit.id)
      } else {
        this.units.set(unit.id, unit)
        dirty.add(unit.id)
      }
    }
    this.sorted = null
    return dirty
  }

  // What the server says now. Returns the units that look different.
  live(data, waiting) {
    const dirty = new Set()
    const changed = new Set()
    for (const row of data.rows) {
      if (this.units.get(row[0])?.rev === row[1]) continue
      this.units.set(row[0], readRow(row))
      dirty.add(row[0])
    }
    for (const id of data.gone) if (this.units.delete(id)) dirty.add(id)
    for (const [id, ...standing] of data.standing) {
      const unit = this.units.get(id)
      const server = readStanding(...standing)
      if (!unit || same(server, unit.server)) continue
      unit.server = server
      changed.add(id)
    }
    const map = (list) => new Map(list.map((one) => [one[0], one]))
    this.names = {
      codes: map(data.codes), sources: map(data.sources), people: map(data.participants), stakeholders: map(data.stakeholders),
      members: map(data.members), waves: map(data.waves),
    }
    if (data.rows.length || data.gone.length || JSON.stringify(data.sources) !== this.sources) this.sorted = null
    this.sources = JSON.stringify(data.sources)
    this.order = new Map(data.sources.map(([id], i) => [id, i]))
    this.given = { groups: data.groups, subgroups: data.subgroups.map(([id, group, name]) => ({ id, group, name })) }
    for (const id of this.paint(waiting, changed)) dirty.add(id)
    return dirty
  }

  // Everything as it will be when what waits is done. Returns the units that look different from before.
  paint(waiting, changed = new Set()) {
    const now = new Set(waiting.flatMap(unitsOf).filter((id) => this.units.has(id)))
    const before = new Map()
    for (const id of new Set([...this.touched, ...now, ...changed])) {
      const unit = this.units.get(id)
      if (!unit) continue
      before.set(id, { places: unit.places, settled: unit.settled, comments: unit.comments, codes: unit.codes })
      Object.assign(unit, unit.server)
    }
    this.touched = now
    this.groups = [...this.given.groups]
    this.subgroups = [...this.given.subgroups]
    for (const op of waiting) {
      for (const g of op.new_code_groups ?? [])
        if (!this.groups.some((one) => one.id === g.id)) this.groups.push({ id: g.id, name: g.name, tag: makeTag(g.name, this.groups), colour: this.groups.length % 12, hatched: this.groups.length >= 12 })
      for (const s of op.new_subgroups ?? [])
        if (!this.subgroups.some((one) => one.id === s.id)) this.subgroups.push({ id: s.id, group: s.code_group, name: s.name })
      for (const one of op.units ?? op.seen ?? []) {
        const unit = this.units.get(one[0])
        if (unit) Object.assign(unit, done(unit, op, one))
      }
    }
    this.group = new Map(this.groups.map((g) => [g.id, g]))
    this.subgroup = new Map(this.subgroups.map((s) => [s.id, s]))
    const dirty = new Set()
    for (const [id, seen] of before) if (!same(seen, this.units.get(id))) dirty.add(id)
    return dirty
  }

  // ---- what is asked ------------------------------------------------------------------------------------

  stakeholdersOf(unit) {
    const found = new Map()
    for (const [person] of unit.who) {
      const top = this.names.people.get(person)?.[2]
      if (top && this.names.stakeholders.has(top)) found.set(top, this.names.stakeholders.get(top))
    }
    return [...found.values()]
  }

  speakers(unit) { return unit.who.map(([person, name]) => this.names.people.get(person)?.[1] ?? name) }

  // In several code groups, and nobody has said that it stays so.
  isSeveral(unit) {
    const groups = unit.places.filter((p) => !p.aside).map((p) => p.group)
    return groups.length > 1 && !groups.every((g) => unit.settled.includes(g))
  }

  fits(unit, filter) {
    if (filter.several && !this.isSeveral(unit)) return false
    if (filter.group === NONE) { if (unit.places.length) return false }
    else if (filter.group && !unit.places.some((p) => p.group === filter.group)) return false
    if (filter.subgroup && !unit.places.some((p) => p.subgroup === filter.subgroup)) return false
    if (filter.source && unit.source !== filter.source) return false
    if (filter.participant && !unit.who.some(([p]) => p === filter.participant)) return false
    if (filter.stakeholder && !unit.who.some(([p]) => this.names.people.get(p)?.[2] === filter.stakeholder)) return false
    if (filter.analyst && unit.member !== filter.analyst) return false
    if (filter.wave && this.names.sources.get(unit.source)?.[3] !== filter.wave) return false
    if (filter.code && !unit.codes.includes(filter.code)) return false
    if (filter.text) {
      unit.low ??= fold(`${unit.text}\n${unit.short}`)
      if (!filter.text.every((word) => unit.low.includes(word))) return false
    }
    return true
  }

  words(text) { return fold(text).split(/\s+/).filter(Boolean) }

  compare(sort) {
    const source = (u) => this.order.get(u.source) ?? 1e9
    const text = (a, b) => source(a) - source(b) || a.start - b.start || a.made - b.made
    // By title, each compared once.
    const titles = [...this.names.sources.values()].sort((a, b) => a[1].localeCompare(b[1], document.documentElement.lang || undefined, { numeric: true }))
    const title = new Map(titles.map(([id], i) => [id, i]))
    return {
      text,
      newest: (a, b) => b.made - a.made,
      length: (a, b) => b.words - a.words || text(a, b),
      source: (a, b) => (title.get(a.source) ?? 1e9) - (title.get(b.source) ?? 1e9) || text(a, b),
    }[sort] ?? text
  }

  inOrder(sort) {
    if (this.sorted?.sort !== sort) this.sorted = { sort, units: [...this.units.values()].sort(this.compare(sort)) }
    return this.sorted.units
  }

  // Sections in their order: {key, kind, title, tag?, to?, units: [[unit, placement or null]], all}. `to` is where a unit
  // goes that is dropped here. Every unit that fits is in one at least, or in `loose`.
  sections({ by, sort, filter }, words) {
    const order = this.inOrder(sort)
    const fitting = order.filter((u) => this.fits(u, filter))
    const loose = (filter.several ? order.filter((u) => this.fits(u, { ...filter, several: undefined })) : fitting).filter((u) => !u.places.length)
    const allLoose = order.reduce((n, u) => n + !u.places.length, 0)
    if (filter.several) {
      return { loose, allLoose, fitting: fitting.length, sections: [{ key: "several", kind: "several", title: words("several.title"), units: fitting.map((u) => [u, null]) }] }
    }
    const sections = new Map()
    const add = (key, more) => { if (!sections.has(key)) sections.set(key, { key, units: [], ...more }); return sections.get(key) }
    if (by === "group") {
      for (const g of this.groups) if (!filter.group || filter.group === g.id) add(g.id, { kind: by, title: g.name, group: g, to: { group: g.id } })
      for (const unit of fitting) for (const p of unit.places) sections.get(p.group)?.units.push([unit, p])
    } else if (by === "subgroup") {
      for (const g of this.groups) {
        if (filter.group && filter.group !== g.id) continue
        const inside = this.subgroups.filter((s) => s.group === g.id)
        for (const s of inside) if (!filter.subgroup || filter.subgroup === s.id) add(s.id, { kind: by, title: s.name, group: g, to: { group: g.id, subgroup: s.id } })
        if (!filter.subgroup) add(`${g.id}:${NONE}`, { kind: by, title: inside.length ? words("no_subgroup") : g.name, group: g, to: { group: g.id, subgroup: null } })
      }
      for (const unit of fitting) for (const p of unit.places) sections.get(p.subgroup ?? `${p.group}:${NONE}`)?.units.push([unit, p])
    } else {
      const lists = {
        source: [this.names.sources, (u) => [u.source]],
        participant: [this.names.people, (u) => u.who.map(([p]) => p).filter(Boolean)],
        stakeholder: [this.names.stakeholders, (u) => this.stakeholdersOf(u).map(([id]) => id)],
        analyst: [this.names.members, (u) => [u.member]],
        wave: [this.names.waves, (u) => [this.names.sources.get(u.source)?.[3]].filter(Boolean)],
      }
      const [names, of] = lists[by]
      const title = { source: 1, participant: 1, stakeholder: 3, analyst: 2, wave: 1 }[by]
      for (const [id, one] of names) add(id, { kind: by, title: one[title], one })
      for (const unit of fitting) {
        const keys = [...new Set(of(unit))].filter((id) => sections.has(id))
        for (const key of keys.length ? keys : [NONE]) add(key, { kind: by, title: words(`by.${by}.none`) }).units.push([unit, null])
      }
      for (const [key, section] of sections) if (!section.units.length) sections.delete(key)
    }
    return { loose, allLoose, fitting: fitting.length, sections: [...sections.values()] }
  }
}

export function unitsOf(op) { return (op.units ?? op.seen ?? []).map(([id]) => id) }

// A unit's places and settling after an operation.
function done(unit, op, [, from, , fresh]) {
  let places = unit.places
  if (op.verb === "settle") {
    const groups = places.map((p) => p.group)
    return op.only ? { places: places.filter((p) => p.group === op.only) } : { settled: groups }
  }
  if (op.verb === "take_out") return { places: places.filter((p) => p.id !== from) }
  if (op.verb !== "move" && op.verb !== "copy") return {}
  if (op.verb === "move" && from) places = places.filter((p) => p.id !== from || p.group === op.code_group)
  const here = places.find((p) => p.group === op.code_group)
  if (!here) return { places: [...places, { id: fresh, group: op.code_group, subgroup: op.subgroup ?? null, aside: false }] }
  if (op.subgroup === undefined || (here.subgroup === op.subgroup && !here.aside)) return { places }
  return { places: places.map((p) => (p === here ? { ...p, subgroup: op.subgroup, aside: false } : p)) }
}

// Where a unit stands, to be compared: groups and subgroups, not which placement says so.
export const standing = (unit) => unit.places.map((p) => `${p.group}/${p.subgroup ?? ""}`).sort().join() + `|${unit.settled.length}`

function same(a, b) {
  return a.comments === b.comments && a.settled.join() === b.settled.join() && a.codes.join() === b.codes.join() && a.places.length === b.places.length &&
    a.places.every((p, i) => { const q = b.places[i]; return p.id === q.id && p.group === q.group && p.subgroup === q.subgroup && p.aside === q.aside })
}

// Two letters until the server has chosen them.
function makeTag(name, groups) {
  const letters = (name.match(/\p{L}/gu) ?? ["N", "W"]).join("").toUpperCase()
  const taken = new Set(groups.map((g) => g.tag))
  const found = [letters.slice(0, 2), ...[...letters.slice(1)].map((c) => letters[0] + c)].find((tag) => tag.length === 2 && !taken.has(tag))
  return found ?? letters.slice(0, 2)
}
