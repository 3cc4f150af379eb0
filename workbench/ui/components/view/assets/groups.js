// Code groups and codes as a calm list, and the colours a code group can have. See ../__init__.py.

/** A code group's two letters over its colour; the letters stay ink. */
function chip(el, row) {
  if (!row.tag) return null;
  const node = el("span", `wv-tag wv-colour-${row.colour}${row.hatched ? " wv-hatched" : ""}`, row.tag);
  node.setAttribute("aria-hidden", "true");
  return node;
}

export function groups(facts, { el, disc, press, spoken }, root) {
  if (!facts.rows.length) return facts.empty ? el("p", "wv-note", facts.empty) : "";
  const list = el("ul", facts.rows.some((r) => r.tag) ? "wv-groups" : "wv-groups wv-plain");
  if (facts.label) list.setAttribute("aria-label", facts.label);
  for (const row of facts.rows) {
    const name = press({ id: row.id }, "wv-group-name", "span", row.name);
    if (row.current) name.setAttribute("aria-current", "true");
    const count = press({ href: row.href }, "wv-group-count", "span", row.count);
    count.append(spoken(`: ${row.name}`));
    if (row.count_title) count.title = row.count_title;
    const item = el("li", row.current ? "wv-group-row wv-current" : "wv-group-row",
      chip(el, row),
      el("span", "wv-group-body", name,
        row.note ? el("span", "wv-row-note wv-group-note", row.note) : null,
        row.groups?.length ? el("span", "wv-discs", ...row.groups.flatMap((g) => [disc(g), spoken(`${g.name} `)])) : null),
      count);
    item.style.setProperty("--level", row.level || 0);
    list.append(item);
  }
  // The list keeps its place when it is drawn again, and what was chosen is in sight.
  list.addEventListener("scroll", () => { root.top = list.scrollTop; });
  requestAnimationFrame(() => {
    list.scrollTop = root.top || 0;
    const current = list.querySelector(".wv-current");
    if (!current) return;
    const top = current.offsetTop - list.offsetTop;
    if (top < list.scrollTop) list.scrollTop = top;
    else if (top + current.offsetHeight > list.scrollTop + list.clientHeight) list.scrollTop = top + current.offsetHeight - list.clientHeight;
  });
  return list;
}

export function swatches(facts, { el, press }) {
  const set = el("div", "wv-swatches");
  for (const s of facts.swatches) {
    const button = press({ id: s.id }, `wv-swatch wv-colour-${s.colour}${s.hatched ? " wv-hatched" : ""}`, "span", s.current ? "✓" : s.used ? "·" : "");
    button.setAttribute("aria-pressed", String(Boolean(s.current)));
    button.setAttribute("aria-label", s.name);
    button.title = s.name;
    set.append(button);
  }
  const all = el("div", "", el("p", "wv-field-label", facts.label), set);
  all.setAttribute("role", "group");
  all.setAttribute("aria-label", facts.label);
  return all;
}

const SHOWN = 6;   // steps before the rest folds

/** What happened to something, newest first, each with its day. */
export function steps(facts, { el, labels }) {
  const list = el("ol", "wv-steps");
  for (const step of facts.steps) {
    list.append(el("li", "wv-step", el("span", "wv-step-when", step.when), el("span", "wv-step-body",
      el("span", "", step.text), step.note ? el("span", "wv-row-note", step.note) : null)));
  }
  if (facts.steps.length <= SHOWN + 1) return list;
  list.classList.add("wv-steps-few");
  const more = el("button", "wv-press wv-more", labels.show_all);
  more.type = "button";
  more.dataset.local = "1";
  more.addEventListener("click", () => {
    more.textContent = list.classList.toggle("wv-steps-few") ? labels.show_all : labels.show_less;
  });
  return el("div", "", list, more);
}
