// Entry of the component. "coder" is the one on screen; "text" and "base" only deliver what it shows, once, and
// "outbox" carries operations where there is no reader. They meet here, whatever order Streamlit mounts them in.
// What was delivered stays for as long as the page is loaded, and every message says what that is.

import { Body } from "./text.js"
import { readBase } from "./marks.js"
import { isComplete, outboxFor } from "./outbox.js"
import { View } from "./view.js"

const KEPT = 6 // sources kept in memory
const docs = new Map() // "source:text_rev" -> {title, meta, lang, strings, height, body}
const states = new Map() // source -> its marks, code groups ..., the one looked at last at the end
const views = new WeakMap() // element -> View
const onScreen = new Set()

export default function ({ data: [data], parentElement, setTriggerValue }) {
  if (data.part === "text") return keepText(data)
  if (data.part === "outbox") return carry(data, parentElement, setTriggerValue)
  if (data.part === "base") {
    states.set(data.source, readBase(data))
    return arrived(data.source)
  }
  let view = views.get(parentElement)
  if (!view) {
    view = new View(parentElement, { docs, states, looked })
    views.set(parentElement, view)
    onScreen.add(view)
  }
  view.update(data, (operations) => send(setTriggerValue, operations))
  return () => {
    onScreen.delete(view)
    views.delete(parentElement)
    view.leave()
  }
}

function send(setTriggerValue, operations) {
  const have = {}
  for (const [source, { doc, rev, chain }] of states) if (docs.has(doc)) have[source] = [rev, chain]
  setTriggerValue("operations", { operations, have })
}

function keepText({ doc, source, title, meta, lang, turns, strings, height }) {
  const look = JSON.stringify([title, meta, lang, turns, strings, height])
  // The same again, after the server was restarted: what is on screen stays on screen.
  if (docs.get(doc)?.look !== look) docs.set(doc, { title, meta, lang, strings, height, look, body: new Body(turns, lang) })
  arrived(source)
}

function arrived(source) {
  for (const view of onScreen) view.arrived(source)
}

// A source is being looked at: it is the last to be forgotten.
function looked(source) {
  const state = states.get(source)
  states.delete(source)
  states.set(source, state)
  while (states.size > KEPT) states.delete(states.keys().next().value)
  const used = new Set([...states.values()].map(({ doc }) => doc))
  for (const doc of docs.keys()) if (!used.has(doc)) docs.delete(doc)
}

// On pages without the reader: brings home what was made just before the reader was left. Beside the reader, as a
// rescue: a restarted server does not know the reader's fragment, and answers only from outside it.
const carriers = new WeakMap()

function carry({ project, member, acks, rescue }, parentElement, setTriggerValue) {
  const box = outboxFor(project, member)
  let carrier = carriers.get(parentElement)
  if (carrier?.box !== box || carrier.rescue !== rescue) {
    carrier?.leave()
    carrier = { box, rescue, onchange: () => {} }
    carriers.set(parentElement, carrier)
    const deliver = (operations) => send(carrier.trigger, operations)
    carrier.trigger = setTriggerValue
    if (rescue) {
      box.rescue = deliver
      carrier.leave = () => { if (box.rescue === deliver) box.rescue = null }
    } else {
      // Without the text there are no words to send; such an operation waits for its source to be opened.
      box.attach({ send: deliver, prepare: isComplete, onchange: carrier.onchange })
      carrier.leave = () => box.detach(carrier.onchange)
    }
  }
  carrier.trigger = setTriggerValue
  if (!rescue) box.answer(acks)
  return () => {
    carriers.delete(parentElement)
    carrier.leave()
  }
}
