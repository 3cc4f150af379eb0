// Positions in a transcript. On screen a position is {t, o}: turn index and UTF-16 offset in that turn. In the
// project it is one number: Unicode code points into the body, the turns joined by a line break.

const SURROGATE = /[\ud800-\udfff]/
// What Python's str.strip() takes away; JavaScript's \s differs in five characters.
const SPACE = /^[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" })

// Which characters of a text are two UTF-16 units long, counted in code points.
function pairs(text) {
  const found = []
  let n = 0
  for (const ch of text) {
    if (ch.length === 2) found.push(n)
    n++
  }
  return found
}

// How many entries of an ascending list come before the first that fits.
function firstAt(list, fits) {
  let low = 0, high = list.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (fits(list[middle], middle)) high = middle
    else low = middle + 1
  }
  return low
}

export class Body {
  constructor(turns, lang) {
    this.lang = lang
    this.turns = turns.map(([seq, start, text, speaker, kind, group, monogram, colour, t0]) => {
      const wide = SURROGATE.test(text) ? pairs(text) : null
      const length = text.length - (wide?.length ?? 0)
      return { seq, start, end: start + length, text, wide, speaker, kind, group, monogram, colour, t0 }
    })
  }

  get length() { return this.turns.length ? this.turns[this.turns.length - 1].end : 0 }

  toPoint({ t, o }) {
    const turn = this.turns[t]
    return turn.start + o - (turn.wide ? firstAt(turn.wide, (point, i) => point + i >= o) : 0)
  }

  turnAt(point) {
    let low = 0, high = this.turns.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.turns[middle].start <= point) low = middle
      else high = middle - 1
    }
    return low
  }

  fromPoint(point) {
    const t = this.turnAt(point)
    return { t, o: this.offsetIn(t, point) }
  }

  // UTF-16 offset in turn t of a code point offset in the body, held inside the turn.
  offsetIn(t, point) {
    const turn = this.turns[t]
    const n = Math.max(0, Math.min(point, turn.end) - turn.start)
    return n + (turn.wide ? firstAt(turn.wide, (point) => point >= n) : 0)
  }

  quote(start, end) {
    const a = this.fromPoint(start), b = this.fromPoint(end)
    if (a.t === b.t) return this.turns[a.t].text.slice(a.o, b.o)
    const parts = [this.turns[a.t].text.slice(a.o)]
    for (let t = a.t + 1; t < b.t; t++) parts.push(this.turns[t].text)
    parts.push(this.turns[b.t].text.slice(0, b.o))
    return parts.join("\n")
  }

  before(a, b) { return a.t - b.t || a.o - b.o }

  // A selection as a person means it: in order, whole graphemes, none at either end that begins with white space
  // (a space may carry a joiner or an accent). Null if nothing is left.
  span(a, b) {
    if (this.before(a, b) > 0) [a, b] = [b, a]
    a = { t: a.t, o: this.snap(a, false) }
    b = { t: b.t, o: this.snap(b, true) }
    for (;;) {
      if (this.before(a, b) >= 0) return null
      const text = this.turns[a.t].text
      if (a.o >= text.length) { a = { t: a.t + 1, o: 0 }; continue }
      const next = this.step(a, 1, "grapheme")
      if (!SPACE.test(text.slice(a.o, next.o))) break
      a = next
    }
    for (;;) {
      if (b.o === 0) { b = { t: b.t - 1, o: this.turns[b.t - 1].text.length }; continue }
      const last = this.step(b, -1, "grapheme")
      if (!SPACE.test(this.turns[b.t].text.slice(last.o, b.o))) break
      b = last
    }
    return { a, b, start: this.toPoint(a), end: this.toPoint(b) }
  }

  clusters(t) {
    const turn = this.turns[t]
    return (turn.clusters ??= graphemes.segment(turn.text))
  }

  snap({ t, o }, up) {
    const text = this.turns[t].text
    if (o <= 0 || o >= text.length) return Math.max(0, Math.min(o, text.length))
    const found = this.clusters(t).containing(o)
    if (found.index === o) return o
    return up ? found.index + found.segment.length : found.index
  }

  // The next position in a direction (1 or -1): by grapheme, by word, by sentence; crosses into the next turn.
  step({ t, o }, direction, unit) {
    const text = this.turns[t].text
    if (direction > 0 && o >= text.length) return t + 1 < this.turns.length ? { t: t + 1, o: 0 } : { t, o }
    if (direction < 0 && o <= 0) return t > 0 ? { t: t - 1, o: this.turns[t - 1].text.length } : { t, o }
    if (unit === "grapheme") {
      const found = this.clusters(t).containing(direction > 0 ? o : o - 1)
      return { t, o: direction > 0 ? found.index + found.segment.length : found.index }
    }
    const edges = this.edges(t, unit)
    if (direction > 0) return { t, o: edges.find(([, end]) => end > o)?.[1] ?? text.length }
    return { t, o: edges.findLast(([start]) => start < o)?.[0] ?? 0 }
  }

  // [start, end) of the words or sentences of a turn; sentences without the white space after them.
  edges(t, unit) {
    const turn = this.turns[t]
    const name = unit + "s"
    if (!turn[name]) {
      const segments = this.segmenter(unit).segment(turn.text)
      turn[name] = []
      for (const { index, segment, isWordLike } of segments) {
        if (unit === "word" ? isWordLike : segment.trim())
          turn[name].push([index, index + segment.trimEnd().length])
      }
    }
    return turn[name]
  }

  sentenceAt({ t, o }) {
    const all = this.edges(t, "sentence")
    return all.find(([, end]) => o < end) ?? all[all.length - 1] ?? [0, this.turns[t].text.length]
  }

  words(start, end) {
    let n = 0
    for (const part of this.segmenter("word").segment(this.quote(start, end))) n += part.isWordLike ? 1 : 0
    return n
  }

  segmenter(granularity) {
    this.segmenters ??= {}
    return (this.segmenters[granularity] ??= new Intl.Segmenter(this.lang || undefined, { granularity }))
  }

  // [start, end) of the word a position is in, touches, or comes before; null in a turn without words.
  wordAt({ t, o }) {
    const all = this.edges(t, "word")
    return all.find(([, end]) => o <= end) ?? all[all.length - 1] ?? null
  }

  // The nearest edge of a word: where a mark's end is put by a drag.
  wordEdge({ t, o }) {
    let best = o, far = Infinity
    for (const [start, end] of this.edges(t, "word"))
      for (const edge of [start, end]) {
        const by = Math.abs(edge - o)
        if (by < far) { far = by; best = edge }
      }
    return { t, o: best }
  }
}
