// Two analysts' marks side by side. Everything people wrote goes in as text. What is selected, whose words are to
// stand, and which line one is on stay here; what is settled is sent once and waits for its answer.

const views = new WeakMap();
const places = new Map();   // name of the list -> the line one was on, coming back from a source
const PATIENCE = 6000;      // ms without an answer before one may press again

const h = (tag, cls, ...children) => {
  const node = document.createElement(tag);
  if (cls) node.className = cls;
  node.append(...children.filter((c) => c !== null && c !== undefined && c !== ""));
  return node;
};
const fill = (sentence, values) => (sentence || "").replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
const safe = (href) => (typeof href === "string" && /^[a-z_]*(\?[^#\s]*)?$/.test(href) ? href : null);
const size = (mark) => (mark ? mark.parts.join("").length : 0);
const same = (line) => line.a && line.b && !line.a.parts[0] && !line.a.parts[2] && !line.b.parts[0] && !line.b.parts[2];

class View {
  constructor(parent) {
    this.selected = new Set();
    this.stand = new Map();       // line -> "first" or "second", where somebody chose whose words stand
    this.unfolded = new Set();
    this.words = "longer";        // of those that are joined together
    this.root = h("div", "wd");
    this.live = h("div", "wd-sr");
    this.live.setAttribute("role", "status");
    this.bar = h("div", "wd-bar");
    this.said = h("div", "wd-said");
    this.list = h("div", "wd-list");
    this.head = h("div", "wd-head");
    this.head.setAttribute("aria-hidden", "true");   // each mark says whose it is
    this.keys = h("p", "wd-keys");
    this.root.append(h("div", "wd-top", this.bar, this.said, this.head), this.list, this.keys, this.live);
    this.root.addEventListener("keydown", (e) => this.key(e));
    parent.append(this.root);
  }

  leave() {
    places.set(this.data.name, this.current);
    clearTimeout(this.patience);
    this.root.remove();
  }

  update(data, send) {
    const fresh = !this.data || this.data.name !== data.name;
    const at = this.data ? this.data.lines.findIndex((l) => l.id === this.current) : -1;
    this.data = data;
    this.send = send;
    this.t = (id, values = {}) => fill(data.words["n" in values && `${id}.one` in data.words ? `${id}.${values.n === 1 ? "one" : "other"}` : id], values);
    if (fresh) { this.selected.clear(); this.said.textContent = ""; this.current = places.get(data.name) ?? null; }
    this.lines = new Map(data.lines.map((l) => [l.id, l]));
    for (const id of this.selected) if (!this.lines.has(id)) this.selected.delete(id);
    if (!this.lines.has(this.current)) {
      const next = data.lines[Math.min(Math.max(at, 0), data.lines.length - 1)];
      this.current = next ? next.id : null;
    }
    const [id, done, sentence] = data.answer ?? [];
    if (this.waiting && id === this.waiting) {
      this.waiting = null;
      clearTimeout(this.patience);
      this.said.textContent = this.live.textContent = sentence;
      this.said.classList.toggle("is-refused", !done);
      if (done) { this.selected.clear(); if (this.noteInput) this.noteInput.value = ""; }
    }
    const held = this.root.contains(document.activeElement) && !this.bar.contains(document.activeElement);
    this.drawBar();
    this.drawList();
    this.keys.textContent = data.lines.length ? this.t("keys") : "";
    if (held) this.row(this.current)?.focus({ preventScroll: true });
    if (fresh && places.has(data.name)) this.row(this.current)?.scrollIntoView({ block: "center" });
  }

  row(id) { return id === null ? null : this.list.querySelector(`[data-id="${CSS.escape(id)}"]`); }

  // ---------- what is done with what is selected

  drawBar() {
    const { data, t } = this;
    const chosen = [...this.selected].map((id) => this.lines.get(id));
    const n = chosen.length, pairs = chosen.filter((l) => l.a && l.b).length;
    const all = h("input", "wd-tick");
    all.type = "checkbox";
    all.checked = n > 0 && n === data.lines.length;
    all.indeterminate = n > 0 && n < data.lines.length;
    all.addEventListener("change", () => { this.selected = new Set(all.checked ? data.lines.map((l) => l.id) : []); this.redraw(); });
    const label = h("label", "wd-all", all, n ? t("selected", { n }) : t("select_all", { n: data.lines.length }));
    const acts = h("div", "wd-acts");
    if (n) {
      const mixed = pairs && pairs < n;
      if (pairs === n) {
        const select = h("select", "wd-select");
        select.setAttribute("aria-label", t("words"));
        for (const [value, text] of [["longer", t("words.longer")], ["first", t("words.of", { name: data.people[0][1] })], ["second", t("words.of", { name: data.people[1][1] })]]) select.append(new Option(text, value));
        select.value = this.words;
        select.addEventListener("change", () => { this.words = select.value; });
        acts.append(select);
        if (chosen.every((l) => l.kind === "alike")) acts.append(this.button(t("join"), "wd-primary", () => this.settle(chosen, "joined", "both", this.words)));
        else {
          acts.append(h("span", "wd-soft", t("join.what")));
          for (const [groups, text] of [["first", t("join.first", { name: data.people[0][1] })], ["second", t("join.second", { name: data.people[1][1] })], ["both", t("join.both")]])
            acts.append(this.button(text, "wd-second", () => this.settle(chosen, "joined", groups, this.words)));
        }
      } else if (!pairs) {
        acts.append(this.button(t("keep"), "wd-second", () => this.settle(chosen, "kept")), this.button(t("take_out"), "wd-second", () => this.settle(chosen, "taken_out")));
      }
      acts.append(this.button(t("apart"), "wd-second", () => this.settle(chosen, "apart")));
      if (mixed) acts.append(h("span", "wd-soft", t("mixed")));
    }
    if (!this.noteInput) {
      this.noteInput = h("input", "wd-note");
      this.noteInput.type = "text";
      this.noteInput.maxLength = 500;
      this.noteInput.addEventListener("keydown", (e) => { e.stopPropagation(); if (e.key === "Escape") this.focusRow(this.current); });
    }
    this.noteInput.placeholder = t("note");
    this.noteInput.setAttribute("aria-label", t("note"));
    const note = this.noteInput, focused = document.activeElement === note;
    this.bar.replaceChildren(...(data.lines.length ? [label, acts, note] : []));
    if (focused) note.focus();
  }

  button(text, cls, press) {
    const button = h("button", cls, text);
    button.type = "button";
    button.disabled = Boolean(this.waiting);
    button.addEventListener("click", (e) => { e.stopPropagation(); press(); });
    return button;
  }

  redraw() { this.drawBar(); for (const row of this.list.querySelectorAll(".wd-line")) this.paint(row); }

  settle(lines, outcome, groups = "both", words = "longer") {
    if (this.waiting || !lines.length) return;
    if (outcome === "joined" && !lines.every((l) => l.a && l.b)) return;
    if ((outcome === "kept" || outcome === "taken_out") && lines.some((l) => l.a && l.b)) return;
    this.waiting = `${Date.now()}.${Math.random()}`;
    this.patience = setTimeout(() => { this.waiting = null; this.redraw(); }, PATIENCE);
    this.said.textContent = "";
    const held = this.bar.contains(document.activeElement) && document.activeElement !== this.noteInput;
    this.send.settle({
      id: this.waiting, picks: lines.map((l) => [l.a ? l.a.unit : null, l.b ? l.b.unit : null]), outcome, groups, words,
      note: this.noteInput.value.trim(), rev: this.data.rev,
    });
    this.redraw();
    if (held) this.focusRow(this.current);
  }

  // ---------- the lines

  drawList() {
    const { data, t } = this;
    const nodes = [];
    let source = null;
    this.head.replaceChildren(...(data.lines.length ? data.people.map(([name]) => h("span", "wd-name", name)) : []));
    for (const line of data.lines) {
      if (line.source !== source) {
        source = line.source;
        const count = data.lines.filter((l) => l.source === source).length;
        nodes.push(h("h2", "wd-source", line.title, h("span", "wd-count", String(count))));
      }
      nodes.push(this.line(line));
    }
    this.list.replaceChildren(...nodes);
    for (const row of this.list.querySelectorAll(".wd-line")) this.paint(row);
    // Only now is it known which words are cut.
    for (const quote of this.list.querySelectorAll(".wd-quote")) {
      if (this.unfolded.has(quote.dataset.quote) || quote.scrollHeight > quote.clientHeight + 2) this.fold(quote);
    }
  }

  fold(quote) {
    const id = quote.dataset.quote;
    const more = h("button", "wd-text", this.t(this.unfolded.has(id) ? "less" : "more"));
    more.type = "button";
    more.addEventListener("click", (e) => {
      e.stopPropagation();
      const open = !this.unfolded.has(id);
      this.unfolded[open ? "add" : "delete"](id);
      quote.classList.toggle("is-open", open);
      more.textContent = this.t(open ? "less" : "more");
    });
    quote.after(more);
  }

  line(line) {
    const { t } = this;
    const tick = h("input", "wd-tick");
    tick.type = "checkbox";
    tick.tabIndex = -1;
    tick.setAttribute("aria-label", t("select"));
    tick.addEventListener("change", () => this.toggle(line.id));
    const href = safe(line.href);
    const open = h("a", "wd-open", t("open_in"));
    if (href) {
      open.href = href;
      open.tabIndex = -1;
      open.addEventListener("click", (e) => {
        if (e.ctrlKey || e.metaKey || e.shiftKey) return;
        e.preventDefault();
        this.current = line.id;
        places.set(this.data.name, line.id);
        this.send.open(href);
      });
    }
    const where = h("div", "wd-where", h("span", "wd-turn", t("turn", { n: line.turn })), h("span", "wd-who", line.who), open);
    const acts = h("div", line.a ? "wd-lineacts" : "wd-lineacts is-second");
    const row = h("div", "wd-line", h("label", "wd-pick", tick), where, this.side(line, "a", 0), this.side(line, "b", 1), acts);
    row.dataset.id = line.id;
    row.dataset.kind = line.kind;
    row.setAttribute("role", "group");
    row.setAttribute("aria-label", `${t("turn", { n: line.turn })} ${line.who}`);
    row.addEventListener("focusin", () => this.be(line.id));
    row.addEventListener("mousedown", (e) => { if (!e.target.closest("a, button, input, label")) this.focusRow(line.id); });
    return row;
  }

  side(line, which, n) {
    const { t } = this;
    const mark = line[which];
    const name = this.data.people[n][0];
    const cell = h("div", "wd-side");
    cell.dataset.name = name;
    cell.setAttribute("role", "group");
    cell.setAttribute("aria-label", name);
    if (!mark) {
      cell.append(h("p", "wd-none", t("not_marked", { name })));
      if (line.beside) cell.append(h("p", "wd-none", t("beside", { name })));
      return cell;
    }
    const [before, shared, after] = mark.parts;
    const lone = line.a && line.b;
    const quote = h("p", "wd-quote", before ? h("span", lone ? "wd-more" : "", before) : null, shared, after ? h("span", lone ? "wd-more" : "", after) : null);
    quote.dataset.quote = mark.unit;
    quote.lang = line.lang;
    if (this.unfolded.has(mark.unit)) quote.classList.add("is-open");
    const tags = mark.groups.map((id) => {
      const [tag, label, colour, hatched] = this.data.groups[id] ?? ["?", "", 0, false];
      const other = line[which === "a" ? "b" : "a"];
      const only = other && !other.groups.includes(id);
      return h("span", `wd-group wd-c${colour}${hatched ? " wd-hatched" : ""}${only ? " is-only" : ""}`, h("b", "", tag), label);
    });
    const foot = h("div", "wd-groups", ...(tags.length ? tags : [h("span", "wd-none", t("no_group"))]));
    if (mark.comments) foot.append(h("span", "wd-soft", t("comments", { n: mark.comments })));
    cell.append(quote, foot);
    if (line.a && line.b && !same(line)) {
      const button = h("button", "wd-these", t("words.these"));
      button.type = "button";
      button.tabIndex = -1;
      button.dataset.whose = n ? "second" : "first";
      button.addEventListener("click", (e) => { e.stopPropagation(); this.stand.set(line.id, button.dataset.whose); this.paint(this.row(line.id)); });
      foot.append(button);
    }
    return cell;
  }

  whose(line) { return this.stand.get(line.id) ?? (size(line.b) > size(line.a) ? "second" : "first"); }

  // What of a line changes: whether it is selected, whose words stand, and what can be done where one is.
  paint(row) {
    const { t } = this;
    const line = this.lines.get(row.dataset.id);
    const here = line.id === this.current;
    row.tabIndex = here ? 0 : -1;
    row.classList.toggle("is-here", here);
    row.classList.toggle("is-selected", this.selected.has(line.id));
    row.querySelector(".wd-tick").checked = this.selected.has(line.id);
    for (const button of row.querySelectorAll(".wd-these")) button.setAttribute("aria-pressed", String(button.dataset.whose === this.whose(line)));
    const acts = row.querySelector(".wd-lineacts");
    if (!here || this.selected.size) { acts.replaceChildren(); return; }
    const one = (outcome, groups) => () => this.settle([line], outcome, groups, this.whose(line));
    const nodes = [];
    if (line.kind === "one") nodes.push(this.button(t("keep"), "wd-second", one("kept")), this.button(t("take_out"), "wd-second", one("taken_out")));
    else if (line.kind === "alike") nodes.push(this.button(t("join"), "wd-second", one("joined", "both")));
    else {
      nodes.push(h("span", "wd-soft", t("join.what")));
      const name = (side) => side.groups.map((id) => this.data.groups[id]?.[0] ?? "?").join(" ") || t("no_group");
      nodes.push(this.button(name(line.a), "wd-second", one("joined", "first")), this.button(name(line.b), "wd-second", one("joined", "second")));
      if (line.a.groups.length && line.b.groups.length) nodes.push(this.button(t("join.both"), "wd-second", one("joined", "both")));
    }
    nodes.push(this.button(t("apart"), "wd-second", one("apart")));
    acts.replaceChildren(...nodes);
  }

  be(id) {
    if (this.current === id) return;
    const was = this.row(this.current);
    this.current = id;
    if (was) this.paint(was);
    this.paint(this.row(id));
  }

  focusRow(id) {
    if (id === null) return;
    this.be(id);
    const row = this.row(id);
    row?.focus({ preventScroll: true });
    row?.scrollIntoView({ block: "nearest" });
  }

  toggle(id) {
    this.selected[this.selected.has(id) ? "delete" : "add"](id);
    this.redraw();
  }

  // ---------- keys

  key(e) {
    if (e.ctrlKey || e.metaKey || e.altKey || e.target.closest("input[type=text], select")) return;
    const lines = this.data.lines, at = lines.findIndex((l) => l.id === this.current);
    const line = lines[at];
    if (!line) return;
    const go = (n) => this.focusRow(lines[Math.min(Math.max(n, 0), lines.length - 1)].id);
    const these = this.selected.size ? [...this.selected].map((id) => this.lines.get(id)) : [line];
    const words = this.selected.size ? this.words : this.whose(line);
    const act = {
      j: () => go(at + 1), ArrowDown: () => go(at + 1), k: () => go(at - 1), ArrowUp: () => go(at - 1), Home: () => go(0), End: () => go(lines.length - 1),
      x: () => this.toggle(line.id), " ": () => this.toggle(line.id), Escape: () => { this.selected.clear(); this.redraw(); },
      a: () => { this.selected = new Set(lines.map((l) => l.id)); this.redraw(); },
      1: () => this.settle(these, "joined", "first", words), 2: () => this.settle(these, "joined", "second", words), 3: () => this.settle(these, "joined", "both", words),
      e: () => this.settle(these, "kept"), t: () => this.settle(these, "taken_out"), l: () => this.settle(these, "apart"),
      w: () => { if (line.a && line.b && !same(line)) { this.stand.set(line.id, this.whose(line) === "first" ? "second" : "first"); this.paint(this.row(line.id)); } },
      n: () => this.noteInput.focus(), o: () => this.row(line.id).querySelector(".wd-open").click(),
    }[e.key];
    if (!act) return;
    const button = e.target.closest("button, a, input");
    if (button && (e.key === " " || e.key === "Enter")) return;
    e.preventDefault();
    e.stopPropagation();
    act();
  }
}

export default function ({ parentElement, data: [data], setTriggerValue }) {
  let view = views.get(parentElement);
  if (!view) {
    view = new View(parentElement);
    views.set(parentElement, view);
  }
  view.update(data, { settle: (value) => setTriggerValue("settle", value), open: (href) => setTriggerValue("open", href) });
  return () => {
    view.leave();
    views.delete(parentElement);
  };
}
