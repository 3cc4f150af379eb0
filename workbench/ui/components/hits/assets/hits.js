// A box, the lines that hold what was typed, and marking those that are selected. Everything people wrote goes in
// as text. What is selected, and which line one is on, is kept for as long as the page is loaded.

import { uuid } from "../workbench.reader/outbox.js";

const views = new WeakMap();
const places = new Map();   // key of the list -> where one was, coming back from a source, and acts not answered yet
const WAIT = 220;           // ms after the last letter before it is looked for
const NAMES = 5;            // shown before the rest is asked for
const AGAIN = 2500;         // ms before an act without an answer is sent again

const h = (tag, cls, ...children) => {
  const node = document.createElement(tag);
  if (cls) node.className = cls;
  node.append(...children.filter((c) => c !== null && c !== undefined && c !== ""));
  return node;
};
const fill = (sentence, values) => (sentence || "").replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
const safe = (href) => (typeof href === "string" && /^[a-z_]*(\?[^#\s]*)?$/.test(href) ? href : null);
const keyOf = (line) => line.place.join(":");
let numbers = 0;

class View {
  constructor(parent) {
    this.id = `wh${++numbers}`;
    this.selected = new Set();
    this.everything = false;      // also what has not been shown
    this.chosen = [];             // code groups to mark in: {id, name, fresh}
    this.extent = "sentence";
    this.waiting = new Map();     // acts not answered yet
    this.root = h("div", "wh");
    this.live = h("div", "wh-sr");
    this.live.setAttribute("role", "status");
    this.head = h("div", "wh-head");
    this.bar = h("div", "wh-bar");
    this.said = h("div", "wh-said");
    this.list = h("div", "wh-list");
    this.root.append(this.head, this.bar, this.said, this.list, this.live);
    this.list.addEventListener("keydown", (e) => this.listKey(e));
    this.onKey = (e) => this.anywhere(e);
    document.addEventListener("keydown", this.onKey, true);
    parent.append(this.root);
  }

  leave() {
    document.removeEventListener("keydown", this.onKey, true);
    clearTimeout(this.typing);
    clearInterval(this.again);
    this.remember();
    this.root.remove();
  }

  remember() {
    if (this.data) places.set(this.name, { current: this.current, selected: [...this.selected], extent: this.extent, chosen: this.chosen, waiting: this.waiting });
  }

  // ---------- what comes from Python

  update(data, name, send) {
    const fresh = !this.data;
    const same = !fresh && JSON.stringify(this.data.asked) === JSON.stringify(data.asked) && this.data.into === data.into;
    this.data = data;
    this.name = name;
    this.send = send;
    this.t = (id, values = {}) => fill(data.words["n" in values && `${id}.one` in data.words ? `${id}.${values.n === 1 ? "one" : "other"}` : id], values);
    if (fresh) {
      this.ask = { ...data.asked };
      const was = places.get(name);
      if (was) Object.assign(this, { current: was.current, selected: new Set(was.selected), extent: was.extent, chosen: was.chosen, waiting: was.waiting });
      if (data.box) this.makeBox();
    } else if (data.box && !this.typing && JSON.stringify(this.ask) !== JSON.stringify(data.asked) && this.tries++ < 2) {
      this.send.ask(this.ask);   // a server that has been started again knows nothing of what was asked
    }
    if (!same && !fresh) { this.allNames = false; this.selected.clear(); this.everything = false; this.current = null; }
    const here = new Set(data.lines.map(keyOf));
    for (const key of this.selected) if (!here.has(key)) this.selected.delete(key);
    const known = new Map(data.groups.map((g) => [g[0], g]));
    this.chosen = this.chosen.filter((g) => g.fresh || known.has(g.id)).map((g) => (known.has(g.id) ? { id: g.id, name: known.get(g.id)[2] } : g));
    const stands = JSON.stringify([data.asked, data.lines.map((l) => [l.marked, l.groups])]);
    if (this.saidOf && this.saidOf !== stands) this.said.textContent = "";   // undone, or something else is looked for
    this.saidOf = null;
    for (const [id, [done, sentence]] of Object.entries(data.answers)) {
      if (!this.waiting.delete(id)) continue;
      this.said.textContent = this.live.textContent = sentence;
      this.said.classList.toggle("is-refused", !done);
      if (done) { this.selected.clear(); this.everything = false; }
    }
    if (this.said.textContent) this.saidOf = stands;
    if (!this.waiting.size) clearInterval(this.again);
    else if (fresh) this.deliver();
    this.drawList();
    this.drawBar();
    if (fresh && data.box) { this.input.focus(); this.input.select(); }
    if (!data.box && data.into !== this.into) { this.into = data.into; this.said.textContent = ""; }
    if (fresh && this.current) this.row(this.current)?.scrollIntoView({ block: "center" });
  }

  // ---------- the box

  makeBox() {
    const { words } = this.data;
    this.input = h("input", "wh-input");
    Object.assign(this.input, { type: "text", value: this.ask.text, placeholder: words.hint, autocomplete: "off", spellcheck: false, maxLength: 400 });
    this.input.setAttribute("aria-label", words.box);
    this.input.setAttribute("aria-keyshortcuts", "/ Control+K");
    this.input.addEventListener("input", () => {
      clearTimeout(this.typing);
      this.typing = setTimeout(() => this.look(), WAIT);
    });
    this.input.addEventListener("keydown", (e) => {
      e.stopPropagation();
      if (e.isComposing) return;
      if (e.key === "Enter") this.look();
      else if (e.key === "ArrowDown") { e.preventDefault(); this.go(this.current ?? 0, 0); }
      else if (e.key === "Escape" && this.input.value) { this.input.value = ""; this.look(); }
    });
    const choice = (name, choices) => {
      const select = h("select", "wh-select");
      select.setAttribute("aria-label", words[name]);
      for (const [id, label] of choices) select.append(new Option(label, id));
      select.value = this.ask[name] ?? "";
      if (select.selectedIndex < 0) select.selectedIndex = 0;
      select.addEventListener("change", () => { this.ask[name] = select.value; this.look(); });
      select.addEventListener("keydown", (e) => e.stopPropagation());
      return select;
    };
    const glass = h("span", "wh-glass");
    glass.setAttribute("aria-hidden", "true");
    const key = h("kbd", "wh-kbd", "/");
    key.setAttribute("aria-hidden", "true");
    this.head.replaceChildren(h("div", "wh-box", glass, this.input, key), choice("where", this.data.where), choice("who", this.data.who));
  }

  look(more) {
    clearTimeout(this.typing);
    this.typing = 0;
    this.tries = 0;
    this.ask = { ...this.ask, text: this.input.value, shown: more ? this.ask.shown + 50 : 50 };
    this.root.classList.add("is-looking");
    this.send.ask(this.ask);
  }

  anywhere(e) {
    if (!this.data?.box) return;
    const slash = e.key === "/" && !e.ctrlKey && !e.metaKey && !e.altKey && !e.target.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
    if (!slash) return;
    e.preventDefault();
    e.stopPropagation();
    this.input.focus();
    this.input.select();
  }

  // ---------- the lines

  drawList() {
    const { data, t } = this;
    this.root.classList.remove("is-looking");
    const active = this.root.contains(document.activeElement) ? document.activeElement.closest(".wh-line")?.dataset.key : null;
    const nodes = [];
    if (data.names.length) {
      const list = h("ul", "wh-names", ...data.names.map((n, i) => {
        const href = safe(n.href);
        const text = h(href ? "a" : "span", "wh-name-text", n.text);
        if (href) { text.href = href; text.addEventListener("click", (e) => this.open(e, href)); }
        const item = h("li", "", h("span", "wh-name-kind", n.kind), text, n.note ? h("span", "wh-name-note", n.note) : null);
        item.hidden = i >= NAMES && !this.allNames;
        return item;
      }));
      nodes.push(h("h2", "wh-label", t("names")), list);
      if (data.names.length > NAMES && !this.allNames) {
        const more = h("button", "wh-text wh-morenames", t("names_more", { n: data.names.length - NAMES }));
        more.type = "button";
        more.addEventListener("click", () => { this.allNames = true; for (const li of list.children) li.hidden = false; more.remove(); });
        nodes.push(more);
      }
    }
    for (const sentence of data.sentences) nodes.push(h("p", "wh-sentence", sentence));
    for (const [sentence, words] of data.like) {
      nodes.push(h("p", "wh-sentence wh-like", sentence, ...words.flatMap((w) => {
        const button = h("button", "wh-word", w);
        button.type = "button";
        button.addEventListener("click", () => { this.input.value = w; this.look(); this.input.focus(); });
        return [" ", button];
      })));
    }
    if (data.box && !data.asked.text.trim()) nodes.push(this.help());
    this.rows = [];
    let source = null, box = null;
    for (const [n, line] of data.lines.entries()) {
      // Suggestions come in the order of how alike they are: each says its source itself.
      if (!data.box && !box) nodes.push((box = h("section", "wh-source")));
      else if (data.box && line.source !== source) {
        source = line.source;
        const count = data.lines.filter((l) => l.source === source).length;
        box = h("section", "wh-source", h("h2", "wh-title", line.title, h("span", "wh-count", String(count))));
        box.setAttribute("aria-label", line.title);
        nodes.push(box);
      }
      const row = this.line(line, n);
      this.rows.push(row);
      box.append(row);
    }
    if (data.more) {
      const more = h("button", "wh-more", t("more"));
      more.type = "button";
      more.addEventListener("click", () => this.look(true));
      nodes.push(more);
    }
    if (data.lines.length) nodes.push(h("p", "wh-keys", t(data.box ? "keys" : "keys_suggestions")));
    this.list.replaceChildren(...nodes);
    if (this.current !== null && this.current !== undefined) this.current = Math.min(this.current, this.rows.length - 1);
    this.tabStop();
    if (active) (this.rows.find((r) => r.dataset.key === active) ?? this.row(this.current ?? 0))?.querySelector("input").focus({ preventScroll: true });
  }

  help() {
    const { data, t } = this;
    const list = h("dl", "wh-how");
    for (const [example, meaning] of data.examples) list.append(h("dt", "", example), h("dd", "", meaning));
    return h("div", "wh-help", h("p", "wh-start", t("start")), h("h2", "wh-label", t("how")), list, h("p", "wh-note", t("how.more")));
  }

  line(line, n) {
    const { t } = this;
    const key = keyOf(line);
    const tick = h("input", "wh-tick");
    tick.type = "checkbox";
    tick.checked = this.everything || this.selected.has(key);
    const found = line.parts.map(([text, hit]) => (hit ? h("mark", "wh-hit", text) : text));
    const said = `${line.speaker}, ${t("turn", { n: line.turn })}: ${line.before}${line.parts.map((p) => p[0]).join("")}${line.after}`;
    tick.setAttribute("aria-label", line.shares ? `${said}. ${line.shares}` : said);
    tick.addEventListener("change", () => this.tick(n, tick.checked));
    const words = h("span", "wh-words", h("span", "wh-before", h("span", "", line.before)), h("span", "wh-rest", ...found, line.after));
    words.lang = line.lang;
    const link = h("a", "wh-open", t("turn", { n: line.turn }));
    link.href = safe(line.href) ?? "";
    link.tabIndex = -1;
    link.setAttribute("aria-label", t("open_in", { title: line.title, n: line.turn }));
    link.addEventListener("click", (e) => this.open(e, line.href, n));
    const who = h("span", "wh-who", line.disc ? this.disc(line.disc) : h("span", "wh-nodisc"), h("span", "wh-name", line.speaker));
    const all = line.groups.map((id) => this.tag(id)).filter(Boolean);
    const tags = h("span", "wh-tags", ...all.slice(0, 2));
    if (all.length > 2) {
      const more = h("span", "wh-marked", `+${all.length - 2}`);
      more.title = all.slice(2).map((tag) => tag.title).join(", ");
      tags.append(more);
    }
    if (line.marked && !line.groups.length) tags.append(h("span", "wh-marked", t("marked")));
    const label = h("label", "wh-pick", tick, who, words);
    const row = h("div", `wh-line${line.asking ? " wh-asking" : ""}${line.shares ? " wh-passage" : ""}`, label, tags, link);
    if (line.shares) row.append(h("span", "wh-shares", h("span", "wh-from", line.title), line.shares));
    row.dataset.key = key;
    row.addEventListener("focusin", () => { this.current = n; this.tabStop(); });
    row.addEventListener("dblclick", (e) => this.open(e, line.href, n));
    return row;
  }

  disc(group) {
    const node = h("span", `wh-disc wh-tone-${(group.tone ?? 0) % 8}`, group.mono);
    node.title = group.name;
    node.setAttribute("aria-hidden", "true");
    return node;
  }

  tag(id) {
    const group = this.data.groups.find((g) => g[0] === id);
    if (!group) return null;
    const node = h("span", `wh-tag wh-c${group[3]}${group[4] ? " wh-hatched" : ""}`, group[1]);
    node.title = group[2];
    return node;
  }

  row(n) { return this.rows?.[n]; }

  tabStop() {
    for (const [n, row] of this.rows.entries()) row.querySelector("input").tabIndex = n === (this.current ?? 0) ? 0 : -1;
  }

  go(n, by) {
    const to = n + by;
    if (to < 0 && this.input) { this.input.focus(); return; }
    if (to >= this.rows.length && this.data.more) { this.look(true); return; }
    const row = this.row(Math.max(0, Math.min(to, this.rows.length - 1)));
    if (!row) return;
    row.querySelector("input").focus();
    row.scrollIntoView({ block: "nearest" });
  }

  tick(n, on) {
    if (this.everything) {
      this.everything = false;
      for (const line of this.data.lines) this.selected.add(keyOf(line));
    }
    const key = keyOf(this.data.lines[n]);
    this.selected[on ? "add" : "delete"](key);
    for (const [i, row] of this.rows.entries()) row.querySelector("input").checked = this.selected.has(keyOf(this.data.lines[i]));
    this.said.textContent = "";
    this.drawBar();
  }

  listKey(e) {
    const row = e.target.closest?.(".wh-line");
    if (!row || e.ctrlKey || e.metaKey || e.altKey) return;
    const n = this.rows.indexOf(row);
    const key = e.key.length === 1 ? e.key.toLowerCase() : e.key;
    const acts = {
      ArrowDown: () => { this.go(n, 1); if (e.shiftKey) this.tick(Math.min(n + 1, this.rows.length - 1), true); },
      ArrowUp: () => { this.go(n, -1); if (e.shiftKey) this.tick(Math.max(n - 1, 0), true); },
      Home: () => this.go(0, 0),
      End: () => this.go(this.rows.length - 1, 0),
      Enter: () => this.open(e, this.data.lines[n].href, n),
      a: () => this.all(true),
      m: () => (this.groupInput ?? this.bar.querySelector(".wh-primary"))?.focus(),
      Escape: () => (this.count() ? this.all(false) : this.input?.focus()),
    };
    if (!acts[key]) return;
    e.preventDefault();
    e.stopPropagation();
    acts[key]();
  }

  all(on, everything = false) {
    this.selected = new Set(on ? this.data.lines.map(keyOf) : []);
    this.everything = on && everything;
    for (const row of this.rows) row.querySelector("input").checked = on;
    this.said.textContent = "";
    this.drawBar();
  }

  open(e, href, n) {
    if (!safe(href) || e.ctrlKey || e.metaKey || e.shiftKey) return;
    e.preventDefault();
    if (n !== undefined) this.current = n;
    this.remember();
    this.send.open(href);
  }

  // ---------- marking

  count() {
    if (this.extent !== "turn" || !this.data.box) return this.selected.size;
    return new Set(this.data.lines.filter((l) => this.selected.has(keyOf(l))).map((l) => `${l.source}:${l.turn}`)).size;
  }

  drawBar() {
    const { data, t } = this;
    const inside = this.bar.contains(document.activeElement) ? document.activeElement.dataset.name : null;
    const typed = this.groupInput?.value ?? "";
    if (!data.lines.length) { this.bar.replaceChildren(); this.groupInput = null; return; }
    const n = this.count();
    const all = h("input", "wh-tick");
    all.type = "checkbox";
    all.dataset.name = "all";
    all.checked = this.everything || this.selected.size === data.lines.length;
    all.indeterminate = !all.checked && this.selected.size > 0;
    all.addEventListener("change", () => this.all(all.checked));
    all.setAttribute("aria-label", t("select_shown", { n: data.lines.length }));
    const left = h("div", "wh-sum", h("label", "wh-all", all, h("span", "wh-total", data.count)));
    if (data.more && all.checked) {
      const more = h("button", "wh-text", this.everything ? t("select_shown", { n: data.lines.length }) : t("select_all", { n: data.total }));
      more.type = "button";
      more.dataset.name = "everything";
      more.addEventListener("click", () => this.all(true, !this.everything));
      left.append(more);
    }
    const right = h("div", "wh-acts");
    if (data.box) {
      const extents = h("div", "wh-extents");
      extents.setAttribute("role", "radiogroup");
      extents.setAttribute("aria-label", t("extent"));
      for (const name of ["hit", "sentence", "turn"]) {
        const radio = h("input", "");
        Object.assign(radio, { type: "radio", name: this.id, value: name, checked: this.extent === name });
        radio.dataset.name = `extent.${name}`;
        radio.addEventListener("change", () => { this.extent = name; this.drawBar(); });
        extents.append(h("label", "wh-extent", radio, h("span", "", t(`extent.${name}`))));
      }
      right.append(extents, this.groupBox(typed));
    }
    const primary = h("button", "wh-primary");
    primary.type = "button";
    primary.dataset.name = "primary";
    primary.textContent = this.waiting.size ? t("marking") : data.box
      ? (this.everything ? t("mark_all") : n ? t("mark", { n }) : t("mark_none"))
      : n ? t("accept", { n }) : t("accept_none");
    primary.disabled = !n || this.waiting.size > 0;
    primary.addEventListener("click", () => (data.box ? this.mark() : this.act({ do: "accept" })));
    if (!data.box) {
      const aside = h("button", "wh-second", n ? t("aside", { n }) : t("aside_none"));
      aside.type = "button";
      aside.dataset.name = "aside";
      aside.disabled = primary.disabled;
      aside.addEventListener("click", () => this.act({ do: "aside" }));
      right.append(aside);
    }
    right.append(primary);
    this.bar.replaceChildren(left, right);
    if (inside) this.bar.querySelector(`[data-name="${CSS.escape(inside)}"]`)?.focus();
  }

  groupBox(typed) {
    const { data, t } = this;
    const box = h("div", "wh-group");
    for (const group of this.chosen) {
      const chip = h("button", "wh-chip", this.tag(group.id), h("span", "wh-chipname", group.name), h("span", "wh-x", "×"));
      chip.type = "button";
      chip.setAttribute("aria-label", t("take_off", { name: group.name }));
      chip.addEventListener("click", () => { this.chosen = this.chosen.filter((g) => g !== group); this.drawBar(); this.groupInput.focus(); });
      box.append(chip);
    }
    const input = h("input", "wh-groupinput");
    Object.assign(input, { type: "text", value: typed, autocomplete: "off", spellcheck: false, maxLength: 200 });
    input.placeholder = this.chosen.length ? "" : t("into");
    input.dataset.name = "group";
    const list = h("ul", "wh-options");
    list.id = `${this.id}-groups`;
    list.setAttribute("role", "listbox");
    for (const [name, value] of Object.entries({ role: "combobox", "aria-label": t("into"), "aria-controls": list.id, "aria-expanded": "false", "aria-autocomplete": "list" }))
      input.setAttribute(name, value);
    let at = 0, options = [];
    const close = () => { list.replaceChildren(); options = []; input.setAttribute("aria-expanded", "false"); input.removeAttribute("aria-activedescendant"); };
    const show = () => {
      const wanted = input.value.trim().toLocaleLowerCase();
      const free = data.groups.filter((g) => !this.chosen.some((c) => c.id === g[0]));
      const rank = (g) => (g[1].toLocaleLowerCase() === wanted ? 0 : g[2].toLocaleLowerCase().startsWith(wanted) ? 1 : 2);
      options = free.filter((g) => !wanted || rank(g) < 2 || g[2].toLocaleLowerCase().includes(wanted))
        .sort((a, b) => (wanted ? rank(a) - rank(b) : 0)).map((g) => ({ id: g[0], name: g[2] }));
      const same = data.groups.some((g) => g[2].toLocaleLowerCase() === wanted) || this.chosen.some((g) => g.name.toLocaleLowerCase() === wanted);
      if (wanted && !same) options.push({ id: uuid(), name: input.value.trim(), fresh: true });
      at = Math.max(0, Math.min(at, options.length - 1));
      list.replaceChildren(...options.map((o, i) => {
        const item = h("li", "wh-option", o.fresh ? null : this.tag(o.id), o.fresh ? t("make_group", { name: o.name }) : o.name);
        item.id = `${this.id}-g${i}`;
        item.setAttribute("role", "option");
        item.setAttribute("aria-selected", String(i === at));
        item.addEventListener("pointerdown", (e) => { e.preventDefault(); take(i); });
        return item;
      }));
      input.setAttribute("aria-expanded", String(options.length > 0));
      if (options.length) input.setAttribute("aria-activedescendant", `${this.id}-g${at}`);
      list.children[at]?.scrollIntoView({ block: "nearest" });
    };
    const take = (i) => { this.chosen = [...this.chosen, options[i]]; input.value = ""; close(); this.drawBar(); this.groupInput.focus(); };
    input.addEventListener("input", () => { at = 0; show(); });
    input.addEventListener("click", show);
    input.addEventListener("blur", close);
    input.addEventListener("keydown", (e) => {
      e.stopPropagation();
      if (e.isComposing) return;
      if (e.key === "ArrowDown" || e.key === "ArrowUp") {
        e.preventDefault();
        at = options.length ? (at + (e.key === "ArrowDown" ? 1 : -1) + options.length) % options.length : 0;
        show();
      } else if (e.key === "Enter") {
        e.preventDefault();
        if (options.length && (input.value.trim() || input.getAttribute("aria-expanded") === "true")) take(at);
        else if (this.count() && !this.waiting.size) this.mark();
      } else if (e.key === "Backspace" && !input.value && this.chosen.length) {
        this.chosen = this.chosen.slice(0, -1);
        this.drawBar();
        this.groupInput.focus();
      } else if (e.key === "Escape") {
        if (options.length) close();
        else this.go(this.current ?? 0, 0);
      }
    });
    this.groupInput = input;
    box.append(input, list);
    return box;
  }

  mark() {
    this.act({
      do: "mark", extent: this.extent, everything: this.everything, ask: this.ask,
      code_groups: this.chosen.filter((g) => !g.fresh).map((g) => g.id),
      new_code_groups: this.chosen.filter((g) => g.fresh).map(({ id, name }) => ({ id, name })),
    });
  }

  // Sends what is not answered yet, again and again until it is.
  deliver() {
    const send = () => this.send.acts(JSON.stringify([...this.waiting.values()]));
    send();
    clearInterval(this.again);
    this.again = setInterval(send, AGAIN);
  }

  act(what) {
    const act = { id: uuid(), places: this.data.lines.filter((l) => this.selected.has(keyOf(l))).map((l) => l.place), ...what };
    this.waiting.set(act.id, act);
    this.deliver();
    if (this.bar.contains(document.activeElement)) this.go(this.current ?? 0, 0);
    this.drawBar();
  }
}

export default function ({ parentElement, data: [data], setStateValue, setTriggerValue }) {
  let view = views.get(parentElement);
  if (!view) {
    view = new View(parentElement);
    views.set(parentElement, view);
  }
  view.update(data, data.name, {
    ask: (value) => setStateValue("ask", value),
    acts: (value) => setTriggerValue("acts", value),
    open: (href) => setTriggerValue("open", href),
  });
  return () => {
    view.leave();
    views.delete(parentElement);
  };
}
