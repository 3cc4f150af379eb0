// What there is to show: units and in which column each stands, as the server said and with what is on its way.
// No drawing here. A column is a subgroup's id, "left" (over) or "aside".

export const LEFT = "left"
export const ASIDE = "aside"
const BOARD = new Set(["move", "copy", "take_out", "aside"]) // acts that change where a unit stands

const readRow = ([id, text, lang, source, where, by, disc, quotable, also, placement]) =>
  ({ id, text, lang, source, where, by, disc, quotable: !!quotable, also, placement, server: LEFT, column: LEFT, reason: "" })

export class Model {
  constructor() {
    this.units = new Map()
    this.inOrder = [] // units in reading order
    this.columns = [] // [{id, title, note, doubt, units: [ids]}], as painted
    this.covers = new Set()
    this.golden = null
    this.held = new Set()
  }

  // All cards of a code group anew.
  base({ rows }) {
    this.ids = rows.map(([id]) => id)
    this.units = new Map(rows.map((row, i) => [row[0], Object.assign(readRow(row), { place: i })]))
    this.inOrder = [...this.units.values()]
    this.started = false
  }

  // What the server says now. Returns which cards are to be drawn anew, and what others changed meanwhile.
  live(data, waiting, refused) {
    const dirty = new Set()
    const news = { came: 0, gone: 0, moved: 0, changed: 0 }
    for (const [place, ...row] of data.rows) {
      const was = this.units.get(row[0])
      const fresh = Object.assign(readRow(row), { place })
      if (was && JSON.stringify([was.text, was.where, was.by, was.disc, was.quotable, was.also, was.placement]) ===
        JSON.stringify([fresh.text, fresh.where, fresh.by, fresh.disc, fresh.quotable, fresh.also, fresh.placement])) continue
      if (was && was.text !== fresh.text) news.changed++
      this.units.set(fresh.id, was ? Object.assign(was, fresh, { server: was.server, column: was.column, reason: was.reason }) : fresh)
      if (!was) fresh.isNew = true
      dirty.add(fresh.id)
    }
    const mine = new Set(refused.flatMap((one) => (one.operation.units ?? []).map(([id]) => id)))
    const here = new Set()
    const id = (ref) => (typeof ref === "number" ? this.ids[ref] : ref)
    for (const [column, refs] of data.at) {
      for (const ref of refs) {
        const unit = this.units.get(id(ref))
        if (!unit) continue
        here.add(unit.id)
        if (unit.isNew) news.came++
        else if (column !== unit.server && column !== unit.column && !mine.has(unit.id)) news.moved++
        delete unit.isNew
        unit.server = column
      }
    }
    for (const unit of [...this.units.values()]) {
      if (here.has(unit.id)) continue
      if (this.started && !unit.isNew) news.gone++
      this.units.delete(unit.id)
    }
    const reasons = new Map(data.asides.map(([ref, reason]) => [id(ref), reason]))
    for (const unit of this.units.values()) {
      const reason = reasons.get(unit.id) ?? ""
      if (reason !== unit.reason) { unit.reason = reason; dirty.add(unit.id) }
    }
    this.inOrder = [...this.units.values()].sort((a, b) => a.place - b.place)
    this.data = { ...data, covers: new Set(data.covers.map(id)), held: new Set(data.held.map(id)) }
    this.paint(waiting)
    if (!this.started) Object.assign(news, { came: 0, gone: 0, moved: 0, changed: 0 })
    this.started = true
    return { dirty, news }
  }

  // Everything as it will be when what waits is done.
  paint(waiting) {
    const { data } = this
    for (const unit of this.units.values()) unit.column = unit.server
    const columns = data.columns.map(([id, title, note, doubt]) => ({ id, title, note, doubt: !!doubt, units: [] }))
    const known = new Set(columns.map((one) => one.id))
    this.covers = new Set(data.covers)
    this.golden = data.golden
    for (const op of waiting) {
      if (op.verb === "tick" && op.subgroup === data.focus && op.condensate === data.condensate) {
        for (const id of op.on) this.covers.add(id)
        for (const id of op.off) this.covers.delete(id)
      } else if (op.verb === "golden" && op.condensate === data.condensate) this.golden = op.unit
      if (!BOARD.has(op.verb)) continue
      for (const s of op.new_subgroups ?? []) {
        if (s.code_group !== data.group || known.has(s.id)) continue
        known.add(s.id)
        columns.push({ id: s.id, title: s.name, note: "", doubt: false, units: [] })
      }
      for (const [id, placement] of op.units ?? []) {
        const unit = this.units.get(id)
        if (!unit) continue
        if (op.verb === "aside") { if (placement === unit.placement) unit.column = ASIDE }
        else if (op.code_group === data.group) { if (op.subgroup !== undefined) unit.column = op.subgroup ?? LEFT }
        else if (op.verb !== "copy" && placement === unit.placement) unit.column = null // on its way to another code group
      }
    }
    columns.push({ id: LEFT, units: [] }, { id: ASIDE, units: [] })
    this.column = new Map(columns.map((one) => [one.id, one]))
    for (const unit of this.inOrder) this.column.get(unit.column)?.units.push(unit.id)
    this.columns = columns
  }

  // Where units can go, each with its key.
  places() {
    return this.columns.filter((one) => one.id !== ASIDE).map((one, i) => ({ id: one.id, title: one.title, key: one.id === LEFT ? "0" : i < 9 ? String(i + 1) : "" }))
  }
}
