// Operations a person has made and the server has not answered yet. Nothing leaves the outbox but by an answer;
// every message carries all of it, so a lost or doubled message does no harm. One outbox per project and member,
// for as long as the page is loaded; ids and offsets also survive a reload in localStorage, the words never.

const RESEND = [1500, 1500, 3000, 5000]
// One message at a time, and this many ms between an answer and the next message: script runs that overtake each
// other make Streamlit drop and remount the reader now and then (seen with 15 messages a second).
const GAP = 120
const boxes = new Map()
// Operations on words: without their text on screen the words, or the revision of the mark, are not known.
export const NEEDS_TEXT = new Set(["mark", "resize", "split", "correct"])
// Whether an operation can go from a page without the text: its words and the revision of its mark are in it already.
export const isComplete = (op) => !NEEDS_TEXT.has(op.verb) || ((op.quote !== undefined || op.verb === "split") && op.rev !== null)

export function outboxFor(project, member) {
  const name = `${project}:${member}`
  if (!boxes.has(name)) boxes.set(name, new Outbox(project, member))
  return boxes.get(name)
}

// A press on the menu turns the page only when the server's answer has come. A message sent in between still speaks
// for the page one is leaving, and Streamlit goes back to it. So what waits goes before the press, and nothing after
// it until the next page is there to send it; after a press that leads nowhere, until the app has come to rest.
const REST = 300 // ms without a run
const LONGEST = 8000 // ms: whatever it does, what waits is sent again
let pressed = null // {at, away}
let ran = 0 // when the app was last seen running

function press(event) {
  const target = event.target.closest?.("a[href], button")
  if (!target || target.closest(".wr, [download], [target=_blank]") || event.button > 0 || event.ctrlKey || event.metaKey || event.shiftKey) return
  const fresh = pressed === null
  pressed = null
  if (fresh || event.type === "pointerdown") for (const box of boxes.values()) box.hurry()
  pressed = { at: performance.now(), away: target.matches("a") && target.pathname !== location.pathname }
}
document.addEventListener("pointerdown", press, true)
document.addEventListener("click", press, true) // also by the keyboard
window.addEventListener("popstate", () => { pressed = { at: performance.now(), away: true } })

export function isLeaving() {
  if (pressed === null) return false
  const now = performance.now()
  if ((document.querySelector(".stApp")?.dataset.testScriptState ?? "notRunning") !== "notRunning") ran = now
  const rested = !pressed.away && Math.min(now - pressed.at, now - ran) > REST
  if (rested || now - pressed.at > LONGEST) pressed = null
  return pressed !== null
}

export function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID()
  // Not a secure context (plain http in a ward's network): the same from random bytes.
  const b = crypto.getRandomValues(new Uint8Array(16))
  b[6] = (b[6] & 15) | 64
  b[8] = (b[8] & 63) | 128
  const hex = [...b].map((x) => x.toString(16).padStart(2, "0")).join("")
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5")
}

// What may stay on the device: a mark that named its own group by its words comes back as a mark without a group.
function withoutWords({ sent, quote, in_vivo, ...rest }) {
  return in_vivo ? { ...rest, placements: [], new_code_groups: [] } : rest
}

class Outbox {
  constructor(project, member) {
    this.project = project
    this.member = member
    this.store = `workbench:outbox:${project}:${member}`
    this.waiting = [] // oldest first
    this.send = null // (operations) => void, while a reader is on screen
    this.rescue = null // the same from outside the reader's fragment, for what was sent in vain
    this.prepare = null // fills in what only a reader with the text knows; false = not yet
    this.onchange = null
    this.tries = 0
    this.savedAt = null
    this.timer = null
    this.answered = 0 // when the last answer came
    // Words are not kept on the device: while some wait, the tab is held.
    window.addEventListener("beforeunload", (event) => { if (this.waiting.some((one) => one.text !== undefined)) event.preventDefault() })
    for (const one of this.#kept()) this.waiting.push(one)
  }

  attach({ send, prepare, onchange }) {
    if (this.onchange !== onchange) pressed = null // another page is on screen
    this.send = send
    this.prepare = prepare
    this.onchange = onchange
    this.#tell()
    if (this.waiting.length) this.#in(0)
  }

  detach(onchange) {
    if (this.onchange !== onchange) return // another reader has taken over
    if (!isLeaving()) this.flush() // else the next page sends it
    this.send = this.prepare = this.onchange = null
    clearTimeout(this.timer)
  }

  add(operation) {
    const one = { id: uuid(), project: this.project, member: this.member, ...operation }
    this.waiting.push(one)
    this.#keep()
    this.#tell()
    if (!this.#underWay()) this.#in(this.#rest())
    return one
  }

  // Answers: {id: null} done, {id: sentence} refused. Returns the refused operations with their sentence.
  answer(acks) {
    const answered = this.waiting.filter((one) => one.id in acks)
    if (!answered.length) return []
    this.waiting = this.waiting.filter((one) => !(one.id in acks))
    this.#keep(answered)
    this.tries = 0
    if (answered.some((one) => acks[one.id] === null)) this.savedAt = Date.now()
    this.#tell()
    this.answered = performance.now()
    if (this.#underWay()) this.#in(RESEND[0])
    else if (this.waiting.length) this.#in(GAP)
    else clearTimeout(this.timer)
    return answered.filter((one) => acks[one.id] !== null).map((operation) => ({ operation, sentence: acks[operation.id] }))
  }

  // `anyway`: also with nothing to send, to be told everything again.
  flush(anyway = false) {
    if (!this.send) return
    const ready = []
    let held = false
    for (const one of this.waiting) {
      // Undo and redo speak of what was done before them: they wait until all of that can go.
      if (held && (one.verb === "undo" || one.verb === "redo")) break
      if (!this.prepare || this.prepare(one, this.waiting)) ready.push(one)
      else held = true
    }
    if (ready.length || anyway) {
      for (const one of ready) one.sent = true
      const send = this.rescue && this.tries >= 1 ? this.rescue : this.send
      send(ready.map(({ sent, ...rest }) => rest))
    }
  }

  // Before what follows keeps the browser busy, unless it has to wait for an answer.
  now() { if (!this.#underWay() && !this.#rest() && !isLeaving()) this.hurry() }

  // At once, unless all of it is under way already.
  hurry() {
    if (!this.send || !this.waiting.some((one) => !one.sent)) return
    this.flush()
    this.#in(RESEND[0])
  }

  get offline() { return this.waiting.length > 0 && (this.tries > 2 || navigator.onLine === false) }

  // A message has been sent and its answer is due.
  #underWay() { return this.tries <= 1 && this.waiting.some((one) => one.sent) }

  #rest() { return Math.max(0, this.answered + GAP - performance.now()) }

  #in(ms) {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => {
      if (isLeaving()) return this.#in(100)
      this.flush()
      this.tries += 1
      this.#tell()
      if (this.waiting.length) this.#in(RESEND[Math.min(this.tries - 1, RESEND.length - 1)])
    }, ms)
  }

  #tell() {
    const detail = { pending: this.waiting.length, offline: this.offline, at: this.savedAt }
    window.dispatchEvent(new CustomEvent("workbench:saved", { detail }))
    this.onchange?.(detail)
  }

  #kept() {
    try {
      return Object.values(JSON.parse(localStorage.getItem(this.store) ?? "{}"))
    } catch {
      return []
    }
  }

  // Other tabs of the same member keep theirs under the same name: add and take away, never overwrite.
  #keep(answered = []) {
    try {
      const all = Object.fromEntries(this.#kept().map((one) => [one.id, one]))
      for (const one of answered) delete all[one.id]
      for (const one of this.waiting) if (one.text === undefined) all[one.id] = withoutWords(one)
      if (Object.keys(all).length) localStorage.setItem(this.store, JSON.stringify(all))
      else localStorage.removeItem(this.store)
    } catch { /* private window or full: the outbox still lives in memory */ }
  }
}
