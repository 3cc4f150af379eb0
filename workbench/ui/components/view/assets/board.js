// kind `board`: unit cards of one subgroup, or several subgroups as columns. Selecting is done here and costs
// no round trip; an act (move, new, aside, ticks, golden, open) goes to Python once, as JSON in the pick's id.

let acts = 0;

export function board(facts, { el, disc, spoken, press }, root) {
  const words = facts.words;
  const all = facts.columns.flatMap((column) => column.cards);
  const known = new Set(all.map((card) => card.id));
  root.chosen = new Set([...(root.chosen || [])].filter((id) => known.has(id)));
  const focused = root.node.contains(document.activeElement);
  const scrolls = [...root.node.querySelectorAll(".wv-cards")].map((list) => list.scrollTop);
  const act = (act) => root.send("pick", { href: null, id: JSON.stringify(act), n: ++acts });
  const ids = () => all.map((card) => card.id).filter((id) => root.chosen.has(id));
  const cardOf = new Map();

  // ---- what is done with those selected -----------------------------------------------------------------
  const leave = (moved) => {
    for (const id of moved) cardOf.get(id)?.classList.add("wv-leaving");
    setTimeout(() => { for (const id of moved) cardOf.get(id)?.classList.remove("wv-leaving"); }, 2000);
    // The next card that stays takes the focus, so that sorting goes on down the list.
    const order = all.map((card) => card.id);
    const last = Math.max(...moved.map((id) => order.indexOf(id)));
    const stays = (id) => !moved.includes(id);
    const next = order.slice(last + 1).find(stays) || order.slice(0, last + 1).reverse().find(stays);
    const inside = root.node.contains(document.activeElement);
    root.chosen.clear();
    root.form = null;
    refresh();
    if (next) root.at = next;
    if (inside) cardOf.get(next)?.focus();
  };
  const move = (to, moved = ids()) => { if (moved.length) { act({ do: "move", to, units: moved }); leave(moved); } };
  const ticked = () => new Set([...cardOf].filter(([, node]) => node.tick?.checked).map(([id]) => id));
  const sendTicks = () => {
    const now = ticked();
    act({ do: "ticks", on: all.filter((c) => now.has(c.id) && !c.in).map((c) => c.id),
      off: all.filter((c) => !now.has(c.id) && c.in).map((c) => c.id) });
  };
  const tick = (which) => {
    const boxes = which.map((id) => cardOf.get(id)?.tick).filter(Boolean);
    if (!boxes.length) return;
    const on = boxes.some((box) => !box.checked);
    for (const box of boxes) box.checked = on;
    sendTicks();
  };

  // ---- the bar ------------------------------------------------------------------------------------------
  const bar = el("div", "wv-board-bar");
  bar.setAttribute("role", "toolbar");
  const small = (label, run, cls = "") => {
    const button = el("button", `wv-press wv-board-button ${cls}`, label);
    button.type = "button";
    button.dataset.local = "1";
    button.addEventListener("click", run);
    return button;
  };
  const form = (kind, label, send) => {
    const field = el("input", "wv-board-field");
    field.placeholder = label;
    field.setAttribute("aria-label", label);
    field.value = root.form.value || "";
    field.addEventListener("input", () => { root.form.value = field.value; });
    const done = () => {
      if (!field.value.trim()) return;
      const moved = ids();
      act({ do: kind, text: field.value.trim(), units: moved });
      leave(moved);
    };
    field.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Enter") done();
      if (event.key === "Escape") { root.form = null; refresh(); cardOf.get(root.at)?.focus(); }
    });
    return [field, small(send, done, "wv-board-main"), small(words.cancel, () => { root.form = null; refresh(); })];
  };
  const menu = () => {   // where there is no room for a button each
    const list = el("select", "wv-board-field wv-board-menu", new Option(words.move, ""));
    list.setAttribute("aria-label", words.move);
    for (const to of facts.moves) list.append(new Option(`${to.key ? `${to.key}  ` : ""}${to.label}`, to.id));
    list.addEventListener("change", () => { if (list.value) move(list.value); });
    return list;
  };
  const refresh = () => {
    const n = root.chosen.size;
    for (const [id, node] of cardOf) {
      node.classList.toggle("wv-chosen", root.chosen.has(id));
      node.setAttribute("aria-selected", root.chosen.has(id));
    }
    bar.replaceChildren();
    if (root.form) {
      bar.append(...form(root.form.kind, words[`${root.form.kind}_hint`], words[`${root.form.kind}_do`]));
      bar.querySelector("input").focus();
      return;
    }
    if (!n) {
      bar.append(el("span", "wv-board-hint", words.hint));
      if (all.length) bar.append(small(words.all, () => { for (const card of all) root.chosen.add(card.id); refresh(); }));
      return;
    }
    const count = small(`${words.selected.replace("{n}", n)}  ✕`, () => { root.chosen.clear(); refresh(); }, "wv-board-count");
    count.title = words.none;
    bar.append(count);
    if (facts.columns.length > 1 || facts.wide) {
      for (const to of facts.moves) bar.append(small(`${to.key ? `${to.key} ` : ""}${to.label}`, () => move(to.id)));
    } else bar.append(menu());
    bar.append(small(words.new, () => { root.form = { kind: "new" }; refresh(); }));
    if (facts.can_aside) bar.append(small(words.aside, () => { root.form = { kind: "aside" }; refresh(); }));
    if (facts.ticks) bar.append(small(words.tick, () => tick(ids())));
  };

  // ---- cards --------------------------------------------------------------------------------------------
  const choose = (id, range) => {
    if (range && root.at && known.has(root.at)) {
      const order = all.map((card) => card.id);
      const [a, b] = [order.indexOf(root.at), order.indexOf(id)].sort((x, y) => x - y);
      for (const one of order.slice(a, b + 1)) root.chosen.add(one);
    } else if (!root.chosen.delete(id)) root.chosen.add(id);
    root.at = id;
    refresh();
  };
  const go = (from, step) => {
    const order = all.map((card) => card.id);
    const next = order[Math.max(0, Math.min(order.length - 1, order.indexOf(from) + step))];
    root.at = next;
    cardOf.get(next)?.focus();
  };
  const keys = (event, card) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input[type=text]")) return;
    event.stopPropagation();
    if (event.target !== cardOf.get(card.id)) return;   // a control inside the card has its own keys
    const key = event.key.toLowerCase();
    const place = facts.moves.find((to) => to.key === key);
    if (key === "arrowdown" || key === "arrowright") go(card.id, 1);
    else if (key === "arrowup" || key === "arrowleft") go(card.id, -1);
    else if (key === "x" || key === "enter") choose(card.id, event.shiftKey);
    else if (key === " " && facts.ticks) tick(root.chosen.size ? ids() : [card.id]);
    else if (key === " ") choose(card.id, false);
    else if (key === "g" && facts.ticks) act({ do: "golden", unit: card.golden ? null : card.id });
    else if (key === "escape") { root.chosen.clear(); refresh(); }
    else if (key === "n") { if (!root.chosen.size) root.chosen.add(card.id); root.form = { kind: "new" }; refresh(); }
    else if (place) move(place.id, root.chosen.size ? ids() : [card.id]);
    else return;
    event.preventDefault();
  };
  const drawn = (card) => {
    const said = el("p", "wv-card-text", card.text);
    if (card.lang) said.lang = card.lang;
    const foot = el("div", "wv-card-foot", disc(card.group), el("span", "wv-by", card.by),
      card.where ? press(card, "wv-card-where", "span", card.where) : null,
      card.note ? el("span", "wv-card-note", card.note) : null);
    const node = el("li", "wv-card", said, foot);
    if (facts.ticks) {
      const box = el("input", "");
      box.type = "checkbox";
      box.checked = Boolean(card.in);
      box.addEventListener("change", sendTicks);
      node.tick = box;
      const golden = small(words.golden, () => act({ do: "golden", unit: card.golden ? null : card.id }),
        card.golden ? "wv-card-golden wv-on" : "wv-card-golden");
      golden.setAttribute("aria-pressed", Boolean(card.golden));
      foot.append(el("span", "wv-card-acts", card.quotable === false ? null : golden,
        el("label", "wv-card-tick", box, el("span", "", words.tick))));
    }
    node.tabIndex = -1;
    node.setAttribute("role", "option");
    node.draggable = facts.columns.length > 1;
    node.addEventListener("click", (event) => {
      if (event.target.closest("a, button, label, input, select") || !window.getSelection().isCollapsed) return;
      choose(card.id, event.shiftKey);
    });
    node.addEventListener("keydown", (event) => keys(event, card));
    node.addEventListener("focus", () => { root.at = card.id; });
    node.addEventListener("dragstart", (event) => {
      if (!root.chosen.has(card.id)) { root.chosen = new Set([card.id]); refresh(); }
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", card.text);
    });
    cardOf.set(card.id, node);
    return node;
  };
  const columns = el("div", facts.columns.length > 1 ? "wv-board-columns" : "wv-board-one");
  facts.columns.forEach((column, i) => {
    const list = el("ul", "wv-cards", ...column.cards.map(drawn));
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-multiselectable", "true");
    if (column.title) list.setAttribute("aria-label", column.title);
    const stack = el("section", "wv-board-column",
      column.title ? el("header", "wv-board-head", press(column, "wv-board-title", "span", column.title),
        el("span", "wv-board-n", String(column.cards.length)),
        column.note ? el("p", "wv-board-note", column.state ? el("span", `wv-shape wv-${column.state}`, "▲ ") : null, column.note) : null) : null,
      column.cards.length ? list : el("p", "wv-note", column.empty || ""));
    if (column.to !== undefined && facts.columns.length > 1) {
      stack.addEventListener("dragover", (event) => { event.preventDefault(); stack.classList.add("wv-over"); });
      stack.addEventListener("dragleave", (event) => { if (!stack.contains(event.relatedTarget)) stack.classList.remove("wv-over"); });
      stack.addEventListener("drop", (event) => { event.preventDefault(); stack.classList.remove("wv-over"); move(column.to); });
    }
    columns.append(stack);
  });
  const first = cardOf.get(root.at) || cardOf.get(all[0]?.id);
  if (first) first.tabIndex = 0;
  columns.addEventListener("focusin", (event) => {
    const card = event.target.closest?.(".wv-card");
    if (card && event.target === card) for (const node of cardOf.values()) node.tabIndex = node === card ? 0 : -1;
  });
  refresh();
  requestAnimationFrame(() => {
    [...columns.querySelectorAll(".wv-cards")].forEach((list, i) => { list.scrollTop = scrolls[i] || 0; });
    if (focused && !root.form) cardOf.get(root.at)?.focus({ preventScroll: true });
  });
  return el("div", facts.columns.length > 1 ? "wv-board" : `wv-board wv-board-single${facts.wide ? " wv-board-wide" : ""}`, bar, columns, spoken(words.keys));
}
