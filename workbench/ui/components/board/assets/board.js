// Entry of the component. Two elements of it are mounted: "base" hands over the cards of a code group, "live" is the one
// on screen. They meet here, whatever order Streamlit mounts them in.

import { View } from "./view.js"

const KEPT = 4 // code groups whose cards stay in memory, for as long as the page is loaded
const bases = new Map() // name -> {name, rows, strings}, the one that came last at the end
const views = new WeakMap() // element -> View
const onScreen = new Set()

export default function ({ data, parentElement, setTriggerValue }) {
  if (data instanceof Uint8Array || data instanceof ArrayBuffer) {
    const base = JSON.parse(new TextDecoder().decode(data))
    bases.delete(base.name)
    bases.set(base.name, base)
    while (bases.size > KEPT) bases.delete(bases.keys().next().value)
    for (const view of onScreen) view.arrived()
    return
  }
  const [live] = data
  let view = views.get(parentElement)
  if (!view) {
    view = new View(parentElement, bases)
    views.set(parentElement, view)
    onScreen.add(view)
  }
  view.update(live, setTriggerValue)
  return () => {
    onScreen.delete(view)
    views.delete(parentElement)
    view.leave()
  }
}
