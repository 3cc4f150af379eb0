// Building elements. Everything people wrote goes in as text nodes and attributes, never as markup.

export function h(tag, props = {}, ...children) {
  const el = document.createElement(tag)
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue
    if (name.startsWith("on")) el.addEventListener(name.slice(2), value)
    else if (name === "class") el.className = value
    else el.setAttribute(name, value === true ? "" : value)
  }
  el.append(...children.filter((c) => c !== null && c !== undefined && c !== false))
  return el
}

// t("turn_of", {n: 3}): the sentence "reader.turn_of" with its {named} places filled, .one or .other by n.
export function translator(strings) {
  return (id, params = {}) => {
    const plural = "n" in params ? strings[`reader.${id}.${params.n === 1 ? "one" : "other"}`] : undefined
    const sentence = plural ?? strings[`reader.${id}`] ?? id
    return sentence.replace(/\{(\w+)\}/g, (whole, name) => (name in params ? String(params[name]) : whole))
  }
}

export const disc = ([monogram, colour, name]) =>
  monogram ? h("span", { class: `wr-disc wr-disc-${colour}`, title: name, "aria-hidden": "true" }, monogram) : null

// The chip with a code group's two letters; the colour lies under it, the letters stay ink.
export function tagChip(group) {
  return h("span", { class: "wr-tag", style: groupStyle(group) }, group.tag)
}

export function groupStyle(group) {
  const n = (((group?.colour ?? 0) % 12) + 12) % 12
  const stripe = group ? `var(--wr-s${n})` : "var(--wr-none)"
  const fill = group?.hatched
    ? `repeating-linear-gradient(120deg, ${stripe} 0 3px, var(--wr-paper) 3px 5px)`
    : `linear-gradient(${stripe}, ${stripe})`
  return `--stripe:${stripe};--fill:${fill};--pale:${group ? `var(--wr-b${n})` : "var(--wr-none-pale)"}`
}

// A popover beside a rectangle, under it when there is room, else above; kept inside the window.
export function placeBeside(el, rect, gap = 8) {
  const { width, height } = el.getBoundingClientRect()
  const below = rect.bottom + gap + height <= innerHeight - 8
  const top = below ? rect.bottom + gap : Math.max(8, rect.top - gap - height)
  el.style.left = `${Math.max(8, Math.min(rect.left, innerWidth - width - 8))}px`
  el.style.top = `${Math.min(top, Math.max(8, innerHeight - height - 8))}px`
}

export const show = (el) => { if (!el.matches(":popover-open")) el.showPopover() }
export const hide = (el) => { if (el.isConnected && el.matches(":popover-open")) el.hidePopover() }
