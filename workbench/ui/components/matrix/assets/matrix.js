// Entry of the component. Two elements of it are mounted: "base" hands over all units, "live" is the one on screen.
// They meet here, whatever order Streamlit mounts them in.

import { View } from "./view.js"

let base = null // the last that came
const views = new WeakMap() // element -> View
const onScreen = new Set()

export default function ({ data, parentElement, setTriggerValue }) {
  if (data instanceof Uint8Array || data instanceof ArrayBuffer) {
    base = JSON.parse(new TextDecoder().decode(data))
    for (const view of onScreen) view.arrived(base)
    return
  }
  const [live] = data
  let view = views.get(parentElement)
  if (!view) {
    view = new View(parentElement)
    views.set(parentElement, view)
    onScreen.add(view)
    if (base) view.arrived(base)
  }
  view.update(live, setTriggerValue)
  return () => {
    onScreen.delete(view)
    views.delete(parentElement)
    view.leave()
  }
}
