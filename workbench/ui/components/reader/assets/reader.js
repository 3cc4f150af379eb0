// Entry of the component. Three elements of it are mounted: "text" and "base" only hand over what never changes,
// "coder" is the one on screen. They meet here, whatever order Streamlit mounts them in.

import { Body } from "./text.js"
import { readMark } from "./marks.js"
import { View } from "./view.js"

const docs = new Map() // "source:text_rev" -> {title, meta, lang, strings, height, body}
const bases = new Map() // "source:text_rev:base_rev" -> marks
const views = new WeakMap() // element -> View
const onScreen = new Set()

export default function ({ data: [data], parentElement, setTriggerValue }) {
  if (data.part === "text") return keep(docs, data.doc, readDocument(data))
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
