// Draws read-only facts from JSON. textContent only; a press sends one trigger, "pick" {href, id, n}.
// The shapes are documented in ../__init__.py. One root per mount; redrawn when the facts change.

import { heat, picture, portrait } from "./counts.js";
import { groups, steps, swatches } from "./groups.js";
import { reading } from "./reading.js";

const SHAPES = { doubt: "▲", open: "●", good: "✓", none: "○" };
const SIGNS = { added: "+", removed: "−", changed: "~", same: "=" };
const roots = new WeakMap();
let presses = 0;

// ---- small helpers -------------------------------------------------------------------------------------

const el = (tag, cls, ...children) => {
  const node = document.createElement(tag);
  if (cls) node.className = cls;
  node.append(...children.filter((c) => c !== null && c !== undefined && c !== ""));
  return node;
};
const svg = (tag, attributes) => {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
};
const spoken = (text) => el("span", "wv-sr", text);
const fill = (sentence, values) => (sentence || "").replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

/** Only addresses of this app: a page name and a query. */
const safe = (href) => (typeof href === "string" && /^[a-z_]*(\?[^#\s]*)?$/.test(href) ? href : null);

/** A link, a button or a plain element, by what the target offers. */
function press(target, cls, plain, ...children) {
  const href = safe(target?.href);
  if (href) {
    const node = el("a", `wv-press ${cls}`, ...children);
    node.href = href;
    node.dataset.href = href;
    if (target.id) node.dataset.id = target.id;
    return node;
  }
  if (target?.id) {
    const node = el("button", `wv-press ${cls}`, ...children);
    node.type = "button";
    node.dataset.id = target.id;
    return node;
  }
  return el(plain, cls, ...children);
}
const presses_something = (target) => Boolean(safe(target?.href) || target?.id);

/** The shape of a state; its word is drawn beside it or, when the sentence carries it, only spoken. */
function shape(facts, ui, withWord = false) {
  if (!facts.state) return null;
  const mark = el("span", `wv-shape wv-${facts.state}`, SHAPES[facts.state]);
  mark.setAttribute("aria-hidden", "true");
  const word = facts.word || ui.labels[facts.state];
  return el("span", `wv-state wv-${facts.state}`, mark, withWord ? el("span", "wv-word", word) : spoken(word));
}

function disc(group) {
  if (!group?.mono) return null;
  const node = el("span", `wv-disc wv-tone-${(group.tone ?? 0) % 8}`, group.mono);
  node.title = group.name;
  node.setAttribute("aria-hidden", "true");
  return node;
}

/** Long words fold after twelve lines. */
function words(text, cls, lang, ui) {
  const body = el("p", cls, text);
  if (lang) body.lang = lang;
  if (text.length < 900) return [body];
  body.classList.add("wv-folded");
  const more = el("button", "wv-press wv-more", ui.labels.show_all);
  more.type = "button";
  more.dataset.local = "1";
  more.addEventListener("click", () => {
    const folded = body.classList.toggle("wv-folded");
    more.textContent = folded ? ui.labels.show_all : ui.labels.show_less;
  });
  return [body, more];
}

const note = (text) => (text ? el("p", "wv-note", text) : null);

// ---- kinds ---------------------------------------------------------------------------------------------

function thread(facts, ui) {
  const list = el("ol", "wv-thread");
  for (const part of facts.parts) {
    list.append(el("li", "", press(part, "wv-part", "div",
      el("span", "wv-part-label", part.label),
      el("span", "wv-part-value", part.value),
      part.state || part.word
        ? el("span", "wv-part-state", shape(part, ui, true) || el("span", "", part.word))
        : null)));
  }
  return list;
}

function rows(facts, ui) {
  if (!facts.rows.length) return note(facts.empty);
  // Where no row has a shape, the words begin where the heading above them does.
  const list = el("ul", facts.rows.some((r) => r.state) ? "wv-rows" : "wv-rows wv-bare");
  for (const row of facts.rows) {
    const first = el("span", "wv-row-text",
      row.key ? el("span", "wv-key", row.key) : null,
      row.key ? " " : null,
      row.link || !presses_something(row)
        ? el("span", row.serif ? "wv-serif" : "", row.text)
        : press(row, `wv-row-press ${row.serif ? "wv-serif" : ""}`, "span", row.text));
    let side = row.link ? press(row, "wv-link", "span", row.link) : null;
    if (side && presses_something(row)) side.append(spoken(`: ${row.text}`));
    if (facts.rows.some((r) => r.also)) {
      const also = row.also?.text ? press(row.also, "wv-link wv-also", "span", row.also.text, spoken(`: ${row.text}`)) : el("span");
      side = el("span", "wv-acts", side || el("span"), also);
    }
    list.append(el("li", row.current ? "wv-row wv-current" : "wv-row",
      el("span", "wv-row-shape", shape(row, ui)),
      el("span", "wv-row-body", first,
        row.note ? el("span", "wv-row-note", row.note) : null,
        row.condensate ? condensed({ text: row.condensate }, ui) : null,
        row.groups?.length ? el("span", "wv-discs", ...row.groups.flatMap((g) => [disc(g), spoken(g.name + " ")])) : null),
      side));
  }
  return list;
}

function bar(done, half, total) {
  const track = el("span", "wv-track");
  track.setAttribute("aria-hidden", "true");
  if (!total) return track;
  const part = (n, cls) => {
    const piece = el("span", cls);
    piece.style.width = `${(100 * Math.min(n, total)) / total}%`;
    return piece;
  };
  track.append(part(done, "wv-bar"));
  if (half) track.append(part(half, "wv-bar wv-half"));
  return track;
}

function ladder(facts) {
  const list = el("ul", "wv-ladder");
  for (const rung of facts.rows) {
    list.append(el("li", "wv-rung", press(rung, "wv-rung-label", "span", rung.label),
      bar(rung.done, rung.half, rung.total), el("span", "wv-rung-text", rung.text)));
  }
  return el("div", "", list, note(facts.note));
}

function by(item, ui, extra) {
  const said = [disc(item.group), item.by || item.group?.name
    ? el("span", "wv-by", item.by || item.group.name) : null,
  item.golden ? el("span", "wv-by wv-golden", ui.labels.golden) : null,
  item.against ? el("span", "wv-by", ui.labels.against) : null,
  item.where ? el("span", "wv-by", item.where) : null, extra].filter(Boolean);
  return said.length ? el("footer", "wv-source", ...said) : null;
}

const opener = (item) => (item.link && presses_something(item) ? press(item, "wv-link", "span", item.link) : null);

/** Participants' words: serif, a rule at the left, whose they are beneath. */
function saying(item, ui) {
  const block = el("blockquote", item.colour ? `wv-quote wv-colour-${((item.colour - 1) % 12) + 1}` : "wv-quote");
  if (item.against) block.classList.add("wv-against");
  const context = (turns, cls) => (turns || []).map((turn) =>
    el("p", `wv-turn ${cls}`, el("span", "wv-speaker", turn.speaker), " ", turn.text));
  const lang = (nodes) => nodes.map((n) => { if (item.lang) n.lang = item.lang; return n; });
  block.append(...lang(context(item.before, "wv-before")));
  if (presses_something(item) && !item.link) {
    const said = press(item, "wv-said wv-said-press", "p", item.text);
    if (item.lang) said.lang = item.lang;
    block.append(said);
  } else {
    block.append(...words(item.text, "wv-said", item.lang, ui));
  }
  block.append(...lang(context(item.after, "wv-after")));
  const foot = by(item, ui, opener(item));
  if (foot) block.append(foot);
  if (item.note) block.append(note(item.note));
  return block;
}

const quote = (facts, ui) =>
  facts.quotes.length ? el("div", "wv-stack", ...facts.quotes.map((q) => saying(q, ui))) : note(facts.empty);

/** An artificial quotation: serif, a dashed rule and its label. */
function condensed(item, ui) {
  const block = el("div", "wv-condensate",
    el("p", "wv-overline", ui.labels.condensate, item.state ? " · " : null, shape(item, ui, true)),
    ...(item.words ? [wording(item.words)] : words(item.text, "wv-said", item.lang, ui)));
  const foot = by(item, ui, opener(item));
  if (foot) block.append(foot);
  if (item.note) block.append(note(item.note));
  return block;
}

/** A text that stands beside another wording of itself: what only one of them has is marked. */
const wording = (pieces) => el("p", "wv-said wv-wording",
  ...pieces.map((w) => (w.op === "same" ? w.text : el(w.op === "ins" ? "ins" : "del", "", w.text))));

const condensate = (facts, ui) => facts.condensates.length
  ? el("div", "wv-stack", ...facts.condensates.map((c) => condensed(c, ui))) : note(facts.empty);

/** A sentence that is pressed where it stands: it flows over lines, which no button does. */
function sentence(piece) {
  const node = el("span", `wv-press wv-sentence${piece.current ? " wv-mark-current" : ""}`, piece.text);
  node.dataset.id = piece.id;
  node.tabIndex = 0;
  node.setAttribute("role", "button");
  node.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    node.click();
  });
  return node;
}

function brief(facts, ui) {
  const sheet = el("div", "wv-brief");
  for (const paragraph of facts.text) {
    const line = el("p", "wv-analytic");
    for (const piece of typeof paragraph === "string" ? [{ text: paragraph }] : paragraph) {
      if (piece.text && !presses_something(piece)) line.append(piece.text);
      else if (piece.text && piece.sentence) line.append(sentence(piece));
      else if (piece.text) line.append(press(piece, "wv-inline", "span", piece.text));
      else {
        const mark = press(piece, piece.mark ? "wv-unitmark wv-marknumber" : "wv-unitmark", "span", piece.mark || "⌁");
        mark.title = piece.label || ui.labels.unit;
        mark.setAttribute("aria-label", piece.label || ui.labels.unit);
        line.append(mark);
      }
    }
    sheet.append(line);
  }
  sheet.append(...(facts.quotes || []).map((q) => saying(q, ui)));
  if (facts.dissent_heading) {
    sheet.append(el("section", "wv-box", el("p", "wv-label", facts.dissent_heading),
      ...(facts.dissent || []).map((q) => saying(q, ui)), note(facts.dissent_note)));
  }
  return sheet;
}

function spread(facts, ui) {
  const list = el("ul", "wv-spread");
  for (const heard of facts.groups) {
    list.append(el("li", "wv-heard",
      press(heard, "wv-heard-text", "span", disc(heard.group), el("span", "", `${heard.group.name} ${heard.text}`)),
      heard.heard === undefined || heard.heard === null || !heard.of ? null : bar(heard.heard, 0, heard.of)));
  }
  return el("div", "", list, note(facts.note));
}

function evidence(facts, ui) {
  const table = el("table", `wv-evidence${facts.fold === "current" ? " wv-fold-current" : ""}`);
  table.setAttribute("role", "table");
  const cellOf = (tag, cls, role, ...children) => {
    const cell = el(tag, cls, ...children);
    cell.setAttribute("role", role);
    return cell;
  };
  const rowOf = (cls, ...cells) => { const row = el("tr", cls, ...cells); row.setAttribute("role", "row"); return row; };
  table.append(el("thead", "", rowOf("", cellOf("th", "", "columnheader", facts.corner || ""),
    ...facts.groups.map((g) => cellOf("th", "", "columnheader", el("span", "wv-group", disc(g), el("span", "", g.name)))))));
  const body = el("tbody", "");
  for (const row of facts.rows) {
    const line = rowOf(row.current ? "wv-current" : "",
      cellOf("th", "wv-theme", "rowheader", press(row, "wv-theme-press", "span", row.heading)));
    row.cells.forEach((cell, i) => {
      const group = facts.groups[i];
      const counted = cell.n !== undefined && cell.n !== null;
      const silent = counted && cell.n === 0;
      const figure = counted ? `${cell.n}/${cell.of}` : cell.text || "";
      const inner = press(cell, "wv-cell", "span",
        el("span", "wv-cell-group", group.name),
        el("span", "wv-cell-n", figure),
        el("span", "wv-cell-phrase", cell.phrase || (silent ? ui.labels.not_heard : "")));
      const name = counted
        ? `${group.name}: ${fill(ui.labels.people, { n: cell.n, of: cell.of })}` : `${group.name}: ${cell.text || ""}`;
      if (presses_something(cell)) inner.setAttribute("aria-label", [name, cell.phrase].filter(Boolean).join(", "));
      const td = cellOf("td", silent ? "wv-silent" : "", "cell", inner);
      if (counted && cell.of && !silent) td.style.setProperty("--share", (cell.n / cell.of).toFixed(3));
      line.append(td);
    });
    body.append(line);
  }
  table.append(body);
  return el("div", "", table, note(facts.note));
}

/** Columns of nodes with ribbons between them; ribbons are measured after layout and on every resize. */
function strip(facts, ui, root) {
  const nodes = new Map();
  const out = new Map();
  const into = new Map();
  for (const link of facts.links) {
    (out.get(link.src) || out.set(link.src, []).get(link.src)).push(link);
    (into.get(link.dst) || into.set(link.dst, []).get(link.dst)).push(link);
  }
  const weight = (link) => Math.max(1, link.weight ?? 1);
  const load = (id) => Math.max(...[out, into].map((m) => (m.get(id) || []).reduce((sum, l) => sum + weight(l), 0)), 1);
  const heaviest = Math.max(...facts.columns.map((c) => c.nodes.reduce((sum, n) => sum + load(n.id), 0)), 1);
  const scale = Math.max(0.8, Math.min(4, 260 / heaviest));

  const canvas = svg("svg", { class: "wv-ribbons", "aria-hidden": "true" });
  const grid = el("div", "wv-strip");
  grid.style.setProperty("--columns", facts.columns.length);
  grid.append(canvas);
  const label = new Map(facts.columns.flatMap((c) => c.nodes.map((n) => [n.id, n.key || n.label])));
  for (const column of facts.columns) {
    const stack = el("div", "wv-column", el("p", "wv-label", column.title));
    const holder = el("div", "wv-nodes");
    for (const node of column.nodes) {
      const box = press(node, `wv-node${node.current ? " wv-current" : ""}${node.state ? ` wv-node-${node.state}` : ""}`, "div",
        node.key || node.state
          ? el("span", "wv-node-meta", shape(node, ui, true), node.key ? el("span", "wv-key", node.key) : null) : null,
        el("span", "wv-node-head", disc(node.group), el("span", "wv-node-label", node.label)),
        node.note ? el("span", "wv-row-note", node.note) : null,
        out.get(node.id)?.length
          ? el("span", "wv-node-to", `${ui.labels.leads_to} ${out.get(node.id).map((l) => label.get(l.dst)).filter(Boolean).join(", ")}`)
          : null);
      box.style.setProperty("--load", `${(load(node.id) * scale).toFixed(1)}px`);
      box.title = node.label;
      nodes.set(node.id, box);
      holder.append(box);
    }
    stack.append(holder);
    grid.append(stack);
  }

  const paths = [];
  const draw = () => {
    const frame = grid.getBoundingClientRect();
    if (!frame.width) return;
    canvas.replaceChildren();
    paths.length = 0;
    canvas.setAttribute("width", frame.width);
    canvas.setAttribute("height", frame.height);
    const box = new Map([...nodes].map(([id, n]) => [id, n.getBoundingClientRect()]));
    const place = (links, end) => {   // where each ribbon meets its node: stacked from the middle, in order of the far end
      const far = end === "src" ? "dst" : "src";
      const at = new Map();
      for (const [id, mine] of links) {
        if (!box.has(id)) continue;
        const kept = mine.filter((l) => box.has(l[far])).sort((a, b) => box.get(a[far]).top - box.get(b[far]).top);
        const sum = kept.reduce((s, l) => s + weight(l) * scale, 0);
        let y = box.get(id).top - frame.top + (box.get(id).height - sum) / 2;
        for (const link of kept) { at.set(link, y + (weight(link) * scale) / 2); y += weight(link) * scale; }
      }
      return at;
    };
    const from = place(out, "src");
    const to = place(into, "dst");
    for (const link of facts.links) {
      if (!from.has(link) || !to.has(link)) continue;
      const x0 = box.get(link.src).right - frame.left;
      const x1 = box.get(link.dst).left - frame.left;
      if (x1 <= x0) continue;
      const y0 = from.get(link);
      const y1 = to.get(link);
      const bend = (x1 - x0) * 0.5;
      const thin = link.against || link.doubt;
      const half = thin ? 0 : Math.max(1, weight(link) * scale) / 2;   // the band keeps its height along the way
      const path = svg("path", {
        d: thin
          ? `M${x0},${y0} C${x0 + bend},${y0} ${x1 - bend},${y1} ${x1},${y1}`
          : `M${x0},${y0 - half} C${x0 + bend},${y0 - half} ${x1 - bend},${y1 - half} ${x1},${y1 - half}`
            + ` L${x1},${y1 + half} C${x1 - bend},${y1 + half} ${x0 + bend},${y0 + half} ${x0},${y0 + half} Z`,
        "stroke-width": thin ? 2 : 0,
        class: `wv-ribbon${thin ? " wv-thin" : ""}${link.against ? " wv-dashed" : link.doubt ? " wv-dotted" : ""}`,
      });
      paths.push([link, path]);
      canvas.append(path);
    }
  };
  const light = (id) => {   // everything that hangs together with this node
    const lit = new Set(id ? [id] : []);
    for (const [near, far] of [["src", "dst"], ["dst", "src"]]) {
      const queue = id ? [id] : [];
      while (queue.length) {
        const here = queue.pop();
        for (const link of facts.links) if (link[near] === here && !lit.has(link[far])) { lit.add(link[far]); queue.push(link[far]); }
      }
    }
    grid.classList.toggle("wv-lighting", Boolean(id));
    for (const [node, box] of nodes) box.classList.toggle("wv-lit", lit.has(node));
    for (const [link, path] of paths) path.classList.toggle("wv-lit", lit.has(link.src) && lit.has(link.dst));
  };
  for (const [id, box] of nodes) {
    box.addEventListener("pointerenter", () => light(id));
    box.addEventListener("pointerleave", () => light(null));
    box.addEventListener("focus", () => light(id));
    box.addEventListener("blur", () => light(null));
  }
  root.observer = new ResizeObserver(draw);
  root.observer.observe(grid);
  document.fonts?.ready.then(draw);
  const figure = el("figure", "wv-figure", spoken(facts.alt), grid, note(facts.note));
  return figure;
}

function because(facts, ui) {
  if (!facts.reasons.length) return note(facts.empty);
  const step = (reason) => {
    const side = reason.link ? press(reason, "wv-link", "span", reason.link) : null;
    const item = el("li", "wv-reason", el("div", "wv-row",
      el("span", "wv-row-shape", shape(reason, ui)),
      el("span", "wv-row-body", el("span", "wv-row-text", reason.key ? el("span", "wv-key", reason.key) : null, reason.key ? " " : null,
        reason.link || !presses_something(reason) ? reason.text : press(reason, "wv-row-press", "span", reason.text)),
      reason.against ? el("span", "wv-row-note wv-strong", ui.labels.against) : null,
      reason.note ? el("span", "wv-row-note", reason.note) : null),
      side));
    if (reason.condensates?.length) item.append(el("div", "wv-under wv-stack", ...reason.condensates.map((c) => condensed(c, ui))));
    if (reason.units?.length) {
      const stack = el("div", "wv-under wv-stack", ...reason.units.map((u) => saying(u, ui)));
      if (reason.units.length > 2 && !reason.open) {
        const fold = el("details", "wv-fold", el("summary", "wv-press wv-link", fill(ui.labels.show_units, { n: reason.units.length })), stack);
        item.append(fold);
      } else item.append(stack);
    }
    if (reason.below?.length) item.append(el("ol", "wv-because wv-under", ...reason.below.map(step)));
    return item;
  };
  return el("ol", "wv-because", ...facts.reasons.map(step));
}

function table(facts, ui) {
  if (!facts.rows.length && facts.empty) return note(facts.empty);
  const sheet = el("table", facts.dense ? "wv-table wv-dense" : "wv-table");
  sheet.setAttribute("role", "table");
  if (facts.caption) sheet.append(el("caption", "wv-label", facts.caption));
  const cls = (column) => `wv-col-${column.kind || "text"}`;
  const head = el("tr", "", ...facts.columns.map((c) => { const th = el("th", cls(c), c.label); th.setAttribute("role", "columnheader"); return th; }));
  head.setAttribute("role", "row");
  sheet.append(el("thead", "", head));
  const body = el("tbody", "");
  for (const row of facts.rows) {
    const line = el("tr", row.current ? "wv-current" : "");
    line.setAttribute("role", "row");
    facts.columns.forEach((column, i) => {
      const raw = row.cells[column.key] ?? "";
      const cell = typeof raw === "object" ? raw : { text: String(raw) };
      const target = presses_something(cell) ? cell : i === 0 && presses_something(row) ? row : null;
      const inner = target
        ? press(target, `wv-inline ${cell.serif ? "wv-serif" : ""}`, "span", cell.text)
        : el("span", cell.serif ? "wv-serif" : "", cell.text);
      const td = el("td", cls(column), el("span", "wv-td-label", column.label),
        el("span", "wv-td", disc(cell.group), cell.state ? shape(cell, ui, !cell.text) : null, inner,
          cell.note ? el("span", "wv-row-note", cell.note) : null));
      td.setAttribute("role", "cell");
      if (!cell.text && !cell.state) td.classList.add("wv-td-empty");
      line.append(td);
    });
    body.append(line);
  }
  sheet.append(body);
  return el("div", "", sheet, note(facts.note));
}

function diff(facts, ui) {
  if (!facts.rows.length) return note(facts.empty);
  const list = el("ul", "wv-rows wv-diff");
  for (const row of facts.rows) {
    const sign = el("span", `wv-sign wv-${row.change}`, SIGNS[row.change]);
    sign.setAttribute("aria-hidden", "true");
    const text = row.words
      ? row.words.map((w) => (w.op === "same" ? el("span", "", w.text) : el(w.op === "ins" ? "ins" : "del", "", w.text)))
      : [row.text || ""];
    const body = row.link || !presses_something(row) ? el("span", "", ...text) : press(row, "wv-row-press", "span", ...text);
    const said = row.condensate && row.words ? condensed({ words: row.words }, ui) : null;
    list.append(el("li", `wv-row wv-row-${row.change}`,
      el("span", "wv-row-shape", sign, spoken(ui.labels[row.change])),
      el("span", "wv-row-body", el("span", "wv-row-text", row.key ? el("span", "wv-key", row.key) : null, row.key ? " " : null, said ? null : body), said,
        row.note || row.state ? el("span", "wv-row-note", shape(row, ui, true), row.state && row.note ? " " : null, row.note || "") : null),
      row.link ? press(row, "wv-link", "span", row.link) : null));
  }
  return list;
}

const KINDS = { thread, rows, ladder, quote, condensate, brief, spread, evidence, strip, because, table, diff, reading, groups, steps, swatches, heat, portrait, picture };

// ---- mount ---------------------------------------------------------------------------------------------

export default function ({ parentElement, data: [data], setTriggerValue }) {
  let root = roots.get(parentElement);
  if (!root) {
    root = { node: el("div", "wv"), drawn: "" };
    parentElement.append(root.node);
    roots.set(parentElement, root);
    root.node.addEventListener("click", (event) => {
      const target = event.target.closest?.(".wv-press");
      if (!target || target.dataset.local || !(target.dataset.href || target.dataset.id)) return;
      if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      root.send("pick", { href: target.dataset.href || null, id: target.dataset.id || null, n: ++presses });
    });
  }
  root.send = setTriggerValue;
  // A dialog stands outside .stApp, which sets the colour scheme that light-dark() follows.
  const app = document.querySelector(".stApp");
  if (app) root.node.style.colorScheme = getComputedStyle(app).colorScheme;
  const facts = JSON.stringify(data);
  if (facts !== root.drawn && data && KINDS[data.kind]) {
    root.drawn = facts;
    root.observer?.disconnect();
    root.observer = null;
    const held = root.node.contains(document.activeElement) ? document.activeElement.dataset : null;
    root.node.replaceChildren(KINDS[data.kind](data.facts, { labels: data.labels, el, disc, press, spoken }, root) || "");
    if (held?.id || held?.href) {   // the pressed thing keeps the focus when what it shows has changed
      for (const node of root.node.querySelectorAll(".wv-press")) {
        if (node.dataset.id === held.id && node.dataset.href === held.href) { node.focus({ preventScroll: true }); break; }
      }
    }
  }
  return () => {
    root.observer?.disconnect();
    root.node.remove();
    roots.delete(parentElement);
  };
}
