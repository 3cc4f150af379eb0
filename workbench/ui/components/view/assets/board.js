// kind `board`: unit cards of one subgroup, or several subgroups as columns. Selecting is done here and costs
// no round trip; an act (move, new, aside, ticks, golden) waits in an outbox until Python has answered it.

const RESEND = [1500, 3000, 5000];
const GAP = 120;   // ms between an answer and the next message: runs that overtake each other lose things
const boxes = new Map();
let messages = 0;

function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  // Not a secure context (plain http in a ward's network): as good, from random bytes.
  return [...crypto.getRandomValues(new Uint8Array(16))].map((x) => x.toString(16).padStart(2, "0")).join("");
}

/** Acts the server has not answered, oldest first; every message carries all of them, in a list, as JSON in the
 *  pick's id. One outbox per project and member, for as long as the page is loaded: what one board could not
 *  send, the next one does. */
class Outbox {
  waiting = [];
  refused = [];   // sentences, until somebody has put them away
  root = null;    // the board on screen
  sent = 0;       // messages since the last answer
  #timer = null;
  #answered = 0;

  constructor() {
    // A press elsewhere may lead away from the board: what waits goes before it.
    document.addEventListener("pointerdown", (event) => {
      if (this.waiting.length && !this.root.node.contains(event.target)) this.#send();
    }, true);
    window.addEventListener("beforeunload", (event) => { if (this.waiting.length) event.preventDefault(); });
  }

  attach(root, answers) {
    const fresh = this.root !== root;
    this.root = root;
    const done = this.waiting.filter((act) => act.id in answers);
    this.waiting = this.waiting.filter((act) => !(act.id in answers));
    for (const act of done) if (answers[act.id] !== null) this.refused.push(answers[act.id]);
    if (done.length) {
      this.sent = 0;
      this.#answered = performance.now();
      clearTimeout(this.#timer);
      this.#tell(done.some((act) => answers[act.id] === null));
    }
    if (this.waiting.length && (fresh || done.length)) this.#in(GAP);
  }

  add(act) {
    this.waiting.push({ id: uuid(), ...act });
    this.#tell();
    if (!this.sent) this.#in(Math.max(0, this.#answered + GAP - performance.now()));
  }

  #send() {
    if (!this.root.node.isConnected) return;
    this.sent += 1;
    this.root.send("pick", { href: null, id: JSON.stringify(this.waiting), n: ++messages });
  }

  #in(ms) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (!this.waiting.length) return;
      this.#send();
      this.#tell();
      this.#in(RESEND[Math.min(Math.max(this.sent, 1), RESEND.length) - 1]);
    }, ms);
  }

  #tell(saved = false) {
    const detail = { pending: this.waiting.length, offline: this.waiting.length > 0 && this.sent > 3, at: saved ? Date.now() : null };
    window.dispatchEvent(new CustomEvent("workbench:saved", { detail }));
  }
}

export function board(facts, { el, disc, spoken, press }, root) {
  const words = facts.words;
  const all = facts.columns.flatMap((column) => column.cards);
  const known = new Set(all.map((card) => card.id));
  root.chosen = new Set([...(root.chosen || [])].filter((id) => known.has(id)));
  const focused = root.node.contains(document.activeElement);
  const scrolls = [...root.node.querySelectorAll(".wv-cards")].map((list) => list.scrollTop);
  if (!boxes.has(facts.box)) boxes.set(facts.box, new Outbox());
  const box = boxes.get(facts.box);
  box.attach(root, facts.answers);
  const act = (what) => { box.add({ ...facts.about, ...what }); expect(); };
  const ids = () => all.map((card) => card.id).filter((id) => root.chosen.has(id));
  const cardOf = new Map();

  // ---- what is done with those selected -----------------------------------------------------------------
  // What the server has not answered yet is drawn as it will be.
  const waiting = (...kinds) => box.waiting.filter((one) => kinds.includes(one.do) && one.group === facts.about.group);
  const here = (kind) => waiting(kind).filter((one) =>
    one.subgroup === facts.about.subgroup && one.condensate === facts.about.condensate);
  const leaving = () => new Set(waiting("move", "new", "aside").flatMap((one) => one.units));
  const golden = () => {
    const last = here("golden").at(-1);
    return last ? last.unit : all.find((card) => card.golden)?.id ?? null;
  };
  const expect = () => {
    const gone = leaving(), on = new Map(), quote = golden();
    for (const one of here("ticks")) {
      for (const id of one.on) on.set(id, true);
      for (const id of one.off) on.set(id, false);
    }
    for (const card of all) {
      const node = cardOf.get(card.id);
      node.classList.toggle("wv-leaving", gone.has(card.id));
      if (node.tick) node.tick.checked = on.get(card.id) ?? Boolean(card.in);
      node.golden?.classList.toggle("wv-on", card.id === quote);
      node.golden?.setAttribute("aria-pressed", card.id === quote);
    }
  };
  const leave = (moved) => {
    // The next card that stays takes the focus, so that sorting goes on down the list.
    const order = all.map((card) => card.id);
    const last = Math.max(...moved.map((id) => order.indexOf(id)));
    const gone = leaving();
    const stays = (id) => !gone.has(id);
    const next = order.slice(last + 1).find(stays) || order.slice(0, last + 1).reverse().find(stays);
    const inside = root.node.contains(document.activeElement);
    root.chosen.clear();
    root.form = null;
    refresh();
    if (next) root.at = next;
    if (inside) cardOf.get(next)?.focus();
  };
  const move = (to, moved = ids()) => { if (moved.length) { act({ do: "move", to, units: moved }); leave(moved); } };
  // Only what was changed is said: a tick that somebody else made meanwhile stays.
  const sendTicks = (which) => act({ do: "ticks", on: which.filter((id) => cardOf.get(id).tick.checked),
    off: which.filter((id) => !cardOf.get(id).tick.checked) });
  const tick = (which) => {
    const on = which.some((id) => !cardOf.get(id).tick.checked);
    for (const id of which) cardOf.get(id).tick.checked = on;
    if (which.length) sendTicks(which);
  };
  const quote = (card) => act({ do: "golden", unit: golden() === card.id ? null : card.id });

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
    for (const sentence of new Set(box.refused)) {
      const said = el("span", "wv-board-hint", el("span", "wv-shape wv-doubt", "▲ "), sentence);
      said.setAttribute("role", "alert");
      const away = small("✕", () => { box.refused = []; refresh(); });
      away.setAttribute("aria-label", words.away);
      bar.append(said, away);
    }
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
    else if (key === "g" && facts.ticks) { if (card.quotable !== false) quote(card); }
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
      node.tick = el("input", "");
      node.tick.type = "checkbox";
      node.tick.addEventListener("change", () => sendTicks([card.id]));
      node.golden = card.quotable === false ? null : small(words.golden, () => quote(card), "wv-card-golden");
      foot.append(el("span", "wv-card-acts", node.golden,
        el("label", "wv-card-tick", node.tick, el("span", "", words.tick))));
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
  expect();
  refresh();
  // As soon as it stands in the page, before the next key: a key that meets no focus would be lost.
  queueMicrotask(() => {
    [...columns.querySelectorAll(".wv-cards")].forEach((list, i) => { list.scrollTop = scrolls[i] || 0; });
    if (focused) (root.form ? bar.querySelector("input") : cardOf.get(root.at))?.focus({ preventScroll: true });
  });
  return el("div", facts.columns.length > 1 ? "wv-board" : `wv-board wv-board-single${facts.wide ? " wv-board-wide" : ""}`, bar, columns, spoken(words.keys));
}
