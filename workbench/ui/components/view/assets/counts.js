// kinds `heat`, `portrait` and `picture`: counts with a door in each cell. The arrows go from cell to cell, Tab passes by.

/** One tab stop for many cells; `next(node, key)` says where an arrow leads. */
function roving(box, cells, next) {
  const first = cells.find((c) => c.matches("button")) || cells[0];
  if (first) first.tabIndex = 0;
  box.addEventListener("focusin", (event) => {
    const cell = event.target.closest("[data-cell]");
    if (!cell) return;
    for (const other of box.querySelectorAll("[data-cell][tabindex='0']")) other.tabIndex = -1;
    cell.tabIndex = 0;
  });
  box.addEventListener("keydown", (event) => {
    const cell = event.target.closest("[data-cell]");
    if (!cell || event.ctrlKey || event.metaKey || event.altKey) return;
    const to = next(cell, event.key);
    if (!to) return;
    event.preventDefault();
    event.stopPropagation();
    to.focus();
    to.scrollIntoView({ block: "nearest", inline: "nearest" });
  });
}

function head(facts, el) {
  const stripe = facts.colour === undefined || facts.colour === null ? null
    : el("span", `wv-heat-stripe wv-colour-${(facts.colour % 12) + 1}${facts.colour > 11 ? " wv-broken" : ""}`);
  return el("span", "wv-heat-head", stripe, facts.tag ? el("span", "wv-heat-tag", facts.tag) : null,
    el("span", "wv-heat-name", facts.name, facts.note ? el("span", "wv-heat-under", facts.note) : null));
}

export function heat(facts, { el, disc, press, spoken }) {
  const many = facts.narrow;
  const table = el("table", `wv-heat${many ? " wv-heat-many" : ""}${facts.sums ? " wv-heat-sums" : ""}`);
  table.setAttribute("role", "grid");
  table.setAttribute("aria-label", facts.label);
  const role = (node, name) => { node.setAttribute("role", name); return node; };
  const heads = facts.columns.map((column) => {
    const words = many && column.tag && !column.group ? `${column.tag} ${column.name}` : column.name;
    const th = role(el("th", "", el("span", "wv-heat-column", column.group ? disc(column.group) : null, el("span", "wv-heat-words", words))), "columnheader");
    th.scope = "col";
    th.title = column.name;
    return th;
  });
  table.append(el("thead", "", role(el("tr", "", role(el("th", "wv-heat-corner", facts.corner || ""), "columnheader"), ...heads), "row")));
  const grid = [];
  const body = el("tbody", "");
  facts.rows.forEach((row, y) => {
    const th = role(el("th", "", head(row, el)), "rowheader");
    th.scope = "row";
    const line = role(el("tr", row.sum ? "wv-heat-sum" : "", th), "row");
    grid.push(facts.cells[y].map((cell, x) => {
      const inner = press(cell, "wv-heat-cell", "span",
        cell.figure ? el("span", "wv-heat-figure", cell.figure) : null, cell.small ? el("span", "wv-heat-small", cell.small) : null);
      inner.tabIndex = -1;
      inner.dataset.cell = `${y} ${x}`;
      const name = [row.name, facts.columns[x].name].filter(Boolean).join(", ");
      if (cell.id) inner.setAttribute("aria-label", `${name}: ${cell.said}`);
      else { inner.setAttribute("aria-label", `${name}: ${cell.said || facts.nothing}`); inner.setAttribute("role", "img"); }
      if (cell.said) inner.title = cell.said;
      const td = role(el("td", cell.silent ? "wv-silent" : cell.id ? "" : "wv-heat-zero", inner), "gridcell");
      if (cell.share) td.style.setProperty("--share", cell.share.toFixed(3));
      line.append(td);
      return inner;
    }));
    body.append(line);
  });
  table.append(body);
  const box = el("div", "wv-heat-box", table);
  roving(box, grid.flat(), (cell, key) => {
    const [y, x] = cell.dataset.cell.split(" ").map(Number);
    const to = { ArrowUp: [y - 1, x], ArrowDown: [y + 1, x], ArrowLeft: [y, x - 1], ArrowRight: [y, x + 1],
      Home: [y, 0], End: [y, grid[y].length - 1], PageUp: [0, x], PageDown: [grid.length - 1, x] }[key];
    return to && grid[to[0]]?.[to[1]];
  });
  return el("div", "", box, facts.note ? el("p", "wv-note", facts.note) : null);
}

export function portrait(facts, { el, press }) {
  const at = (point) => `${(100 * point) / Math.max(1, facts.length)}%`;
  const box = el("div", "wv-portrait");
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", facts.label);
  const ticks = el("div", "wv-portrait-track", ...facts.ticks.map(([point, words]) => {
    const tick = el("span", "wv-portrait-tick", words);
    tick.style.left = at(point);
    return tick;
  }));
  ticks.setAttribute("aria-hidden", "true");
  box.append(el("div", "wv-portrait-lane wv-portrait-ticks", el("span", ""), ticks));
  const lanes = [];
  for (const lane of facts.lanes) {
    const coloured = lane.colour !== undefined && lane.colour !== null;
    const track = el(lane.voice ? "div" : "ul", `wv-portrait-track${coloured ? ` wv-colour-${(lane.colour % 12) + 1}` : ""}`);
    const marks = lane.spans.map(([start, end, label, id]) => {
      const mark = press({ id }, "wv-portrait-mark", "span");
      mark.style.left = at(start);
      mark.style.width = `max(3px, ${at(end - start)})`;
      mark.dataset.from = start;
      if (label) { mark.title = label; mark.setAttribute("aria-label", label); }
      if (id) { mark.tabIndex = -1; mark.dataset.cell = `${lanes.length}`; }
      track.append(lane.voice ? mark : el("li", "", mark));
      return mark;
    });
    if (lane.voice) track.setAttribute("aria-hidden", "true");
    else { track.setAttribute("aria-label", lane.name); lanes.push(marks); }
    box.append(el("div", `wv-portrait-lane${lane.voice ? " wv-portrait-voice" : ""}`, head(lane, el), track));
  }
  roving(box, lanes.flat(), (mark, key) => {
    const y = Number(mark.dataset.cell);
    const here = lanes[y].indexOf(mark);
    if (key === "ArrowRight" || key === "ArrowLeft") return lanes[y][here + (key === "ArrowRight" ? 1 : -1)];
    if (key === "Home") return lanes[y][0];
    if (key === "End") return lanes[y].at(-1);
    if (key !== "ArrowUp" && key !== "ArrowDown") return null;
    const over = lanes[y + (key === "ArrowDown" ? 1 : -1)] || [];
    const far = (m) => Math.abs(Number(m.dataset.from) - Number(mark.dataset.from));
    return over.reduce((best, m) => (!best || far(m) < far(best) ? m : best), null);
  });
  return el("div", "", box, facts.note ? el("p", "wv-note", facts.note) : null);
}

/** An SVG of our own making, shown as an image: nothing in it can run, and it follows light and dark by itself. */
export function picture(facts, { el }) {
  const image = el("img", "wv-picture");
  image.alt = facts.alt;
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(facts.svg)}`;
  const box = el("div", "wv-picture-box", image);
  box.tabIndex = 0;
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", facts.label);
  return box;
}
