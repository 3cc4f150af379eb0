// Entry of the component. Three elements of it are mounted: "text" and "base" only hand over what never changes,
// "coder" is the one on screen. They meet here, whatever order Streamlit mounts them in.

import { Body } from "./text.js"
import { readMark } from "./marks.js"
import { outboxFor } from "./outbox.js"
import { View } from "./view.js"

const docs = new Map() // "source:text_rev" -> {title, meta, lang, strings, height, body}
const bases = new Map() // "source:text_rev:base_rev" -> marks
const views = new WeakMap() // element -> View
const onScreen = new Set()

export default function ({ data: [data], parentElement, setTriggerValue }) {
  if (data.part === "text") return keep(docs, data.doc, readDocument(data))
  if (data.part === "outbox") return onlyOutbox(data, parentElement, setTriggerValue)
  if (data.part === "base") return keep(bases, data.base, data.marks.map(readMark))
  let view = views.get(parentElement)
  if (!view) {
    view = new View(parentElement, { docs, bases })
    views.set(parentElement, view)
    onScreen.add(view)
  }
  view.update(data, (operations) => setTriggerValue("operations", { operations }))
  return () => {
    onScreen.delete(view)
    views.delete(parentElement)
    view.leave()
  }
}

// On pages without the reader: brings home what was made just before the reader was left.
const carriers = new WeakMap()

function onlyOutbox({ project, member, acks }, parentElement, setTriggerValue) {
  const box = outboxFor(project, member)
  let carrier = carriers.get(parentElement)
  if (carrier?.box !== box) {
    carrier?.box.detach(carrier.onchange)
    carrier = { box, onchange: () => {} }
    carriers.set(parentElement, carrier)
    const send = (operations) => carrier.trigger("operations", { operations })
    carrier.trigger = setTriggerValue
    // Without the text there are no words to send; such an operation waits for its source to be opened.
    const prepare = (op) => (op.verb !== "mark" && op.verb !== "resize") || (op.quote !== undefined && op.rev !== null)
    box.attach({ send, prepare, onchange: carrier.onchange })
  }
  carrier.trigger = setTriggerValue
  box.answer(acks)
  return () => {
    carriers.delete(parentElement)
    box.detach(carrier.onchange)
  }
}

function readDocument({ title, meta, lang, turns, strings, height }) {
  return { title, meta, lang, strings, height, body: new Body(turns, lang) }
}

function keep(map, name, value) {
  map.set(name, value)
  for (const view of onScreen) view.arrived(name)
  return () => {
    if (map.get(name) === value) map.delete(name)
  }
}
